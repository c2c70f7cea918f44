/** What was recognised in a photo, or why nothing was. */
import type { JobRow } from '@argus/shared'
import { formatPercent } from '../../format.ts'
import { text } from '../../text/index.ts'
import { ProbabilityBar } from '../ui/probability-bar.tsx'

export function Outcome({ job }: { job: JobRow }) {
  if (job.best !== null) return <Recognised best={job.best} />
  if (job.error !== null) {
    const { title, detail } = job.error
    return (
      <div title={detail}>
        <p className="truncate font-medium text-bad">{title}</p>
        <p className="truncate text-xs text-ink-muted max-lg:hidden">{detail}</p>
      </div>
    )
  }
  const { jobs } = text
  const words =
    job.status === 'CANCELLED'
      ? jobs.cancelled
      : job.status === 'RUNNING'
        ? jobs.running
        : job.attempts > 0
          ? jobs.requeued(job.attempts)
          : jobs.queued
  return <p className="truncate text-ink-muted">{words}</p>
}

function Recognised({ best }: { best: NonNullable<JobRow['best']> }) {
  return (
    <>
      <p className="flex items-baseline justify-between gap-3">
        <span className="truncate font-medium" title={best.label}>
          {best.label}
        </span>
        <span>{formatPercent(best.probability)}</span>
      </p>
      <ProbabilityBar probability={best.probability} />
    </>
  )
}
