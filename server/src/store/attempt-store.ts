/** The SQL about attempts: each handing of a job to a worker, how it ended, and why. */
import type { AttemptEnd, ProblemCode } from '@argus/shared'
import type { Knex } from 'knex'

/** Times in milliseconds since 1970. */
export interface AttemptRecord {
  run: number
  number: number
  worker: string
  engine: string | null
  model: string | null
  startedAt: number
  endedAt: number | null
  end: AttemptEnd | null
  errorCode: ProblemCode | null
  errorDetail: string | null
}

/** Names an attempt. */
export interface AttemptId {
  readonly jobId: string
  readonly run: number
  readonly attempt: number
  /** Boot id of its worker. */
  readonly worker: string
}

/** What is known of the worker of an attempt. */
export interface AttemptWorker {
  readonly name: string
  readonly engine: string | null
  /** Digest of the model that it serves. */
  readonly model: string | null
}

interface AttemptRow {
  job_id: string
  run: number
  number: number
  boot_id: string
  worker: string
  engine: string | null
  model: string | null
  started_at: number
  ended_at: number | null
  end_reason: AttemptEnd | null
  error_code: ProblemCode | null
  error_detail: string | null
}

const KEY = ['job_id', 'run', 'number', 'boot_id']

export class AttemptStore {
  readonly #database: Knex

  /** @param database or a transaction, whose part the statements then are */
  constructor(database: Knex) {
    this.#database = database
  }

  #attempts() {
    return this.#database<AttemptRow>('attempts')
  }

  async find(id: AttemptId): Promise<AttemptRecord | null> {
    const row = await this.#attempts().where(keyOf(id)).first()
    return row ? toRecord(row) : null
  }

  /** When it began, as a part of another statement; NULL where there is none. */
  startOf(id: AttemptId): Knex.QueryBuilder {
    return this.#attempts().where(keyOf(id)).select('started_at')
  }

  /** All attempts of a job, the first of the first run first. */
  async ofJob(jobId: string): Promise<AttemptRecord[]> {
    const rows = await this.#attempts().where({ job_id: jobId }).orderBy(['run', 'number', 'started_at'])
    return rows.map(toRecord)
  }

  /** The attempt begins, or goes on after all: then it keeps the time of its start. */
  async open(id: AttemptId, worker: AttemptWorker, now: number): Promise<void> {
    const { name, engine, model } = worker
    await this.#attempts()
      .insert({ ...keyOf(id), worker: name, engine, model, started_at: now })
      .onConflict(KEY)
      .merge({ ended_at: null, end_reason: null, error_code: null, error_detail: null })
  }

  /** The attempt has ended so. */
  async close(
    id: AttemptId,
    end: AttemptEnd,
    error: { code: ProblemCode; detail: string } | null,
    now: number,
  ): Promise<void> {
    await this.#attempts()
      .where(keyOf(id))
      .update({
        ended_at: now,
        end_reason: end,
        error_code: error?.code ?? null,
        error_detail: error?.detail ?? null,
      })
  }

  /** Closes what is still open of a run, but for one attempt where that is given. */
  async revokeOthers(jobId: string, run: number, except: AttemptId | null, now: number): Promise<void> {
    const open = this.#attempts().where({ job_id: jobId, run }).whereNull('end_reason')
    if (except) {
      const { attempt, worker } = except
      open.where((other) => other.whereNot({ number: attempt }).orWhereNot({ boot_id: worker }))
    }
    await open.update({ ended_at: now, end_reason: 'revoked' })
  }

  /** Closes what was open of all jobs that run: the master has restarted. */
  async restart(now: number): Promise<void> {
    const running = this.#database('jobs').where({ status: 'RUNNING' }).select('id')
    await this.#attempts()
      .whereIn('job_id', running)
      .whereNull('end_reason')
      .update({ ended_at: now, end_reason: 'restarted' })
  }
}

function keyOf({ jobId, run, attempt, worker }: AttemptId) {
  return { job_id: jobId, run, number: attempt, boot_id: worker }
}

function toRecord(row: AttemptRow): AttemptRecord {
  return {
    run: row.run,
    number: row.number,
    worker: row.worker,
    engine: row.engine,
    model: row.model,
    startedAt: Number(row.started_at),
    endedAt: row.ended_at === null ? null : Number(row.ended_at),
    end: row.end_reason,
    errorCode: row.error_code,
    errorDetail: row.error_detail,
  }
}
