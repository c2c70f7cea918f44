/**
 * Counts what happens to jobs, by the minute, and keeps it in the database.
 *
 * It follows the changes of jobs, and writes down together with the counts up to which revision they are. So each
 * submit and each end is counted once, however the master dies: the next one goes on behind that revision.
 */
import {
  type Activity,
  MAX_SERIES,
  ProblemError,
  type Statistics as StatisticsDocument,
  type StatisticsQuery,
} from '@argus/shared'
import type { Knex } from 'knex'
import type { Logger } from '../log.ts'
import { Mutex } from '../mutex.ts'
import type { JobChange } from '../store/change-log.ts'
import type { Committer } from '../store/committer.ts'
import {
  SPANS,
  type Span,
  type StatisticsPosition,
  type StatisticsRow,
  StatisticsStore,
} from '../store/statistics-store.ts'
import { endOf } from './job-end.ts'
import { Tally, tallySchema } from './tally.ts'

const MINUTE_MS = 60_000
const HOUR = 60
/** How often the queue is looked at. */
const SAMPLE_MS = 5000
/** How often counts are written down, where there are any. */
const FLUSH_MS = 10_000
/** As many minutes may wait to be written: more gather only when a master counts what it finds at its first start. */
const MAX_PENDING = 500
/** A series of steps that are no whole hours reads every minute: of a week at most. */
const MAX_MINUTES = 7 * 24 * HOUR
const DEFAULT_WINDOW = HOUR

export type ActivityReport = Pick<StatisticsDocument, keyof Activity | 'series'>

export interface StatisticsParts {
  readonly database: Knex
  readonly committer: Committer
  /** Jobs that wait now. */
  readonly queued: () => number
  readonly log: Logger
}

export class Statistics {
  readonly #parts: StatisticsParts
  readonly #store: StatisticsStore
  /** What is not written down yet, by the minute. */
  #pending = new Map<number, Tally>()
  /** The revision up to which all is counted, in memory or in the database. */
  #position: number
  #writes: number
  #isMoved = false
  /** Writing goes one after the other, in the order in which it was counted. */
  readonly #turn = new Mutex()
  #sampler: NodeJS.Timeout | undefined
  #flusher: NodeJS.Timeout | undefined

  private constructor(parts: StatisticsParts, { revision, writes }: StatisticsPosition) {
    this.#parts = parts
    this.#store = new StatisticsStore(parts.database)
    this.#position = revision
    this.#writes = writes
  }

  static async open(parts: StatisticsParts): Promise<Statistics> {
    return new Statistics(parts, await new StatisticsStore(parts.database).position())
  }

  /** Where it has to be told of changes from. */
  get position(): number {
    return this.#position
  }

  start(): void {
    this.#sampler = setInterval(() => this.#sample(), SAMPLE_MS)
    this.#flusher = setInterval(() => void this.#flushOrLog(), FLUSH_MS)
  }

  /** Writes down what there is. */
  async stop(): Promise<void> {
    clearInterval(this.#sampler)
    clearInterval(this.#flusher)
    await this.#flushOrLog()
  }

  /** Takes the changes that follow those before, up to a revision. */
  count(changes: readonly JobChange[], upTo: number): void {
    for (const { job } of changes) {
      if (!job) continue
      // Seen for the first time, whatever has become of it since.
      if (job.createdRevision > this.#position) this.#minute(job.submittedAt).addSubmit()
      const end = endOf(job)
      if (end) this.#minute(end.at).addEnd(end)
    }
    this.#position = upTo
    this.#isMoved ||= changes.length > 0
    if (this.#pending.size > MAX_PENDING) void this.#flushOrLog()
  }

  /**
   * What happened in a window, and by steps of it.
   *
   * @throws ProblemError `request/invalid` where the window is none, or too long for its steps; `store/unavailable`
   */
  async report({ from, to, step }: StatisticsQuery): Promise<ActivityReport> {
    const window = windowOf(from, to)
    if (step !== undefined) assertSteps(window, step)
    if (!this.#parts.committer.available) throw new ProblemError('store/unavailable')
    await this.flush()
    const whole = merged(await this.#read(window))
    return {
      ...whole.over(...span(window)),
      series: step === undefined ? null : await this.#series(window, step),
    }
  }

  /** Writes down what has been counted until now. */
  flush(): Promise<void> {
    return this.#turn.run(async () => {
      if (this.#pending.size === 0 && !this.#isMoved) return
      const pending = this.#pending
      this.#writes += 1
      const reached = { revision: this.#position, writes: this.#writes }
      this.#pending = new Map()
      this.#isMoved = false
      // Until it is on disk: given up only when the master stops, and then the next one counts it.
      await this.#parts.committer.persist((transaction) => add(transaction, pending, reached))
    })
  }

  #sample(): void {
    const queued = this.#parts.queued()
    // An idle master has nothing to write.
    if (queued > 0) this.#minute(Date.now()).addQueue(queued, SAMPLE_MS / 1000)
  }

  /** What could not be written down waits for the next time. */
  async #flushOrLog(): Promise<void> {
    try {
      await this.flush()
    } catch (error) {
      this.#parts.log.warn({ err: error }, 'Statistics could not be written down; trying again')
    }
  }

  #minute(time: number): Tally {
    return this.#tallyOf(Math.floor(time / MINUTE_MS))
  }

  #tallyOf(minute: number): Tally {
    const tally = this.#pending.get(minute) ?? new Tally()
    this.#pending.set(minute, tally)
    return tally
  }

  /** All rows of a window: its whole hours by the hour, what is left by the minute. */
  async #read({ from, to }: Window): Promise<StatisticsRow[]> {
    const firstHour = Math.ceil(from / HOUR) * HOUR
    const lastHour = Math.floor(to / HOUR) * HOUR
    if (firstHour >= lastHour) return this.#store.read(1, from, to)
    return [
      ...(await this.#store.read(1, from, firstHour)),
      ...(await this.#store.read(HOUR, firstHour, lastHour)),
      ...(await this.#store.read(1, lastHour, to)),
    ]
  }

  async #series({ from, to }: Window, step: number): Promise<Activity[]> {
    const byHour = step % HOUR === 0 && from % HOUR === 0
    const rows = byHour ? await this.#read({ from, to }) : await this.#store.read(1, from, to)
    const points: Activity[] = []
    for (let at = from; at < to; at += step) {
      const point = { from: at, to: Math.min(at + step, to) }
      const tally = merged(rows.filter(({ start }) => start >= point.from && start < point.to))
      points.push(tally.over(...span(point)))
    }
    return points
  }
}

/** In minutes since 1970: `from` and after, and before `to`. */
interface Window {
  readonly from: number
  readonly to: number
}

function windowOf(from: string | undefined, to: string | undefined): Window {
  const end = Math.ceil((to === undefined ? Date.now() : Date.parse(to)) / MINUTE_MS)
  const begin = from === undefined ? end - DEFAULT_WINDOW : Math.floor(Date.parse(from) / MINUTE_MS)
  if (begin >= end) throw new ProblemError('request/invalid', 'from: is not before the end of the window')
  return { from: begin, to: end }
}

function assertSteps({ from, to }: Window, step: number): void {
  const points = Math.ceil((to - from) / step)
  if (points > MAX_SERIES) {
    throw new ProblemError('request/invalid', `step: makes ${points} points, of ${MAX_SERIES} at most`)
  }
  const isByHour = step % HOUR === 0 && from % HOUR === 0
  if (!isByHour && to - from > MAX_MINUTES) {
    throw new ProblemError(
      'request/invalid',
      'step: of a window longer than a week only whole hours, from a whole hour on',
    )
  }
}

/** Begin and end in milliseconds since 1970, and the seconds of it that have passed. */
function span({ from, to }: Window): [from: number, to: number, seconds: number] {
  const begin = from * MINUTE_MS
  const end = to * MINUTE_MS
  return [begin, end, (Math.min(end, Date.now()) - begin) / 1000]
}

function merged(rows: readonly StatisticsRow[]): Tally {
  const tally = new Tally()
  for (const row of rows) tally.merge(tallyIn(row))
  return tally
}

function tallyIn({ body }: StatisticsRow): Tally {
  return Tally.from(tallySchema.parse(JSON.parse(body)))
}

/** Adds minutes to what is written down of them and of their hours; once, also where it is repeated. */
async function add(
  transaction: Knex.Transaction,
  minutes: ReadonlyMap<number, Tally>,
  reached: StatisticsPosition,
): Promise<void> {
  const store = new StatisticsStore(transaction)
  if (!(await store.moveTo(reached))) return
  for (const span of SPANS) {
    const added = bySpan(minutes, span)
    for (const row of await store.find(span, [...added.keys()])) added.get(row.start)?.merge(tallyIn(row))
    await store.write([...added].map(([start, tally]) => ({ span, start, body: JSON.stringify(tally) })))
  }
}

function bySpan(minutes: ReadonlyMap<number, Tally>, span: Span): Map<number, Tally> {
  const spans = new Map<number, Tally>()
  for (const [minute, tally] of minutes) {
    const start = Math.floor(minute / span) * span
    const sum = spans.get(start) ?? new Tally()
    sum.merge(tally)
    spans.set(start, sum)
  }
  return spans
}
