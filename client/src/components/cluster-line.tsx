/** One line about the cluster: its model, its ready workers, and how many of their slots are in use. */
import type { ClusterView } from '@argus/shared'
import { useBoard } from '../stores/board.ts'
import { text } from '../text.ts'
import { Skeleton } from './skeleton.tsx'

function describe({ model, workers }: ClusterView): string[] {
  const ready = workers.filter((worker) => worker.state === 'ready')
  const slots = ready.reduce((sum, worker) => sum + worker.slots, 0)
  const busy = ready.reduce((sum, worker) => sum + worker.busy, 0)
  const parts = ['name' in model ? model.name : text.cluster.noModel, text.cluster.workers(ready.length)]
  return slots === 0 ? parts : [...parts, text.cluster.slots(busy, slots)]
}

export function ClusterLine() {
  const cluster = useBoard((store) => store.board?.cluster)
  if (cluster === undefined) {
    return (
      <div className="flex h-6 items-center md:h-auto">
        <Skeleton className="h-3 w-64 max-w-full" />
      </div>
    )
  }
  return (
    <p className="flex h-6 items-center gap-2 overflow-hidden whitespace-nowrap text-xs text-ink-muted md:h-auto md:text-sm">
      {describe(cluster).map((part, position) => (
        <span key={part} className={position === 0 ? 'min-w-0 truncate font-medium text-ink' : 'shrink-0'}>
          {position > 0 && <span className="mr-2 text-line-strong">·</span>}
          {part}
        </span>
      ))}
    </p>
  )
}
