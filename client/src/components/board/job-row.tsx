/** One job on the board. Its height does not depend on its state, so nothing moves while it is worked on. */
import type { JobRow as Row } from '@argus/shared'
import { type MouseEvent, useState } from 'react'
import { useNavigate } from 'react-router'
import { useSelection } from '../../stores/selection.ts'
import { text } from '../../text/index.ts'
import { JobCells } from './job-cells.tsx'

interface Props {
  job: Row
  /** In the whole list, the heads of the columns included, from 1 on. */
  rowIndex: number
  /** It came while someone was watching. */
  arrived: boolean
  /** Its changes are pushed. */
  live: boolean
  onToggle: (job: Row, isRange: boolean) => void
}

export function JobRow({ job, rowIndex, arrived, live, onToggle }: Props) {
  const navigate = useNavigate()
  const isSelected = useSelection(({ selected }) => selected.has(job.id))
  const isCursor = useSelection(({ cursor }) => cursor === job.id)
  // For as long as it is drawn, or the tint would break off with the next frame.
  const [isNew] = useState(arrived)
  const open = ({ target }: MouseEvent) => {
    const isOwn = target instanceof Element && target.closest('a, label') !== null
    if (!isOwn) navigate(`/jobs/${job.id}`)
  }
  return (
    // A click anywhere opens the job; by keyboard it is the link.
    <tr
      data-job-id={job.id}
      data-status={job.status}
      data-cursor={isCursor || undefined}
      aria-rowindex={rowIndex}
      onClick={open}
      className={`cursor-pointer shadow-[inset_0_-1px_0_var(--color-line)] transition-colors has-[a:focus-visible]:outline-2 has-[a:focus-visible]:-outline-offset-2 has-[a:focus-visible]:outline-accent data-cursor:shadow-[inset_3px_0_0_var(--color-accent),inset_0_-1px_0_var(--color-line)] max-lg:grid max-lg:h-30 max-lg:grid-cols-[1.75rem_3rem_minmax(0,1fr)_auto] max-lg:content-center max-lg:items-center max-lg:gap-x-3 max-lg:px-3 lg:h-14 ${isSelected ? 'bg-accent-soft' : 'hover:bg-hover data-cursor:bg-hover'} ${isNew ? 'animate-arrive' : ''} ${live ? '' : 'stale'}`}
    >
      <td className="max-lg:row-span-4 lg:pl-2">
        <label
          className="flex size-8 cursor-pointer items-center justify-center max-lg:-ml-1"
          title={text.selection.select(job.fileName)}
        >
          <input
            type="checkbox"
            aria-label={text.selection.select(job.fileName)}
            checked={isSelected}
            onChange={({ nativeEvent }) =>
              onToggle(job, nativeEvent instanceof PointerEvent && nativeEvent.shiftKey)
            }
            className="size-4 cursor-pointer accent-accent"
          />
        </label>
      </td>
      <JobCells job={job} isCursor={isCursor} />
    </tr>
  )
}
