/**
 * Writes down what becomes of attempts. All of it must be on disk sooner or later, so it waits out an outage
 * of the database, and a full disk.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type AttemptEnd, ProblemError, type Thumbnail } from '@argus/shared'
import type { Logger } from '../log.ts'
import type { AttemptWorker } from '../store/attempt-store.ts'
import type { Committer } from '../store/committer.ts'
import type { ImageStore } from '../store/image-store.ts'
import type { StoredResult } from '../store/job-record.ts'
import { type Change, JobTransitions, type Settlement } from '../store/job-transitions.ts'
import type { JobChanges } from './job-changes.ts'
import type { HeldAttempt } from './scheduler.ts'
import type { WindowJob } from './window.ts'

/** While the disk is full. */
const RETRY_MS = 1000

/**
 * @param end null where the attempt began, or goes on after all
 * @param change what that did to its job
 */
export type AttemptListener = (held: HeldAttempt, end: AttemptEnd | null, change: Change) => void

export class JobRecorder {
  readonly #committer: Committer
  readonly #images: ImageStore
  readonly #changes: JobChanges
  readonly #log: Logger
  readonly #listeners = new Set<AttemptListener>()
  #stopped = false

  constructor(committer: Committer, images: ImageStore, changes: JobChanges, log: Logger) {
    this.#log = log
    this.#committer = committer
    this.#images = images
    this.#changes = changes
  }

  /** Calls back when a word about an attempt is on disk, before anyone is told of what it did to the job. */
  onAttempt(listener: AttemptListener): void {
    this.#listeners.add(listener)
  }

  /** The attempt holds the job from now on. Null where the job has ended, or begun another run. */
  async start(held: HeldAttempt, worker: AttemptWorker, job: WindowJob): Promise<Change> {
    const now = Date.now()
    const change = await this.#committer.persist((transaction, revisions) =>
      new JobTransitions(transaction, revisions).start(held, worker, job, now),
    )
    this.#tell(held, null, change)
    this.#changes.moved(held.jobId, held.run, 'RUNNING', change)
    return change
  }

  /** The attempt ended without a success. */
  async settle(held: HeldAttempt, settlement: Settlement): Promise<Change> {
    const now = Date.now()
    const change = await this.#committer.persist((transaction, revisions) =>
      new JobTransitions(transaction, revisions).settle(held, settlement, now),
    )
    this.#tell(held, settlement.why, change)
    this.#changes.moved(held.jobId, held.run, settlement.status, change)
    return change
  }

  /** The attempt succeeded. Null where that is of no use to anyone. */
  async succeed(
    held: HeldAttempt,
    worker: AttemptWorker,
    result: StoredResult,
    thumbnail: Thumbnail,
  ): Promise<Change> {
    const now = Date.now()
    const thumbnailType = await this.#keepThumbnail(held.sha256, thumbnail)
    const change = await this.#committer.persist((transaction, revisions) =>
      new JobTransitions(transaction, revisions).succeed(held, { result, thumbnailType, worker }, now),
    )
    this.#tell(held, 'succeeded', change)
    this.#changes.moved(held.jobId, held.run, 'SUCCEEDED', change)
    return change
  }

  /** Waits for no disk any more. */
  stop(): void {
    this.#stopped = true
  }

  #tell(held: HeldAttempt, end: AttemptEnd | null, change: Change): void {
    for (const listener of this.#listeners) listener(held, end, change)
  }

  /** Its type; null where it cannot be kept, which costs a placeholder and no result. */
  async #keepThumbnail(sha256: string, thumbnail: Thumbnail): Promise<Thumbnail['type'] | null> {
    for (;;) {
      try {
        await this.#images.keepThumbnail(sha256, thumbnail)
        return thumbnail.type
      } catch (error) {
        const isFull = error instanceof ProblemError && error.code === 'store/disk-full'
        if (this.#stopped) throw error
        if (!isFull) {
          this.#log.error({ err: error, sha256 }, 'A thumbnail could not be kept')
          return null
        }
        await sleep(RETRY_MS)
      }
    }
  }
}
