/**
 * What the jobs of a list have in common, as conditions on rows, and the indexes by which rows that meet one of
 * them can be read. How a list is made of these is in job-list.ts.
 */
import type { JobStatus } from '@argus/shared'
import type { Knex } from 'knex'

/** As many indexes at most are walked side by side. */
const MAX_WALKS = 50

export type Order = 'submitted_at' | 'ended_at'

/** At or after `from` and before `before`; milliseconds since 1970. */
export interface TimeRange {
  readonly from?: number
  readonly before?: number
}

/** What all jobs of a list have in common. */
export interface JobConditions {
  readonly status?: readonly JobStatus[]
  /** Indexes of the best class. */
  readonly classes?: readonly number[]
  readonly fileNamePrefix?: string
  readonly batch?: string
  readonly worker?: string
  readonly owner?: string
  readonly tags?: ReadonlyArray<readonly [name: string, value: string]>
  readonly submitted?: TimeRange
  readonly ended?: TimeRange
}

type Column = 'status' | 'top_class' | 'batch_id' | 'worker' | 'owner' | 'file_name'

/** The indexes that have the jobs of one value in an order. */
const WALKS: Readonly<Partial<Record<Column | 'all', Partial<Record<Order, string>>>>> = {
  all: { submitted_at: 'jobs_submitted_at_id_index', ended_at: 'jobs_ended_at_index' },
  status: { submitted_at: 'jobs_status_submitted_index', ended_at: 'jobs_status_ended_index' },
  top_class: { submitted_at: 'jobs_class_submitted_index', ended_at: 'jobs_class_ended_index' },
  batch_id: { submitted_at: 'jobs_batch_submitted_index' },
  worker: { submitted_at: 'jobs_worker_submitted_index' },
  owner: { submitted_at: 'jobs_owner_submitted_index' },
}

const TAG_INDEX = 'job_tags_submitted_index'

/** The index by which the jobs of a filter are counted and picked. */
const PICKS: Readonly<Record<Column, string>> = {
  status: 'jobs_status_submitted_index',
  top_class: 'jobs_class_submitted_index',
  batch_id: 'jobs_batch_submitted_index',
  worker: 'jobs_worker_submitted_index',
  owner: 'jobs_owner_submitted_index',
  file_name: 'jobs_file_name_index',
}

/** Rows of jobs, or of tags, and the index by which they are read. */
export interface Source {
  readonly table: 'jobs' | 'job_tags'
  readonly id: 'id' | 'job_id'
  /** Null: that of the ids of jobs. */
  readonly index: string | null
  readonly restrict: Restriction
}

export type Query = Knex.QueryBuilder
export type Restriction = (query: Query) => void

export interface Filter {
  /** Of rows of jobs. */
  readonly restrict: Restriction
  /** What its jobs are counted and picked by. */
  readonly pick: Source
  /** What has its jobs in this order; empty where there is no such index, or there are too many values. */
  readonly walks: (order: Order) => Source[]
}

export function filtersOf(conditions: JobConditions): Filter[] {
  const { status, classes, batch, worker, owner, tags = [], fileNamePrefix } = conditions
  // Those that match the fewest jobs, as a rule, first.
  return [
    ...tags.map(([name, value]) => tagged(name, value)),
    ...(batch === undefined ? [] : [anyOf('batch_id', [batch])]),
    ...(classes === undefined ? [] : [anyOf('top_class', classes)]),
    ...(worker === undefined ? [] : [anyOf('worker', [worker])]),
    ...(owner === undefined ? [] : [anyOf('owner', [owner])]),
    ...(status === undefined ? [] : [anyOf('status', status)]),
    ...(fileNamePrefix === undefined ? [] : [beginningWith(fileNamePrefix)]),
  ]
}

function anyOf(column: Column, values: readonly (string | number)[]): Filter {
  const restrict = (query: Query) => void query.whereIn(column, [...values])
  const source: Source = { table: 'jobs', id: 'id', index: PICKS[column], restrict }
  return {
    restrict,
    pick: source,
    walks: (order) => {
      const index = WALKS[column]?.[order]
      if (index === undefined || values.length > MAX_WALKS) return []
      return values.map((value) => ({
        table: 'jobs',
        id: 'id',
        index,
        restrict: (query) => void query.where(column, value),
      }))
    },
  }
}

function tagged(name: string, value: string): Filter {
  const tag = { name, value }
  const restrict = (query: Query) =>
    void query.whereExists((tags) =>
      tags.from('job_tags').where(tag).whereRaw('job_tags.job_id = jobs.id').select('job_id'),
    )
  const source: Source = {
    table: 'job_tags',
    id: 'job_id',
    index: TAG_INDEX,
    restrict: (query) => void query.where(tag),
  }
  return {
    restrict,
    pick: source,
    walks: (order) => (order === 'submitted_at' ? [source] : []),
  }
}

function beginningWith(prefix: string): Filter {
  const end = successorOf(prefix)
  const restrict = (query: Query) => {
    query.where('file_name', '>=', prefix)
    if (end !== null) query.where('file_name', '<', end)
  }
  const source: Source = { table: 'jobs', id: 'id', index: PICKS.file_name, restrict }
  return {
    restrict,
    pick: source,
    walks: () => [],
  }
}

/** The first text that comes after all that begin so, by code points, as both databases compare; null: there is none. */
function successorOf(prefix: string): string | null {
  const points = [...prefix].map((character) => character.codePointAt(0) ?? 0)
  while (points.at(-1) === 0x10ffff) points.pop()
  const last = points.pop()
  if (last === undefined) return null
  // What lies between these are halves of characters.
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
}

/** All jobs, in this order. */
export function everything(order: Order): Source {
  const index = WALKS.all?.[order]
  if (index === undefined) throw new Error(`There is no index by ${order}`)
  return { table: 'jobs', id: 'id', index, restrict: () => undefined }
}

export function restrictTime(query: Query, column: Order, { from, before }: TimeRange): void {
  if (from !== undefined) query.where(column, '>=', from)
  if (before !== undefined) query.where(column, '<', before)
}
