/** The SQL about batches: what they are, how far their jobs have come, and which of them are in a state. */
import { type JobStatus, ProblemError } from '@argus/shared'
import type { Knex } from 'knex'
import { isSqlite } from './dialect.ts'
import { type JobRecord, type JobRow, toRecord } from './job-record.ts'

/** Times are milliseconds since 1970. */
export interface BatchRecord {
  readonly id: string
  readonly name: string | null
  readonly owner: string
  readonly createdAt: number
  readonly cancelledAt: number | null
}

interface BatchRow {
  id: string
  name: string | null
  owner: string
  created_at: number
  cancelled_at: number | null
}

/** How many jobs of a batch are in one state, and have the truth at one place among their classes. */
export interface BatchTally {
  readonly status: JobStatus
  /** 0 where it is none of the five best; null where it is not known. */
  readonly truthPlace: number | null
  readonly jobs: number
}

/** How many jobs of a batch have this best class, and truly show that one; indexes of classes. */
export interface BatchClassTally {
  readonly best: number
  /** Null where it is not known. */
  readonly truth: number | null
  readonly jobs: number
}

export class BatchStore {
  readonly #database: Knex

  /** @param database or a transaction, whose part the statements then are */
  constructor(database: Knex) {
    this.#database = database
  }

  #batches() {
    return this.#database<BatchRow>('batches')
  }

  async insert({ id, name, owner, createdAt, cancelledAt }: BatchRecord): Promise<void> {
    await this.#batches().insert({ id, name, owner, created_at: createdAt, cancelled_at: cancelledAt })
  }

  async find(id: string): Promise<BatchRecord | null> {
    const row = await this.#batches().where({ id }).first()
    return row ? toBatch(row) : null
  }

  /** Why a batch takes no job: `batch/not-found`, `batch/cancelled`; null where it does. */
  async refusal(id: string): Promise<ProblemError | null> {
    const batch = await this.find(id)
    if (!batch) return new ProblemError('batch/not-found', id)
    return batch.cancelledAt === null ? null : new ProblemError('batch/cancelled', id)
  }

  /** The newest first. @param after the last one of the page before */
  async list(owner: string | undefined, after: BatchRecord | null, limit: number): Promise<BatchRecord[]> {
    const query = this.#batches()
    if (owner !== undefined) query.where({ owner })
    if (after) {
      const { createdAt, id } = after
      query
        .where('created_at', '<=', createdAt)
        .where((either) => either.where('created_at', '<', createdAt).orWhere('id', '<', id))
    }
    const rows = await query
      .orderBy([
        { column: 'created_at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .limit(limit)
    return rows.map(toBatch)
  }

  /** It takes no more jobs. Cancelled before, it keeps the time of that. */
  async cancel(id: string, now: number): Promise<void> {
    await this.#batches().where({ id }).whereNull('cancelled_at').update({ cancelled_at: now })
  }

  /** Removes it, and the key that made it. Its jobs have to be gone. */
  async remove(ids: readonly string[]): Promise<number> {
    await this.#database('idempotency_keys')
      .whereIn('made_id', [...ids])
      .delete()
    return this.#batches()
      .whereIn('id', [...ids])
      .delete()
  }

  /** Those that have no job, and were made before this time. */
  async empty(before: number, limit: number): Promise<string[]> {
    const rows = await this.#batches()
      .where('created_at', '<', before)
      .whereNotExists((jobs) => jobs.from('jobs').whereRaw('jobs.batch_id = batches.id').select('id'))
      .limit(limit)
      .select('id')
    return rows.map(({ id }) => id)
  }

  /** Counts its jobs. Reads an index from end to end: 100,000 jobs take some 15 ms. */
  async tally(id: string): Promise<BatchTally[]> {
    const rows: Array<{ status: JobStatus; truth_place: number | null; jobs: number }> = await this.#jobs(
      id,
      'jobs_batch_status_index',
    )
      .groupBy('status', 'truth_place')
      .select('status', 'truth_place')
      .count({ jobs: '*' })
    return rows.map(({ status, truth_place, jobs }) => ({
      status,
      truthPlace: truth_place,
      jobs: Number(jobs),
    }))
  }

  /** Counts its recognised jobs by their best class and, where it is known, the true one; from an index as well. */
  async classes(id: string): Promise<BatchClassTally[]> {
    const rows: Array<{ top_class: number; truth: number | null; jobs: number }> = await this.#jobs(
      id,
      'jobs_batch_class_index',
    )
      .whereNotNull('top_class')
      .groupBy('top_class', 'truth')
      .select('top_class', 'truth')
      .count({ jobs: '*' })
    return rows.map(({ top_class: best, truth, jobs }) => ({ best, truth, jobs: Number(jobs) }))
  }

  /** Of the last change of any of its jobs, their removal included; 0 where it has had none. */
  async revision(id: string): Promise<number> {
    const changed = await this.#database<JobRow>('jobs')
      .where({ batch_id: id })
      .max({ last: 'revision' })
      .first()
    const removed = await this.#database('removed_jobs')
      .where({ batch_id: id })
      .max({ last: 'revision' })
      .first()
    return Math.max(Number(changed?.last ?? 0), Number(removed?.last ?? 0))
  }

  /** When those of its jobs ended that changed last, so many of them at most. */
  async latestEnds(id: string, limit: number): Promise<number[]> {
    const rows: Array<{ ended_at: number }> = await this.#jobs(id, 'jobs_batch_revision_index')
      .whereNotNull('ended_at')
      .orderBy('revision', 'desc')
      .limit(limit)
      .select('ended_at')
    return rows.map(({ ended_at }) => Number(ended_at))
  }

  /**
   * Ids of jobs of it that are in one of these states.
   *
   * @param upTo only those that have not changed since this revision
   */
  async jobsIn(
    id: string,
    statuses: readonly JobStatus[],
    limit: number,
    upTo = Number.MAX_SAFE_INTEGER,
  ): Promise<string[]> {
    const rows: Array<{ id: string }> = await this.#jobs(id, 'jobs_batch_status_index')
      .whereIn('status', [...statuses])
      .where('revision', '<=', upTo)
      .limit(limit)
      .select('id')
    return rows.map((row) => row.id)
  }

  /** Its jobs in the order of their submit. @param after the last one of the page before */
  async jobs(id: string, after: JobRecord | null, limit: number): Promise<JobRecord[]> {
    const query = this.#jobs(id, 'jobs_batch_submitted_index')
    if (after) {
      const { submittedAt, id: last } = after
      query
        .where('submitted_at', '>=', submittedAt)
        .where((either) => either.where('submitted_at', '>', submittedAt).orWhere('id', '>', last))
    }
    const rows: JobRow[] = await query.orderBy(['submitted_at', 'id']).limit(limit).select('*')
    return rows.map(toRecord)
  }

  /** By the index that is named: neither database can be relied upon to find it by itself (see job-list.ts). */
  #jobs(batchId: string, index: string): Knex.QueryBuilder {
    const hint = isSqlite(this.#database) ? 'jobs INDEXED BY ??' : 'jobs FORCE INDEX (??)'
    return this.#database
      .queryBuilder()
      .from(this.#database.raw(hint, [index]))
      .where({ batch_id: batchId })
  }
}

function toBatch({ id, name, owner, created_at, cancelled_at }: BatchRow): BatchRecord {
  return {
    id,
    name,
    owner,
    createdAt: Number(created_at),
    cancelledAt: cancelled_at === null ? null : Number(cancelled_at),
  }
}
