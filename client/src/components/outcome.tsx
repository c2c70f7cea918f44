/** What was recognised in a photo, or why nothing was. */
import type { Job, RecognisedClass } from '@argus/shared'
import { formatPercent } from '../format.ts'
import { text } from '../text.ts'
import { ProbabilityBar } from './probability-bar.tsx'

export function Outcome({ job }: { job: Job }) {
  const [best, ...others] = job.result?.classes ?? []
  if (best !== undefined) return <Recognised best={best} others={others} />
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

function Recognised({ best, others }: { best: RecognisedClass; others: RecognisedClass[] }) {
  const next = others.map(({ label, probability }) => `${label} ${formatPercent(probability)}`).join(' · ')
  return (
    <>
      <p className="flex items-baseline justify-between gap-3">
        <span className="truncate font-medium" title={best.description}>
          {best.label}
        </span>
        <span>{formatPercent(best.probability)}</span>
      </p>
      <ProbabilityBar probability={best.probability} />
      <p className="mt-1 truncate text-xs text-ink-muted max-lg:hidden" title={next}>
        {next}
      </p>
    </>
  )
}
