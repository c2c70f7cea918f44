/** Deletes every job of the list, also those that are not loaded; asks before. */
import type { Total } from '@argus/shared'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { startDeletion, stopDeletion, useDeletion } from '../../stores/deletion.ts'
import { type JobListQuery, useJobList } from '../../stores/job-list.ts'
import { text } from '../../text/index.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { filterValues, listedFilter } from './job-query.ts'

export function DeleteMatching({ query }: { query: JobListQuery }) {
  const total = useJobList(({ list }) => list?.total)
  const { deleted, note } = useDeletion()
  const [isAsking, setAsking] = useState(false)
  const filter = listedFilter(query)
  const { deletion } = text
  const isRunning = deleted !== null
  const hasNone = total === undefined || total === 0 || filter === null
  const label = filterValues(query.filter).length > 0 ? deletion.buttonFiltered : deletion.button
  return (
    <>
      <p role="status" className="content-center text-xs text-ink-muted">
        {isRunning ? deletion.busy(deleted) : note}
      </p>
      <button
        type="button"
        title={deletion.hint}
        aria-label={isRunning ? deletion.stop : label}
        disabled={!isRunning && hasNone}
        onClick={() => (isRunning ? stopDeletion() : setAsking(true))}
        className="flex h-9 items-center gap-1.5 rounded-md px-3 font-medium whitespace-nowrap text-ink-muted transition-colors enabled:hover:bg-bad-soft enabled:hover:text-bad disabled:opacity-60"
      >
        <Trash2 aria-hidden size={16} />
        <span className={isRunning ? '' : 'max-sm:hidden'}>{isRunning ? deletion.stop : label}</span>
      </button>
      {isAsking && filter !== null && total !== undefined && (
        <ConfirmDialog
          title={titleFor(total)}
          detail={deletion.detail}
          action={deletion.action}
          onConfirm={() => void startDeletion(filter)}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  )
}

function titleFor(total: Total): string {
  const { deletion } = text
  if (total === null) return deletion.titleUnknown
  return typeof total === 'number' ? deletion.title(total) : deletion.titleMany
}
