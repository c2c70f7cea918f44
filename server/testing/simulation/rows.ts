/**
 * The tables of jobs and attempts, in memory. What store/job-transitions.ts does in SQL is done here by way of
 * the state machine, under the same conditions; and each change is checked: a run ends once, and what has
 * ended changes only by a retry.
 */
import { type AttemptEnd, isTerminal } from '@argus/shared'
import { type JobEvent, type JobState, transition } from '../../src/jobs/job-machine.ts'
import { type HeldAttempt, keyOf } from '../../src/jobs/scheduler.ts'
import { compare, type Place, type WindowJob } from '../../src/jobs/window.ts'
import type { Change, JobCharges, Settlement } from '../../src/store/job-transitions.ts'
import { windowJob } from './jobs.ts'

export interface Row {
  job: WindowJob
  readonly owner: string
  /** By key: how each attempt of each run ended; null while it goes on. */
  readonly attempts: Map<string, { readonly held: HeldAttempt; end: AttemptEnd | null }>
}

export type NewJob = Pick<WindowJob, 'id' | 'priority' | 'rank'> & Pick<Row, 'owner'>

export class Rows {
  readonly #rows = new Map<string, Row>()
  /** The runs that have ended, by job and number. */
  readonly #ends = new Set<string>()

  all(): IterableIterator<Row> {
    return this.#rows.values()
  }

  find(id: string): Row | null {
    return this.#rows.get(id) ?? null
  }

  findAll(ids: readonly string[]): WindowJob[] {
    return ids.flatMap((id) => this.#rows.get(id)?.job ?? [])
  }

  /** As JobStore.queued. */
  queued(after: Place | null, limit: number): WindowJob[] {
    const waiting: WindowJob[] = []
    for (const { job } of this.#rows.values()) {
      if (job.status === 'QUEUED' && (after === null || compare(job, after) > 0)) waiting.push(job)
    }
    return waiting.sort(compare).slice(0, limit)
  }

  /** As JobStore.ranks. */
  ranks(priority: number, owner: string): { lowest: number | null; last: number | null } {
    const queued = [...this.#rows.values()].filter(
      ({ job }) => job.status === 'QUEUED' && job.priority === priority,
    )
    const ranks = queued.map(({ job }) => job.rank)
    const own = queued.filter((row) => row.owner === owner).map(({ job }) => job.rank)
    return {
      lowest: ranks.length > 0 ? Math.min(...ranks) : null,
      last: own.length > 0 ? Math.max(...own) : null,
    }
  }

  insert({ id, priority, rank, owner }: NewJob): WindowJob {
    const job = windowJob(id, { priority, rank })
    this.#rows.set(id, { job, owner, attempts: new Map() })
    return job
  }

  start(held: HeldAttempt, { isSuspect, losses, failures }: JobCharges): Change {
    const row = this.#row(held.jobId)
    const next = transition(row.job, { type: 'start', ...held })
    if (!next) {
      const { status, run } = row.job
      const hasBegun = status === 'RUNNING' && run === held.run && row.attempts.has(keyOf(held))
      return hasBegun ? 'repeated' : null
    }
    const change = this.#update(row, { ...next, isSuspect, losses, failures }, 'start')
    row.attempts.set(keyOf(held), { held, end: null })
    return change
  }

  settle(held: HeldAttempt, { status, isSuspect, losses, failures, why, error }: Settlement): Change {
    const row = this.#row(held.jobId)
    const attempt = row.attempts.get(keyOf(held))
    const next = transition(row.job, { type: 'return', ...held })
    if (!next || !attempt) return attempt?.end === why ? 'repeated' : null
    const code = status === 'FAILED' ? (error?.code ?? null) : null
    const change = this.#update(row, { ...next, status, isSuspect, losses, failures, error: code }, 'settle')
    attempt.end = why
    return change
  }

  succeed(held: HeldAttempt): Change {
    const row = this.#row(held.jobId)
    const key = keyOf(held)
    const next = transition(row.job, { type: 'succeed', run: held.run })
    if (!next) return row.attempts.get(key)?.end === 'succeeded' ? 'repeated' : null
    const change = this.#update(row, next, 'succeed')
    row.attempts.set(key, { held, end: 'succeeded' })
    this.#revokeOpen(row, held.run)
    return change
  }

  cancel(id: string): Change {
    const row = this.#row(id)
    const next = transition(row.job, { type: 'cancel' })
    if (!next) return row.job.status === 'CANCELLED' ? 'repeated' : null
    const change = this.#update(row, next, 'cancel')
    this.#revokeOpen(row, row.job.run)
    return change
  }

  retry(id: string, rank: number): Change {
    const row = this.#row(id)
    const next = transition(row.job, { type: 'retry' })
    return next && this.#update(row, { ...next, rank }, 'retry')
  }

  /** The master has started. */
  restart(): void {
    for (const row of this.#rows.values()) {
      const next = row.job.holder && transition(row.job, { type: 'return', ...row.job.holder })
      if (!next) continue
      this.#update(row, next, 'return')
      for (const attempt of row.attempts.values()) attempt.end ??= 'restarted'
    }
  }

  #revokeOpen(row: Row, run: number): void {
    for (const attempt of row.attempts.values()) if (attempt.held.run === run) attempt.end ??= 'revoked'
  }

  #update(row: Row, next: JobState & { rank?: number }, by: JobEvent['type'] | 'settle'): Change {
    const { id, status, run } = row.job
    if (isTerminal(status) && by !== 'retry') throw new Error(`${id} had ended, and changed by ${by}`)
    if (isTerminal(next.status)) {
      const end = `${id} ${next.run}`
      if (this.#ends.has(end)) throw new Error(`Run ${run} of ${id} ended twice`)
      this.#ends.add(end)
    }
    row.job = { ...row.job, ...next }
    return { run: next.run, from: status, to: next.status }
  }

  #row(id: string): Row {
    const row = this.#rows.get(id)
    if (!row) throw new Error(`There is no ${id}`)
    return row
  }
}
