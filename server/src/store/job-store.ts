/** The SQL that inserts, finds, counts and removes jobs. How they change is in job-transitions.ts. */
import type { JobCounts, JobStatus } from '@argus/shared'
import { JOB_STATUSES } from '@argus/shared'
import type { Knex } from 'knex'
import {
  type JobRecord,
  type JobRow,
  type KnownResult,
  type NewJob,
  placeOfTruth,
  resultColumns,
  toRecord,
  toRow,
} from './job-record.ts'
import type { Revisions } from './revisions.ts'

const TERMINAL: JobStatus[] = JOB_STATUSES.filter((status) => status !== 'QUEUED' && status !== 'RUNNING')

/** What retention needs to know of a job that has ended. */
export interface EndedJob {
  readonly id: string
  readonly sha256: string
  readonly bytes: number
  readonly endedAt: number
}

export type RemovedJob = Pick<JobRecord, 'id' | 'status' | 'run'>

export class JobStore {
  readonly #database: Knex

  /** @param database or a transaction, whose part the statements then are */
  constructor(database: Knex) {
    this.#database = database
  }

  #jobs() {
    return this.#database<JobRow>('jobs')
  }

  /** Inserts a job: QUEUED, or SUCCEEDED where its result is known already. */
  async insert(job: NewJob, known: KnownResult | null = null): Promise<JobRecord> {
    const row = { ...toRow(job), ...(known && endedBy(known, job)) }
    await this.#jobs().insert(row)
    const tags = Object.entries(job.tags).map(([name, value]) => ({ name, value }))
    if (tags.length > 0) {
      const { id: job_id, submittedAt: submitted_at } = job
      await this.#database('job_tags').insert(tags.map((tag) => ({ job_id, ...tag, submitted_at })))
    }
    return toRecord(row)
  }

  /** The last result of this photo of this owner, where that is of this model. */
  async knownResult(sha256: string, owner: string, model: string): Promise<KnownResult | null> {
    const row = await this.#jobs()
      .where({ sha256, owner, status: 'SUCCEEDED' })
      .orderBy('ended_at', 'desc')
      .first()
    const { result, thumbnailType } = row ? toRecord(row) : { result: null, thumbnailType: null }
    // Without its thumbnail, which could not be kept, it is worth another try.
    return result?.model.digest === model && thumbnailType ? { result, thumbnailType } : null
  }

  async find(id: string): Promise<JobRecord | null> {
    const row = await this.#jobs().where({ id }).first()
    return row ? toRecord(row) : null
  }

  async findAll(ids: readonly string[]): Promise<JobRecord[]> {
    return ids.length === 0 ? [] : (await this.#jobs().whereIn('id', [...ids])).map(toRecord)
  }

  /** The newest jobs, newest first. */
  async newest(limit: number): Promise<JobRecord[]> {
    const rows = await this.#jobs()
      .orderBy([
        { column: 'submitted_at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .limit(limit)
    return rows.map(toRecord)
  }

  /**
   * The jobs that wait, in the order in which they are to be dealt.
   *
   * @param after only those behind this place; null: from the head of the queue
   */
  async queued(
    after: Pick<JobRecord, 'priority' | 'rank' | 'id'> | null,
    limit: number,
  ): Promise<JobRecord[]> {
    const query = this.#jobs().where({ status: 'QUEUED' })
    if (after) {
      const { priority, rank, id } = after
      // The first condition starts the walk of the index; the others skip what is left before the place.
      query.where('priority', '<=', priority).where((either) =>
        either
          .where('priority', '<', priority)
          .orWhere('fair_rank', '>', rank)
          .orWhere((same) => same.where('fair_rank', rank).where('id', '>', id)),
      )
    }
    const rows = await query
      .orderBy([{ column: 'priority', order: 'desc' }, { column: 'fair_rank' }, { column: 'id' }])
      .limit(limit)
    return rows.map(toRecord)
  }

  /** The lowest rank of all queued jobs of a priority, and the highest of an owner's; null where there are none. */
  async ranks(priority: number, owner: string): Promise<{ lowest: number | null; last: number | null }> {
    const queued = { status: 'QUEUED', priority } as const
    const lowest = await this.#jobs().where(queued).orderBy('fair_rank').first('fair_rank')
    const last = await this.#jobs()
      .where({ owner, ...queued })
      .orderBy('fair_rank', 'desc')
      .first('fair_rank')
    return { lowest: lowest?.fair_rank ?? null, last: last?.fair_rank ?? null }
  }

  /** How many jobs there are in each state. Walks the whole index: for the start of the master. */
  async countByStatus(): Promise<JobCounts> {
    const rows = await this.#jobs().select('status').count({ total: '*' }).groupBy('status')
    const totals = new Map(rows.map((row) => [row.status, Number(row.total)]))
    const count = (status: JobStatus) => totals.get(status) ?? 0
    return Object.fromEntries(JOB_STATUSES.map((status) => [status, count(status)])) as JobCounts
  }

  /** Which of these photos a job refers to. */
  async referenced(sha256s: readonly string[]): Promise<Set<string>> {
    const rows = await this.#jobs()
      .distinct('sha256')
      .whereIn('sha256', [...sha256s])
    return new Set(rows.map(({ sha256 }) => sha256))
  }

  /** Jobs that ended before this time, those that ended first, first. */
  async endedBefore(time: number, limit: number): Promise<EndedJob[]> {
    const rows = await this.#jobs()
      .where('ended_at', '<', time)
      .orderBy(['ended_at', 'id'])
      .limit(limit)
      .select('id', 'sha256', 'bytes', 'ended_at')
    return rows.map(({ id, sha256, bytes, ended_at }) => ({
      id,
      sha256,
      bytes: Number(bytes),
      endedAt: Number(ended_at),
    }))
  }

  oldestEnded(limit: number): Promise<EndedJob[]> {
    return this.endedBefore(Number.MAX_SAFE_INTEGER, limit)
  }

  /**
   * Removes those of these jobs that are in one of these states, with their attempts, tags and idempotency keys,
   * and leaves word of it for who follows the changes.
   *
   * @returns what they were
   */
  async remove(
    ids: readonly string[],
    revisions: Revisions,
    now: number,
    statuses: readonly JobStatus[] = TERMINAL,
  ): Promise<RemovedJob[]> {
    const found = await this.#jobs()
      .whereIn('id', [...ids])
      .whereIn('status', [...statuses])
      .forUpdate()
      .select('id', 'status', 'run', 'batch_id')
    if (found.length === 0) return []
    const removed = found.map(({ id }) => id)
    for (const table of ['attempts', 'job_tags']) {
      await this.#database(table).whereIn('job_id', removed).delete()
    }
    await this.#database('idempotency_keys').whereIn('made_id', removed).delete()
    await this.#jobs().whereIn('id', removed).delete()
    await this.#database('removed_jobs').insert(
      found.map(({ id, batch_id }) => ({
        revision: revisions.next(),
        job_id: id,
        batch_id,
        removed_at: now,
      })),
    )
    return found.map(({ id, status, run }) => ({ id, status, run }))
  }
}

function endedBy({ result, thumbnailType }: KnownResult, { submittedAt, truth }: NewJob): Partial<JobRow> {
  return {
    status: 'SUCCEEDED',
    ended_at: submittedAt,
    ...resultColumns(result),
    truth_place: placeOfTruth(truth, result),
    thumbnail_type: thumbnailType,
    reused: 1,
  }
}
