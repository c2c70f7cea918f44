/** What jobs/job-service.ts and jobs/job-changes.ts do, on the simulated database: clients submit, cancel, retry. */
import { isTerminal, type JobStatus } from '@argus/shared'
import { FairShare } from '../../src/jobs/fair-share.ts'
import type { WindowJob } from '../../src/jobs/window.ts'
import type { Change } from '../../src/store/job-transitions.ts'
import type { Database } from './database.ts'
import type { NewJob } from './rows.ts'

export interface JobListeners {
  readonly onQueued: (job: WindowJob) => void
  readonly onEnd: (id: string, run: number) => void
}

export class Jobs {
  readonly #database: Database
  readonly #listeners: JobListeners
  readonly #shares = new FairShare()

  constructor(database: Database, listeners: JobListeners) {
    this.#database = database
    this.#listeners = listeners
  }

  /** @param accepted the client is told that the job will reach an end */
  submit(job: Omit<NewJob, 'rank'>, accepted: () => void): void {
    const ranked = { ...job, rank: this.#rank(job.priority, job.owner) }
    this.#database.commit(
      (rows) => rows.insert(ranked),
      (submitted) => {
        this.#listeners.onQueued(submitted)
        accepted()
      },
    )
  }

  cancel(id: string): void {
    this.#database.commit(
      (rows) => ({ change: rows.cancel(id), run: rows.find(id)?.job.run ?? 0 }),
      ({ change, run }) => {
        // Cancelled before, and told then.
        if (change !== 'repeated') this.moved(id, run, 'CANCELLED', change)
      },
    )
  }

  retry(id: string): void {
    const row = this.#database.rows.find(id)
    if (!row) return
    const rank = this.#rank(row.job.priority, row.owner)
    this.#database.commit(
      (rows) => rows.retry(id, rank) && row.job,
      (job) => job && this.#listeners.onQueued(job),
    )
  }

  dealt({ priority, rank }: WindowJob): void {
    this.#shares.dealt(priority, rank)
  }

  /** A run of a job went into this state. */
  moved(id: string, run: number, to: JobStatus, change: Change): void {
    if (change !== null && isTerminal(to)) this.#listeners.onEnd(id, run)
  }

  #rank(priority: number, owner: string): number {
    if (!this.#shares.knows(priority, owner)) {
      const { lowest, last } = this.#database.rows.ranks(priority, owner)
      this.#shares.learn(priority, owner, lowest, last)
    }
    return this.#shares.next(priority, owner)
  }
}
