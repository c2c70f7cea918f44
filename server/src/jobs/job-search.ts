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
} from '@argus/shared'
import { findClasses } from '@argus/shared/labels'
import type { Knex } from 'knex'
import { z } from 'zod'
import type { JobConditions, TimeRange } from '../store/job-filters.ts'
import { JobList, type ListPlace } from '../store/job-list.ts'

export interface ListedIds {
  readonly ids: readonly string[]
  /** The cursor of the next page; null where this is the last one. */
  readonly next: string | null
  readonly total: number | `${typeof MAX_TOTAL}+` | null
}

const cursorSchema = z.tuple([jobSortSchema, z.int().min(0), z.string()])

/**
 * Lists jobs.
 *
 * @param counts of all jobs, by state
 * @throws ProblemError `request/invalid` where the cursor is none of this order
 */
export async function listJobs(database: Knex, query: JobQuery, counts: JobCounts): Promise<ListedIds> {
  const { sort, limit, cursor, ...filter } = query
  const order = sort.endsWith('submitted') ? 'submitted_at' : 'ended_at'
  const list = new JobList(database, conditionsOf(filter))
  const after = cursor === undefined ? null : placeOf(cursor, sort)
  const { ids, next } = await list.page({ order, isDescending: sort.startsWith('-'), after, limit })
  const total = counted(filter, order === 'ended_at', counts) ?? (await list.count(order, MAX_TOTAL + 1))
  return {
    ids,
    next: next && toCursor(next, sort),
    total: total !== null && total > MAX_TOTAL && !isCounted(filter) ? `${MAX_TOTAL}+` : total,
  }
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

/** Whether nothing is filtered by but the state: there are counters for that. */
function isCounted(filter: JobFilter): boolean {
  return Object.entries(filter).every(([name, value]) => name === 'status' || value === undefined)
}

function counted(filter: JobFilter, onlyEnded: boolean, counts: JobCounts): number | null {
  if (!isCounted(filter)) return null
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
