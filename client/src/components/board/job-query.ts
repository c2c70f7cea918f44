/** The jobs that the address of the board asks for, under the names of the parameters of `GET /api/v1/jobs`. */
import type { JobFilter, JobStatus } from '@argus/shared'
import { JOB_SORTS, JOB_STATUSES, type JobSort, MAX_FILE_NAME_LENGTH, TAG } from '@argus/shared/vocabulary'
import type { JobListQuery } from '../../stores/job-list.ts'

export const DEFAULT_SORT: JobSort = '-submitted'

/** In the order in which they are told. */
export const FILTERS = [
  'status',
  'class',
  'fileName',
  'batch',
  'worker',
  'owner',
  'tag',
  'submittedAfter',
  'submittedBefore',
  'endedAfter',
  'endedBefore',
] as const satisfies readonly (keyof JobFilter)[]
export type FilterName = (typeof FILTERS)[number]

/** How often a filter may come that may come several times. */
const MAX_VALUES: Partial<Record<FilterName, number>> = { status: 5, tag: 5 }

export interface AddressedQuery extends JobListQuery {
  /** Parameters whose values no list can be asked for, and which are left out for that. */
  readonly invalid: readonly (FilterName | 'sort')[]
}

/** A filter with one of its values. */
export interface FilterValue {
  readonly name: FilterName
  readonly value: string
}

/** Reads the address; what is empty there is not asked for. */
export function readQuery(params: URLSearchParams): AddressedQuery {
  const values = valuesIn(params)
  const valid = values.filter(isValid)
  const sorts = params.getAll('sort')
  const sort = JOB_SORTS.find((known) => known === sorts[0])
  const invalid = new Set<FilterName | 'sort'>(
    values.filter((value) => !valid.includes(value)).map(({ name }) => name),
  )
  if (sorts.length > 0 && sort === undefined) invalid.add('sort')
  return { filter: filterOf(valid), sort: sort ?? DEFAULT_SORT, invalid: [...invalid] }
}

/** Each value that the filter has, in the order of `FILTERS`. */
export function filterValues(filter: JobFilter): FilterValue[] {
  return FILTERS.flatMap((name) => [filter[name] ?? []].flat().map((value) => ({ name, value })))
}

/** The address with these values of a filter in the place of those it has; everything else stays. */
export function withFilter(
  params: URLSearchParams,
  name: FilterName,
  values: readonly string[],
): URLSearchParams {
  const next = new URLSearchParams(params)
  next.delete(name)
  for (const value of values) if (value.trim() !== '') next.append(name, value.trim())
  return next
}

/** The address without one value of a filter. */
export function withoutValue(params: URLSearchParams, { name, value }: FilterValue): URLSearchParams {
  return withFilter(
    params,
    name,
    params.getAll(name).filter((other) => normalised(name, other) !== value),
  )
}

/** The address without any filter. */
export function withoutFilters(params: URLSearchParams): URLSearchParams {
  const next = new URLSearchParams(params)
  for (const name of FILTERS) next.delete(name)
  return next
}

export function withSort(params: URLSearchParams, sort: string): URLSearchParams {
  const next = new URLSearchParams(params)
  if (sort === DEFAULT_SORT) next.delete('sort')
  else next.set('sort', sort)
  return next
}

/**
 * The filter that means just what is listed, as parameters of a request; null where nothing can be. By the end only
 * jobs are listed that have ended, which a request that knows no order has to be told.
 */
export function listedFilter({ filter, sort }: JobListQuery): URLSearchParams | null {
  const params = new URLSearchParams()
  const isByEnd = sort.endsWith('ended')
  const ended: readonly JobStatus[] = ['SUCCEEDED', 'FAILED', 'CANCELLED']
  const status = isByEnd ? ended.filter((one) => filter.status?.includes(one) ?? true) : filter.status
  if (isByEnd && status?.length === 0) return null
  for (const { name, value } of filterValues({ ...filter, status: status && [...status] }))
    params.append(name, value)
  return params
}

function valuesIn(params: URLSearchParams): FilterValue[] {
  return FILTERS.flatMap((name) => {
    const values = [...new Set(params.getAll(name).map((value) => normalised(name, value)))]
    const given = values.filter((value) => value !== '')
    return given.slice(0, MAX_VALUES[name] ?? 1).map((value) => ({ name, value }))
  })
}

function normalised(name: FilterName, value: string): string {
  if (name === 'batch') return value.trim().toLowerCase()
  return name === 'fileName' ? value : value.trim()
}

function filterOf(values: readonly FilterValue[]): JobFilter {
  const all = (name: FilterName) => values.filter((value) => value.name === name).map(({ value }) => value)
  const filter: JobFilter = {}
  const status = all('status')
  if (status.length > 0) filter.status = JOB_STATUSES.filter((known) => status.includes(known))
  if (all('tag').length > 0) filter.tag = all('tag')
  for (const name of FILTERS) {
    const [value] = all(name)
    if (name !== 'status' && name !== 'tag' && value !== undefined) filter[name] = value
  }
  return filter
}

/** Where the master would refuse it, it has to be known here: a list that is refused would never come. */
function isValid({ name, value }: FilterValue): boolean {
  switch (name) {
    case 'status':
      return JOB_STATUSES.some((known) => known === value)
    case 'batch':
      return /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(value)
    case 'tag':
      return TAG.test(value)
    case 'owner':
      return value.length <= 100 && /^\P{Cc}*$/u.test(value)
    case 'class':
    case 'worker':
      return value.length <= 100
    case 'fileName':
      return value.length <= MAX_FILE_NAME_LENGTH
    case 'submittedAfter':
    case 'submittedBefore':
    case 'endedAfter':
    case 'endedBefore':
      return isInstant(value)
  }
}

function isInstant(value: string): boolean {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/
  return form.test(value) && !Number.isNaN(Date.parse(value))
}
