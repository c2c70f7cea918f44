/** One batch in the list of all: how far it is, what came of it; as pushed while it is watched. */
import type { Batch } from '@argus/shared'
import { Link } from 'react-router'
import { useSubject } from '../../stores/subjects.ts'
import { text } from '../../text/index.ts'
import { STATUSES } from '../ui/status-word.tsx'
import { Time } from '../ui/time.tsx'
import { ProgressBar } from './progress-bar.tsx'
import { endedOf, nameOf } from './state.ts'
import { StateWord } from './state-word.tsx'

/** @param batch as it was read; what is pushed is newer */
export function WatchedBatchRow({ batch }: { batch: Batch }) {
  const { news, refusal } = useSubject({ of: 'batch', id: batch.id })
  if (news?.batch === null || refusal?.code === 'batch/not-found') return null
  return <BatchRow batch={news?.batch ?? batch} />
}

export function BatchRow({ batch }: { batch: Batch }) {
  const { total, counts, accuracy, createdAt, owner } = batch
  const words = text.batch
  return (
    <li
      data-batch-id={batch.id}
      className="relative grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1.5 px-4 py-3 transition-colors hover:bg-hover lg:grid-cols-[minmax(0,5fr)_9rem_minmax(0,6fr)_8rem] lg:gap-x-6"
    >
      <div className="min-w-0">
        <Link
          to={`/batches/${batch.id}`}
          title={nameOf(batch)}
          // The whole row leads there.
          className="block truncate font-medium after:absolute after:inset-0"
        >
          {nameOf(batch)}
        </Link>
        <p className="flex gap-1 text-xs text-ink-muted">
          <span title={owner} className="relative truncate">
            {owner}
          </span>
          <span aria-hidden>·</span>
          <Time at={createdAt} className="relative shrink-0" />
        </p>
      </div>
      <StateWord batch={batch} />
      <div className="min-w-0 max-lg:col-span-2">
        <p className="mb-1 flex justify-between gap-4 text-xs">
          <span className="truncate text-ink-muted">{countsOf(batch)}</span>
          <span className="shrink-0">
            {total === 0 ? words.noPhotos : words.ended(endedOf(counts), total)}
          </span>
        </p>
        <ProgressBar counts={counts} className="h-1.5" />
      </div>
      <p className="text-xs text-ink-muted max-lg:col-span-2 max-lg:min-h-4 lg:text-right">
        {accuracy === null ? (
          <span title={text.batches.noTruthHint}>{text.batches.noTruth}</span>
        ) : (
          <>
            <span className="block font-medium text-ink max-lg:inline">{words.top1Short(accuracy.top1)}</span>{' '}
            {words.top5Short(accuracy.top5)}
          </>
        )}
      </p>
    </li>
  )
}

/** `5 succeeded · 1 failed` */
function countsOf({ counts }: Batch): string {
  return STATUSES.filter((status) => counts[status] > 0)
    .map((status) => text.batch.count(counts[status], status))
    .join(' · ')
}
