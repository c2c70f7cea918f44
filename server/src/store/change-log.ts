/**
 * The SQL that reads what has changed since a revision: jobs in their latest state, once each, and those that
 * were removed. A job that has changed twice since is one change, the later one.
 */
import type { Knex } from 'knex'
import { type JobRecord, type JobRow, toRecord } from './job-record.ts'

/** A job that has changed, or is no more. */
export interface JobChange {
  readonly revision: number
  readonly id: string
  readonly batch: string | null
  /** Null where it was removed. */
  readonly job: JobRecord | null
}

/** Of all jobs, those of a batch, or one job. */
export interface ChangeScope {
  readonly batch?: string
  readonly job?: string
}

interface RemovedRow {
  revision: number
  job_id: string
  batch_id: string | null
  removed_at: number
}

export class ChangeLog {
  readonly #database: Knex

  /** @param database or a transaction, whose part the statements then are */
  constructor(database: Knex) {
    this.#database = database
  }

  /**
   * What has changed after one revision and up to another, in order.
   *
   * @param limit changes at most, more or less: jobs and removals are limited each
   * @returns also the revision up to which that is all: `upTo`, or less where there is more to read
   */
  async read(
    after: number,
    upTo: number,
    limit: number,
    { batch, job }: ChangeScope = {},
  ): Promise<{ changes: JobChange[]; upTo: number }> {
    const jobs = this.#database<JobRow>('jobs')
    const removed = this.#database<RemovedRow>('removed_jobs')
    if (batch !== undefined) {
      jobs.where({ batch_id: batch })
      removed.where({ batch_id: batch })
    }
    if (job !== undefined) {
      jobs.where({ id: job })
      removed.where({ job_id: job })
    }
    restrict(jobs, after, upTo, limit)
    const changed = (await jobs).map((row) => changeOf(toRecord(row)))
    const reached = endOf(changed, upTo, limit)
    restrict(removed, after, reached, limit)
    const gone = (await removed).map(removalOf)
    const end = endOf(gone, reached, limit)
    const changes = [...changed, ...gone].filter(({ revision }) => revision <= end)
    return { changes: changes.sort((a, b) => a.revision - b.revision), upTo: end }
  }

  /** The highest revision that was ever given out, as far as any table knows. */
  async last(): Promise<number> {
    let last = 0
    for (const table of ['jobs', 'removed_jobs', 'positions']) {
      const row = await this.#database(table).max({ last: 'revision' }).first()
      last = Math.max(last, Number(row?.last ?? 0))
    }
    return last
  }

  /** Forgets removals before this time, in milliseconds since 1970. Returns how many they were. */
  async forgetRemovals(before: number, limit: number): Promise<number> {
    const old = await this.#database<RemovedRow>('removed_jobs')
      .where('removed_at', '<', before)
      .limit(limit)
      .select('revision')
    const revisions = old.map(({ revision }) => revision)
    return this.#database<RemovedRow>('removed_jobs').whereIn('revision', revisions).delete()
  }
}

export function changeOf(job: JobRecord): JobChange {
  return { revision: job.revision, id: job.id, batch: job.batch, job }
}

function removalOf({ revision, job_id, batch_id }: RemovedRow): JobChange {
  return { revision: Number(revision), id: job_id, batch: batch_id, job: null }
}

function restrict(rows: Knex.QueryBuilder, after: number, upTo: number, limit: number): void {
  rows.where('revision', '>', after).where('revision', '<=', upTo).orderBy('revision').limit(limit)
}

/** Where a page of them ends. */
function endOf(page: readonly JobChange[], upTo: number, limit: number): number {
  return page.length < limit ? upTo : (page.at(-1)?.revision ?? upTo)
}
