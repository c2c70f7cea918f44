/**
 * Tells job boards what changed. Changes leave at once while they are few; when they outrun the budget they
 * gather, and a frame carries the latest state of each job. So a board costs ten frames a second at most.
 */
import { randomUUID } from 'node:crypto'
import { type ClusterView, type Frame, type Job, MAX_VIEW_ROWS, type Snapshot } from '@argus/shared'
import type { Logger } from '../log.ts'
import type { ModelService } from '../models/model-service.ts'
import { Mutex } from '../mutex.ts'
import { classify } from '../store/database-errors.ts'
import type { JobRecord } from '../store/job-record.ts'
import type { StorageWatch } from '../store/storage-watch.ts'
import type { WorkerRegistry } from '../workers/worker-registry.ts'
import { FrameBudget } from './frame-budget.ts'
import type { JobService } from './job-service.ts'
import { toJob } from './job-view.ts'

export interface FeedParts {
  readonly jobs: JobService
  readonly workers: WorkerRegistry
  readonly models: ModelService
  readonly storage: StorageWatch
  readonly log: Logger
}

export class Feed {
  readonly #parts: FeedParts
  readonly #bootId = randomUUID()
  /** Snapshots and frames are made one at a time, so that a frame never brings older rows than a snapshot. */
  readonly #turn = new Mutex()
  /** The rows of the largest view, as they were last read. */
  #newest: readonly JobRecord[] = []
  #changedJobs = new Set<string>()
  #removedJobs = new Set<string>()
  readonly #budget = new FrameBudget()
  #clusterChanged = false
  readonly #clusterListeners = new Set<() => void>()
  /** The database, at the last look. */
  #isAway = false
  /** A frame is going to be made. */
  #scheduled = false
  #timer: NodeJS.Timeout | undefined
  #seq = 0
  #deliver: (frame: Frame) => void = () => undefined

  constructor(parts: FeedParts) {
    this.#parts = parts
    const { changes } = parts.jobs
    changes.onChange((id) => {
      this.#changedJobs.add(id)
      this.#schedule()
    })
    changes.onRemoved((ids) => {
      for (const id of ids) this.#removedJobs.add(id)
      this.#schedule()
    })
    const noteCluster = () => {
      this.#clusterChanged = true
      this.#schedule()
      for (const listener of this.#clusterListeners) listener()
    }
    parts.workers.onChange(noteCluster)
    parts.models.onChange(noteCluster)
    parts.storage.onChange(() => {
      const isBack = this.#isAway && parts.storage.state.database === 'ok'
      this.#isAway = parts.storage.state.database !== 'ok'
      // Of what happened by a COMMIT whose answer was lost nobody told. Boards that see the gap ask for a snapshot.
      if (isBack) this.#seq += 1
      noteCluster()
    })
  }

  /** Sets who gets the frames. */
  onFrame(deliver: (frame: Frame) => void): void {
    this.#deliver = deliver
  }

  /** Makes a snapshot and hands it over before any later frame is made. */
  snapshot(limit: number, handOver: (snapshot: Snapshot) => void): Promise<void> {
    return this.#turn.run(async () => {
      const jobs = (await this.#lastKnown()).slice(0, limit).map(toJob)
      const { counts } = this.#parts.jobs.changes
      handOver({ bootId: this.#bootId, seq: this.#seq, counts, cluster: this.cluster(), jobs })
    })
  }

  /** The cluster as it is now. */
  cluster(): ClusterView {
    const { workers, models, storage } = this.#parts
    const model = models.state
    const isServed = model.state === 'serving' && workers.serving(model.digest).length > 0
    const ready = isServed && storage.isOk
    return { ready, storage: storage.state, model, workers: workers.views() }
  }

  /** Calls back whenever the cluster has changed. Returns what ends that. */
  onCluster(listener: () => void): () => void {
    this.#clusterListeners.add(listener)
    return () => this.#clusterListeners.delete(listener)
  }

  /** Sends no more frames. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#deliver = () => undefined
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    const delay = this.#budget.delay(performance.now())
    // Without even a timer of 0 ms, in which the dispatcher would deal a job that the frame shows as queued.
    if (delay === 0) this.#takeTurn()
    else this.#timer = setTimeout(() => this.#takeTurn(), delay)
  }

  #takeTurn(): void {
    this.#turn
      .run(() => this.#sendFrame())
      .catch((error: unknown) => {
        this.#parts.log.error({ err: error }, 'A frame could not be made; the next one brings its changes')
        this.#parts.storage.note(error)
        // Unless the database is away: its return is a change.
        if (this.#parts.storage.state.database === 'ok') this.#schedule()
      })
  }

  async #sendFrame(): Promise<void> {
    this.#budget.spend(performance.now())
    this.#scheduled = false
    const changed = this.#changedJobs
    const removed = this.#removedJobs
    this.#changedJobs = new Set()
    this.#removedJobs = new Set()
    const cluster = this.#clusterChanged ? this.cluster() : undefined
    this.#clusterChanged = false
    try {
      const jobs = await this.#rows(changed)
      this.#seq += 1
      const { counts } = this.#parts.jobs.changes
      this.#deliver({ bootId: this.#bootId, seq: this.#seq, counts, cluster, jobs, removed: [...removed] })
    } catch (error) {
      for (const id of changed) this.#changedJobs.add(id)
      for (const id of removed) this.#removedJobs.add(id)
      this.#clusterChanged ||= cluster !== undefined
      throw error
    }
  }

  /** The newest jobs; while the database is away as they were before, and the cluster view says that it is. */
  async #lastKnown(): Promise<readonly JobRecord[]> {
    try {
      this.#newest = await this.#parts.jobs.newest(MAX_VIEW_ROWS)
    } catch (error) {
      this.#parts.storage.note(error)
      if (classify(error) !== 'unavailable') throw error
    }
    return this.#newest
  }

  /** The jobs among these that are on a board, oldest first: a view shows the newest jobs. */
  async #rows(changed: Set<string>): Promise<Job[]> {
    if (changed.size === 0) return []
    if (this.#parts.storage.state.database !== 'ok') {
      // Boards are to hear that the database is away; of the jobs they hear when it is back.
      for (const id of changed) this.#changedJobs.add(id)
      return []
    }
    this.#newest = await this.#parts.jobs.newest(MAX_VIEW_ROWS)
    return this.#newest
      .filter(({ id }) => changed.has(id))
      .reverse()
      .map(toJob)
  }
}
