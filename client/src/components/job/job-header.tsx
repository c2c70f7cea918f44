/** Which job this is, what it is doing, in a sentence, and what can be done with it. */
import type { Job } from '@argus/shared'
import { useSpans } from '../board/job-times.tsx'
import { StatusWord } from '../ui/status-word.tsx'
import { JobActions } from './job-actions.tsx'
import { sentenceFor } from './sentence.ts'

export function JobHeader({ job, isRemoved }: { job: Job; isRemoved: boolean }) {
  const spans = useSpans(job)
  return (
    <div className="flex items-start justify-between gap-x-8 gap-y-3 max-sm:flex-col">
      <div className="w-full min-w-0">
        <h1 title={job.fileName} className="line-clamp-2 text-lg font-semibold wrap-anywhere">
          {job.fileName}
        </h1>
        <div data-job-status={job.status} className="mt-1 grid min-h-5 items-center gap-x-3 sm:flex">
          <span className="font-medium">
            <StatusWord status={job.status} />
          </span>
          <span role="status" className="min-w-0 wrap-anywhere empty:hidden">
            {sentenceFor(job)}
          </span>
          <span className="text-ink-muted">{spans}</span>
        </div>
        {job.error && (
          <p className="mt-1 wrap-anywhere text-bad">
            {[job.error.title, job.error.detail].filter((part) => part !== undefined).join('. ')}
          </p>
        )}
      </div>
      {!isRemoved && <JobActions job={job} />}
    </div>
  )
}
