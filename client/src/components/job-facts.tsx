/** Times, places and versions of one job. */
import type { Job } from '@argus/shared'
import { Braces } from 'lucide-react'
import type { ReactNode } from 'react'
import { jobPath } from '../api/jobs.ts'
import { formatBytes, formatDuration, formatInstant, spanBetween } from '../format.ts'
import { useOpened } from '../stores/opened.ts'
import { text } from '../text.ts'

export function JobFacts({ job }: { job: Job }) {
  const { submittedAt, queuedAt, startedAt, endedAt, image, result } = job
  const removed = useOpened((store) => store.removed)
  const { details } = text
  return (
    <section aria-labelledby="opened-job-facts">
      <h3 id="opened-job-facts" className="mb-2 font-semibold">
        {details.job}
      </h3>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-1.5">
        <Fact name={details.submitted}>{formatInstant(submittedAt)}</Fact>
        <Fact name={details.retried}>{job.run > 1 ? formatInstant(queuedAt) : null}</Fact>
        <Fact name={details.started}>{startedAt && formatInstant(startedAt)}</Fact>
        <Fact name={details.ended}>{endedAt && formatInstant(endedAt)}</Fact>
        <Fact name={details.waited}>{startedAt && formatDuration(spanBetween(queuedAt, startedAt))}</Fact>
        <Fact name={details.ran}>
          {startedAt && endedAt && formatDuration(spanBetween(startedAt, endedAt))}
        </Fact>
        <Fact name={details.steps}>{steps(job.timings)}</Fact>
        <Fact name={details.worker}>{job.reused ? details.reused : job.worker}</Fact>
        <Fact name={details.engine}>{result?.engine}</Fact>
        <Fact name={details.model}>
          {result && (
            <>
              {result.model.name}
              <span title={result.model.digest} className="block truncate font-mono text-xs text-ink-muted">
                {result.model.digest}
              </span>
            </>
          )}
        </Fact>
        <Fact name={details.file}>
          {image.type} · {image.width} × {image.height} · {formatBytes(image.bytes)}
        </Fact>
        <Fact name={details.owner}>{job.owner}</Fact>
        <Fact name={details.priority}>{job.priority === 0 ? null : job.priority}</Fact>
        <Fact name={details.tags}>{formatTags(job.tags)}</Fact>
        <Fact name={details.batch}>{job.batch}</Fact>
      </dl>
      {!removed && (
        <a
          href={jobPath(job.id)}
          target="_blank"
          rel="noreferrer"
          className="mt-4 inline-flex items-center gap-1.5 rounded-sm font-medium text-accent underline-offset-4 hover:underline"
        >
          <Braces aria-hidden size={16} />
          {details.json}
        </a>
      )}
    </section>
  )
}

/** One line of the list; none for what is not known. */
function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === null || children === undefined) return null
  return (
    <>
      <dt className="text-ink-muted">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </>
  )
}

/** What the worker did, one after the other; null where it did not come to that. */
function steps({ fetched, decoded, classified }: Job['timings']): string | null {
  if (fetched === null || decoded === null || classified === null) return null
  const { step } = text.details
  const named = [
    [step.fetch, fetched],
    [step.decode, decoded],
    [step.classify, classified],
  ] as const
  return named.map(([name, ms]) => `${name} ${formatDuration(ms)}`).join(' · ')
}

function formatTags(tags: Job['tags']): string | null {
  const pairs = Object.entries(tags).map(([name, value]) => `${name}=${value}`)
  return pairs.length === 0 ? null : pairs.join(' · ')
}
