/** When boards are told of the cluster: at once, but not more often than it is worth how busy the workers are. */
import type { ClusterView } from '@argus/shared'
import type { ClusterWatch } from '../workers/cluster-watch.ts'

/** Between two views that differ in that only: with 50 workers one has 10 KB. */
const REST_MS = 500

export class ClusterNews {
  readonly #cluster: ClusterWatch
  #sent: ClusterView | null = null
  #sentAt = Number.NEGATIVE_INFINITY

  constructor(cluster: ClusterWatch) {
    this.#cluster = cluster
  }

  /**
   * Milliseconds until boards are to be told; 0: now; null: they know.
   *
   * @param now on the clock of `performance`
   */
  wait(now: number): number | null {
    const cluster = this.#cluster.view()
    if (cluster === this.#sent) return null
    if (!this.#sent || !isSameButBusy(cluster, this.#sent)) return 0
    return Math.max(0, this.#sentAt + REST_MS - now)
  }

  /** The cluster as it is now; all boards are told of it. */
  take(now: number): ClusterView {
    this.#sentAt = now
    this.#sent = this.#cluster.view()
    return this.#sent
  }
}

function isSameButBusy(a: ClusterView, b: ClusterView): boolean {
  return (
    a.ready === b.ready &&
    a.model === b.model &&
    a.storage.database === b.storage.database &&
    a.storage.disk === b.storage.disk &&
    a.workers.length === b.workers.length &&
    a.workers.every(({ id, state, engine }, index) => {
      const other = b.workers[index]
      return other?.id === id && other.state === state && other.engine === engine
    })
  )
}
