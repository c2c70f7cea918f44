/** One line about the cluster: its model, its workers, and what they run on; a click shows each of them. */
import type { ClusterView } from '@argus/shared'
import { ChevronDown } from 'lucide-react'
import { useBoard } from '../stores/board.ts'
import { text } from '../text.ts'
import { Skeleton } from './skeleton.tsx'
import { WORKER_PANEL, WorkerPanel } from './worker-panel.tsx'

interface Part {
  words: string
  /** Where it is shown: a phone has room for the most telling ones only. */
  className: string
}

function describe({ model, workers }: ClusterView): Part[] {
  const ready = workers.filter((worker) => worker.state === 'ready')
  const draining = workers.filter((worker) => worker.state === 'draining').length
  const slots = ready.reduce((sum, worker) => sum + worker.slots, 0)
  const busy = ready.reduce((sum, worker) => sum + worker.busy, 0)
  const engines = [...new Set(ready.flatMap(({ engine }) => engine ?? []))].sort()
  const name = 'name' in model ? model.name : text.cluster.noModel
  const parts = [
    { words: name, className: 'max-lg:hidden min-w-0 truncate font-medium text-ink' },
    { words: text.cluster.workers(ready.length), className: 'shrink-0 max-lg:before:hidden' },
  ]
  if (draining > 0)
    parts.push({ words: text.cluster.draining(draining), className: 'max-md:hidden shrink-0' })
  if (slots > 0) parts.push({ words: text.cluster.slots(busy, slots), className: 'shrink-0' })
  if (engines.length > 0) parts.push({ words: engines.join(', '), className: 'max-md:hidden shrink-0' })
  return parts
}

export function ClusterLine() {
  const cluster = useBoard((store) => store.board?.cluster)
  const stale = useBoard((store) => store.connection.phase === 'lost')
  if (cluster === undefined) {
    return (
      <div className="flex h-7 items-center">
        <Skeleton className="h-3 w-64 max-w-full" />
      </div>
    )
  }
  return (
    <div className={stale ? 'stale' : ''}>
      <button
        type="button"
        popoverTarget={WORKER_PANEL}
        title={text.cluster.show}
        className="-mx-2 flex h-7 max-w-full items-center gap-2 overflow-hidden rounded-md px-2 whitespace-nowrap text-ink-muted transition-colors hover:bg-hover hover:text-ink max-md:text-xs"
      >
        {describe(cluster).map(({ words, className }) => (
          <span
            key={words}
            className={`${className} not-first:before:mr-2 not-first:before:text-line-strong not-first:before:content-['·']`}
          >
            {words}
          </span>
        ))}
        <ChevronDown aria-hidden size={16} className="shrink-0" />
      </button>
      <WorkerPanel cluster={cluster} />
    </div>
  )
}
