/** The rows of the table: only those near the screen are drawn, the others are room that is left for them. */
import type { JobRow as Row } from '@argus/shared'
import { MAX_AHEAD } from '@argus/shared/vocabulary'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useRef } from 'react'
import { useJobList } from '../../stores/job-list.ts'
import { isLive, type JobListState, rowAt, rowCount, rowsOf } from '../../stores/job-list-state.ts'
import { toggle, toggleRange } from '../../stores/selection.ts'
import { JobRow } from './job-row.tsx'
import { SkeletonRow } from './skeleton-row.tsx'
import { useHeldRows } from './use-held-rows.ts'
import { useRowHeight } from './use-row-height.ts'
import { useRowKeys } from './use-row-keys.ts'

/** Rows that are drawn beyond either end of the screen. */
const OVERSCAN = 8
/** Stand for those that are still to come. */
const AWAITED = 5

export function JobRows({ list }: { list: JobListState }) {
  const body = useRef<HTMLTableSectionElement>(null)
  const rowHeight = useRowHeight()
  const top = useHeldRows(list, body, rowHeight)
  const isOld = useJobList((store) => store.isOld)
  const loaded = rowCount(list)
  const virtualizer = useWindowVirtualizer({
    count: loaded + (list.hasMore ? AWAITED : 0),
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    scrollMargin: top,
    initialOffset: () => window.scrollY,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: it asks for the height again
  useEffect(() => virtualizer.measure(), [virtualizer, rowHeight])
  useRowKeys(list, body, rowHeight)
  const onToggle = useCallback((row: Row, isRange: boolean) => {
    const { list } = useJobList.getState()
    if (isRange && list !== null) toggleRange(rowsOf(list), row)
    else toggle(row)
  }, [])

  const items = virtualizer.getVirtualItems()
  const before = (items[0]?.start ?? top) - top
  const behind = virtualizer.getTotalSize() - ((items.at(-1)?.end ?? top) - top)
  // What stands before the first row is not known exactly where it is much.
  const firstIndex = 2 + (list.ahead < MAX_AHEAD ? list.ahead : 0)
  return (
    <tbody ref={body} className="max-lg:block">
      <Room height={before} />
      {items.map(({ index }) => {
        const job = rowAt(list, index)
        return job === undefined ? (
          <SkeletonRow key={`awaited ${index - loaded}`} />
        ) : (
          <JobRow
            key={job.id}
            job={job}
            rowIndex={firstIndex + index}
            arrived={list.arrived.has(job.id)}
            live={!isOld && isLive(list, index)}
            onToggle={onToggle}
          />
        )
      })}
      <Room height={behind} />
    </tbody>
  )
}

/** In the place of rows that are not drawn. */
function Room({ height }: { height: number }) {
  return (
    <tr aria-hidden className="max-lg:block">
      <td className="p-0 max-lg:block" style={{ height: Math.max(0, height) }} />
    </tr>
  )
}
