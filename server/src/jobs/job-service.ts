/** What clients do with jobs: submit, list, look, wait, cancel, retry, delete. */
import {
  type DeletedJobs,
  isTerminal,
  JOB_STATUSES,
  type JobFilter,
  type JobQuery,
  type JobSort,
  ProblemError,
  type Total,
} from '@argus/shared'
import type { Knex } from 'knex'
import { v7 as uuidv7 } from 'uuid'
import { type InspectedImage, inspectImage } from '../images/inspect.ts'
import { type AttemptRecord, AttemptStore } from '../store/attempt-store.ts'
import { BatchStore } from '../store/batch-store.ts'
import { ChangeLog } from '../store/change-log.ts'
import type { Committer } from '../store/committer.ts'
import { classify } from '../store/database-errors.ts'
import type { ImageStore } from '../store/image-store.ts'
import type { JobRecord, KnownResult } from '../store/job-record.ts'
import { JobStore } from '../store/job-store.ts'
import { type Change, JobTransitions } from '../store/job-transitions.ts'
import { fingerprintOf, KeyStore, type UsedKey } from '../store/key-store.ts'
import { EndWaiters } from './end-waiters.ts'
import { FairShare } from './fair-share.ts'
import { JobChanges } from './job-changes.ts'
import { deleteJobs } from './job-deletion.ts'
import {
  countJobs,
  type ListedIds,
  listJobs,
  readWindow,
  type WindowIds,
  type WindowQuery,
} from './job-search.ts'
import { toWindowJob } from './job-view.ts'

/** Of one transaction. */
const REMOVALS_AT_ONCE = 500

export type JobListing = Omit<ListedIds, 'ids'> & { readonly jobs: readonly JobRecord[] }
export type JobWindow = Omit<WindowIds, 'ids'> & { readonly jobs: readonly JobRecord[] }

export interface Submission {
  /** The received file, which `submit` moves away; it may be left there when it throws. */
  readonly uploadPath: string
  readonly fileName: string
  readonly owner: string
  readonly priority: number
  readonly tags: Readonly<Record<string, string>>
  readonly batch: string | null
  /** Index of the class that it truly shows, where the client knows it. */
  readonly truth: number | null
  /** Recognise it anew, also where the result of this photo is known. */
  readonly fresh: boolean
  readonly bytes: number
  readonly sha256: string
  /** Makes the submit repeatable: the same key of the same owner is the same job, for 24 hours. */
  readonly idempotencyKey?: string
}

export interface Submitted {
  readonly job: JobRecord
  /** The key had made the job before. */
  readonly isReplay: boolean
}

export interface JobServiceParts {
  readonly database: Knex
  readonly committer: Committer
  readonly images: ImageStore
  readonly maxPixels: number
  /** Digest of the model that serves; null while none does. */
  readonly servingModel: () => string | null
}

export class JobService {
  readonly changes: JobChanges
  readonly #parts: JobServiceParts
  readonly #jobs: JobStore
  readonly #attempts: AttemptStore
  readonly #keys: KeyStore
  readonly #shares = new FairShare()
  readonly #waiters: EndWaiters

  private constructor(parts: JobServiceParts, changes: JobChanges) {
    this.#parts = parts
    this.changes = changes
    this.#jobs = new JobStore(parts.database)
    this.#attempts = new AttemptStore(parts.database)
    this.#keys = new KeyStore(parts.database)
    this.#waiters = new EndWaiters(changes)
    // A commit whose outcome is unknown may have happened.
    parts.committer.onAvailability((available) => available && this.#recount())
  }

  /** Opens the service after a start of the master: jobs that ran then are queued again, until they are claimed. */
  static async open(parts: JobServiceParts): Promise<JobService> {
    const counts = await parts.committer.commit(async (transaction, revisions) => {
      revisions.startAfter(await new ChangeLog(transaction).last())
      await new JobTransitions(transaction, revisions).restart(Date.now())
      return new JobStore(transaction).countByStatus()
    })
    return new JobService(parts, new JobChanges(counts))
  }

  /**
   * Accepts a photo. When it returns, photo and job are on disk, and the job will reach an end.
   *
   * @throws ProblemError `image/…` where the photo is refused, `request/idempotency-mismatch`, `batch/…`, `store/…`
   */
  async submit(submission: Submission): Promise<Submitted> {
    const { uploadPath, owner, priority, sha256 } = submission
    const image = await inspectImage(uploadPath, this.#parts.maxPixels)
    const key = keyOf(submission)
    const replayed = key && (await this.#replay(key))
    if (replayed) return { job: replayed, isReplay: true }

    await this.#learnShare(priority, owner)
    try {
      const job = await this.#parts.images.withHash(sha256, async () => {
        await this.#parts.images.keepImage(uploadPath, sha256)
        // Under the lock of the photo, so that the thumbnail that it names is not swept away before it is there.
        const inserted = await this.#insert(submission, image, key, await this.#knownResult(submission))
        // At once, so that nobody hears first of a later commit that removes it.
        this.changes.submitted(toWindowJob(inserted))
        return inserted
      })
      return { job, isReplay: false }
    } catch (error) {
      // Another request with this key was faster.
      const winner = key && classify(error) === 'constraint' ? await this.#replay(key) : null
      if (winner) return { job: winner, isReplay: true }
      throw error
    }
  }

  find(id: string): Promise<JobRecord | null> {
    return this.#jobs.find(id)
  }

  /** All attempts of a job, the first of the first run first. */
  history(id: string): Promise<AttemptRecord[]> {
    return this.#attempts.ofJob(id)
  }

  /**
   * A page of a list.
   *
   * @throws ProblemError `request/invalid` where the cursor is not of such a list
   */
  async list(query: JobQuery): Promise<JobListing> {
    const { ids, ...page } = await listJobs(this.#parts.database, query, this.changes.counts)
    return { ...page, jobs: await this.#findAll(ids) }
  }

  /** A window of a list, as boards show it. */
  async window(query: WindowQuery): Promise<JobWindow> {
    const { ids, ...found } = await readWindow(this.#parts.database, query, this.changes.counts)
    return { ...found, jobs: await this.#findAll(ids) }
  }

  /** How many jobs a filter means. */
  total(filter: JobFilter, sort: JobSort): Promise<Total> {
    return countJobs(this.#parts.database, filter, sort, this.changes.counts)
  }

  /**
   * The job when it has ended, or as it is after `milliseconds`.
   *
   * @throws ProblemError `job/not-found`
   */
  async waitForEnd(id: string, milliseconds: number): Promise<JobRecord> {
    const waiter = this.#waiters.wait(id, milliseconds)
    try {
      // It may have ended before anyone listened.
      const job = existing(id, await this.#jobs.find(id))
      if (isTerminal(job.status)) return job
      await waiter.ended
    } finally {
      waiter.stop()
    }
    return existing(id, await this.#jobs.find(id))
  }

  /**
   * Cancels a job that has not ended. Cancelling it twice is no error.
   *
   * @throws ProblemError `job/not-found`, `job/ended`
   */
  async cancel(id: string): Promise<JobRecord> {
    const { change, job } = await this.#change(id, (jobs) => jobs.cancel(id, Date.now()))
    if (change === null) throw new ProblemError('job/ended', `It is ${job.status}.`)
    // Also where it was cancelled before: if the answer to that COMMIT was lost, nobody was told.
    this.changes.moved(id, job.run, 'CANCELLED', change)
    return job
  }

  /**
   * Queues a job that has ended once more, as its next run.
   *
   * @throws ProblemError `job/not-found`, `job/not-ended`
   */
  async retry(id: string): Promise<JobRecord> {
    const { owner, priority, status } = existing(id, await this.#jobs.find(id))
    if (!isTerminal(status)) throw new ProblemError('job/not-ended', `It is ${status}.`)
    await this.#learnShare(priority, owner)
    const rank = this.#shares.next(priority, owner)
    const { change, job } = await this.#change(id, (jobs) => jobs.retry(id, rank, Date.now()))
    if (change === null) throw new ProblemError('job/not-ended', `It is ${job.status}.`)
    this.changes.retried(toWindowJob(job), change)
    return job
  }

  /**
   * Removes a job; one that has not ended is taken off its worker.
   *
   * @throws ProblemError `job/not-found`
   */
  async delete(id: string): Promise<void> {
    const removed = await this.#parts.committer.commit((transaction, revisions) =>
      new JobStore(transaction).remove([id], revisions, Date.now(), JOB_STATUSES),
    )
    if (removed.length === 0) throw new ProblemError('job/not-found', id)
    this.changes.removed(removed)
  }

  /**
   * Removes jobs that a filter means, as many as one request may.
   *
   * @throws ProblemError `request/invalid` where the cursor is none that was given out
   */
  deleteAll(deletion: JobFilter & { readonly cursor?: string }): Promise<DeletedJobs> {
    return deleteJobs(this.#parts.committer, this.changes, deletion)
  }

  /** Removes those of these jobs that have ended. Returns how many. */
  async removeEnded(ids: readonly string[]): Promise<number> {
    const removed = await this.#parts.committer.commit((transaction, revisions) =>
      new JobStore(transaction).remove(ids, revisions, Date.now()),
    )
    this.changes.removed(removed)
    return removed.length
  }

  /** Forgets the idempotency keys that were made before this time. */
  forgetKeys(before: number): Promise<number> {
    return this.#parts.committer.commit((transaction) => new KeyStore(transaction).forgetBefore(before))
  }

  /** Forgets the removals of jobs before this time. */
  async forgetRemovals(before: number): Promise<number> {
    let total = 0
    for (;;) {
      const forgotten = await this.#parts.committer.commit((transaction) =>
        new ChangeLog(transaction).forgetRemovals(before, REMOVALS_AT_ONCE),
      )
      total += forgotten
      if (forgotten < REMOVALS_AT_ONCE) return total
    }
  }

  /** A job of this rank was dealt: the virtual time goes on. */
  dealt(priority: number, rank: number): void {
    this.#shares.dealt(priority, rank)
  }

  async #insert(
    submission: Submission,
    { type: imageType, width, height }: InspectedImage,
    key: UsedKey | null,
    known: KnownResult | null,
  ): Promise<JobRecord> {
    const { uploadPath: _path, idempotencyKey: _key, fresh: _fresh, ...described } = submission
    const id = uuidv7()
    const submittedAt = Date.now()
    const rank = known ? 0 : this.#shares.next(described.priority, described.owner)
    const job = { ...described, id, rank, imageType, width, height, submittedAt }
    const inserted = await this.#parts.committer.commit(async (transaction, revisions) => {
      // Nobody cancels or removes the batch in between.
      const refusal = job.batch === null ? null : await new BatchStore(transaction).refusal(job.batch)
      if (refusal) return refusal
      // Before the job, as it is what may find itself in conflict.
      if (key) await new KeyStore(transaction).insert({ ...key, madeId: id }, submittedAt)
      return new JobStore(transaction).insert({ ...job, revision: revisions.next() }, known)
    })
    if (inserted instanceof ProblemError) throw inserted
    return inserted
  }

  /** In this order; one may have been removed since its id was read. */
  async #findAll(ids: readonly string[]): Promise<JobRecord[]> {
    const jobs = new Map((await this.#jobs.findAll(ids)).map((job) => [job.id, job]))
    return ids.flatMap((id) => jobs.get(id) ?? [])
  }

  async #knownResult({ fresh, sha256, owner }: Submission): Promise<KnownResult | null> {
    const model = this.#parts.servingModel()
    return fresh || model === null ? null : this.#jobs.knownResult(sha256, owner, model)
  }

  /** Makes a transition, and reads the job in the same transaction: as this change has left it. */
  #change(
    id: string,
    make: (jobs: JobTransitions) => Promise<Change>,
  ): Promise<{ change: Change; job: JobRecord }> {
    return this.#parts.committer.commit(async (transaction, revisions) => {
      const change = await make(new JobTransitions(transaction, revisions))
      return { change, job: existing(id, await new JobStore(transaction).find(id)) }
    })
  }

  /** The job that the key has made. */
  async #replay(key: UsedKey): Promise<JobRecord | null> {
    const id = await this.#keys.madeBy(key, Date.now())
    return id === null ? null : this.#jobs.find(id)
  }

  async #learnShare(priority: number, owner: string): Promise<void> {
    if (this.#shares.knows(priority, owner)) return
    const { lowest, last } = await this.#jobs.ranks(priority, owner)
    this.#shares.learn(priority, owner, lowest, last)
  }

  #recount(): void {
    this.#parts.committer
      .persist((transaction) => new JobStore(transaction).countByStatus())
      .then(
        (counts) => this.changes.recounted(counts),
        // The master stops; the next start counts.
        () => undefined,
      )
  }
}

function existing(id: string, job: JobRecord | null): JobRecord {
  if (!job) throw new ProblemError('job/not-found', id)
  return job
}

function keyOf(submission: Submission): UsedKey | null {
  const { idempotencyKey: key, owner, sha256, priority, fileName, tags, batch, fresh } = submission
  if (key === undefined) return null
  const sorted = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))
  return { owner, key, fingerprint: fingerprintOf([sha256, priority, fileName, sorted, batch, fresh]) }
}
