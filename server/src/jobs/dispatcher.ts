/**
 * Deals queued jobs to workers with free slots, as soon as there are both: whenever a job is queued, a worker
 * gets ready or a slot gets free, `wake` is called, and nothing ever waits for a timer.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Assignment, Outcome } from '@argus/shared'
import type { Tickets } from '../auth/tickets.ts'
import type { Logger } from '../log.ts'
import type { ModelService } from '../models/model-service.ts'
import type { JobRecord } from '../store/job-store.ts'
import { type ConnectedWorker, freeSlots, type WorkerRegistry } from '../workers/worker-registry.ts'
import type { JobService } from './job-service.ts'

/** Before it tries again after the store failed. */
const RETRY_MS = 1000

export class Dispatcher {
  readonly #jobs: JobService
  readonly #workers: WorkerRegistry
  readonly #models: ModelService
  readonly #tickets: Tickets
  readonly #log: Logger
  #dealing = false
  #wokenAgain = false
  #stopped = false

  constructor(
    jobs: JobService,
    workers: WorkerRegistry,
    models: ModelService,
    tickets: Tickets,
    log: Logger,
  ) {
    this.#jobs = jobs
    this.#workers = workers
    this.#models = models
    this.#tickets = tickets
    this.#log = log
    jobs.onChange((_id, status) => {
      if (status === 'QUEUED') this.wake()
    })
    models.onChange(() => this.wake())
  }

  /** Deals what can be dealt, at the end of this tick. Calls while it deals are one more round. */
  wake(): void {
    this.#wokenAgain = true
    if (this.#dealing) return
    this.#dealing = true
    setImmediate(() => void this.#dealUntilQuiet())
  }

  /** Deals no more. */
  stop(): void {
    this.#stopped = true
  }

  /** Records what became of an attempt. False where the job went on without it. */
  async record(worker: ConnectedWorker, outcome: Outcome): Promise<boolean> {
    const { jobId, attempt } = outcome
    if (worker.attempts.get(jobId) !== attempt) return false
    const recorded =
      outcome.end === 'failed'
        ? await this.#jobs.fail(jobId, attempt, outcome.code, outcome.detail)
        : await this.#jobs.succeed(jobId, attempt, this.#resultOf(outcome), outcome.thumbnail)
    this.#workers.release(worker, jobId)
    this.wake()
    return recorded
  }

  /** Queues the jobs of a worker that has gone. They keep their places, ahead of what came later. */
  async recover(worker: ConnectedWorker): Promise<void> {
    for (const [jobId, attempt] of worker.attempts) await this.#giveBack(jobId, attempt)
  }

  /** Tries until the job is queued again, or the master stops: its next start queues it then. */
  async #giveBack(jobId: string, attempt: number): Promise<void> {
    while (!this.#stopped) {
      try {
        return await this.#jobs.requeue(jobId, attempt)
      } catch (error) {
        this.#log.error({ err: error, jobId }, 'A job could not be queued again; trying again')
        await sleep(RETRY_MS)
      }
    }
  }

  async #dealUntilQuiet(): Promise<void> {
    while (this.#wokenAgain && !this.#stopped) {
      this.#wokenAgain = false
      try {
        await this.#deal()
      } catch (error) {
        this.#log.error({ err: error }, 'Jobs could not be dealt; trying again')
        this.#wokenAgain = true
        await sleep(RETRY_MS)
      }
    }
    this.#dealing = false
  }

  async #deal(): Promise<void> {
    const digest = this.#models.servingDigest
    const workers = digest ? this.#workers.serving(digest) : []
    const free = workers.reduce((sum, worker) => sum + freeSlots(worker), 0)
    if (free === 0) return
    const batches = new Map<ConnectedWorker, Assignment[]>()
    try {
      for (const job of await this.#jobs.nextQueued(free)) {
        const worker = mostFree(workers)
        const assignment = await this.#assign(job, worker)
        if (assignment) batches.set(worker, [...(batches.get(worker) ?? []), assignment])
      }
    } finally {
      // Also where the store fails in the middle: what was started is held, and must be sent.
      for (const [worker, assignments] of batches) worker.assign(assignments)
    }
  }

  async #assign(job: JobRecord, worker: ConnectedWorker): Promise<Assignment | null> {
    const attempt = job.attempts + 1
    if (!(await this.#jobs.start(job, attempt, worker.name))) return null
    if (!this.#workers.hold(worker, job.id, attempt)) {
      // It disconnected while the row was written, so nobody else will queue the job again.
      void this.#giveBack(job.id, attempt)
      return null
    }
    const { sha256, imageType: type, width, height } = job
    const ticket = this.#tickets.issue({ jobId: job.id, attempt, sha256 })
    return { jobId: job.id, attempt, image: { sha256, type, width, height }, ticket }
  }

  #resultOf(outcome: Extract<Outcome, { end: 'succeeded' }>) {
    const { classes, digest, engine, timings } = outcome
    return { classes, model: { name: this.#models.nameOf(digest), digest }, engine, timings }
  }
}

function mostFree(workers: ConnectedWorker[]): ConnectedWorker {
  return workers.reduce((best, worker) => (freeSlots(worker) > freeSlots(best) ? worker : best))
}
