/**
 * All SQL about jobs. Every change of a job's state is one conditional UPDATE, so that of two that race
 * only one happens; each method says whether it did.
 */
import type { ImageType, JobCounts, JobStatus, ProblemCode, Thumbnail } from '@argus/shared'
import { JOB_STATUSES } from '@argus/shared'
import type { Knex } from 'knex'

/** What the master keeps of a result: class names are looked up when it is shown. */
export interface StoredResult {
  classes: Array<{ index: number; probability: number }>
  model: { name: string; digest: string }
  engine: string
  /** Milliseconds. */
  timings: { fetch: number; decode: number; classify: number }
}

/** A job as the database has it; times in milliseconds since 1970. */
export interface JobRecord {
  id: string
  status: JobStatus
  fileName: string
  owner: string
  sha256: string
  imageType: ImageType
  bytes: number
  width: number
  height: number
  thumbnailType: Thumbnail['type'] | null
  submittedAt: number
  startedAt: number | null
  endedAt: number | null
  attempts: number
  worker: string | null
  result: StoredResult | null
  errorCode: ProblemCode | null
  errorDetail: string | null
}

export type NewJob = Pick<
  JobRecord,
  'id' | 'fileName' | 'owner' | 'sha256' | 'imageType' | 'bytes' | 'width' | 'height' | 'submittedAt'
>

interface JobRow {
  id: string
  status: JobStatus
  file_name: string
  owner: string
  sha256: string
  image_type: ImageType
  bytes: number
  width: number
  height: number
  thumbnail_type: Thumbnail['type'] | null
  submitted_at: number
  started_at: number | null
  ended_at: number | null
  attempts: number
  worker: string | null
  result: string | null
  error_code: ProblemCode | null
  error_detail: string | null
}

export class JobStore {
  readonly #database: Knex

  constructor(database: Knex) {
    this.#database = database
  }

  #jobs() {
    return this.#database<JobRow>('jobs')
  }

  /** Inserts a job as QUEUED. When it returns, the row is on disk. */
  async insert(job: NewJob): Promise<void> {
    await this.#jobs().insert({
      id: job.id,
      status: 'QUEUED',
      file_name: job.fileName,
      owner: job.owner,
      sha256: job.sha256,
      image_type: job.imageType,
      bytes: job.bytes,
      width: job.width,
      height: job.height,
      submitted_at: job.submittedAt,
    })
  }

  async find(id: string): Promise<JobRecord | null> {
    const row = await this.#jobs().where({ id }).first()
    return row ? toRecord(row) : null
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

  /** The jobs that wait, in the order in which they are to be dealt. */
  async nextQueued(limit: number): Promise<JobRecord[]> {
    const rows = await this.#jobs()
      .where({ status: 'QUEUED' })
      .orderBy([{ column: 'submitted_at' }, { column: 'id' }])
      .limit(limit)
    return rows.map(toRecord)
  }

  /** How many jobs there are in each state. Walks the whole index: for the start of the master. */
  async countByStatus(): Promise<JobCounts> {
    const rows = await this.#jobs().select('status').count({ total: '*' }).groupBy('status')
    const totals = new Map(rows.map((row) => [row.status, Number(row.total)]))
    const count = (status: JobStatus) => totals.get(status) ?? 0
    return Object.fromEntries(JOB_STATUSES.map((status) => [status, count(status)])) as JobCounts
  }

  /** QUEUED → RUNNING, as this attempt, on this worker. */
  async start(id: string, attempt: number, worker: string, now: number): Promise<boolean> {
    const changed = await this.#jobs()
      .where({ id, status: 'QUEUED', attempts: attempt - 1 })
      .update({ status: 'RUNNING', worker, started_at: now, attempts: attempt })
    return changed === 1
  }

  /** RUNNING → QUEUED, where this attempt is still the one that holds it. Keeps its place in the queue. */
  async requeue(id: string, attempt: number): Promise<boolean> {
    const changed = await this.#jobs()
      .where({ id, status: 'RUNNING', attempts: attempt })
      .update({ status: 'QUEUED', worker: null, started_at: null })
    return changed === 1
  }

  /** RUNNING → QUEUED for all: after a start of the master no attempt is known to anyone. */
  async requeueAllRunning(): Promise<number> {
    return this.#jobs()
      .where({ status: 'RUNNING' })
      .update({ status: 'QUEUED', worker: null, started_at: null })
  }

  /** RUNNING → SUCCEEDED. */
  async succeed(
    id: string,
    attempt: number,
    result: StoredResult,
    thumbnailType: Thumbnail['type'],
    now: number,
  ): Promise<boolean> {
    const changed = await this.#jobs()
      .where({ id, status: 'RUNNING', attempts: attempt })
      .update({
        status: 'SUCCEEDED',
        ended_at: now,
        result: JSON.stringify(result),
        thumbnail_type: thumbnailType,
      })
    return changed === 1
  }

  /** RUNNING → FAILED. */
  async fail(id: string, attempt: number, code: ProblemCode, detail: string, now: number): Promise<boolean> {
    const changed = await this.#jobs()
      .where({ id, status: 'RUNNING', attempts: attempt })
      .update({ status: 'FAILED', ended_at: now, error_code: code, error_detail: detail })
    return changed === 1
  }
}

function toRecord(row: JobRow): JobRecord {
  return {
    id: row.id,
    status: row.status,
    fileName: row.file_name,
    owner: row.owner,
    sha256: row.sha256,
    imageType: row.image_type,
    bytes: Number(row.bytes),
    width: row.width,
    height: row.height,
    thumbnailType: row.thumbnail_type,
    submittedAt: Number(row.submitted_at),
    startedAt: row.started_at === null ? null : Number(row.started_at),
    endedAt: row.ended_at === null ? null : Number(row.ended_at),
    attempts: row.attempts,
    worker: row.worker,
    result: row.result === null ? null : (JSON.parse(row.result) as StoredResult),
    errorCode: row.error_code,
    errorDetail: row.error_detail,
  }
}
