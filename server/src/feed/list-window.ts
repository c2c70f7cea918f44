/**
 * A window of a list of jobs in memory, which follows each change without asking the database. Pure.
 *
 * It knows all jobs of the list between the place behind which it begins and its horizon. A job that leaves makes
 * it shorter; behind the horizon only the database knows who comes next, so a window that has become too short is
 * read again. It holds some more than are shown, so that this is rare.
 */
import { comparePlaces, type JobSort } from '@argus/shared'
import type { JobChange } from '../store/change-log.ts'
import type { JobConditions } from '../store/job-filters.ts'
import type { ListPlace } from '../store/job-list.ts'
import { matches } from '../store/job-matches.ts'
import type { JobRecord } from '../store/job-record.ts'

/** Rows that are held beyond those that are shown. */
export const RESERVE = 60

export interface WindowScope {
  readonly conditions: JobConditions
  readonly sort: JobSort
  /** It begins behind this place; null: at the top. */
  readonly after: ListPlace | null
  /** Rows that are shown. */
  readonly limit: number
  /** Jobs that come before this place are counted; null: none are. */
  readonly top: ListPlace | null
  readonly maxAhead: number
}

/** What the database had of it. */
export interface WindowContent {
  /** In their order. */
  readonly jobs: readonly JobRecord[]
  readonly horizon: ListPlace | null
  /** Ids of the jobs before `top`, `maxAhead` at most. */
  readonly ahead: readonly string[]
}

export class ListWindow {
  readonly #scope: WindowScope
  #rows: JobRecord[]
  readonly #byId: Map<string, JobRecord>
  #horizon: ListPlace | null
  readonly #ahead: Set<string>
  /** Rows that are to be had for it: where the database had fewer than are shown, more are not to be found. */
  #enough: number
  /** There may be more jobs before `top` than are counted. */
  #isAheadFull: boolean

  constructor(scope: WindowScope, { jobs, horizon, ahead }: WindowContent) {
    this.#scope = scope
    this.#horizon = horizon
    // One may have changed between the reading of its place and of itself.
    this.#rows = jobs
      .filter((job) => this.#isWanted(job) && this.covers(this.place(job)))
      .sort((a, b) => this.#compare(a, b))
    this.#byId = new Map(this.#rows.map((row) => [row.id, row]))
    this.#ahead = new Set(ahead)
    this.#isAheadFull = scope.top !== null && this.#ahead.size >= scope.maxAhead
    this.#enough = Math.min(scope.limit, this.#rows.length)
  }

  /** One of which nothing is known yet. */
  static unread(scope: WindowScope): ListWindow {
    const time = scope.sort.startsWith('-') ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
    return new ListWindow(scope, { jobs: [], horizon: { time, id: '' }, ahead: [] })
  }

  /** The rows that are shown. */
  get shown(): readonly JobRecord[] {
    return this.#rows.slice(0, this.#scope.limit)
  }

  /** The list ends with what is shown. */
  get isLast(): boolean {
    return this.#horizon === null && this.#rows.length <= this.#scope.limit
  }

  /** Rows are missing that only the database knows. */
  get isShort(): boolean {
    const hasFewRows = this.#horizon !== null && this.#rows.length < this.#enough
    return hasFewRows || (this.#isAheadFull && this.#ahead.size < this.#scope.maxAhead / 2)
  }

  /** How many jobs stand before `top`, as far as they are counted. */
  get ahead(): number {
    return this.#isAheadFull ? this.#scope.maxAhead : this.#ahead.size
  }

  /** Takes in a change. One that is older than what is known does nothing. */
  apply({ id, revision, job }: JobChange): void {
    const known = this.#byId.get(id)
    if (known && known.revision > revision) return
    const wanted = job !== null && this.#isWanted(job) ? job : null
    this.#count(id, wanted)
    if (known && wanted && this.#compare(known, wanted) === 0) {
      this.#rows[this.#rows.indexOf(known)] = wanted
      this.#byId.set(id, wanted)
      return
    }
    if (known) {
      this.#rows.splice(this.#rows.indexOf(known), 1)
      this.#byId.delete(id)
    }
    if (wanted && this.covers(this.place(wanted))) this.#insert(wanted)
  }

  #insert(job: JobRecord): void {
    const next = this.#rows.findIndex((row) => this.#compare(row, job) > 0)
    this.#rows.splice(next === -1 ? this.#rows.length : next, 0, job)
    this.#byId.set(job.id, job)
    const most = this.#scope.limit + RESERVE
    if (this.#rows.length <= most) return
    for (const { id } of this.#rows.splice(most)) this.#byId.delete(id)
    const last = this.#rows.at(-1)
    if (last) this.#horizon = this.place(last)
    // Those that are forgotten here are to be found again.
    this.#enough = this.#scope.limit
  }

  find(id: string): JobRecord | null {
    return this.#byId.get(id) ?? null
  }

  /** Whether all jobs of the list at this place are known. */
  covers(place: ListPlace): boolean {
    const { after, sort } = this.#scope
    if (after !== null && comparePlaces(place, after, sort) <= 0) return false
    return this.#horizon === null || comparePlaces(place, this.#horizon, sort) <= 0
  }

  /** Where a job stands in the list. */
  place({ id, submittedAt, endedAt }: JobRecord): ListPlace {
    return { time: this.#scope.sort.endsWith('submitted') ? submittedAt : (endedAt ?? 0), id }
  }

  #count(id: string, wanted: JobRecord | null): void {
    const { top, sort, maxAhead } = this.#scope
    if (top === null) return
    const isAhead = wanted !== null && comparePlaces(this.place(wanted), top, sort) < 0
    if (!isAhead) this.#ahead.delete(id)
    else if (this.#ahead.size < maxAhead) this.#ahead.add(id)
    if (this.#ahead.size >= maxAhead) this.#isAheadFull = true
  }

  /** By the end, only jobs that have ended are listed. */
  #isWanted(job: JobRecord): boolean {
    const { conditions, sort } = this.#scope
    return (job.endedAt !== null || sort.endsWith('submitted')) && matches(job, conditions)
  }

  #compare(a: JobRecord, b: JobRecord): number {
    return comparePlaces(this.place(a), this.place(b), this.#scope.sort)
  }
}
