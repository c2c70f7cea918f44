/** What a row says of its job: drawn anew only when that changes. */
import type { JobRow as Row } from '@argus/shared'
import { memo, useEffect, useRef } from 'react'
import { Link } from 'react-router'
import { moveCursor, useSelection } from '../../stores/selection.ts'
import { FileName } from '../ui/file-name.tsx'
import { StatusWord } from '../ui/status-word.tsx'
import { Thumbnail } from '../ui/thumbnail.tsx'
import { JobTimes } from './job-times.tsx'
import { Outcome } from './outcome.tsx'

interface Props {
  job: Row
  /** The keys act on it. */
  isCursor: boolean
}

export const JobCells = memo(function JobCells({ job, isCursor }: Props) {
  const link = useRef<HTMLAnchorElement>(null)
  const wantsFocus = useSelection((store) => isCursor && store.wantsFocus)
  useEffect(() => {
    if (!wantsFocus) return
    link.current?.focus({ preventScroll: true })
    moveCursor(job.id, false)
  }, [wantsFocus, job.id])
  return (
    <>
      <td className="max-lg:contents lg:px-2">
        <div className="flex items-center gap-3 max-lg:contents">
          <Thumbnail job={job} className="size-12 max-lg:row-span-4 lg:size-10" />
          <div className="min-w-0 lg:flex-1">
            <Link
              ref={link}
              to={`/jobs/${job.id}`}
              aria-label={job.fileName}
              onFocus={() => moveCursor(job.id, false)}
              className="flex w-fit max-w-full font-medium outline-none"
            >
              <FileName name={job.fileName} />
            </Link>
            <p className="truncate text-xs text-ink-muted max-lg:hidden xl:hidden">
              {[job.owner, job.worker].filter((part) => part !== null).join(' · ')}
            </p>
          </div>
        </div>
      </td>
      <td className="max-lg:col-start-4 max-lg:row-start-1 max-lg:text-xs lg:px-3">
        <StatusWord status={job.status} />
      </td>
      <td className="min-w-0 max-lg:col-span-2 max-lg:col-start-3 max-lg:h-7 max-lg:content-center lg:px-3">
        <Outcome job={job} />
      </td>
      <td className="min-w-0 text-ink-muted max-lg:col-start-3 max-lg:row-start-4 max-lg:text-xs lg:px-3 lg:max-xl:hidden">
        <p className="truncate" title={job.owner}>
          {job.owner}
        </p>
      </td>
      <td className="min-w-0 text-ink-muted max-lg:col-start-4 max-lg:row-start-4 max-lg:max-w-24 max-lg:text-xs lg:px-3 lg:max-xl:hidden">
        <p className="truncate" title={job.worker ?? undefined}>
          {job.worker}
        </p>
      </td>
      <td className="min-w-0 max-lg:col-span-2 max-lg:col-start-3 max-lg:row-start-3 lg:pr-4 lg:pl-3">
        <JobTimes job={job} />
      </td>
    </>
  )
})
