/** Puts what is wrong with the cluster into words. */
import type { ClusterView } from '@argus/shared'
import { text } from '../../text/index.ts'

export interface Notice {
  readonly tone: 'busy' | 'attention'
  readonly title: string
  readonly detail?: string
  readonly progress?: { readonly received: number; readonly total: number | null }
}

const words = text.readiness

/** Why photos are refused. */
export function storageNotices({ storage }: ClusterView): Notice[] {
  const notices: Notice[] = []
  if (storage.database === 'unavailable') {
    notices.push({ tone: 'attention', title: words.noDatabase, detail: words.noDatabaseDetail })
  }
  if (storage.disk === 'full') {
    notices.push({ tone: 'attention', title: words.diskFull, detail: words.diskFullDetail })
  }
  return notices
}

/** Why photos are not being recognised; null when they are, or would be if they were not refused. */
export function readinessNotice(cluster: ClusterView): Notice | null {
  const notice = noticeFor(cluster)
  if (notice === null || storageNotices(cluster).length > 0) return notice
  return { ...notice, detail: [notice.detail, words.waits].join(' ').trim() }
}

function noticeFor({ ready, model, workers }: ClusterView): Notice | null {
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
      return noWorker ?? notServing(workers)
  }
}

/** The model is there, and no worker takes photos for it. */
function notServing(workers: ClusterView['workers']): Notice | null {
  const isIn = (state: ClusterView['workers'][number]['state']) =>
    workers.filter((worker) => worker.state === state)
  // It is not the workers, then.
  if (isIn('ready').length > 0) return null
  const starting = isIn('starting').length
  return starting > 0
    ? { tone: 'busy', title: words.starting(starting), detail: words.startingDetail }
    : { tone: 'attention', title: words.drained, detail: words.drainedDetail }
}
