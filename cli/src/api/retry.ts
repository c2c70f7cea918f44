/** When a request that failed for a reason that passes is sent again. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from './failure.ts'

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 30_000

/** Long enough for a master that restarts, also on a slow machine. */
export const LASTING_PATIENCE_MS = 5 * 60_000
/** The first request of a command: most likely its address is wrong. */
export const FIRST_PATIENCE_MS = 10_000

export interface Patience {
  /** For how long a master that is away is waited for. One that is there and busy is waited for without end. */
  readonly outageMs: number
  readonly signal?: AbortSignal | undefined
  /** Told of each failure that is followed by another try. */
  readonly onRetry?: (failure: Failure) => void
}

/**
 * Does it again until it succeeds.
 *
 * @param attempt has to be safe to repeat
 * @throws Failure that is final, or the last one when patience has run out
 */
export async function withRetries<T>(attempt: () => Promise<T>, patience: Patience): Promise<T> {
  let awaySince: number | null = null
  for (let retries = 0; ; retries += 1) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof Failure && error.isTemporary)) throw error
      awaySince = error.isBusy ? null : (awaySince ?? Date.now())
      const wait = retryWait(retries, error.retryAfterMs)
      if (awaySince !== null && Date.now() + wait - awaySince > patience.outageMs) throw error
      patience.onRetry?.(error)
      await sleep(wait, undefined, { signal: patience.signal })
    }
  }
}

/**
 * Milliseconds to wait: twice as long as before, but no longer than half a minute; half of it at random, so that
 * many uploads that failed at once do not come back at once. Never sooner than the master says.
 *
 * @param retries how often it was tried again already
 */
export function retryWait(retries: number, retryAfterMs: number | null, random = Math.random): number {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** retries)
  const wait = longest / 2 + (longest / 2) * random()
  return retryAfterMs === null ? wait : Math.max(wait, retryAfterMs + FIRST_WAIT_MS * random())
}
