/** What the master removes by itself, in turns: old idempotency keys, old jobs, and photos without a job. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../log.ts'
import { KEY_LIFE_MS } from '../store/key-store.ts'
import type { RetentionResult } from './retention.ts'

/** The keys by which a client that submits again is known. */
export interface IdempotencyKeys {
  /** Forgets those made before this time, in milliseconds since 1970; returns how many. */
  forgetKeys(before: number): Promise<number>
}

export interface HousekeepingParts {
  readonly keys: IdempotencyKeys
  readonly retention: { run(signal: AbortSignal): Promise<RetentionResult> }
  readonly log: Logger
}

const MINUTE_MS = 60_000
/** The first turn comes when the master has its workers back, each other one 10 minutes after the last. */
const TIMES = { firstMs: MINUTE_MS, everyMs: 10 * MINUTE_MS }

export class Housekeeping {
  readonly #parts: HousekeepingParts
  readonly #times: typeof TIMES
  readonly #stop = new AbortController()
  #running: Promise<void> | undefined

  constructor(parts: HousekeepingParts, times = TIMES) {
    this.#parts = parts
    this.#times = times
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Ends a turn that is under way early; when it returns, nothing is touched any more. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { firstMs, everyMs } = this.#times
    for (let wait = firstMs; await this.#waited(wait); wait = everyMs) {
      await this.#attempt('Old idempotency keys could not be removed', () => this.#forgetKeys())
      await this.#attempt('Old jobs and photos could not be removed', () => this.#retain())
    }
  }

  async #forgetKeys(): Promise<void> {
    await this.#parts.keys.forgetKeys(Date.now() - KEY_LIFE_MS)
  }

  async #retain(): Promise<void> {
    const result = await this.#parts.retention.run(this.#stop.signal)
    if (result.removedJobs + result.removed > 0)
      this.#parts.log.info(result, 'Old jobs and photos were removed')
  }

  /** An error is left to the next turn. */
  async #attempt(failure: string, work: () => Promise<void>): Promise<void> {
    if (this.#stop.signal.aborted) return
    try {
      await work()
    } catch (error) {
      if (error !== this.#stop.signal.reason) this.#parts.log.error({ err: error }, failure)
    }
  }

  /** False where it was stopped meanwhile. */
  #waited(milliseconds: number): Promise<boolean> {
    return sleep(milliseconds, true, { signal: this.#stop.signal, ref: false }).catch(() => false)
  }
}
