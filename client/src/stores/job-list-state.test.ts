/** The rows of a list: their order, their window, their identity, and every way in which a frame can be out of place. */
import type { ClusterView, Frame, JobCounts, JobRow, Snapshot } from '@argus/shared'
import { placeOf } from '@argus/shared/place'
import { type JobSort, MAX_VIEW_ROWS } from '@argus/shared/vocabulary'
import { expect, test } from 'vitest'
import { idOf, makeRow, secondsIn } from '../../testing/job.ts'
import {
  applyFrame,
  type FrameEffect,
  fromSnapshot,
  isLive,
  type JobListState,
  MAX_BELOW,
  moveWindow,
  placeIn,
  rowAt,
  rowCount,
} from './job-list-state.ts'

const counts: JobCounts = { QUEUED: 0, RUNNING: 0, SUCCEEDED: 0, FAILED: 0, CANCELLED: 0 }
const cluster: ClusterView = {
  ready: false,
  storage: { database: 'ok', disk: 'ok' },
  model: { state: 'resolving' },
  workers: [],
}
const limits = { maxUploadBytes: 1, maxPixels: 1 }

function snapshotOf(rows: JobRow[], change: Partial<Snapshot> = {}): Snapshot {
  return {
    bootId: 'one',
    seq: 7,
    counts,
    cluster,
    limits,
    rows,
    isLast: true,
    total: rows.length,
    ahead: 0,
    ...change,
  }
}

function frameOf(seq: number, rows: JobRow[], change: Partial<Frame> = {}): Frame {
  return { bootId: 'one', seq, counts, rows, left: [], isLast: true, ...change }
}

function applied(effect: FrameEffect): JobListState {
  if (typeof effect === 'string') throw new Error(`expected a new state, got "${effect}"`)
  return effect
}

/** From one number to another, either way. */
function numbers(from: number, to: number): number[] {
  const length = Math.abs(to - from) + 1
  return Array.from({ length }, (_, step) => (to < from ? from - step : from + step))
}

const rowsOf = (from: number, to: number) => numbers(from, to).map((number) => makeRow(number))
const loaded = (state: JobListState) =>
  numbers(0, rowCount(state) - 1).map((place) => rowAt(state, place)?.fileName)
const files = (from: number, to: number) => numbers(from, to).map((number) => `${number}.png`)
const behind = (number: number, sort: JobSort = '-submitted') => placeOf(makeRow(number), sort)

/** The newest hundred of a list of two hundred, in two windows; the second one, from 140 to 81, is live. */
function scrolled(): JobListState {
  const top = fromSnapshot('-submitted', snapshotOf(rowsOf(200, 141), { isLast: false, total: 200 }))
  return moveWindow(top, snapshotOf(rowsOf(140, 81), { isLast: false, total: 200, seq: 3 }), behind(141))
}

test('a frame replaces rows that changed and puts new ones where they belong', () => {
  const before = fromSnapshot('-submitted', snapshotOf([makeRow(2), makeRow(1)]))
  const changed = makeRow(1, { status: 'RUNNING' })
  const after = applied(applyFrame(before, frameOf(8, [changed, makeRow(3)], { total: 3 })))
  expect(loaded(after)).toEqual(files(3, 1))
  expect(after).toMatchObject({ seq: 8, total: 3, hasMore: false })
  expect(rowAt(after, 1)).toBe(rowAt(before, 0))
  expect(rowAt(after, 2)).toBe(changed)
  expect([...after.arrived]).toEqual([idOf(3)])
})

test('jobs of the same instant stand by descending id', () => {
  const submittedAt = secondsIn(5)
  const before = fromSnapshot(
    '-submitted',
    snapshotOf([makeRow(3, { submittedAt }), makeRow(1, { submittedAt })]),
  )
  const after = applied(applyFrame(before, frameOf(8, [makeRow(2, { submittedAt })])))
  expect(loaded(after)).toEqual(files(3, 1))
})

test('a missing number, or another start of the master, is a gap; what is known changes nothing', () => {
  const state = fromSnapshot('-submitted', snapshotOf([makeRow(1)]))
  expect(applyFrame(state, frameOf(9, []))).toBe('gap')
  expect(applyFrame(state, frameOf(8, [], { bootId: 'two' }))).toBe('gap')
  expect(applyFrame(state, frameOf(7, [makeRow(9)]))).toBe('known')
})

test('a frame that is of other jobs keeps the rows as they are', () => {
  const state = scrolled()
  const after = applied(applyFrame(state, frameOf(4, [], { isLast: false, ahead: 12, total: 212 })))
  expect(after).toMatchObject({ ahead: 12, total: 212, hasMore: true })
  expect([after.above, after.window, after.below]).toEqual([state.above, state.window, state.below])
  expect(after.window).toBe(state.window)
})

test('what is pushed out of the window stays below it, and is no longer live', () => {
  const before = fromSnapshot('-submitted', snapshotOf(rowsOf(MAX_VIEW_ROWS, 1)))
  const after = applied(applyFrame(before, frameOf(8, rowsOf(62, 61), { isLast: false })))
  expect(loaded(after)).toEqual(files(62, 1))
  expect(after.window).toHaveLength(MAX_VIEW_ROWS)
  expect([isLive(after, 59), isLive(after, 60)]).toEqual([true, false])
  // All that there are were loaded, and still are.
  expect(after.hasMore).toBe(false)
})

test('rows from below come back into the window where others leave it', () => {
  const full = fromSnapshot('-submitted', snapshotOf(rowsOf(MAX_VIEW_ROWS, 1)))
  const pushed = applied(applyFrame(full, frameOf(8, [makeRow(61)], { isLast: false })))
  const after = applied(applyFrame(pushed, frameOf(9, [makeRow(1)], { left: [idOf(30)], isLast: true })))
  expect(loaded(after)).toEqual([...files(61, 31), ...files(29, 1)])
  expect(after.below).toEqual([])
})

test('where jobs pour in, not all that were pushed out are kept', () => {
  let state = fromSnapshot('-submitted', snapshotOf(rowsOf(60, 1)))
  for (let burst = 1; burst <= 10; burst += 1) {
    state = applied(
      applyFrame(state, frameOf(7 + burst, rowsOf(burst * 50 + 60, burst * 50 + 11), { isLast: false })),
    )
  }
  expect(state.below).toHaveLength(MAX_BELOW)
  expect(state.hasMore).toBe(true)
  expect(loaded(state)).toEqual(files(560, 560 - 59 - MAX_BELOW))
  // Nor is each of a stream pointed out.
  expect(state.arrived.size).toBe(0)
})

test('moving the window keeps what was loaded above and below', () => {
  const state = scrolled()
  expect(loaded(state)).toEqual(files(200, 81))
  expect([isLive(state, 59), isLive(state, 60), isLive(state, 119)]).toEqual([false, true, true])
  expect(state).toMatchObject({ hasMore: true, seq: 3 })
  const back = moveWindow(state, snapshotOf(rowsOf(180, 121), { isLast: false, total: 200 }), behind(181))
  expect(loaded(back)).toEqual(files(200, 81))
  expect([isLive(back, 19), isLive(back, 20), isLive(back, 79), isLive(back, 80)]).toEqual([
    false,
    true,
    true,
    false,
  ])
  expect(rowAt(back, 100)).toBe(rowAt(state, 100))
})

test('what has gone where the window comes to is gone, and what has come is there', () => {
  const rows = [...rowsOf(180, 151), ...rowsOf(149, 120)]
  const back = moveWindow(scrolled(), snapshotOf(rows, { isLast: false }), behind(181))
  expect(loaded(back)).toEqual([...files(200, 151), ...files(149, 81)])
})

test('a window at the top, and one at the end, leave nothing of before behind them', () => {
  const top = moveWindow(scrolled(), snapshotOf(rowsOf(300, 241), { isLast: false, total: 300 }), null)
  expect(loaded(top)).toEqual(files(300, 241))
  const end = moveWindow(scrolled(), snapshotOf(rowsOf(179, 170)), behind(180))
  expect(loaded(end)).toEqual(files(200, 170))
  expect(end.hasMore).toBe(false)
})

test('jobs that are gone leave the rows wherever they stand, and the others keep their identity', () => {
  const before = scrolled()
  const left = [idOf(190), idOf(100), idOf(999)]
  const after = applied(applyFrame(before, frameOf(4, [], { left, isLast: false })))
  expect(loaded(after)).toEqual([...files(200, 191), ...files(189, 101), ...files(99, 81)])
  expect(rowAt(after, 0)).toBe(rowAt(before, 0))
})

test('the oldest first: what comes stands at the end, and only where the window reaches it', () => {
  const short = fromSnapshot('submitted', snapshotOf(rowsOf(1, 10)))
  const longer = applied(applyFrame(short, frameOf(8, [makeRow(11)])))
  expect(loaded(longer)).toEqual(files(1, 11))
  const full = fromSnapshot('submitted', snapshotOf(rowsOf(1, 60)))
  const more = applied(applyFrame(full, frameOf(8, [], { isLast: false, total: 61 })))
  expect(more).toMatchObject({ hasMore: true, total: 61 })
  const moved = moveWindow(more, snapshotOf(rowsOf(31, 61)), behind(30, 'submitted'))
  expect(loaded(moved)).toEqual(files(1, 61))
  expect(moved.hasMore).toBe(false)
})

test('by the end: a job that has ended comes in by its end, and one that is retried goes', () => {
  const ended = (number: number, at: number) =>
    makeRow(number, { status: 'SUCCEEDED', endedAt: secondsIn(at) })
  const before = fromSnapshot('-ended', snapshotOf([ended(1, 300), ended(2, 200)]))
  const after = applied(applyFrame(before, frameOf(8, [ended(3, 250)])))
  expect(loaded(after)).toEqual(['1.png', '3.png', '2.png'])
  const retried = applied(applyFrame(after, frameOf(9, [], { left: [idOf(1)] })))
  expect(loaded(retried)).toEqual(['3.png', '2.png'])
})

test('a job that ends once more is in the list once', () => {
  const ended = (number: number, at: number) =>
    makeRow(number, { status: 'SUCCEEDED', endedAt: secondsIn(at) })
  const rows = numbers(1, 60).map((number) => ended(number, 1_000 - number))
  const top = fromSnapshot('-ended', snapshotOf(rows, { isLast: false }))
  const after = placeOf(ended(30, 970), '-ended')
  const scrolledDown = moveWindow(top, snapshotOf(rows.slice(30), { isLast: true }), after)
  const again = ended(5, 955.5)
  const frame = applied(applyFrame(scrolledDown, frameOf(8, [again])))
  expect(loaded(frame).filter((name) => name === '5.png')).toHaveLength(1)
  expect(placeIn(frame, idOf(5), 4)).toBe(43)
  const snapshot = moveWindow(scrolledDown, snapshotOf([...rows.slice(30), ended(5, 900)]), after)
  expect(loaded(snapshot).filter((name) => name === '5.png')).toHaveLength(1)
})

test('a row is found where it is, and where it was', () => {
  const state = scrolled()
  expect(placeIn(state, idOf(200), 0)).toBe(0)
  expect(placeIn(state, idOf(90), 5)).toBe(110)
  expect(placeIn(state, idOf(500), 5)).toBe(-1)
})
