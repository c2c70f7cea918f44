/** The cluster as everyone sees it: model, workers and storage in one view, and word when any of them changes. */
import type { ClusterView } from '@argus/shared'
import type { ModelService } from '../models/model-service.ts'
import type { StorageWatch } from '../store/storage-watch.ts'
import type { WorkerRegistry } from './worker-registry.ts'

export interface ClusterWatchParts {
  readonly workers: WorkerRegistry
  readonly models: ModelService
  readonly storage: StorageWatch
}

export class ClusterWatch {
  readonly #parts: ClusterWatchParts
  readonly #listeners = new Set<() => void>()
  #view: ClusterView | null = null

  constructor(parts: ClusterWatchParts) {
    this.#parts = parts
    const note = () => {
      this.#view = null
      for (const listener of this.#listeners) listener()
    }
    parts.workers.onChange(note)
    parts.models.onChange(note)
    parts.storage.onChange(note)
  }

  /** As it is now; the same object as long as nothing changes. */
  view(): ClusterView {
    this.#view ??= this.#make()
    return this.#view
  }

  /** Calls back whenever the cluster has changed. Returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #make(): ClusterView {
    const { workers, models, storage } = this.#parts
    const model = models.state
    const isServed = model.state === 'serving' && workers.serving(model.digest).length > 0
    return { ready: isServed && storage.isOk, storage: storage.state, model, workers: workers.views() }
  }
}
