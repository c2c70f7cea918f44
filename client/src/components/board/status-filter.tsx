/** How many jobs there are in each state, of all that the master knows; each shows only those. */
import type { JobStatus } from '@argus/shared'
import { formatCount } from '../../format.ts'
import { useBoard, useStale } from '../../stores/board.ts'
import { text } from '../../text/index.ts'
import { Skeleton } from '../ui/skeleton.tsx'
import { STATUSES, StatusWord } from '../ui/status-word.tsx'
import { withFilter } from './job-query.ts'
import type { QueryInAddress } from './use-query.ts'

export function StatusFilter({ params, query, go }: QueryInAddress) {
  const counts = useBoard((store) => store.overview?.counts)
  const stale = useStale()
  const chosen = query.filter.status ?? []
  const toggle = (status: JobStatus) => {
    const others = chosen.filter((other) => other !== status)
    go(withFilter(params, 'status', others.length < chosen.length ? others : [...chosen, status]))
  }
  return (
    <ul
      aria-label={text.jobs.counts}
      className={`grid grid-cols-[repeat(5,auto)] divide-x divide-line overflow-hidden rounded-lg border border-line bg-surface sm:grid-cols-5 ${stale ? 'stale' : ''}`}
    >
      {STATUSES.map((status) => (
        <li key={status} data-count={status}>
          <button
            type="button"
            aria-pressed={chosen.includes(status)}
            title={text.jobs.show(text.statusWords[status])}
            onClick={() => toggle(status)}
            className="flex w-full flex-col gap-0.5 px-2 py-1.5 text-left -outline-offset-2 transition-colors hover:bg-hover aria-pressed:bg-accent-soft aria-pressed:shadow-[inset_0_-2px_0_var(--color-accent)] sm:px-4 sm:py-2"
          >
            <span className="text-xs text-ink-muted">
              <StatusWord status={status} compact />
            </span>
            <span
              className={`h-7 text-base/7 font-semibold sm:text-lg ${counts?.[status] === 0 ? 'text-ink-muted' : ''}`}
            >
              {counts === undefined ? <Skeleton className="mt-1.5 h-4 w-10" /> : formatCount(counts[status])}
            </span>
          </button>
        </li>
      ))}
    </ul>
  )
}
