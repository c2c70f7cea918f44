/** What the master removes by itself, in turns: old jobs, photos without a job, and whatever nobody asks for any more. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../log.ts'
import type { RetentionResult } from './retention.ts'

/** Something that is kept for a while. */
export interface Leftovers {
  /** For the log. */
  readonly what: string
  readonly keptMs: number
  /** Removes those from before this time, in milliseconds since 1970; returns how many they were. */
  readonly remove: (before: number) => Promise<number>
}

export interface HousekeepingParts {
  readonly leftovers: readonly Leftovers[]
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
      for (const { what, keptMs, remove } of this.#parts.leftovers) {
        await this.#attempt(`Old ${what} could not be removed`, () => remove(Date.now() - keptMs))
      }
      await this.#attempt('Old jobs and photos could not be removed', () => this.#retain())
    }
  }

  async #retain(): Promise<void> {
    const result = await this.#parts.retention.run(this.#stop.signal)
    if (result.removedJobs + result.removed > 0)
      this.#parts.log.info(result, 'Old jobs and photos were removed')
  }

  /** An error is left to the next turn. */
  async #attempt(failure: string, work: () => Promise<unknown>): Promise<void> {
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
