/** How many jobs there are in each state, of all that the master knows. */
import { formatCount } from '../format.ts'
import { useBoard } from '../stores/board.ts'
import { text } from '../text.ts'
import { Skeleton } from './skeleton.tsx'
import { STATUSES, StatusWord } from './status-word.tsx'

export function Counts() {
  const counts = useBoard((store) => store.board?.counts)
  return (
    <dl
      aria-label={text.jobs.counts}
      className="grid grid-cols-[repeat(5,auto)] divide-x divide-line overflow-hidden rounded-lg border border-line bg-surface sm:grid-cols-5"
    >
      {STATUSES.map((status) => (
        <div key={status} data-count={status} className="flex flex-col gap-0.5 px-2 py-2 sm:px-4 sm:py-2.5">
          <dt className="text-xs text-ink-muted">
            <StatusWord status={status} compact />
          </dt>
          <dd
            className={`h-7 text-base/7 font-semibold sm:text-lg ${counts?.[status] === 0 ? 'text-ink-muted' : ''}`}
          >
            {counts === undefined ? <Skeleton className="mt-1.5 h-4 w-10" /> : formatCount(counts[status])}
          </dd>
        </div>
      ))}
    </dl>
  )
}
