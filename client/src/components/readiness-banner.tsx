/** Says why photos are not being recognised just now, and what is being done about it. */
import type { ClusterView } from '@argus/shared'
import { CircleAlert, Info } from 'lucide-react'
import { useBoard } from '../stores/board.ts'
import { text } from '../text.ts'

interface Notice {
  tone: 'busy' | 'attention'
  title: string
  detail?: string
  progress?: { received: number; total: number | null }
}

/** Puts the cluster's state into words; null when it is ready. */
function noticeFor({ ready, model, workers }: ClusterView): Notice | null {
  const words = text.readiness
  if (ready) return null
  const noWorker: Notice | null =
    workers.length === 0 ? { tone: 'attention', title: words.noWorker, detail: words.noWorkerDetail } : null
  switch (model.state) {
    case 'resolving':
      return { tone: 'busy', title: words.resolving, detail: words.resolvingDetail }
    case 'fetching': {
      const progress = { received: model.receivedBytes, total: model.totalBytes }
      return { tone: 'busy', title: words.fetching(model.name), progress }
    }
    case 'testing':
      // It is a worker that tests the model.
      return noWorker ?? { tone: 'busy', title: words.testing(model.name), detail: words.testingDetail }
    case 'missing':
      return { tone: 'attention', title: words.missing, detail: model.detail }
    case 'serving':
      return noWorker ?? { tone: 'busy', title: words.starting(workers.length), detail: words.startingDetail }
  }
}

export function ReadinessBanner() {
  const cluster = useBoard((store) => store.board?.cluster)
  const notice = cluster === undefined ? null : noticeFor(cluster)
  if (notice === null) return null
  const { tone, title, detail, progress } = notice
  const Icon = tone === 'busy' ? Info : CircleAlert
  return (
    <section
      aria-label={title}
      className={`flex gap-3 rounded-lg px-4 py-3 ${tone === 'busy' ? 'bg-accent-soft' : 'bg-warn-soft'}`}
    >
      <Icon aria-hidden size={20} className={`shrink-0 ${tone === 'busy' ? 'text-accent' : 'text-warn'}`} />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap justify-between gap-x-4 font-semibold">
          <span className="wrap-anywhere">{title}</span>
          {progress && (
            <span className="font-normal">{text.readiness.fetched(progress.received, progress.total)}</span>
          )}
        </p>
        {progress && (
          <progress
            aria-label={title}
            className="my-2"
            value={progress.total === null ? undefined : progress.received}
            max={progress.total ?? undefined}
          />
        )}
        <p className="wrap-anywhere text-ink-muted">
          {detail} {text.readiness.waits}
        </p>
      </div>
    </section>
  )
}
