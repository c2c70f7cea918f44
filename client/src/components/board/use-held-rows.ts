/**
 * Tells the list which rows are on the screen, and holds still what is being read while rows above it come or go.
 * At the top nothing is held: there the newest rows are what one watches.
 */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { showRows } from '../../stores/job-list.ts'
import { type JobListState, placeIn, rowAt, rowCount } from '../../stores/job-list-state.ts'
import { screenOf } from './rows-on-screen.ts'

interface Seen {
  /** Rows that were on the screen, with where they stood on the page. */
  readonly rows: readonly { readonly id: string; readonly place: number; readonly y: number }[]
  readonly isAtTop: boolean
}

/** @returns where on the page the first row begins, in pixels */
export function useHeldRows(
  list: JobListState,
  body: RefObject<HTMLTableSectionElement | null>,
  rowHeight: number,
): number {
  const [top, setTop] = useState(0)
  const seen = useRef<Seen>(null)

  const look = useCallback(() => {
    if (body.current === null) return
    const screen = screenOf(body.current, rowHeight)
    const last = Math.min(screen.last, rowCount(list) - 1)
    const rows = []
    for (let place = screen.first; place <= last; place += 1) {
      const row = rowAt(list, place)
      if (row !== undefined) rows.push({ id: row.id, place, y: screen.top + place * rowHeight })
    }
    seen.current = { rows, isAtTop: screen.isAtTop }
    showRows(screen.first, screen.last)
  }, [list, body, rowHeight])

  const hold = useCallback(() => {
    // To measure costs a layout, so at the top that is left to the observer below.
    if (body.current === null || seen.current?.isAtTop) return
    const { top } = screenOf(body.current, rowHeight)
    setTop(top)
    if (seen.current === null) return
    const rows = seen.current.rows.flatMap(({ id, place, y }) => {
      const now = placeIn(list, id, place)
      return now < 0 ? [] : [{ id, place: now, y: top + now * rowHeight, moved: top + now * rowHeight - y }]
    })
    // Until one looks again, they stand where they were moved to.
    seen.current = { rows, isAtTop: false }
    const moved = rows[0]?.moved ?? 0
    if (Math.abs(moved) >= 1) window.scrollBy({ top: moved, behavior: 'instant' })
  }, [list, body, rowHeight])

  // Before it is painted.
  useLayoutEffect(hold)
  // After the router has scrolled to where the page was left, and once for all frames that came meanwhile.
  useEffect(() => {
    const frame = requestAnimationFrame(look)
    return () => cancelAnimationFrame(frame)
  })
  useEffect(() => {
    const page = new ResizeObserver(() => {
      hold()
      if (body.current !== null) setTop(screenOf(body.current, rowHeight).top)
      look()
    })
    page.observe(document.body)
    addEventListener('scroll', look, { passive: true })
    addEventListener('resize', look)
    return () => {
      page.disconnect()
      removeEventListener('scroll', look)
      removeEventListener('resize', look)
    }
  }, [hold, look, body, rowHeight])
  return top
}
