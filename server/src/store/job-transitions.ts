/**
 * How jobs change, in SQL: each transition of job-machine.ts is one conditional UPDATE, so that of two that
 * race only one happens. Each belongs into a transaction, with the rows of the attempts that it opens or
 * closes.
 *
 * Each may be repeated: where the connection broke during a COMMIT nobody knows whether it happened, and the
 * repeat finds its own row.
 */
import type { AttemptEnd, JobStatus, ProblemCode, Thumbnail } from '@argus/shared'
import type { Knex } from 'knex'
import { type AttemptId, AttemptStore, type AttemptWorker } from './attempt-store.ts'
import { isSqlite } from './dialect.ts'
import { type JobRow, resultColumns, type StoredResult } from './job-record.ts'
import type { Revisions } from './revisions.ts'

/** From which state to which; `repeated`: it had happened before; null: the job was in no state for it. */
export type Change =
  | { readonly run: number; readonly from: JobStatus; readonly to: JobStatus }
  | 'repeated'
  | null

/** What the state machine has found: the counts that a job takes along. */
export interface JobCharges {
  readonly isSuspect: boolean
  readonly losses: number
  readonly failures: number
}

export interface Success {
  readonly result: StoredResult
  readonly thumbnailType: Thumbnail['type'] | null
  readonly worker: AttemptWorker
}

/** Where an attempt leaves its job when it did not succeed. */
export interface Settlement extends JobCharges {
  readonly status: 'QUEUED' | 'FAILED'
  readonly why: AttemptEnd
  /** Why the attempt, or the job, failed. */
  readonly error: { readonly code: ProblemCode; readonly detail: string } | null
}

const UNHELD = { holder_attempt: null, holder_boot_id: null } as const
const WAITING = { ...UNHELD, worker: null, started_at: null } as const

export class JobTransitions {
  readonly #database: Knex
  readonly #revisions: Revisions
  readonly #attempts: AttemptStore

  /** @param database a transaction, normally */
  constructor(database: Knex, revisions: Revisions) {
    this.#database = database
    this.#revisions = revisions
    this.#attempts = new AttemptStore(database)
  }

  #jobs() {
    return this.#database<JobRow>('jobs')
  }

  /**
   * For changes of one job. Left to itself MariaDB finds it by its state, where its statistics are old: it would
   * then lock index and row in the other order than those who look for the id, and neither could go on.
   */
  #jobById() {
    const byId = this.#database.raw('jobs FORCE INDEX (PRIMARY)')
    return this.#database<JobRow>(isSqlite(this.#database) ? 'jobs' : byId)
  }

  /** QUEUED → RUNNING, held by this attempt; also where an attempt that seemed lost goes on. */
  async start(id: AttemptId, worker: AttemptWorker, charges: JobCharges, now: number): Promise<Change> {
    const { jobId, run, attempt } = id
    const changed = await this.#jobById()
      .where({ id: jobId, run, status: 'QUEUED' })
      .update({
        status: 'RUNNING',
        revision: this.#revisions.next(),
        worker: worker.name,
        // One that goes on has begun before.
        started_at: this.#database.raw('COALESCE(?, ?)', [this.#attempts.startOf(id), now]),
        // Not fewer than before: one that goes on may not be the last.
        attempts: this.#database.raw('CASE WHEN attempts < ? THEN ? ELSE attempts END', [attempt, attempt]),
        holder_attempt: attempt,
        holder_boot_id: id.worker,
        ...columns(charges),
      })
    if (changed === 0) return (await this.#hasBegun(id)) ? 'repeated' : null
    await this.#attempts.open(id, worker, now)
    return { run, from: 'QUEUED', to: 'RUNNING' }
  }

  /** RUNNING → QUEUED or FAILED, where this attempt holds the job. A queued job keeps its place. */
  async settle(id: AttemptId, settlement: Settlement, now: number): Promise<Change> {
    const { status, why, error } = settlement
    const changed = await this.#jobById()
      .where({ status: 'RUNNING', ...heldBy(id) })
      .update({
        status,
        revision: this.#revisions.next(),
        ...columns(settlement),
        ...(status === 'QUEUED'
          ? WAITING
          : { ...UNHELD, ended_at: now, error_code: error?.code, error_detail: error?.detail }),
      })
    if (changed === 0) {
      const attempt = await this.#attempts.find(id)
      return attempt?.end === why ? 'repeated' : null
    }
    await this.#attempts.close(id, why, error, now)
    return { run: id.run, from: 'RUNNING', to: status }
  }

  /** QUEUED or RUNNING → SUCCEEDED, by any attempt of the present run. */
  async succeed(id: AttemptId, { result, thumbnailType, worker }: Success, now: number): Promise<Change> {
    const { jobId, run } = id
    const success = {
      ...UNHELD,
      status: 'SUCCEEDED',
      revision: this.#revisions.next(),
      ended_at: now,
      worker: worker.name,
      ...resultColumns(result),
      truth_place: this.#placeOfTruth(result),
      thumbnail_type: thumbnailType,
    } as const
    let from: JobStatus = 'RUNNING'
    const byHolder = await this.#jobById()
      .where({ status: 'RUNNING', ...heldBy(id) })
      .update(success)
    if (byHolder === 0) {
      const row = await this.#lock(jobId)
      const attempt = await this.#attempts.find(id)
      const byOther = await this.#jobById()
        .where({ id: jobId, run })
        .whereIn('status', ['QUEUED', 'RUNNING'])
        .update({ ...success, started_at: attempt?.startedAt ?? now })
      if (byOther === 0) return attempt?.end === 'succeeded' ? 'repeated' : null
      from = row?.status ?? from
      // A master that died had not written it down.
      if (!attempt) await this.#attempts.open(id, worker, now)
    }
    await this.#attempts.close(id, 'succeeded', null, now)
    await this.#attempts.revokeOthers(jobId, run, id, now)
    return { run, from, to: 'SUCCEEDED' }
  }

  /** QUEUED or RUNNING → CANCELLED. */
  async cancel(jobId: string, now: number): Promise<Change> {
    const row = await this.#lock(jobId)
    if (!row) return null
    const changed = await this.#jobById()
      .where({ id: jobId })
      .whereIn('status', ['QUEUED', 'RUNNING'])
      .update({ ...UNHELD, status: 'CANCELLED', revision: this.#revisions.next(), ended_at: now })
    if (changed === 0) return row.status === 'CANCELLED' ? 'repeated' : null
    await this.#attempts.revokeOthers(jobId, row.run, null, now)
    return { run: row.run, from: row.status, to: 'CANCELLED' }
  }

  /** SUCCEEDED, FAILED or CANCELLED → QUEUED, as the next run, at a new place in the queue. */
  async retry(jobId: string, rank: number, now: number): Promise<Change> {
    const row = await this.#lock(jobId)
    if (!row) return null
    const changed = await this.#jobById()
      .where({ id: jobId, run: row.run })
      .whereIn('status', ['SUCCEEDED', 'FAILED', 'CANCELLED'])
      .update({
        ...WAITING,
        status: 'QUEUED',
        revision: this.#revisions.next(),
        run: row.run + 1,
        attempts: 0,
        suspect: 0,
        losses: 0,
        failures: 0,
        fair_rank: rank,
        queued_at: now,
        ended_at: null,
        ...resultColumns(null),
        truth_place: null,
        reused: 0,
        error_code: null,
        error_detail: null,
      })
    return changed === 0 ? null : { run: row.run + 1, from: row.status, to: 'QUEUED' }
  }

  /** RUNNING → QUEUED for all: the master has started, and nobody has claimed anything yet. */
  async restart(now: number): Promise<void> {
    await this.#attempts.restart(now)
    // One by one, since each has a revision of its own; there are no more than the workers held.
    for (const { id } of await this.#jobs().where({ status: 'RUNNING' }).select('id')) {
      await this.#jobs()
        .where({ id })
        .update({ status: 'QUEUED', revision: this.#revisions.next(), ...WAITING })
    }
  }

  /** The job as it is until this transaction ends: SQLite has one at a time, MariaDB locks the row. */
  #lock(jobId: string) {
    return this.#jobById().where({ id: jobId }).forUpdate().first('status', 'run')
  }

  /** As `placeOfTruth` of the record, of the truth that is in the row. */
  #placeOfTruth({ classes }: StoredResult): Knex.Raw {
    const places = classes.map((_class, at) => `WHEN ? THEN ${at + 1}`).join(' ')
    const found = `CASE truth ${places} ELSE 0 END`
    return this.#database.raw(
      `CASE WHEN truth IS NOT NULL THEN ${found} END`,
      classes.map(({ index }) => index),
    )
  }

  /** Whether the attempt has begun and its run goes on, be it under a later attempt. */
  async #hasBegun(id: AttemptId): Promise<boolean> {
    const running = await this.#jobs().where({ id: id.jobId, run: id.run, status: 'RUNNING' }).first('id')
    return running !== undefined && (await this.#attempts.find(id)) !== null
  }
}

function heldBy({ jobId, run, attempt, worker }: AttemptId) {
  return { id: jobId, run, holder_attempt: attempt, holder_boot_id: worker }
}

function columns({ isSuspect, losses, failures }: JobCharges) {
  return { suspect: isSuspect ? 1 : 0, losses, failures }
}
