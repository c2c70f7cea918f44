/** The slots of a worker: those in use, the free ones, and what was fetched ahead of them. */
import type { WorkerView } from '@argus/shared'
import { text } from '../../text/index.ts'

/** More are a bar. */
const MAX_PIPS = 16

export function Slots({ worker: { slots, busy, held } }: { worker: WorkerView }) {
  const { workers } = text
  const ahead = held - busy
  return (
    <div className="grid gap-1.5">
      <p className="flex flex-wrap justify-between gap-x-2 text-xs">
        <span>
          <span className="text-ink-muted">{workers.slots}</span> {workers.busy(busy, slots)}
        </span>
        {ahead > 0 && (
          <span title={workers.aheadHint} className="text-ink-muted">
            {workers.ahead(ahead)}
          </span>
        )}
      </p>
      <div aria-hidden className="flex h-2 gap-1">
        {slots <= MAX_PIPS ? (
          Array.from({ length: slots }, (_none, slot) => (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: a slot is its place
              key={slot}
              className={`max-w-8 flex-1 rounded-full border ${slot < busy ? 'border-accent bg-accent' : 'border-line-strong'}`}
            />
          ))
        ) : (
          <span className="flex-1 overflow-hidden rounded-full border border-line-strong">
            <span className="block h-full bg-accent" style={{ width: `${(busy / slots) * 100}%` }} />
          </span>
        )}
        {ahead > 0 && slots <= MAX_PIPS && (
          <span className="h-2 w-3 shrink-0 rounded-full border border-dashed border-accent" />
        )}
      </div>
    </div>
  )
}
