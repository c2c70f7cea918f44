/**
 * Counts what happens to jobs, by the minute, and keeps it in the database.
 *
 * It follows the changes of jobs, and writes down together with the counts up to which revision they are: when the
 * master dies the next one goes on behind that revision, and nothing is counted twice. What it then still finds of
 * a job is the latest state, so an end is missed only where the job was retried or deleted in the seconds before.
 */
import { setImmediate as turnOfLoop } from 'node:timers/promises'
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
import { type StoredTally, Tally } from './tally.ts'

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
/** So many rows are added up without a pause: some 5 ms. */
const ROWS_A_TURN = 50

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
  /** What is being written down. Where that has failed it may be on disk all the same, so it is written again. */
  #writing: { readonly minutes: ReadonlyMap<number, Tally>; readonly reached: StatisticsPosition } | null =
    null
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
   * @throws ProblemError `request/invalid` where the window is none, or too long for its steps; `store/…`
   */
  async report({ from, to, step }: StatisticsQuery): Promise<ActivityReport> {
    const window = windowOf(from, to)
    if (step !== undefined) assertSteps(window, step)
    await this.flush()
    if (step === undefined) return { ...(await this.#tally(window)).over(...span(window)), series: null }
    const points = await this.#series(window, step)
    const whole = new Tally()
    for (const { tally } of points) whole.merge(tally)
    return {
      ...whole.over(...span(window)),
      series: points.map(({ from: begin, to: end, tally }) => tally.over(...span({ from: begin, to: end }))),
    }
  }

  /**
   * Writes down what has been counted until now.
   *
   * @throws ProblemError `store/…`; it is written the next time
   */
  flush(): Promise<void> {
    return this.#turn.run(async () => {
      await this.#write()
      if (this.#pending.size === 0 && !this.#isMoved) return
      this.#writes += 1
      this.#writing = {
        minutes: this.#pending,
        reached: { revision: this.#position, writes: this.#writes },
      }
      this.#pending = new Map()
      this.#isMoved = false
      await this.#write()
    })
  }

  async #write(): Promise<void> {
    if (!this.#writing) return
    const { minutes, reached } = this.#writing
    await this.#parts.committer.commit((transaction) => add(transaction, minutes, reached))
    this.#writing = null
  }

  #sample(): void {
    const queued = this.#parts.queued()
    // An idle master has nothing to write.
    if (queued > 0) this.#minute(Date.now()).addQueue(queued, SAMPLE_MS / 1000)
  }

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

  async #tally(window: Window): Promise<Tally> {
    const [whole] = await this.#series(window, window.to - window.from)
    return whole?.tally ?? new Tally()
  }

  /** The window by steps; the last one may be shorter. */
  async #series({ from, to }: Window, step: number): Promise<Array<Window & { readonly tally: Tally }>> {
    const points = Array.from({ length: Math.ceil((to - from) / step) }, (_none, at) => ({
      from: from + at * step,
      to: Math.min(from + (at + 1) * step, to),
      tally: new Tally(),
    }))
    // Of longer spans only those that begin and end with a step. A single step may begin anywhere.
    const spans = SPANS.filter((span) => points.length === 1 || (step % span === 0 && from % span === 0))
    for (const [at, row] of (await this.#read({ from, to }, spans)).entries()) {
      points[Math.floor((row.start - from) / step)]?.tally.merge(tallyIn(row))
      if (at % ROWS_A_TURN === ROWS_A_TURN - 1) await turnOfLoop()
    }
    return points
  }

  /** All rows of a window: the longest spans that lie in it, and what is left by shorter ones. */
  async #read(window: Window, spans: readonly Span[]): Promise<StatisticsRow[]> {
    const [longest = 1, ...shorter] = [...spans].sort((a, b) => b - a)
    const { from, to } = window
    if (shorter.length === 0) return this.#store.read(longest, from, to)
    const first = Math.ceil(from / longest) * longest
    const last = Math.floor(to / longest) * longest
    if (first >= last) return this.#read(window, shorter)
    return [
      ...(await this.#read({ from, to: first }, shorter)),
      ...(await this.#store.read(longest, first, last)),
      ...(await this.#read({ from: last, to }, shorter)),
    ]
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

/** Written here, so that it is what it says. */
function tallyIn({ body }: StatisticsRow): Tally {
  return Tally.from(JSON.parse(body) as StoredTally)
}

/** Adds minutes to what is written down of them, their hours and their days; once, also where it is repeated. */
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
