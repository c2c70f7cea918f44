/** The panel with the model and each worker: what it runs on, how fast that is, and how busy it is. */
import type { ClusterView } from '@argus/shared'
import { text } from '../text.ts'
import { WorkerRow } from './worker-row.tsx'

/** Its id, for the button that opens it. */
export const WORKER_PANEL = 'workers'

/** A popover of the browser: a click elsewhere or Escape closes it. */
export function WorkerPanel({ cluster: { model, workers } }: { cluster: ClusterView }) {
  const { cluster } = text
  return (
    <section
      id={WORKER_PANEL}
      popover="auto"
      aria-label={cluster.heading}
      className="fixed top-20 right-auto bottom-auto left-4 max-h-[70dvh] w-[calc(100%-2rem)] max-w-2xl rounded-lg border border-line bg-surface text-ink shadow-raised md:top-15 md:left-[max(1.5rem,calc(50%-var(--container-page)/2+1.5rem))]"
    >
      <div className="border-b border-line px-4 py-3">
        <p className="text-xs text-ink-muted">{cluster.model}</p>
        <p className="font-semibold wrap-anywhere">{'name' in model ? model.name : cluster.noModel}</p>
        {'digest' in model && (
          <p title={model.digest} className="truncate font-mono text-xs text-ink-muted">
            {model.digest}
          </p>
        )}
      </div>
      {workers.length === 0 ? (
        <p className="px-4 py-3 text-ink-muted">{text.readiness.noWorker}</p>
      ) : (
        <table className="w-full table-fixed text-left">
          <thead className="border-b border-line bg-sunken text-xs text-ink-muted">
            <tr>
              <th scope="col" className="py-2 pr-3 pl-4 font-medium">
                {cluster.columns.worker}
              </th>
              <th scope="col" className="w-28 px-3 font-medium max-sm:hidden">
                {cluster.columns.engine}
              </th>
              <th scope="col" className="w-24 px-3 text-right font-medium max-sm:hidden">
                {cluster.columns.speed}
              </th>
              <th scope="col" className="w-16 text-right font-medium sm:w-24 sm:px-3">
                {cluster.columns.slots}
              </th>
              <th scope="col" className="w-28 pr-4 text-right font-medium sm:w-34">
                <span className="sr-only">{cluster.columns.action}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {workers.map((worker) => (
              <WorkerRow key={worker.id} worker={worker} />
            ))}
          </tbody>
        </table>
      )}
      {workers.length > 0 && (
        <p className="border-t border-line px-4 py-3 text-xs text-ink-muted">{cluster.speedDetail}</p>
      )}
    </section>
  )
}
