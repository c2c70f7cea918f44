/** The newest photos of a batch, read anew when the pushed batch says that more have ended. */
import type { Batch, Job } from '@argus/shared'
import { Image, ImageOff } from 'lucide-react'
import { useCallback } from 'react'
import { Link } from 'react-router'
import { fetchNewestJobs } from '../../api/batches.ts'
import { text } from '../../text/index.ts'
import { Card } from '../ui/card.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { jobsOf } from './board-links.ts'
import { endedOf } from './state.ts'
import { useReading } from './use-reading.ts'

const MOST = 24
const REST_MS = 2_000
const GRID = 'grid grid-cols-[repeat(auto-fill,minmax(5.5rem,1fr))] gap-3'

export function BatchNewest({ batch: { id, total, counts } }: { batch: Batch }) {
  const read = useCallback(() => fetchNewestJobs(id, MOST), [id])
  const { value: jobs, failure } = useReading(read, `${total} ${endedOf(counts)}`, REST_MS)
  const words = text.batch
  return (
    <Card
      heading={words.newest}
      aside={
        total > MOST && (
          <Link
            to={jobsOf(id)}
            className="rounded-sm py-0.5 font-medium text-accent underline-offset-4 hover:underline"
          >
            {words.showJobs}
          </Link>
        )
      }
    >
      {failure !== null && <p className="mb-2 text-warn">{words.unread(failure.title)}</p>}
      {total === 0 ? (
        <p className="text-ink-muted">{words.noPhotos}</p>
      ) : (
        <ul className={GRID}>
          {jobs === null
            ? Array.from({ length: Math.min(total, MOST) }, (_, place) => place).map((place) => (
                <li key={place}>
                  <Skeleton className="mb-5 aspect-square w-full rounded-md" />
                </li>
              ))
            : jobs.map((job) => <Tile key={job.id} job={job} />)}
        </ul>
      )}
    </Card>
  )
}

function Tile({ job }: { job: Job }) {
  const { id, fileName, thumbnailUrl, result, status, endedAt } = job
  const words = result?.classes[0]?.label ?? text.statusWords[status]
  const Icon = endedAt === null ? Image : ImageOff
  return (
    <li data-job-id={id}>
      <Link
        to={`/jobs/${id}`}
        title={text.batch.thumbnail(fileName, words)}
        className="block rounded-md transition-opacity hover:opacity-80"
      >
        <span className="flex aspect-square items-center justify-center overflow-hidden rounded-md bg-sunken text-line-strong">
          {thumbnailUrl === null ? (
            <Icon aria-hidden size={20} />
          ) : (
            <img src={thumbnailUrl} alt="" loading="lazy" className="size-full object-cover" />
          )}
        </span>
        <span className="mt-1 block truncate text-xs">
          <span className="sr-only">{fileName}: </span>
          {words}
        </span>
      </Link>
    </li>
  )
}
