/** How far batches have come, counted in the database when they have changed, and not more often than it can bear. */
import { type Batch, isTerminal, JOB_STATUSES, type JobCounts, type JobStatus } from '@argus/shared'
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

/** The jobs of a batch, as they were counted. */
interface Count {
  readonly tally: readonly BatchTally[]
  /** When the jobs that ended last have ended, as many as the rate is made of. */
  readonly ends: readonly number[]
}

interface KeptCount {
  /** Of the batch when the count began. */
  readonly revision: number
  readonly counted: Promise<Count>
  /** On the clock of `performance`: until then it serves, whatever has changed. */
  freshUntil: number
}

export interface ProgressView {
  readonly batch: Batch
  /** Nothing has changed since it was counted. */
  readonly isCurrent: boolean
}

export class BatchProgress {
  readonly #batches: BatchStore
  readonly #kept = new Map<string, KeptCount>()

  constructor(database: Knex) {
    this.#batches = new BatchStore(database)
  }

  /**
   * The batch as it is now; a large one as it was a moment ago.
   *
   * @param isExact also a large one as it is now
   */
  async of(record: BatchRecord, isExact = false): Promise<ProgressView> {
    const { id, name, owner, createdAt, cancelledAt } = record
    const revision = await this.#batches.revision(id)
    const kept = this.#keptOf(id, revision, isExact) ?? this.#keep(id, revision)
    const count = await kept.counted
    return {
      isCurrent: kept.revision === revision,
      batch: {
        id,
        name,
        owner,
        createdAt: new Date(createdAt).toISOString(),
        cancelledAt: cancelledAt === null ? null : new Date(cancelledAt).toISOString(),
        ...progressOf(count, createdAt),
      },
    }
  }

  #keptOf(id: string, revision: number, isExact: boolean): KeptCount | null {
    const kept = this.#kept.get(id)
    if (!kept) return null
    const serves = kept.revision === revision || (!isExact && performance.now() < kept.freshUntil)
    return serves ? kept : null
  }

  #keep(id: string, revision: number): KeptCount {
    const startedAt = performance.now()
    // Who asks meanwhile has this count.
    const kept: KeptCount = { revision, counted: this.#count(id), freshUntil: Number.POSITIVE_INFINITY }
    kept.counted.then(
      ({ tally }) => {
        const now = performance.now()
        kept.freshUntil = sumOf(tally) > SMALL_JOBS ? now + (now - startedAt) * REST : now
      },
      // Whoever asks next counts anew.
      () => this.#kept.get(id) === kept && this.#kept.delete(id),
    )
    this.#kept.delete(id)
    this.#kept.set(id, kept)
    const oldest = this.#kept.keys().next().value
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest)
    return kept
  }

  async #count(id: string): Promise<Count> {
    const tally = await this.#batches.tally(id)
    const hasEnds = tally.some(({ status }) => isTerminal(status))
    return { tally, ends: hasEnds ? await this.#batches.latestEnds(id, RATE_ENDS) : [] }
  }
}

function progressOf({ tally, ends }: Count, createdAt: number) {
  const counts = Object.fromEntries(
    JOB_STATUSES.map((status) => [status, sumOf(tally, [status])]),
  ) as JobCounts
  const total = sumOf(tally)
  const ended = sumOf(tally, JOB_STATUSES.filter(isTerminal))
  const isOver = total > 0 && ended === total
  const rate = rateOf(ends, isOver, createdAt)
  return {
    total,
    counts,
    progress: total === 0 ? 0 : ended / total,
    rate,
    secondsLeft: isOver ? 0 : rate ? (total - ended) / rate : null,
    accuracy: accuracyOf(placesOf(tally)),
  }
}

function sumOf(tally: readonly BatchTally[], statuses: readonly JobStatus[] = JOB_STATUSES): number {
  return tally.reduce((sum, { status, jobs }) => sum + (statuses.includes(status) ? jobs : 0), 0)
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
 * @param ends of the jobs that ended last; fewer than `RATE_ENDS` are all that there are
 * @param isOver all have ended: the rate is that of the last of them, else it falls while none ends
 */
function rateOf(ends: readonly number[], isOver: boolean, createdAt: number): number | null {
  if (ends.length === 0) return null
  const first = ends.length < RATE_ENDS ? createdAt : Math.min(...ends)
  const last = isOver ? Math.max(...ends) : Date.now()
  return ends.length / (Math.max(1, last - first) / 1000)
}
