/** A card for each worker, by name; where there are many, those whose name has some words. */

import type { WorkerFigures } from '@argus/shared'
import { useState } from 'react'
import { useBoard } from '../../stores/board.ts'
import { text } from '../../text/index.ts'
import { Skeleton } from '../ui/skeleton.tsx'
import { WorkerCard } from './worker-card.tsx'
import { FILTER_ABOVE, isLastReady, listWorkers } from './workers.ts'

interface Props {
  /** Undefined until they are known. */
  figures: readonly WorkerFigures[] | undefined
  /** When the figures came. */
  arrivedAt: number
}

export function WorkerGrid({ figures, arrivedAt }: Props) {
  const [words, setWords] = useState('')
  const cluster = useBoard(({ overview }) => overview?.cluster)
  const waiting = useBoard(({ overview }) => overview?.counts.QUEUED ?? 0)
  const { workers } = text
  if (cluster === undefined) return <Skeleton className="h-72 w-full" />
  const all = cluster.workers
  const shown = listWorkers(all, all.length > FILTER_ABOVE ? words : '')
  const byId = new Map(figures?.map((worker) => [worker.id, worker]))
  const top = Math.max(0, ...(figures ?? []).flatMap(({ recent }) => recent))
  const slots = all.reduce((sum, worker) => sum + worker.slots, 0)
  const busy = all.reduce((sum, worker) => sum + worker.busy, 0)
  return (
    <section aria-labelledby="workers" className="grid gap-3">
      <div className="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-2">
        <h2 id="workers" className="text-base font-semibold">
          {workers.heading}
        </h2>
        {all.length > 0 && <p className="text-ink-muted">{workers.summary(all.length, busy, slots)}</p>}
        {all.length > FILTER_ABOVE && (
          <input
            type="search"
            value={words}
            onChange={({ target }) => setWords(target.value)}
            aria-label={workers.filter}
            placeholder={workers.filter}
            className="h-8 w-full rounded-md border border-line-strong bg-surface px-3 placeholder:text-ink-muted sm:ml-auto sm:w-64"
          />
        )}
      </div>
      {shown.length === 0 ? (
        <p className="rounded-lg border border-dashed border-line-strong p-6 text-ink-muted">
          {all.length === 0 ? workers.none : workers.noMatch(words.trim())}
        </p>
      ) : (
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(19rem,100%),1fr))] gap-4">
          {shown.map((worker) => (
            <WorkerCard
              key={worker.id}
              worker={worker}
              model={'name' in cluster.model ? cluster.model.name : null}
              figures={byId.get(worker.id)}
              arrivedAt={arrivedAt}
              top={top}
              waiting={isLastReady(worker, waiting, all) ? waiting : 0}
            />
          ))}
        </ul>
      )}
    </section>
  )
}
