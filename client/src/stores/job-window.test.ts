/** Where the live window is moved to. */
import { type Place, placeOf } from '@argus/shared/place'
import { expect, test } from 'vitest'
import { makeRow } from '../../testing/job.ts'
import type { JobListState } from './job-list-state.ts'
import { wantedAnchor } from './job-window.ts'

/** A list of the numbers down from 1000, with this many rows above, in and below the window. */
function listOf(above: number, window: number, below: number, hasMore: boolean): JobListState {
  const rows = Array.from({ length: above + window + below }, (_, place) => makeRow(1000 - place))
  return {
    ...{ sort: '-submitted', bootId: 'one', seq: 1, total: 1000, ahead: 0, arrived: new Set() },
    above: rows.slice(0, above),
    window: rows.slice(above, above + window),
    below: rows.slice(above + window),
    hasMore,
  }
}

const behindRow = (place: number): Place | null => placeOf(makeRow(1000 - place), '-submitted')

test('at the top it stays at the top', () => {
  expect(wantedAnchor(listOf(0, 60, 0, true), { first: 0, last: 12, after: null })).toBeUndefined()
  expect(wantedAnchor(listOf(10, 60, 0, true), { first: 0, last: 12, after: behindRow(9) })).toBeNull()
})

test('as soon as the first row is out of sight it is held where it is', () => {
  expect(wantedAnchor(listOf(0, 60, 0, true), { first: 1, last: 13, after: null })).toEqual(behindRow(0))
  expect(wantedAnchor(listOf(1, 59, 0, true), { first: 2, last: 14, after: behindRow(0) })).toBeUndefined()
})

test('it follows downwards before its last row is seen, and upwards before its first one', () => {
  const list = listOf(20, 60, 40, true)
  const after = behindRow(19)
  expect(wantedAnchor(list, { first: 40, last: 60, after })).toBeUndefined()
  expect(wantedAnchor(list, { first: 45, last: 65, after })).toEqual(behindRow(34))
  expect(wantedAnchor(list, { first: 24, last: 44, after })).toEqual(behindRow(13))
})

test('at the end of the list there is nothing to follow to', () => {
  const screen = { first: 60, last: 79, after: behindRow(19) }
  expect(wantedAnchor(listOf(20, 60, 0, false), screen)).toBeUndefined()
  expect(wantedAnchor(listOf(20, 60, 0, true), screen)).toEqual(behindRow(49))
})

test('far behind all that is loaded it goes to the last of it', () => {
  expect(wantedAnchor(listOf(0, 60, 0, true), { first: 90, last: 59, after: null })).toEqual(behindRow(48))
})
