/** When a job was submitted, how long it waited and how long it ran; what is not over yet is ticking. */
import type { JobRow } from '@argus/shared'
import { formatAgo, formatDuration, formatInstant, spanBetween } from '../../format.ts'
import { useClock } from '../../stores/clock.ts'
import { text } from '../../text/index.ts'

/** How long the job waited and ran, as far as it got by `now`; or why it did neither. */
function spans(
  {
    queuedAt,
    startedAt,
    endedAt,
    status,
    reused,
  }: Pick<JobRow, 'queuedAt' | 'startedAt' | 'endedAt' | 'status' | 'reused'>,
  now: number,
): string {
  const { jobs } = text
  if (reused) return jobs.reused
  const waited = startedAt === null ? null : jobs.waited(formatDuration(spanBetween(queuedAt, startedAt)))
  if (status === 'QUEUED') return jobs.waiting(spanBetween(queuedAt, now))
  if (endedAt === null) return [waited, startedAt && jobs.runningFor(spanBetween(startedAt, now))].join(' · ')
  if (startedAt === null) return jobs.waited(formatDuration(spanBetween(queuedAt, endedAt)))
  return [waited, jobs.ran(formatDuration(spanBetween(startedAt, endedAt)))].join(' · ')
}

/** How long it waited and ran, ticking. */
export function useSpans(
  job: Pick<JobRow, 'queuedAt' | 'startedAt' | 'endedAt' | 'status' | 'reused'>,
): string {
  return useClock(({ now }) => spans(job, now))
}

export function JobTimes({ job }: { job: JobRow }) {
  const ago = useClock(({ now }) => formatAgo(spanBetween(job.submittedAt, now)))
  const detail = useSpans(job)
  return (
    <div className="max-lg:flex max-lg:text-xs max-lg:text-ink-muted">
      <time
        className="block shrink-0 lg:w-fit"
        dateTime={job.submittedAt}
        title={formatInstant(job.submittedAt)}
      >
        {ago}
      </time>
      <p className="truncate text-xs text-ink-muted max-lg:before:content-['_·_'] max-lg:before:whitespace-pre">
        {detail}
      </p>
    </div>
  )
}
