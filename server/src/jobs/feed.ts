/**
 * Tells job boards what changed. Changes leave at once while they are few; when they outrun the budget they
 * gather, and a frame carries the latest state of each job. So a board costs ten frames a second at most.
 */
import { randomUUID } from 'node:crypto'
import { type ClusterView, type Frame, MAX_VIEW_ROWS, type Snapshot } from '@argus/shared'
import type { Logger } from '../log.ts'
import type { ModelService } from '../models/model-service.ts'
import { Mutex } from '../mutex.ts'
import type { WorkerRegistry } from '../workers/worker-registry.ts'
import { FrameBudget } from './frame-budget.ts'
import type { JobService } from './job-service.ts'
import { toJob } from './job-view.ts'

export class Feed {
  readonly #jobs: JobService
  readonly #workers: WorkerRegistry
  readonly #models: ModelService
  readonly #log: Logger
  readonly #bootId = randomUUID()
  /** Snapshots and frames are made one at a time, so that a frame never brings older rows than a snapshot. */
  readonly #turn = new Mutex()
  #changedJobs = new Set<string>()
  readonly #budget = new FrameBudget()
  #clusterChanged = false
  /** A frame is going to be made. */
  #scheduled = false
  #timer: NodeJS.Timeout | undefined
  #seq = 0
  #deliver: (frame: Frame) => void = () => undefined

  constructor(jobs: JobService, workers: WorkerRegistry, models: ModelService, log: Logger) {
    this.#jobs = jobs
    this.#workers = workers
    this.#models = models
    this.#log = log
    jobs.onChange((id) => {
      this.#changedJobs.add(id)
      this.#schedule()
    })
    const noteCluster = () => {
      this.#clusterChanged = true
      this.#schedule()
    }
    workers.onChange(noteCluster)
    models.onChange(noteCluster)
  }

  /** Sets who gets the frames. */
  onFrame(deliver: (frame: Frame) => void): void {
    this.#deliver = deliver
  }

  /** Makes a snapshot and hands it over before any later frame is made. */
  snapshot(limit: number, handOver: (snapshot: Snapshot) => void): Promise<void> {
    return this.#turn.run(async () => {
      const jobs = (await this.#jobs.newest(limit)).map(toJob)
      const { counts } = this.#jobs
      handOver({ bootId: this.#bootId, seq: this.#seq, counts, cluster: this.cluster(), jobs })
    })
  }

  /** The cluster as it is now. */
  cluster(): ClusterView {
    const workers = this.#workers.views()
    const model = this.#models.state
    const ready = model.state === 'serving' && this.#workers.serving(model.digest).length > 0
    return { ready, model, workers }
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
        this.#log.error({ err: error }, 'A frame could not be made; boards get the changes with the next one')
        this.#schedule()
      })
  }

  async #sendFrame(): Promise<void> {
    this.#budget.spend(performance.now())
    this.#scheduled = false
    const changed = this.#changedJobs
    this.#changedJobs = new Set()
    const cluster = this.#clusterChanged ? this.cluster() : undefined
    this.#clusterChanged = false
    try {
      // Older rows are on no board: a view shows the newest jobs.
      const newest = changed.size > 0 ? await this.#jobs.newest(MAX_VIEW_ROWS) : []
      const jobs = newest
        .filter(({ id }) => changed.has(id))
        .reverse()
        .map(toJob)
      this.#seq += 1
      this.#deliver({ bootId: this.#bootId, seq: this.#seq, counts: this.#jobs.counts, cluster, jobs })
    } catch (error) {
      for (const id of changed) this.#changedJobs.add(id)
      this.#clusterChanged ||= cluster !== undefined
      throw error
    }
  }
}
