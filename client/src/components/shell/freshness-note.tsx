/** Warns that what stands below may be out of date, or why nothing is there. */
import { TriangleAlert } from 'lucide-react'
import { useBoard, useOffline } from '../../stores/board.ts'
import { text } from '../../text/index.ts'

export function FreshnessNote() {
  const phase = useBoard((store) => store.connection.phase)
  const offline = useOffline()
  const note = phase === 'lost' ? text.connection.stale : offline ? text.connection.noAnswer : null
  if (note === null) return null
  return (
    <p className="ml-auto flex min-w-0 items-center gap-1.5 text-xs font-medium text-warn">
      <TriangleAlert aria-hidden size={14} className="shrink-0" />
      <span className="truncate">{note}</span>
    </p>
  )
}
