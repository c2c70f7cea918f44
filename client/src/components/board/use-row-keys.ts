/** Keys that move from row to row, and act on the one they have come to. */
import type { JobRow as Row } from '@argus/shared'
import { type RefObject, useRef } from 'react'
import { useNavigate } from 'react-router'
import { type JobListState, placeIn, rowAt } from '../../stores/job-list-state.ts'
import { clearSelection, moveCursor, toggle, useSelection } from '../../stores/selection.ts'
import { screenOf, scrollToRow } from './rows-on-screen.ts'
import { useKeys } from './use-keys.ts'

export function useRowKeys(
  list: JobListState,
  body: RefObject<HTMLTableSectionElement | null>,
  rowHeight: number,
): void {
  const navigate = useNavigate()
  const was = useRef(0)
  const cursorPlace = () => {
    const { cursor } = useSelection.getState()
    return cursor === null ? -1 : placeIn(list, cursor, was.current)
  }
  const move = (step: 1 | -1) => {
    if (body.current === null) return
    const now = cursorPlace()
    const place = now < 0 ? screenOf(body.current, rowHeight).first : now + step
    const row = rowAt(list, place)
    if (row === undefined) return
    was.current = place
    scrollToRow(body.current, rowHeight, place)
    moveCursor(row.id, true)
  }
  const onCursor = (act: (row: Row) => void) => () => {
    const row = rowAt(list, cursorPlace())
    if (row !== undefined) act(row)
  }
  const [down, up] = [() => move(1), () => move(-1)]
  useKeys({
    j: down,
    ArrowDown: down,
    k: up,
    ArrowUp: up,
    x: onCursor(toggle),
    Enter: onCursor(({ id }) => navigate(`/jobs/${id}`)),
    Escape: () => (useSelection.getState().selected.size > 0 ? clearSelection() : moveCursor(null, false)),
  })
}
