/** How far batches have come, counted in the database, but not more often than it can bear. */
import { type Batch, isTerminal, JOB_STATUSES, type JobStatus } from '@argus/shared'
import type { Knex } from 'knex'
import { accuracyOf } from '../statistics/accuracy.ts'
import { type BatchRecord, BatchStore, type BatchTally } from '../store/batch-store.ts'

/** The rate is that of so many ends. */
const RATE_ENDS = 100
/** Counting takes a few milliseconds up to here. */
const SMALL_JOBS = 10_000
/** A larger batch is counted anew after twenty times as long as it took: 5 % of the time at most. */
const REST = 20
/** Counts of so many batches are kept. */
const MAX_KEPT = 1000

type Progress = Omit<Batch, 'id' | 'name' | 'owner' | 'createdAt' | 'cancelledAt'>

export class BatchProgress {
  readonly #batches: BatchStore
  readonly #kept = new Map<string, { readonly progress: Promise<Progress>; freshUntil: number }>()

  constructor(database: Knex) {
    this.#batches = new BatchStore(database)
  }

  /** The batch as it is now; a large one as it was a moment ago. */
  async of(record: BatchRecord): Promise<Batch> {
    const { id, name, owner, createdAt, cancelledAt } = record
    return {
      id,
      name,
      owner,
      createdAt: new Date(createdAt).toISOString(),
      cancelledAt: cancelledAt === null ? null : new Date(cancelledAt).toISOString(),
      ...(await this.#progress(record)),
    }
  }

  /** Those who ask while it is counted share the count. */
  #progress(batch: BatchRecord): Promise<Progress> {
    const kept = this.#kept.get(batch.id)
    if (kept && performance.now() < kept.freshUntil) return kept.progress
    const startedAt = performance.now()
    const counted = { progress: this.#count(batch), freshUntil: Number.POSITIVE_INFINITY }
    const settle = (rest: number) => {
      const now = performance.now()
      counted.freshUntil = now + (now - startedAt) * rest
    }
    counted.progress.then(
      ({ total }) => settle(total > SMALL_JOBS ? REST : 0),
      () => settle(0),
    )
    this.#kept.delete(batch.id)
    this.#kept.set(batch.id, counted)
    const oldest = this.#kept.keys().next().value
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest)
    return counted.progress
  }

  async #count({ id, createdAt }: BatchRecord): Promise<Progress> {
    const tally = await this.#batches.tally(id)
    const counts = Object.fromEntries(JOB_STATUSES.map((status) => [status, sumOf(tally, status)])) as Record<
      JobStatus,
      number
    >
    const total = tally.reduce((sum, { jobs }) => sum + jobs, 0)
    const ended = JOB_STATUSES.filter(isTerminal).reduce((sum, status) => sum + counts[status], 0)
    const ends = await this.#batches.latestEnds(id, RATE_ENDS)
    const rate = rateOf(ends, ended === total, createdAt)
    return {
      total,
      counts,
      progress: total === 0 ? 0 : ended / total,
      rate,
      secondsLeft: total > 0 && ended === total ? 0 : rate ? (total - ended) / rate : null,
      accuracy: accuracyOf(placesOf(tally)),
    }
  }
}

function sumOf(tally: readonly BatchTally[], status: JobStatus): number {
  return tally.filter((each) => each.status === status).reduce((sum, { jobs }) => sum + jobs, 0)
}

/** Of the recognised jobs whose truth is known: how many have it at which place. */
function placesOf(tally: readonly BatchTally[]): Map<number, number> {
  return new Map(
    tally.flatMap(({ status, truthPlace, jobs }) =>
      status === 'SUCCEEDED' && truthPlace !== null ? [[truthPlace, jobs]] : [],
    ),
  )
}

/**
 * Jobs that end a second.
 *
 * @param ends of the jobs that changed last
 * @param isOver all have ended: the rate is that of the last of them, else it falls while none ends
 */
function rateOf(ends: readonly number[], isOver: boolean, createdAt: number): number | null {
  if (ends.length === 0) return null
  const first = ends.length < RATE_ENDS ? createdAt : Math.min(...ends)
  const last = isOver ? Math.max(...ends) : Date.now()
  return ends.length / (Math.max(1, last - first) / 1000)
}
