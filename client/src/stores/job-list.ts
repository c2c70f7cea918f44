/**
 * The rows of the board, and which of them are live: the window follows what is on the screen. At the top it shows
 * what comes; scrolled away, it is held where it is, and what comes is counted.
 */
import type { Frame, JobFilter, Snapshot, View } from '@argus/shared'
import { type Place, placeOf } from '@argus/shared/place'
import { type JobSort, MAX_VIEW_ROWS, NO_ROWS } from '@argus/shared/vocabulary'
import { create } from 'zustand'
import { applyFrame, fromSnapshot, type JobListState, moveWindow, rowAt, rowCount } from './job-list-state.ts'
import { wantedAnchor } from './job-window.ts'
import { clearSelection, updateSelected } from './selection.ts'

export interface JobListQuery {
  readonly filter: JobFilter
  readonly sort: JobSort
}

interface JobListStore {
  /** What is to be listed; null where no list is on the screen. */
  query: JobListQuery | null
  /** Null until its first snapshot. */
  list: JobListState | null
  /** The list is still that of another query, or of an earlier visit. */
  isOld: boolean
}

export const useJobList = create<JobListStore>(() => ({ query: null, list: null, isOld: false }))

/** What has the socket open the view anew; set once. */
let openView: (view: View) => void = () => undefined
/** The place behind which the window that is open, or asked for, begins. */
let after: Place | null = null
/** A window was asked for and has not come: what is scrolled past until then asks for none of its own. */
let isAwaited = false
/** The rows on the screen, by their places in the list. */
let visible = { first: 0, last: 0 }
/** What the list that is kept was the answer to. */
let listed: JobListQuery | null = null

export function onViewChange(open: (view: View) => void): void {
  openView = open
}

/** The view that is to be open. */
export function currentView(): View {
  const { query, list } = useJobList.getState()
  if (query === null) return NO_ROWS
  const first = list && rowAt(list, 0)
  const top = after && first ? placeOf(first, query.sort) : null
  return { ...query, limit: MAX_VIEW_ROWS, after, top }
}

/** Lists these jobs: from the top on, or from where they were left. Until they come, the rows of before stay. */
export function listJobs(query: JobListQuery): void {
  if (!isSameQuery(query, listed)) {
    clearSelection()
    after = null
    visible = { first: 0, last: 0 }
  }
  listed = query
  useJobList.setState({ query, isOld: true })
  moveTo(after)
}

/** No list is on the screen any more; its rows are kept for whoever comes back to it. */
export function leaveJobs(): void {
  clearSelection()
  useJobList.setState({ query: null })
  openView(currentView())
}

/** Back to the top, and what has come there. */
export function showNewest(): void {
  visible = { first: 0, last: 0 }
  moveTo(null)
}

/** Tells which rows are on the screen, by their places in the list. */
export function showRows(first: number, last: number): void {
  visible = { first, last }
  follow()
}

/** Takes the view that was asked for, or is sent afresh. False: there is no such list any more. */
export function acceptSnapshot(view: View, snapshot: Snapshot): boolean {
  const { query, list } = useJobList.getState()
  if (query === null || view.limit === 0) return query === null
  const isMoved = list !== null && list.sort === view.sort && view.after !== null
  const next = isMoved ? moveWindow(list, snapshot, view.after) : fromSnapshot(view.sort, snapshot)
  isAwaited = false
  useJobList.setState({ list: next, isOld: false })
  updateSelected(snapshot.rows, [])
  follow()
  return true
}

/** Takes a frame. False: one before it is missing. */
export function acceptFrame(frame: Frame): boolean {
  const { query, list } = useJobList.getState()
  if (query === null || list === null) return true
  const effect = applyFrame(list, frame)
  if (effect === 'gap') return false
  if (effect === 'known') return true
  useJobList.setState({ list: effect })
  updateSelected(frame.rows, frame.left)
  return true
}

/** Has the window follow what is on the screen. */
function follow(): void {
  const { query, list } = useJobList.getState()
  if (query === null || list === null || isAwaited) return
  const { first, last } = visible
  const anchor = wantedAnchor(list, { first, last: Math.min(last, rowCount(list) - 1), after })
  if (anchor !== undefined) moveTo(anchor)
}

function moveTo(place: Place | null): void {
  after = place
  isAwaited = true
  openView(currentView())
}

function isSameQuery(a: JobListQuery, b: JobListQuery | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
