/**
 * Runs the scheduler in the world: tells it what clients, workers, models and the clock do, and does what it
 * says: sends assignments, answers and revocations, and has the recorder write it all down. An assignment is
 * sent at once and written down behind it; its ticket vouches for it if the master dies in between.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { LEASE_MS, type Outcome, ProblemError, type WorkerHello } from '@argus/shared'
import type { Tickets } from '../auth/tickets.ts'
import type { LagClock } from '../lag-clock.ts'
import type { Logger } from '../log.ts'
import type { ModelService } from '../models/model-service.ts'
import type { AttemptWorker } from '../store/attempt-store.ts'
import type { JobStore } from '../store/job-store.ts'
import { Postbox } from '../workers/postbox.ts'
import type { ConnectedWorker, WorkerRegistry } from '../workers/worker-registry.ts'
import type { JobRecorder } from './job-recorder.ts'
import type { JobService } from './job-service.ts'
import { toWindowJob } from './job-view.ts'
import { type Effect, type HeldAttempt, Scheduler, type SchedulerEvent } from './scheduler.ts'

/** How often leases and waits are looked at, while there are any. */
const TICK_MS = 200
/** Before a read of the store that failed is tried again. */
const RETRY_MS = 500

export interface DispatcherParts {
  readonly jobs: JobService
  readonly store: JobStore
  readonly recorder: JobRecorder
  readonly workers: WorkerRegistry
  readonly models: ModelService
  readonly tickets: Tickets
  readonly clock: LagClock
  readonly log: Logger
}

type Failure = { code: Extract<Outcome, { end: 'failed' }>['code']; detail: string }

export class Dispatcher {
  readonly #parts: DispatcherParts
  readonly #scheduler = new Scheduler(LEASE_MS)
  readonly #post = new Postbox()
  readonly #ticker: NodeJS.Timeout
  #stopped = false

  constructor(parts: DispatcherParts) {
    this.#parts = parts
    const { changes } = parts.jobs
    changes.onQueued((job) => this.#handle({ type: 'queued', job }))
    changes.onEnd((jobId, run) => this.#handle({ type: 'ended', jobId, run }))
    parts.models.onChange(() => this.#openWorkers())
    this.#ticker = setInterval(() => {
      if (this.#scheduler.isTimed) this.#handle({ type: 'tick' })
    }, TICK_MS)
    // Reads the head of the queue.
    this.#handle({ type: 'tick' })
  }

  /** Takes up a worker that has connected, with the attempts that it says to hold, and welcomes it. */
  async connect(worker: ConnectedWorker, { held }: WorkerHello): Promise<void> {
    const claimed = held.flatMap((ticket) => this.#attemptOf(worker, ticket) ?? [])
    this.#handle({ type: 'hello', worker: worker.id, claims: claimed })
    const stored = await this.#find(worker, claimed)
    const { workers } = this.#parts
    if (stored === null || !workers.has(worker)) return
    const claims = claimed.map((attempt) => ({
      held: attempt,
      job: stored.find(({ id }) => id === attempt.jobId) ?? null,
    }))
    const { id, slots, prefetch } = worker
    this.#handle({ type: 'connected', worker: id, slots, prefetch, claims })
    this.open(worker)
  }

  /** @param goodbye it left in good order */
  disconnect(worker: ConnectedWorker, goodbye: boolean): void {
    this.#handle({ type: 'disconnected', worker: worker.id, goodbye })
  }

  /** Looks anew whether the worker may be dealt jobs. */
  open(worker: ConnectedWorker): void {
    const { servingDigest } = this.#parts.models
    const isOpen = servingDigest !== null && worker.serving?.digest === servingDigest && !worker.draining
    this.#handle({ type: 'open', worker: worker.id, isOpen })
  }

  /**
   * Takes no new work to the worker, and has it return what it has not begun; or gives it work again.
   *
   * @throws ProblemError `worker/leaving` where it is about to end
   */
  drain(worker: ConnectedWorker, draining: boolean): void {
    if (worker.leaving && !draining) throw new ProblemError('worker/leaving')
    this.#parts.workers.update(worker, { draining })
    worker.link.drain({ draining })
    this.open(worker)
  }

  /** Renews the leases of these attempts. */
  beat(worker: ConnectedWorker, tickets: readonly string[]): void {
    const held = tickets.flatMap((ticket) => this.#attemptOf(worker, ticket) ?? [])
    this.#handle({ type: 'beat', worker: worker.id, held })
  }

  /** Records what became of attempts, and answers when it is on disk. */
  take(worker: ConnectedWorker, outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) {
      const held = this.#attemptOf(worker, outcome.ticket)
      if (held) this.#handle({ type: 'outcome', held, end: outcome }, { worker, outcome })
      else this.#post.answer(worker, { ticket: outcome.ticket, answer: 'obsolete' })
    }
  }

  /** Jobs may have been queued of which nobody told: after an outage of the database. */
  doubt(): void {
    this.#handle({ type: 'doubt' })
  }

  /** Deals no more. */
  stop(): void {
    this.#stopped = true
    clearInterval(this.#ticker)
  }

  /** @param source of an outcome that is taken in */
  #handle(event: SchedulerEvent, source?: { worker: ConnectedWorker; outcome: Outcome }): void {
    if (this.#stopped) return
    const effects = this.#scheduler.handle(event, this.#parts.clock.now())
    for (const effect of effects) this.#do(effect, source)
    for (const worker of this.#parts.workers.all()) {
      const held = this.#scheduler.heldBy(worker.id)
      if (held !== worker.held) this.#parts.workers.update(worker, { held })
    }
  }

  #do(effect: Effect, source?: { worker: ConnectedWorker; outcome: Outcome }): void {
    switch (effect.type) {
      case 'start':
        this.#parts.jobs.dealt(effect.job.priority, effect.job.rank)
        this.#assign(effect)
        this.#begin(effect)
        return
      case 'resume':
        this.#begin(effect)
        return
      case 'settle':
        this.#settle(effect, source)
        return
      case 'succeed':
        if (source?.outcome.end === 'succeeded') this.#succeed(effect.held, source.worker, source.outcome)
        return
      case 'obsolete':
        this.#answer(effect.held, 'obsolete')
        return
      case 'welcome':
        this.#worker(effect.worker)?.link.welcome({
          claims: effect.claims.map(({ held, answer }) => ({ ticket: this.#ticketOf(held), answer })),
        })
        return
      case 'revoke': {
        const worker = this.#worker(effect.held.worker)
        if (worker) this.#post.revoke(worker, this.#ticketOf(effect.held))
        return
      }
      case 'refill':
        void this.#refill(effect)
        return
    }
  }

  #assign({ held, job }: Extract<Effect, { type: 'start' }>): void {
    const worker = this.#worker(held.worker)
    const { id: jobId, image } = job
    if (worker) this.#post.assign(worker, { ticket: this.#ticketOf(held), jobId, image })
  }

  #begin({ held, job }: Extract<Effect, { type: 'start' | 'resume' }>): void {
    const worker = this.#worker(held.worker)
    if (!worker) return
    this.#write(held, this.#parts.recorder.start(held, factsOf(worker), job), (change) => {
      // It ended, or began another run, while the window had it as waiting.
      if (change === null) this.#handle({ type: 'ended', jobId: held.jobId, run: held.run })
    })
  }

  #settle({ held, job, why }: Extract<Effect, { type: 'settle' }>, source?: { outcome: Outcome }): void {
    const { status, isSuspect, losses, failures } = job
    const error = source?.outcome.end === 'failed' ? failureOf(source.outcome) : lossOf(job.error)
    const settlement = { status: status === 'FAILED' ? status : ('QUEUED' as const), why, error }
    const written = this.#parts.recorder.settle(held, { ...settlement, isSuspect, losses, failures })
    this.#write(held, written, (change) => {
      // It had ended before, otherwise, and perhaps nobody told.
      if (change === null) this.#handle({ type: 'ended', jobId: held.jobId, run: held.run })
      if (!source) return
      this.#handle({ type: 'recorded', held })
      this.#answer(held, change === null ? 'obsolete' : 'recorded')
    })
  }

  #succeed(
    held: HeldAttempt,
    worker: ConnectedWorker,
    outcome: Extract<Outcome, { end: 'succeeded' }>,
  ): void {
    const { classes, digest, engine, timings, thumbnail } = outcome
    const model = { name: this.#parts.models.nameOf(digest), digest }
    const facts = { name: worker.name, engine, model: digest }
    const result = { classes, model, engine, timings }
    const written = this.#parts.recorder.succeed(held, facts, result, thumbnail)
    this.#write(held, written, (change) => {
      this.#handle({ type: 'recorded', held })
      // The run had ended before, otherwise.
      if (change === null) this.#handle({ type: 'ended', jobId: held.jobId, run: held.run })
      else worker.recognised.add(timings.decode + timings.classify)
      this.#answer(held, change === null ? 'obsolete' : 'recorded')
    })
  }

  #write<T>(held: HeldAttempt, written: Promise<T>, then: (value: T) => void): void {
    written.then(then).catch((error: unknown) => {
      // The next start of the master queues what it finds running.
      if (this.#stopped) return
      this.#parts.log.error({ err: error, ...held }, 'What became of an attempt could not be written down')
      this.#handle({ type: 'unrecordable', held })
    })
  }

  async #refill({ after, limit }: Extract<Effect, { type: 'refill' }>): Promise<void> {
    try {
      const jobs = await this.#parts.store.queued(after, limit)
      this.#handle({ type: 'refilled', jobs: jobs.map(toWindowJob) })
    } catch (error) {
      if (this.#stopped) return
      this.#parts.log.error({ err: error }, 'The queue could not be read; trying again')
      await sleep(RETRY_MS)
      this.#handle({ type: 'refill-failed' })
    }
  }

  /** The jobs of these attempts, tried until the database answers; null where the worker has gone. */
  async #find(worker: ConnectedWorker, held: readonly HeldAttempt[]) {
    while (this.#parts.workers.has(worker) && !this.#stopped) {
      try {
        const jobs = await this.#parts.store.findAll(held.map(({ jobId }) => jobId))
        return jobs.map(toWindowJob)
      } catch (error) {
        this.#parts.log.error({ err: error }, 'The jobs of a worker could not be read; trying again')
        await sleep(RETRY_MS)
      }
    }
    return null
  }

  #openWorkers(): void {
    for (const worker of this.#parts.workers.all()) this.open(worker)
  }

  #worker(id: string): ConnectedWorker | null {
    return this.#parts.workers.find(id)
  }

  #ticketOf(held: HeldAttempt): string {
    return this.#parts.tickets.issue(held)
  }

  /** What a ticket stands for; null where it is not this worker's. */
  #attemptOf(worker: ConnectedWorker, ticket: string): HeldAttempt | null {
    const held = this.#parts.tickets.read(ticket)
    return held?.worker === worker.id ? held : null
  }

  #answer(held: HeldAttempt, answer: 'recorded' | 'obsolete'): void {
    const worker = this.#worker(held.worker)
    if (worker) this.#post.answer(worker, { ticket: this.#ticketOf(held), answer })
  }
}

function factsOf({ name, serving }: ConnectedWorker): AttemptWorker {
  return { name, engine: serving?.engine ?? null, model: serving?.digest ?? null }
}

function failureOf({ code, detail }: Failure): Failure {
  return { code, detail }
}

/** Why a job fails whose workers go away. */
function lossOf(code: Failure['code'] | null): Failure | null {
  return code && { code, detail: 'Each worker that tried it went away, also when it had nothing else to do.' }
}
