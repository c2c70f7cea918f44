/**
 * Removes finished jobs, oldest first, when they are too old or when the photos take too much room, and then
 * the photos that nothing refers to any more. Jobs that wait or run are never removed.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../log.ts'
import type { EndedJob } from '../store/job-store.ts'
import type { ImageReferences, ImageSweep, SweepResult } from '../store/sweep.ts'

export interface RetentionSettings {
  /** Finished jobs are removed so many days after their end; undefined keeps them. */
  readonly keepDays?: number
  /** The photos that jobs refer to are brought down to so many bytes; undefined keeps them. */
  readonly keepBytes?: number
}

/** The finished jobs. Both lists have the job that ended first first. */
export interface EndedJobs {
  endedBefore(time: number, limit: number): Promise<EndedJob[]>
  oldestEnded(limit: number): Promise<EndedJob[]>
  /** Removes those that have not been retried meanwhile; returns how many they were. */
  remove(ids: readonly string[]): Promise<number>
}

export interface RetentionResult extends SweepResult {
  /** Jobs removed. */
  readonly removedJobs: number
}

const DAY_MS = 86_400_000
/** Of one transaction. */
const BATCH = 100
/** Between transactions: a backlog of a million jobs must not keep the database from people. */
const PAUSE_MS = 20

export class Retention {
  readonly #jobs: EndedJobs
  readonly #images: ImageReferences
  readonly #sweep: ImageSweep
  readonly #settings: RetentionSettings
  readonly #log: Logger

  constructor(
    jobs: EndedJobs,
    images: ImageReferences,
    sweep: ImageSweep,
    settings: RetentionSettings,
    log: Logger,
  ) {
    this.#jobs = jobs
    this.#images = images
    this.#sweep = sweep
    this.#settings = settings
    this.#log = log
  }

  /**
   * Removes what is to be removed now. Photos that were uploaded within the last hour go at a later run, when
   * they are old enough for the sweep.
   *
   * @param signal ends it early: it then throws the signal's reason
   */
  async run(signal?: AbortSignal): Promise<RetentionResult> {
    const { keepDays, keepBytes = Number.POSITIVE_INFINITY } = this.#settings
    const tooOld = keepDays === undefined ? 0 : await this.#removeOlderThan(keepDays, signal)
    const first = await this.#sweep.sweep(signal)
    if (first.keptBytes <= keepBytes) return { removedJobs: tooOld, ...first }

    const tooLarge = await this.#release(first.keptBytes - keepBytes, signal)
    const second = await this.#sweep.sweep(signal)
    return {
      removedJobs: tooOld + tooLarge,
      removed: first.removed + second.removed,
      freedBytes: first.freedBytes + second.freedBytes,
      keptBytes: second.keptBytes,
    }
  }

  async #removeOlderThan(days: number, signal?: AbortSignal): Promise<number> {
    const time = Date.now() - days * DAY_MS
    let total = 0
    for (;;) {
      const jobs = await this.#jobs.endedBefore(time, BATCH)
      const removed = await this.#remove(jobs, signal)
      if (removed === 0) return total
      total += removed
    }
  }

  /** Removes jobs until photos of so many bytes have none left that refers to them; returns how many. */
  async #release(excessBytes: number, signal?: AbortSignal): Promise<number> {
    let excess = excessBytes
    let total = 0
    while (excess > 0) {
      const ended = await this.#jobs.oldestEnded(BATCH)
      if (ended.length === 0) {
        this.#log.warn(
          { excessBytes: excess },
          'The photos of jobs that have not ended take more than KEEP_BYTES',
        )
      }
      // At most as many as could be enough. Where other jobs share their photos it is not, and more follow.
      const jobs = firstWithBytes(ended, excess)
      const removed = await this.#remove(jobs, signal)
      if (removed === 0) break
      total += removed
      const photos = new Map(jobs.map(({ sha256, bytes }) => [sha256, bytes]))
      const referenced = await this.#images.referenced([...photos.keys()])
      for (const [sha256, bytes] of photos) if (!referenced.has(sha256)) excess -= bytes
    }
    return total
  }

  async #remove(jobs: readonly EndedJob[], signal?: AbortSignal): Promise<number> {
    signal?.throwIfAborted()
    if (jobs.length === 0) return 0
    const removed = await this.#jobs.remove(jobs.map(({ id }) => id))
    await sleep(PAUSE_MS)
    return removed
  }
}

/** The first of the jobs, as many as have photos of so many bytes between them; all where they have less. */
function firstWithBytes(jobs: readonly EndedJob[], bytes: number): readonly EndedJob[] {
  let sum = 0
  const enough = jobs.findIndex((job) => {
    sum += job.bytes
    return sum >= bytes
  })
  return enough === -1 ? jobs : jobs.slice(0, enough + 1)
}
