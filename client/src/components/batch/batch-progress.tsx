/** How far a batch has come: its jobs by status, how fast they end, and how long that will take. */
import type { Batch } from '@argus/shared'
import { useState } from 'react'
import { formatCount } from '../../format.ts'
import { useClock } from '../../stores/clock.ts'
import { text } from '../../text/index.ts'
import { Card } from '../ui/card.tsx'
import { STATUSES } from '../ui/status-word.tsx'
import { ProgressBar, STATUS_COLOURS } from './progress-bar.tsx'
import { endedOf, stateOf } from './state.ts'

export function BatchProgress({ batch }: { batch: Batch }) {
  const { total, counts, progress, rate } = batch
  const words = text.batch
  const left = useLeft(batch)
  return (
    <Card
      heading={words.progress}
      aside={
        <p data-ended={endedOf(counts)} className="font-medium">
          {total === 0 ? words.noPhotos : words.ended(endedOf(counts), total)}
        </p>
      }
    >
      <ProgressBar counts={counts} className="h-3" />
      <p className="mt-2 flex min-h-5 flex-wrap justify-between gap-x-4 text-ink-muted">
        <span>{words.share(progress)}</span>
        <span>
          {[rate === null || stateOf(batch) !== 'running' ? null : words.rate(rate), left]
            .filter((part) => part !== null)
            .join(' · ')}
        </span>
      </p>
      <dl aria-label={words.byStatus} className="mt-3 grid grid-cols-3 gap-x-4 gap-y-2 sm:flex sm:gap-x-8">
        {STATUSES.map((status) => (
          <div key={status} data-count={status} className="sm:min-w-24">
            <dt className="flex items-center gap-2 text-xs text-ink-muted">
              <span
                aria-hidden
                className={`size-2 rounded-full ring-1 ring-line-strong ${STATUS_COLOURS[status]}`}
              />
              {text.statusWords[status]}
            </dt>
            <dd className={`text-base font-semibold ${counts[status] === 0 ? 'text-ink-muted' : ''}`}>
              {formatCount(counts[status])}
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}

/** The time that is left, which goes on between two pushes; null where none is. */
function useLeft(batch: Batch): string | null {
  const [pushed, setPushed] = useState({ batch, at: Date.now() })
  if (pushed.batch !== batch) setPushed({ batch, at: Date.now() })
  return useClock(({ now }) => {
    if (stateOf(batch) !== 'running') return null
    if (batch.secondsLeft === null) return text.batch.leftUnknown
    return text.batch.left(batch.secondsLeft - Math.max(0, now - pushed.at) / 1_000)
  })
}
