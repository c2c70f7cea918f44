/** What a client asks for in a list of jobs, turned into what the store lists: classes by their names, cursors, totals. */
import {
  isTerminal,
  JOB_STATUSES,
  type JobCounts,
  type JobFilter,
  type JobQuery,
  type JobSort,
  jobSortSchema,
  MAX_TOTAL,
  ProblemError,
  parseTag,
  type Total,
} from '@argus/shared'
import { findClasses } from '@argus/shared/labels'
import type { Knex } from 'knex'
import { z } from 'zod'
import type { JobConditions, Order, TimeRange } from '../store/job-filters.ts'
import { JobList, type ListPlace } from '../store/job-list.ts'

export interface ListedIds {
  readonly ids: readonly string[]
  /** The cursor of the next page; null where this is the last one. */
  readonly next: string | null
  readonly total: Total
}

export interface WindowQuery {
  readonly filter: JobFilter
  readonly sort: JobSort
  /** The window begins behind this place; null: at the top. */
  readonly after: ListPlace | null
  readonly limit: number
  /** The place before which jobs are asked for too; null: they are not. */
  readonly top: ListPlace | null
  /** How many of those at most. */
  readonly maxAhead: number
}

export interface WindowIds {
  readonly ids: readonly string[]
  /** All that stand between `after` and this place were found; null where the list ends. */
  readonly horizon: ListPlace | null
  readonly total: Total
  /** Ids of the jobs that stand before `top`, the nearest ones. */
  readonly ahead: readonly string[]
}

/** So often at most a window is searched on for, where a look of the list (5,000 jobs) has not filled it. */
const MAX_LOOKS = 20

const cursorSchema = z.tuple([jobSortSchema, z.int().min(0), z.string()])

/**
 * Lists jobs.
 *
 * @param counts of all jobs, by state
 * @throws ProblemError `request/invalid` where the cursor is none of this order
 */
export async function listJobs(database: Knex, query: JobQuery, counts: JobCounts): Promise<ListedIds> {
  const { sort, limit, cursor, ...filter } = query
  const list = new JobList(database, conditionsOf(filter))
  const after = cursor === undefined ? null : placeOf(cursor, sort)
  const { ids, next } = await list.page({ ...orderOf(sort), after, limit })
  return { ids, next: next && toCursor(next, sort), total: await totalOf(list, filter, sort, counts) }
}

/** A window of a list, and what has come before the place from which someone looks at it. */
export async function readWindow(
  database: Knex,
  { filter, sort, after, limit, top, maxAhead }: WindowQuery,
  counts: JobCounts,
): Promise<WindowIds> {
  const list = new JobList(database, conditionsOf(filter))
  const order = orderOf(sort)
  const ids: string[] = []
  let horizon = after
  for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
    const page = await list.page({ ...order, after: horizon, limit: limit - ids.length })
    ids.push(...page.ids)
    horizon = page.next
    if (horizon === null || ids.length === limit) break
  }
  const backwards = { ...order, isDescending: !order.isDescending, limit: maxAhead }
  const ahead = top === null ? [] : (await list.page({ ...backwards, after: top })).ids
  return { ids, horizon, total: await totalOf(list, filter, sort, counts), ahead }
}

/** How many jobs a filter means. */
export function countJobs(
  database: Knex,
  filter: JobFilter,
  sort: JobSort,
  counts: JobCounts,
): Promise<Total> {
  return totalOf(new JobList(database, conditionsOf(filter)), filter, sort, counts)
}

function orderOf(sort: JobSort): { order: Order; isDescending: boolean } {
  return {
    order: sort.endsWith('submitted') ? 'submitted_at' : 'ended_at',
    isDescending: sort.startsWith('-'),
  }
}

async function totalOf(list: JobList, filter: JobFilter, sort: JobSort, counts: JobCounts): Promise<Total> {
  const { order } = orderOf(sort)
  const known = totalFromCounts(filter, sort, counts)
  if (known !== null) return known
  const total = await list.count(order, MAX_TOTAL + 1)
  return total !== null && total > MAX_TOTAL ? `${MAX_TOTAL}+` : total
}

/** What is true of the jobs that a filter means. */
export function conditionsOf(filter: JobFilter): JobConditions {
  const { class: named, fileName, tag, submittedAfter, submittedBefore, endedAfter, endedBefore } = filter
  const { status, batch, worker, owner } = filter
  return {
    status: status && [...new Set(status)],
    batch,
    worker,
    owner,
    classes: named === undefined ? undefined : findClasses(named),
    fileNamePrefix: fileName,
    tags: tag?.map(parseTag),
    submitted: rangeOf(submittedAfter, submittedBefore),
    ended: rangeOf(endedAfter, endedBefore),
  }
}

function rangeOf(from: string | undefined, before: string | undefined): TimeRange | undefined {
  if (from === undefined && before === undefined) return undefined
  return {
    ...(from !== undefined && { from: Date.parse(from) }),
    ...(before !== undefined && { before: Date.parse(before) }),
  }
}

/** How many jobs a filter means, where nothing is filtered by but the state: there are counters for that; else null. */
export function totalFromCounts(filter: JobFilter, sort: JobSort, counts: JobCounts): number | null {
  const isCounted = Object.entries(filter).every(([name, value]) => name === 'status' || value === undefined)
  if (!isCounted) return null
  const onlyEnded = sort.endsWith('ended')
  const statuses = (filter.status ?? JOB_STATUSES).filter((status) => !onlyEnded || isTerminal(status))
  return [...new Set(statuses)].reduce((sum, status) => sum + counts[status], 0)
}

/** A place in a list, for the client to come back with. */
export function toCursor({ time, id }: ListPlace, sort: JobSort): string {
  return Buffer.from(JSON.stringify([sort, time, id])).toString('base64url')
}

/** @throws ProblemError `request/invalid` where the cursor is none of a list in this order */
export function placeOf(cursor: string, sort: JobSort): ListPlace {
  const parsed = cursorSchema.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()))
  if (!parsed.success) throw new ProblemError('request/invalid', 'cursor: is none that was given out')
  const [order, time, id] = parsed.data
  if (order !== sort) throw new ProblemError('request/invalid', `cursor: is of a list in the order ${order}`)
  return { time, id }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
