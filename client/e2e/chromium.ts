/** Which Chromium the tests use: the one that CHROMIUM names, or Debian's. */
import { existsSync } from 'node:fs'

/** Where Chromium is; null on a machine without it. */
export function findChromium(): string | null {
  const path = process.env.CHROMIUM || '/usr/bin/chromium'
  return existsSync(path) ? path : null
}
