/** How many jobs of a batch are in which state, as one bar. The numbers always stand next to it. */
import type { JobCounts, JobStatus } from '@argus/shared'

/** What has ended comes first, so that the bar fills from the left. */
const ORDER: readonly JobStatus[] = ['SUCCEEDED', 'FAILED', 'CANCELLED', 'RUNNING', 'QUEUED']

export const STATUS_COLOURS: Record<JobStatus, string> = {
  SUCCEEDED: 'bg-good',
  FAILED: 'bg-bad',
  CANCELLED: 'bg-line-strong',
  RUNNING: 'bg-accent',
  QUEUED: 'bg-line',
}

export function ProgressBar({ counts, className = 'h-2' }: { counts: JobCounts; className?: string }) {
  const shown = ORDER.filter((status) => counts[status] > 0)
  return (
    <div aria-hidden className={`flex gap-px overflow-hidden rounded-full bg-line ${className}`}>
      {shown.map((status) => (
        <div
          key={status}
          data-share={status}
          className={`min-w-0.5 ${STATUS_COLOURS[status]}`}
          style={{ flex: `${counts[status]} 1 0` }}
        />
      ))}
    </div>
  )
}
