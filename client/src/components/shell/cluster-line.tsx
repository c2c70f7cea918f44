/** One line about the cluster: its model, and how busy its workers are; it leads to the page about them. */
import type { ClusterView } from '@argus/shared'
import { Link } from 'react-router'
import { useBoard, useStale } from '../../stores/board.ts'
import { text } from '../../text/index.ts'
import { Skeleton } from '../ui/skeleton.tsx'

interface Part {
  words: string
  /** Where it is shown: only a wide screen has room for all beside the names of the pages. */
  className: string
}

function describe({ model, workers }: ClusterView): Part[] {
  const ready = workers.filter((worker) => worker.state === 'ready')
  const draining = workers.filter((worker) => worker.state === 'draining').length
  const slots = ready.reduce((sum, worker) => sum + worker.slots, 0)
  const busy = ready.reduce((sum, worker) => sum + worker.busy, 0)
  const name = 'name' in model ? model.name : text.cluster.noModel
  const parts = [
    { words: name, className: 'max-2xl:hidden min-w-0 truncate font-medium text-ink' },
    { words: text.cluster.workers(ready.length), className: 'shrink-0 max-2xl:before:hidden' },
  ]
  if (draining > 0) parts.push({ words: text.cluster.draining(draining), className: 'shrink-0' })
  if (slots > 0) parts.push({ words: text.cluster.slots(busy, slots), className: 'shrink-0' })
  return parts
}

export function ClusterLine() {
  const cluster = useBoard((store) => store.overview?.cluster)
  const stale = useStale()
  if (cluster === undefined) {
    return (
      <div className="flex h-7 items-center">
        <Skeleton className="h-3 w-64 max-w-full" />
      </div>
    )
  }
  return (
    <Link
      to="/cluster"
      title={text.cluster.show}
      className={`flex h-7 max-w-full items-center gap-2 overflow-hidden rounded-md px-2 whitespace-nowrap text-ink-muted transition-colors hover:bg-hover hover:text-ink ${stale ? 'stale' : ''}`}
    >
      {describe(cluster).map(({ words, className }) => (
        <span
          key={words}
          className={`${className} not-first:before:mr-2 not-first:before:text-line-strong not-first:before:content-['·']`}
        >
          {words}
        </span>
      ))}
    </Link>
  )
}
