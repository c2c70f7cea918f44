/** What clients do with batches: make, look at, list, cancel, retry what failed, read the results, delete. */
import {
  type Batch,
  type BatchClasses,
  type BatchPage,
  type BatchQuery,
  JOB_STATUSES,
  type JobStatus,
  ProblemError,
} from '@argus/shared'
import type { Knex } from 'knex'
import { v7 as uuidv7 } from 'uuid'
import { type BatchRecord, BatchStore } from '../store/batch-store.ts'
import type { Committer } from '../store/committer.ts'
import { classify } from '../store/database-errors.ts'
import type { JobRecord } from '../store/job-record.ts'
import { fingerprintOf, KeyStore, type UsedKey } from '../store/key-store.ts'
import { batchClasses } from './batch-classes.ts'
import { BatchProgress, type ProgressView } from './batch-progress.ts'
import type { JobService } from './job-service.ts'

/** So many jobs are changed at once: the committer writes them in one transaction, for which others wait. */
const JOBS_AT_ONCE = 100
/** So many jobs of the results are read at once. */
const RESULTS_AT_ONCE = 200

export interface NewBatch {
  readonly name: string | null
  readonly owner: string
  /** Makes the request repeatable: the same key of the same owner is the same batch, for 24 hours. */
  readonly idempotencyKey?: string
}

export interface MadeBatch {
  readonly batch: BatchRecord
  /** The key had made the batch before. */
  readonly isReplay: boolean
}

export class BatchService {
  readonly #committer: Committer
  readonly #jobs: JobService
  readonly #batches: BatchStore
  readonly #keys: KeyStore
  readonly #progress: BatchProgress
  readonly #listeners = new Set<(id: string) => void>()

  constructor(database: Knex, committer: Committer, jobs: JobService) {
    this.#committer = committer
    this.#jobs = jobs
    this.#batches = new BatchStore(database)
    this.#keys = new KeyStore(database)
    this.#progress = new BatchProgress(database)
  }

  /** Calls back when a batch was cancelled or deleted. Returns what ends that. */
  onChange(listener: (id: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** @throws ProblemError `request/idempotency-mismatch`, `store/…` */
  async create({ name, owner, idempotencyKey }: NewBatch): Promise<MadeBatch> {
    const createdAt = Date.now()
    const batch = { id: uuidv7(), name, owner, createdAt, cancelledAt: null }
    const key =
      idempotencyKey === undefined
        ? null
        : { owner, key: idempotencyKey, fingerprint: fingerprintOf(['batch', name]) }
    const replayed = key && (await this.#replay(key))
    if (replayed) return { batch: replayed, isReplay: true }
    try {
      await this.#committer.commit(async (transaction) => {
        if (key) await new KeyStore(transaction).insert({ ...key, madeId: batch.id }, createdAt)
        await new BatchStore(transaction).insert(batch)
      })
      return { batch, isReplay: false }
    } catch (error) {
      // Another request with this key was faster.
      const winner = key && classify(error) === 'constraint' ? await this.#replay(key) : null
      if (winner) return { batch: winner, isReplay: true }
      throw error
    }
  }

  /**
   * One that takes photos.
   *
   * @throws ProblemError `batch/not-found`, `batch/cancelled`
   */
  async findOpen(id: string): Promise<BatchRecord> {
    const batch = await this.find(id)
    if (batch.cancelledAt !== null) throw new ProblemError('batch/cancelled', id)
    return batch
  }

  /** @throws ProblemError `batch/not-found` */
  async find(id: string): Promise<BatchRecord> {
    const batch = await this.#batches.find(id)
    if (!batch) throw new ProblemError('batch/not-found', id)
    return batch
  }

  /**
   * The batch, with how far it has come; a large one as it was a moment ago.
   *
   * @throws ProblemError `batch/not-found`
   */
  async look(id: string): Promise<ProgressView> {
    return this.#progress.of(await this.find(id))
  }

  /** What was recognised in its photos so far. */
  async classes(id: string): Promise<BatchClasses> {
    return batchClasses(await this.#batches.classes(id))
  }

  /** @throws ProblemError `request/invalid` where the cursor is of no batch that there is */
  async list({ owner, limit, cursor }: BatchQuery): Promise<BatchPage> {
    const after = cursor === undefined ? null : await this.#batches.find(cursor)
    if (cursor !== undefined && !after) throw new ProblemError('request/invalid', 'cursor: its batch is gone')
    const found = await this.#batches.list(owner, after, limit + 1)
    const page = found.slice(0, limit)
    const batches: Batch[] = []
    for (const batch of page) batches.push((await this.#progress.of(batch)).batch)
    return { batches, next: found.length > limit ? (page.at(-1)?.id ?? null) : null }
  }

  /**
   * Cancels what has not ended of it; it takes no more photos. Cancelling it twice is no error.
   *
   * @throws ProblemError `batch/not-found`
   */
  async cancel(id: string): Promise<Batch> {
    await this.find(id)
    await this.#close(id)
    await this.#forAll(id, ['QUEUED', 'RUNNING'], (job) => this.#jobs.cancel(job))
    return this.#lookClosely(id)
  }

  /**
   * Queues those of its jobs that have failed once more.
   *
   * @throws ProblemError `batch/not-found`
   */
  async retryFailed(id: string): Promise<Batch> {
    await this.find(id)
    // Those that have failed until now: one that fails again at once is not retried for ever.
    const upTo = this.#committer.revisions.committed
    await this.#forAll(id, ['FAILED'], (job) => this.#jobs.retry(job), upTo)
    return this.#lookClosely(id)
  }

  /**
   * Removes it with its jobs; those that have not ended are taken off their workers.
   *
   * @throws ProblemError `batch/not-found`
   */
  async delete(id: string): Promise<void> {
    await this.find(id)
    await this.#close(id)
    await this.#forAll(id, JOB_STATUSES, (job) => this.#jobs.delete(job))
    await this.#committer.commit((transaction) => new BatchStore(transaction).remove([id]))
    this.#tell(id)
  }

  /** Its jobs in the order of their submit. */
  async *jobs(id: string): AsyncGenerator<JobRecord> {
    let last: JobRecord | null = null
    for (;;) {
      const page: JobRecord[] = await this.#batches.jobs(id, last, RESULTS_AT_ONCE)
      yield* page
      last = page.at(-1) ?? null
      if (page.length < RESULTS_AT_ONCE) return
    }
  }

  /** Removes the batches without a job that were made before this time, in milliseconds since 1970. */
  async removeEmpty(before: number): Promise<number> {
    let total = 0
    for (;;) {
      const removed = await this.#committer.commit(async (transaction) => {
        const batches = new BatchStore(transaction)
        return batches.remove(await batches.empty(before, JOBS_AT_ONCE))
      })
      total += removed
      if (removed < JOBS_AT_ONCE) return total
    }
  }

  async #lookClosely(id: string): Promise<Batch> {
    return (await this.#progress.of(await this.find(id), true)).batch
  }

  /** It takes no more photos. */
  async #close(id: string): Promise<void> {
    await this.#committer.commit((transaction) => new BatchStore(transaction).cancel(id, Date.now()))
    this.#tell(id)
  }

  #tell(id: string): void {
    for (const listener of this.#listeners) listener(id)
  }

  /** Until none of its jobs is in one of these states; where it is given, of those that changed last up to then. */
  async #forAll(
    id: string,
    statuses: readonly JobStatus[],
    work: (job: string) => Promise<unknown>,
    upTo?: number,
  ): Promise<void> {
    for (;;) {
      const some = await this.#batches.jobsIn(id, statuses, JOBS_AT_ONCE, upTo)
      if (some.length === 0) return
      const settled = await Promise.allSettled(some.map(work))
      const failed = settled.find((each) => each.status === 'rejected' && !isOvertaken(each.reason))
      if (failed?.status === 'rejected') throw failed.reason
    }
  }

  /** The batch that the key has made. */
  async #replay(key: UsedKey): Promise<BatchRecord | null> {
    const id = await this.#keys.madeBy(key, Date.now())
    return id === null ? null : this.#batches.find(id)
  }
}

/** The job has gone on meanwhile: there is nothing left to do. */
function isOvertaken(error: unknown): boolean {
  return error instanceof ProblemError && ['job/not-found', 'job/ended', 'job/not-ended'].includes(error.code)
}
