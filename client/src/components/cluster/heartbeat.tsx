/** How long ago a worker's last heartbeat was, counting on between what is pushed. */
import { HeartPulse } from 'lucide-react'
import { formatAgo } from '../../format.ts'
import { useStale } from '../../stores/board.ts'
import { useClock } from '../../stores/clock.ts'
import { text } from '../../text/index.ts'

/** A worker beats once a second, and its figures come every two: what shows more than three is late. */
const LATE_FROM_MS = 4_000

interface Props {
  /** When the figures came. */
  ageMs: number
  arrivedAt: number
}

export function Heartbeat({ ageMs, arrivedAt }: Props) {
  const isStale = useStale()
  /** While the connection is lost, nobody knows. */
  const age = useClock(
    ({ now }) => ageMs + (isStale ? 0 : Math.max(0, Math.floor((now - arrivedAt) / 1_000)) * 1_000),
  )
  const isLate = age >= LATE_FROM_MS && !isStale
  return (
    <span className={`flex items-center gap-1 whitespace-nowrap ${isLate ? 'text-warn' : ''}`}>
      {isLate && <HeartPulse aria-hidden size={14} className="shrink-0" />}
      {formatAgo(age)}
      {isLate && <span className="sr-only">{text.workers.beatLate}</span>}
    </span>
  )
}
