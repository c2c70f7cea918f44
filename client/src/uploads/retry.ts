/** When an upload that failed is tried again by itself. */
import type { Failure } from '../api/failure.ts'

/** With the waits below, some 30 s: a database or a master that restarts is back by then. */
const MAX_RETRIES = 5
const FIRST_WAIT_MS = 1_000

/**
 * Milliseconds to wait: as long as the master says, and twice as long as before at least.
 *
 * @param retries how often it was tried again already
 * @returns null where another try is of no use, or a person has to see to it
 */
export function retryWait({ retryAfterMs }: Failure, retries: number): number | null {
  if (retryAfterMs === undefined || retries >= MAX_RETRIES) return null
  return Math.max(retryAfterMs, FIRST_WAIT_MS * 2 ** retries)
}
