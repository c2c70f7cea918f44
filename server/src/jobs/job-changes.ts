/** Keeps count of the jobs in each state, and tells everyone what changed once it is on disk. */
import { isTerminal, JOB_STATUSES, type JobCounts, type JobStatus } from '@argus/shared'
import type { RemovedJob } from '../store/job-store.ts'
import type { Change } from '../store/job-transitions.ts'
import type { WindowJob } from './window.ts'

type ChangeListener = (id: string, status: JobStatus) => void
type QueuedListener = (job: WindowJob) => void
type EndListener = (id: string, run: number) => void
type RemovalListener = (ids: readonly string[]) => void

export class JobChanges {
  #counts: JobCounts
  readonly #changed = new Set<ChangeListener>()
  readonly #queued = new Set<QueuedListener>()
  readonly #ended = new Set<EndListener>()
  readonly #removed = new Set<RemovalListener>()
  readonly #recounted = new Set<() => void>()

  constructor(counts: JobCounts) {
    this.#counts = counts
  }

  /** How many jobs there are in each state now. */
  get counts(): JobCounts {
    return { ...this.#counts }
  }

  /** Calls back after each change of a job's state. Returns what ends that. */
  onChange(listener: ChangeListener): () => void {
    this.#changed.add(listener)
    return () => this.#changed.delete(listener)
  }

  /** Calls back when a job begins to wait for the first attempt of a run. */
  onQueued(listener: QueuedListener): void {
    this.#queued.add(listener)
  }

  /** Calls back when a run of a job ends. */
  onEnd(listener: EndListener): void {
    this.#ended.add(listener)
  }

  onRemoved(listener: RemovalListener): void {
    this.#removed.add(listener)
  }

  /** Calls back when the counts were set right. */
  onRecounted(listener: () => void): void {
    this.#recounted.add(listener)
  }

  /** A job was submitted; it waits, or has ended at once since its result was known. */
  submitted(job: WindowJob): void {
    this.#counts[job.status] += 1
    this.#tell(job.id, job.status)
    if (job.status === 'QUEUED') for (const listener of this.#queued) listener(job)
  }

  /** A job was retried. */
  retried(job: WindowJob, change: Change): void {
    this.moved(job.id, job.run, job.status, change)
    for (const listener of this.#queued) listener(job)
  }

  /**
   * A run of a job went into this state.
   *
   * @param change what it did; one that is repeated was counted when it happened, or is when all are counted
   *   anew, but nobody was told of it
   */
  moved(id: string, run: number, to: JobStatus, change: Change): void {
    if (change === null) return
    if (change !== 'repeated') {
      this.#counts[change.from] -= 1
      this.#counts[change.to] += 1
    }
    this.#tell(id, to)
    if (isTerminal(to)) for (const listener of this.#ended) listener(id, run)
  }

  /** @param jobs as they were; those that had not ended end by it */
  removed(jobs: readonly RemovedJob[]): void {
    for (const { status } of jobs) this.#counts[status] -= 1
    const unfinished = jobs.filter(({ status }) => !isTerminal(status))
    for (const { id, run } of unfinished) for (const listener of this.#ended) listener(id, run)
    const ids = jobs.map(({ id }) => id)
    for (const listener of this.#removed) listener(ids)
  }

  /** Sets right what went on while the outcome of a commit was unknown. */
  recounted(counts: JobCounts): void {
    for (const status of JOB_STATUSES) this.#counts[status] = counts[status]
    for (const listener of this.#recounted) listener()
  }

  #tell(id: string, status: JobStatus): void {
    for (const listener of this.#changed) listener(id, status)
  }
}
