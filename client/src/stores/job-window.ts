/** Where the live window of a list has to begin, so that the rows on the screen are in it. */
import { type Place, placeOf } from '@argus/shared/place'
import { type JobListState, rowAt } from './job-list-state.ts'

/** Rows before the first visible one that are live too, so that a little scrolling moves nothing. */
const MARGIN = 10
/** So near to its begin or its end the window is moved. */
const REACH_UP = 5
const REACH_DOWN = 15

interface Screen {
  /** The rows on the screen, by their places in the list. */
  readonly first: number
  readonly last: number
  /** The place behind which the window begins now; null: at the top. */
  readonly after: Place | null
}

/** The place behind which it has to begin, null for the top; undefined where it may stay. */
export function wantedAnchor(list: JobListState, { first, last, after }: Screen): Place | null | undefined {
  const { above, window, below, hasMore } = list
  if (first <= 0) return after === null ? undefined : null
  const end = above.length + window.length
  const reachesUp = above.length <= 1 || first - REACH_UP >= above.length
  const reachesDown = last + REACH_DOWN < end || (below.length === 0 && !hasMore)
  // At the top, new rows would push away what is being read: there it is moved in any case.
  if (after !== null && first >= above.length && reachesUp && reachesDown) return undefined
  const row = rowAt(list, Math.max(0, Math.min(first, last) - 1 - MARGIN))
  const anchor = row === undefined ? null : placeOf(row, list.sort)
  return anchor === null || isPlace(anchor, after) ? undefined : anchor
}

function isPlace(a: Place, b: Place | null): boolean {
  return b !== null && a.time === b.time && a.id === b.id
}
