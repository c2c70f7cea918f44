/**
 * How snapshots and frames from the master become the rows of the board. Pure: no socket, no clock.
 *
 * All rows that were loaded so far are kept in their order: those above the window, the window, and those below.
 * Only the window is live; what lies outside of it is as it was when the window left it.
 */
import type { Frame, JobRow, Snapshot, Total } from '@argus/shared'
import { comparePlaces, type Place, placeOf } from '@argus/shared/place'
import { type JobSort, MAX_VIEW_ROWS } from '@argus/shared/vocabulary'

export interface JobListState {
  readonly sort: JobSort
  readonly bootId: string
  readonly seq: number
  readonly above: readonly JobRow[]
  readonly window: readonly JobRow[]
  readonly below: readonly JobRow[]
  /** There are rows behind those that are loaded. */
  readonly hasMore: boolean
  /** How many jobs the filter means. */
  readonly total: Total
  /** Jobs that stand before the first row that is loaded. */
  readonly ahead: number
  /** Ids of the few jobs that came with the latest frame, that is, while someone was watching. */
  readonly arrived: ReadonlySet<string>
}

/** What a frame did: a new state, nothing because it was known already, or it shows that rows are missing. */
export type FrameEffect = JobListState | 'known' | 'gap'

/** Where jobs pour in, as many of those that were pushed out of the window are kept. */
export const MAX_BELOW = 4 * MAX_VIEW_ROWS
/** More jobs at a time are a stream, in which no single one is pointed out. */
const MAX_ARRIVED = 5

const NONE: ReadonlySet<string> = new Set()

/** The state that a snapshot of the top of a list describes. */
export function fromSnapshot(sort: JobSort, snapshot: Snapshot): JobListState {
  const { bootId, seq, rows: window, isLast, total, ahead } = snapshot
  return { sort, bootId, seq, window, total, ahead, above: [], below: [], hasMore: !isLast, arrived: NONE }
}

/**
 * The window was moved, or sent afresh: its rows take the place of those that were loaded there.
 *
 * @param after the place behind which it begins; null is the top, where nothing of before is of use
 */
export function moveWindow(state: JobListState, snapshot: Snapshot, after: Place | null): JobListState {
  const moved = fromSnapshot(state.sort, snapshot)
  if (after === null) return moved
  const { sort, window } = moved
  const rows = without(rowsOf(state), window)
  const above = rows.filter((row) => compareRow(row, after, sort) <= 0)
  const end = lastPlace(window, sort) ?? after
  const below = snapshot.isLast ? [] : rows.filter((row) => compareRow(row, end, sort) > 0)
  return { ...moved, above, below, hasMore: below.length > 0 ? state.hasMore : moved.hasMore }
}

/** Applies one frame. Rows that did not change keep their identity, so that they need no new render. */
export function applyFrame(state: JobListState, frame: Frame): FrameEffect {
  if (frame.bootId !== state.bootId) return 'gap'
  if (frame.seq <= state.seq) return 'known'
  if (frame.seq !== state.seq + 1) return 'gap'
  const { seq, total = state.total, ahead = state.ahead, isLast } = frame
  const isSame = frame.rows.length === 0 && frame.left.length === 0
  const next = { ...state, seq, total, ahead, ...(isSame ? { arrived: NONE } : applyRows(state, frame)) }
  if (isLast && next.below.length > 0) next.below = []
  if (next.below.length === 0) return { ...next, hasMore: !isLast }
  if (next.below.length <= MAX_BELOW || state.below.length >= next.below.length) return next
  return { ...next, below: next.below.slice(0, MAX_BELOW), hasMore: true }
}

/** How many rows are loaded. */
export function rowCount({ above, window, below }: JobListState): number {
  return above.length + window.length + below.length
}

/** The row at this place of those that are loaded. */
export function rowAt({ above, window, below }: JobListState, place: number): JobRow | undefined {
  if (place < above.length) return above[place]
  const inWindow = place - above.length
  return inWindow < window.length ? window[inWindow] : below[inWindow - window.length]
}

/** All that are loaded, in their order. */
export function rowsOf({ above, window, below }: JobListState): readonly JobRow[] {
  return [...above, ...window, ...below]
}

/** Its place among the rows that are loaded; -1 where it is not. Looked for first where it was. */
export function placeIn(list: JobListState, id: string, was: number): number {
  if (rowAt(list, was)?.id === id) return was
  for (let place = 0, count = rowCount(list); place < count; place += 1) {
    if (rowAt(list, place)?.id === id) return place
  }
  return -1
}

/** Whether the row at this place is live, where the connection is. */
export function isLive({ above, window }: JobListState, place: number): boolean {
  return place >= above.length && place < above.length + window.length
}

function applyRows(
  state: JobListState,
  frame: Frame,
): Pick<JobListState, 'above' | 'window' | 'below' | 'arrived'> {
  const { sort } = state
  const left = new Set(frame.left)
  const rows = new Map(state.window.filter(({ id }) => !left.has(id)).map((row) => [row.id, row]))
  for (const row of frame.rows) rows.set(row.id, row)
  const sorted = [...rows.values()].sort((a, b) => compareRows(a, b, sort))
  const window = sorted.slice(0, MAX_VIEW_ROWS)
  const end = lastPlace(window, sort)
  // What the window has taken in is no longer below it; what a frame names anywhere else is out of date there.
  const outside = [...frame.rows, ...frame.left.map((id) => ({ id }))]
  const behind = without(state.below, outside).filter((row) => end === null || compareRow(row, end, sort) > 0)
  const pushedOut = sorted.slice(MAX_VIEW_ROWS)
  return {
    above: without(state.above, outside),
    window,
    below:
      pushedOut.length === 0 && behind.length === state.below.length
        ? state.below
        : [...pushedOut, ...behind],
    arrived: arrivedIn(state.window, frame.rows),
  }
}

function arrivedIn(window: readonly JobRow[], rows: readonly JobRow[]): ReadonlySet<string> {
  const come = without(rows, window)
  return come.length === 0 || come.length > MAX_ARRIVED ? NONE : new Set(come.map(({ id }) => id))
}

/** Those that are not among the others; the same array where all of them remain. */
function without(rows: readonly JobRow[], others: readonly { readonly id: string }[]): readonly JobRow[] {
  if (rows.length === 0 || others.length === 0) return rows
  const ids = new Set(others.map(({ id }) => id))
  const rest = rows.filter(({ id }) => !ids.has(id))
  return rest.length === rows.length ? rows : rest
}

function lastPlace(rows: readonly JobRow[], sort: JobSort): Place | null {
  const last = rows.at(-1)
  return last === undefined ? null : placeOf(last, sort)
}

/** One that has no place of its own, since it runs again, stands before all that have. */
function compareRow(row: JobRow, place: Place, sort: JobSort): number {
  const own = placeOf(row, sort)
  return own === null ? -1 : comparePlaces(own, place, sort)
}

function compareRows(a: JobRow, b: JobRow, sort: JobSort): number {
  const place = placeOf(b, sort)
  return place === null ? 1 : compareRow(a, place, sort)
}
