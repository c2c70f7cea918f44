/** The jobs, one row each; on a narrow screen each row becomes a card. */
import { useEffect, useRef } from 'react'
import { useJobList } from '../../stores/job-list.ts'
import { type JobListState, rowCount, rowsOf } from '../../stores/job-list-state.ts'
import { clearSelection, select, useSelection } from '../../stores/selection.ts'
import { text } from '../../text/index.ts'
import { JobRows } from './job-rows.tsx'
import { SkeletonRow } from './skeleton-row.tsx'

const AWAITED = [0, 1, 2, 3, 4, 5]

/** @param list null until it is there */
export function JobTable({ list }: { list: JobListState | null }) {
  const { columns } = text.jobs
  const head = 'border-b border-line bg-sunken px-3 font-medium'
  const total = list === null || typeof list.total !== 'number' ? -1 : list.total
  return (
    // What is read is held still by hand: the browser does not know that rows stand for others.
    <div className="overflow-clip rounded-lg border border-line bg-surface [overflow-anchor:none]">
      <table
        aria-rowcount={total < 0 ? -1 : total + 1}
        aria-busy={list === null}
        aria-label={text.jobs.heading}
        className="w-full table-fixed border-separate border-spacing-0 text-left max-lg:block"
      >
        <thead className="sticky top-14 z-10 h-9 text-xs text-ink-muted max-lg:sr-only">
          <tr aria-rowindex={1}>
            <th scope="col" className={`${head} w-12 pl-2`}>
              <span className="sr-only">{columns.select}</span>
              <SelectAll />
            </th>
            <th scope="col" className={`${head} px-2`}>
              {columns.photo}
            </th>
            <th scope="col" className={`${head} w-32`}>
              {columns.status}
            </th>
            <th scope="col" className={`${head} w-[26%]`}>
              {columns.result}
            </th>
            <th scope="col" className={`${head} w-32 lg:max-xl:hidden`}>
              {columns.owner}
            </th>
            <th scope="col" className={`${head} w-32 lg:max-xl:hidden`}>
              {columns.worker}
            </th>
            <th scope="col" className={`${head} w-52 pr-4`}>
              {columns.time}
            </th>
          </tr>
        </thead>
        {list === null ? (
          <tbody className="max-lg:block">
            {AWAITED.map((row) => (
              <SkeletonRow key={row} />
            ))}
          </tbody>
        ) : (
          <JobRows list={list} />
        )}
      </table>
    </div>
  )
}

function SelectAll() {
  const box = useRef<HTMLInputElement>(null)
  const selected = useSelection((store) => store.selected.size)
  const loaded = useJobList(({ list }) => (list === null ? 0 : rowCount(list)))
  const isAll = selected > 0 && selected >= loaded
  useEffect(() => {
    if (box.current !== null) box.current.indeterminate = selected > 0 && !isAll
  }, [selected, isAll])
  const toggleAll = () => {
    const { list } = useJobList.getState()
    if (isAll || list === null) clearSelection()
    else select(rowsOf(list))
  }
  return (
    <label
      className="flex size-8 cursor-pointer items-center justify-center max-lg:hidden"
      title={text.selection.selectAll}
    >
      <input
        ref={box}
        type="checkbox"
        aria-label={text.selection.selectAll}
        disabled={loaded === 0}
        checked={isAll}
        onChange={toggleAll}
        className="size-4 cursor-pointer accent-accent"
      />
    </label>
  )
}
