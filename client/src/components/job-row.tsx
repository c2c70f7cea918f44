/** One job on the board. Its height does not depend on its state, so nothing moves while it is worked on. */
import type { Job } from '@argus/shared'
import { memo } from 'react'
import { formatBytes } from '../format.ts'
import { openJob } from '../stores/opened.ts'
import { FileName } from './file-name.tsx'
import { JobTimes } from './job-times.tsx'
import { Outcome } from './outcome.tsx'
import { StatusWord } from './status-word.tsx'
import { Thumbnail } from './thumbnail.tsx'

interface Props {
  job: Job
  /** It came while someone was watching. */
  arrived: boolean
}

export const JobRow = memo(function JobRow({ job, arrived }: Props) {
  const { image, status } = job
  return (
    // A click anywhere opens the job; by keyboard it is the button whose click gets here.
    <tr
      data-job-id={job.id}
      data-status={status}
      onClick={() => openJob(job.id)}
      className={`cursor-pointer border-line transition-colors not-last:border-b hover:bg-hover has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-accent max-lg:grid max-lg:grid-cols-[3rem_minmax(0,1fr)_auto] max-lg:gap-x-3 max-lg:gap-y-1 max-lg:px-3 max-lg:py-2.5 lg:h-[4.5rem] ${arrived ? 'animate-arrive' : ''}`}
    >
      <td className="max-lg:contents lg:py-2 lg:pr-3 lg:pl-4">
        <div className="flex items-center gap-3 max-lg:contents">
          <Thumbnail job={job} />
          <div className="min-w-0 max-lg:self-center lg:flex-1">
            <button
              type="button"
              aria-haspopup="dialog"
              aria-label={job.fileName}
              className="flex max-w-full text-left font-medium outline-none"
            >
              <FileName name={job.fileName} />
            </button>
            <p className="truncate text-xs text-ink-muted max-lg:hidden">
              {image.type.replace('image/', '').toUpperCase()} · {image.width} × {image.height} ·{' '}
              {formatBytes(image.bytes)}
            </p>
          </div>
        </div>
      </td>
      <td className="max-lg:col-start-3 max-lg:row-start-1 max-lg:self-center max-lg:text-xs lg:px-3">
        <StatusWord status={status} />
      </td>
      <td className="min-w-0 max-lg:col-span-2 max-lg:col-start-2 max-lg:h-7 max-lg:content-center lg:px-3">
        <Outcome job={job} />
      </td>
      <td className="min-w-0 max-lg:col-span-2 max-lg:col-start-2 lg:px-3">
        <JobTimes job={job} />
      </td>
      <td className="max-xl:hidden lg:pr-4 lg:pl-3">
        <p className="truncate" title={job.worker ?? undefined}>
          {job.worker}
        </p>
        <p className="truncate text-xs text-ink-muted">{job.result?.engine}</p>
      </td>
    </tr>
  )
})
