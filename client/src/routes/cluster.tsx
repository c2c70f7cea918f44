/** The machines: the master and its model, each worker and what it does, and how another one is added. */
import { AddWorker } from '../components/cluster/add-worker.tsx'
import { MasterCard } from '../components/cluster/master-card.tsx'
import { useArrival } from '../components/cluster/use-arrival.ts'
import { useJoinToken } from '../components/cluster/use-join-token.ts'
import { WorkerGrid } from '../components/cluster/worker-grid.tsx'
import { needsWorker } from '../components/cluster/workers.ts'
import { FreshnessNote } from '../components/shell/freshness-note.tsx'
import { useTitle } from '../components/shell/use-title.ts'
import { useBoard, useStale } from '../stores/board.ts'
import { useSubject } from '../stores/subjects.ts'
import { text } from '../text/index.ts'

/** The page at `/cluster`. */
export function Component() {
  useTitle(text.cluster.heading)
  const { news } = useSubject({ of: 'machines' })
  const arrivedAt = useArrival(news)
  const join = useJoinToken()
  const overview = useBoard((store) => store.overview)
  const stale = useStale() ? 'stale' : ''
  const workers = overview?.cluster.workers ?? []
  const queued = overview?.counts.QUEUED ?? 0
  const waiting = needsWorker(queued, workers) ? queued : 0
  return (
    <>
      <div className="flex h-9 items-center gap-3">
        <h1 className="text-lg font-semibold">{text.cluster.heading}</h1>
        <FreshnessNote />
      </div>
      <div className={`grid gap-4 ${waiting > 0 ? '' : 'lg:grid-cols-[minmax(0,4fr)_minmax(0,3fr)]'}`}>
        <div className={`min-w-0 ${waiting > 0 ? 'order-last' : ''} ${stale}`}>
          <MasterCard figures={news?.master} arrivedAt={arrivedAt} />
        </div>
        <AddWorker join={join} waiting={waiting} isDrained={workers.length > 0} />
      </div>
      <div className={`min-w-0 ${stale}`}>
        <WorkerGrid figures={news?.workers} arrivedAt={arrivedAt} />
      </div>
    </>
  )
}
