/**
 * What Prometheus is told: one registry of the master's own, so that several masters in one process, as tests
 * have them, do not mix. Nothing in it asks the database, so it can be read while that is away.
 */
import { Registry } from 'prom-client'
import type { ChangesListener } from '../events/change-reader.ts'
import type { JobChanges } from '../jobs/job-changes.ts'
import type { JobRecorder } from '../jobs/job-recorder.ts'
import type { Committer } from '../store/committer.ts'
import type { WorkerRegistry } from '../workers/worker-registry.ts'
import { AttemptMetrics } from './attempt-metrics.ts'
import { JobMetrics } from './job-metrics.ts'
import { type MasterMetricsParts, registerMasterMetrics } from './master-metrics.ts'
import { registerWorkerMetrics } from './worker-metrics.ts'

export interface MetricsParts extends MasterMetricsParts {
  readonly changes: JobChanges
  readonly recorder: JobRecorder
  readonly workers: WorkerRegistry
  readonly committer: Committer
}

export class Metrics {
  readonly #registry = new Registry()
  readonly #jobs: JobMetrics

  /** To be made before the master listens: what is committed from now on is counted. */
  constructor(parts: MetricsParts) {
    const { changes, recorder, workers, committer } = parts
    // All of it was made by earlier masters, or is what a start does to their jobs.
    const start = committer.revisions.committed
    this.#jobs = new JobMetrics(this.#registry, () => changes.counts, start)
    new AttemptMetrics(this.#registry, { recorder, changes })
    registerWorkerMetrics(this.#registry, workers)
    registerMasterMetrics(this.#registry, parts)
  }

  /** The media type of a page. */
  get type(): string {
    return this.#registry.contentType
  }

  /** Takes the changes of jobs, in their order, up to a revision. */
  readonly count: ChangesListener = (changes, upTo) => this.#jobs.count(changes, upTo)

  /** All that there is to tell now, in the text format of Prometheus. */
  page(): Promise<string> {
    return this.#registry.metrics()
  }
}
