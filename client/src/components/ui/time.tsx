/** When something was, ticking; the exact time on hover. */
import { formatAgo, formatInstant, spanBetween } from '../../format.ts'
import { useClock } from '../../stores/clock.ts'

export function Time({ at, className = '' }: { at: string; className?: string }) {
  const ago = useClock(({ now }) => formatAgo(spanBetween(at, now)))
  return (
    <time dateTime={at} title={formatInstant(at)} className={className}>
      {ago}
    </time>
  )
}
