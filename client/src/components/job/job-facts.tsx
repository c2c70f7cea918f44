/** Times, places and versions of one job, and where it can be read by a program. */
import type { Job } from '@argus/shared'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { formatBytes, formatCount } from '../../format.ts'
import { text } from '../../text/index.ts'
import { Card } from '../ui/card.tsx'
import { Time } from '../ui/time.tsx'

export function JobFacts({ job }: { job: Job }) {
  const { submittedAt, queuedAt, startedAt, endedAt, image, result, batch } = job
  const { details } = text
  return (
    <Card heading={details.job} className="max-lg:order-1">
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-1.5">
        <Fact name={details.submitted}>
          <Time at={submittedAt} />
        </Fact>
        <Fact name={details.retried}>{job.run > 1 ? <Time at={queuedAt} /> : null}</Fact>
        <Fact name={details.started}>{startedAt && <Time at={startedAt} />}</Fact>
        <Fact name={details.ended}>{endedAt && <Time at={endedAt} />}</Fact>
        <Fact name={details.owner}>{job.owner}</Fact>
        <Fact name={details.batch}>
          {batch && (
            <Link
              to={`/batches/${batch}`}
              title={batch}
              className="font-medium text-accent underline-offset-4 hover:underline"
            >
              {details.showBatch}
            </Link>
          )}
        </Fact>
        <Fact name={details.tags}>
          <Tags tags={job.tags} />
        </Fact>
        <Fact name={details.priority}>{formatCount(job.priority)}</Fact>
        <Fact name={details.worker}>{job.worker}</Fact>
        <Fact name={details.engine}>{result?.engine}</Fact>
        <Fact name={details.model}>
          {result && <span title={result.model.digest}>{result.model.name}</span>}
        </Fact>
        <Fact name={details.file}>
          {image.type} · {formatCount(image.width)} × {formatCount(image.height)} · {formatBytes(image.bytes)}
        </Fact>
        <Fact name={details.id}>
          <span className="font-mono text-xs">{job.id}</span>
        </Fact>
      </dl>
    </Card>
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

function Tags({ tags }: { tags: Job['tags'] }) {
  const pairs = Object.entries(tags).map(([name, value]) => `${name}=${value}`)
  if (pairs.length === 0) return <span className="text-ink-muted">{text.details.noTags}</span>
  return (
    <ul className="flex flex-wrap gap-1.5">
      {pairs.map((pair) => (
        <li key={pair} className="rounded-sm bg-sunken px-1.5 text-xs/5 wrap-anywhere">
          {pair}
        </li>
      ))}
    </ul>
  )
}
