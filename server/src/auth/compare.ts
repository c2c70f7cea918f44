/** Comparing secrets without telling by the time it takes how much of a guess was right. */
import { createHash, timingSafeEqual } from 'node:crypto'

export function isSameSecret(given: string, expected: string): boolean {
  // Hashed first, because timingSafeEqual takes only buffers of one length.
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}
