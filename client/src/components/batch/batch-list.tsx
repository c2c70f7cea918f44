/** All batches, the newest first. What is not over is pushed; the list itself is read anew when jobs have changed. */
import type { Batch } from '@argus/shared'
import { useCallback, useState } from 'react'
import { fetchBatches } from '../../api/batches.ts'
import { useBoard, useStale } from '../../stores/board.ts'
import { text } from '../../text/index.ts'
import { Button } from '../ui/button.tsx'
import { FailureNote } from '../ui/failure-note.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { BatchRow, WatchedBatchRow } from './batch-row.tsx'
import { NoBatches } from './no-batches.tsx'
import { isOver } from './state.ts'
import { useReading } from './use-reading.ts'

const STEP = 20
/** The most of one request. */
const PAGE = 100
/** As many subjects as one board may watch. */
const WATCHED = 8
const REST_MS = 5_000

export function BatchList() {
  const [limit, setLimit] = useState(STEP)
  const stale = useStale()
  const counts = useBoard(({ overview }) => (overview === null ? null : JSON.stringify(overview.counts)))
  const read = useCallback(() => readNewest(limit), [limit])
  const { value, failure, again } = useReading(read, counts, REST_MS)
  if (failure !== null && value === null) {
    return (
      <div role="alert" className="grid justify-items-start gap-4">
        <FailureNote title={text.batches.unread(failure.title)} detail={failure.detail} />
        <Button label={text.batches.again} onClick={again} />
      </div>
    )
  }
  if (value === null) return <ListSkeleton />
  if (value.batches.length === 0) return <NoBatches />
  const watched = new Set(value.batches.filter((batch) => !isOver(batch)).slice(0, WATCHED))
  return (
    <div className={`grid gap-4 ${stale ? 'stale' : ''}`}>
      {failure !== null && <FailureNote title={text.batches.unread(failure.title)} detail={failure.detail} />}
      <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
        {value.batches.map((batch) =>
          watched.has(batch) ? (
            <WatchedBatchRow key={batch.id} batch={batch} />
          ) : (
            <BatchRow key={batch.id} batch={batch} />
          ),
        )}
      </ul>
      {value.hasMore && (
        <div className="flex justify-center">
          <Button label={text.batches.more} onClick={() => setLimit(limit + STEP)} />
        </div>
      )}
    </div>
  )
}

async function readNewest(limit: number): Promise<{ batches: Batch[]; hasMore: boolean }> {
  const batches: Batch[] = []
  let next: string | null = null
  do {
    const page = await fetchBatches(Math.min(PAGE, limit - batches.length), next)
    batches.push(...page.batches)
    next = page.next
  } while (next !== null && batches.length < limit)
  return { batches, hasMore: next !== null }
}

function ListSkeleton() {
  return (
    <div aria-busy="true" className="divide-y divide-line rounded-lg border border-line bg-surface">
      <p className="sr-only">{text.batches.loading}</p>
      {[0, 1, 2, 3].map((row) => (
        <div key={row} className="flex h-25 items-center gap-6 px-4 lg:h-15">
          <Skeleton className="h-3 w-48 max-w-1/3" />
          <Skeleton className="ml-auto h-3 w-80 max-w-1/2" />
        </div>
      ))}
    </div>
  )
}
