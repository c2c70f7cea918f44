/** Tells whether the board is live, and since when it is not. */
import { Radio, RefreshCw, Unplug } from 'lucide-react'
import { useBoard, useOffline } from '../../stores/board.ts'
import { text } from '../../text/index.ts'

export function ConnectionBadge() {
  const { phase, since } = useBoard((store) => store.connection)
  const offline = useOffline()
  const { connection } = text
  const words =
    phase === 'live'
      ? connection.live
      : offline
        ? connection.offline(since)
        : phase === 'lost'
          ? connection.reconnecting
          : connection.connecting
  const Icon = phase === 'live' ? Radio : offline ? Unplug : RefreshCw
  const colour =
    phase === 'live' ? 'text-good' : offline ? 'bg-bad-soft text-bad border-transparent' : 'text-warn'
  return (
    // Room for the longer words, so that what stands before it does not move.
    <div className="flex shrink-0 justify-end sm:min-w-38">
      <p
        role="status"
        data-connection={offline ? 'offline' : phase}
        title={connection.hints[phase]}
        className={`flex items-center gap-1.5 rounded-full border border-line px-2.5 py-0.5 text-xs font-medium whitespace-nowrap ${colour}`}
      >
        <Icon aria-hidden size={14} />
        {words}
      </p>
    </div>
  )
}
