/** What the address of the board asks for. */
import { expect, test } from 'vitest'
import {
  filterValues,
  listedFilter,
  readQuery,
  withFilter,
  withoutFilters,
  withoutValue,
  withSort,
} from './job-query.ts'

const BATCH = '0198c2f0-7d1e-7cc3-9a66-0242ac120002'
const read = (query: string) => readQuery(new URLSearchParams(query))

test('an address without parameters asks for all jobs, the newest first', () => {
  expect(read('')).toEqual({ filter: {}, sort: '-submitted', invalid: [] })
})

test('every filter of the REST API is read under its name there', () => {
  const query = `status=FAILED&status=QUEUED&class=beacon&fileName=IMG&batch=${BATCH.toUpperCase()}&worker=attic&owner=anna&tag=a=1&tag=b=2&submittedAfter=2025-01-01T00:00:00Z&submittedBefore=2025-01-02T00:00:00%2B02:00&endedAfter=2025-01-01T00:00Z&endedBefore=2025-01-03T00:00:00.123Z&sort=ended`
  expect(read(query)).toEqual({
    filter: {
      status: ['QUEUED', 'FAILED'],
      class: 'beacon',
      fileName: 'IMG',
      batch: BATCH,
      worker: 'attic',
      owner: 'anna',
      tag: ['a=1', 'b=2'],
      submittedAfter: '2025-01-01T00:00:00Z',
      submittedBefore: '2025-01-02T00:00:00+02:00',
      endedAfter: '2025-01-01T00:00Z',
      endedBefore: '2025-01-03T00:00:00.123Z',
    },
    sort: 'ended',
    invalid: [],
  })
})

test('what the master would refuse is left out and named', () => {
  const { filter, sort, invalid } = read(
    'status=LOST&status=FAILED&batch=12&tag=none&submittedAfter=yesterday&sort=name&class=%20',
  )
  expect(filter).toEqual({ status: ['FAILED'] })
  expect(sort).toBe('-submitted')
  expect(invalid).toEqual(['status', 'batch', 'tag', 'submittedAfter', 'sort'])
})

test('filters come and go one by one, and the order stays', () => {
  const params = new URLSearchParams('status=FAILED&status=QUEUED&sort=ended')
  const named = withFilter(params, 'fileName', ['IMG'])
  expect(filterValues(readQuery(named).filter)).toEqual([
    { name: 'status', value: 'QUEUED' },
    { name: 'status', value: 'FAILED' },
    { name: 'fileName', value: 'IMG' },
  ])
  const rest = withoutValue(named, { name: 'status', value: 'QUEUED' })
  expect(rest.toString()).toBe('sort=ended&fileName=IMG&status=FAILED')
  expect(withoutFilters(rest).toString()).toBe('sort=ended')
  expect(withSort(rest, '-submitted').has('sort')).toBe(false)
})

test('what is listed by its end is asked for as ended', () => {
  const params = (query: string) => listedFilter(read(query))?.toString()
  expect(params('')).toBe('')
  expect(params('status=QUEUED&owner=anna')).toBe('status=QUEUED&owner=anna')
  expect(params('sort=-ended')).toBe('status=SUCCEEDED&status=FAILED&status=CANCELLED')
  expect(params('sort=-ended&status=QUEUED&status=FAILED')).toBe('status=FAILED')
  expect(params('sort=ended&status=QUEUED')).toBeUndefined()
})
