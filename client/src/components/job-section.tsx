/** The jobs: how many there are, whether that is still true, and the newest of them. */
import { useBoard } from '../stores/board.ts'
import { total } from '../stores/board-state.ts'
import { text } from '../text.ts'
import { Counts } from './counts.tsx'
import { EmptyState } from './empty-state.tsx'
import { FreshnessNote } from './freshness-note.tsx'
import { JobTable } from './job-table.tsx'
import { TableSkeleton } from './table-skeleton.tsx'

export function JobSection() {
  const board = useBoard((store) => store.board)
  const phase = useBoard((store) => store.connection.phase)
  const stale = phase === 'lost'
  const all = board === null ? 0 : total(board.counts)
  return (
    <section
      aria-labelledby="jobs"
      aria-busy={board === null}
      data-stale={stale}
      className="grid min-w-0 gap-4"
    >
      <div className={stale ? 'stale' : ''}>
        <Counts />
      </div>
      <div className="flex h-6 items-baseline gap-2">
        <h2 id="jobs" className="text-base font-semibold">
          {text.jobs.heading}
        </h2>
        {board !== null && board.jobs.length > 0 && (
          <p className="shrink-0 text-ink-muted">{text.jobs.newest(board.jobs.length, all)}</p>
        )}
        <FreshnessNote />
      </div>
      <div className={`min-w-0 ${stale ? 'stale' : ''}`}>
        {board !== null && all === 0 ? (
          <EmptyState />
        ) : board === null || board.jobs.length === 0 ? (
          <TableSkeleton />
        ) : (
          <JobTable jobs={board.jobs} arrived={board.arrived} />
        )}
      </div>
    </section>
  )
}
