/**
 * What must hold of a scheduler at all times, checked after each event that it takes in. It counts on its own
 * what each job was charged with, from what the scheduler was told.
 */
import {
  type Effect,
  type HeldAttempt,
  keyOf,
  type Scheduler,
  type SchedulerEvent,
} from '../../src/jobs/scheduler.ts'
import type { WindowJob } from '../../src/jobs/window.ts'

/** A worker as the master knows it. */
export interface KnownWorker {
  readonly id: string
  readonly slots: number
  readonly prefetch: number
  /** Whether it may be dealt jobs. */
  readonly isOpen: boolean
}

/** What the losses of a run have come to. */
interface Charges {
  readonly run: number
  /** When this master first had it. */
  readonly before: number
  /** Attempts that were charged since, and not taken back. */
  readonly attempts: Set<string>
}

/** By how much a wait may be longer than it should: the ticks of the clock. */
const TICK_MS = 500
const BACKOFF_MS = 1000

export class Checks {
  readonly #scheduler: Scheduler
  readonly #leaseMs: number
  readonly #charges = new Map<string, Charges>()
  /** When an attempt was dealt, or last named by a beat. */
  readonly #renewed = new Map<string, number>()
  /** When a worker connected or last beat. */
  readonly #heard = new Map<string, number>()
  /** When a job that failed may be dealt again. */
  readonly #notBefore = new Map<string, number>()
  /** What each worker held before the present event. */
  readonly #liveBefore = new Map<string, HeldAttempt[]>()

  constructor(scheduler: Scheduler, leaseMs: number) {
    this.#scheduler = scheduler
    this.#leaseMs = leaseMs
  }

  before({ type }: SchedulerEvent): void {
    if (type !== 'disconnected' && type !== 'tick') return
    for (const id of this.#heard.keys()) this.#liveBefore.set(id, this.#scheduler.liveOf(id))
  }

  after(
    event: SchedulerEvent,
    effects: readonly Effect[],
    workers: ReadonlyMap<string, KnownWorker>,
    now: number,
  ): void {
    if (event.type === 'beat') this.#beat(event, now)
    if (event.type === 'hello') this.#hello(event)
    if (event.type === 'connected') {
      this.#heard.set(event.worker, now)
      for (const { held } of event.claims) this.#takeBack(held)
    }
    if (event.type === 'outcome') this.#takeBack(event.held)
    for (const effect of effects) this.#check(effect, event, workers, now)
    if (event.type === 'disconnected') this.#heard.delete(event.worker)
    // Otherwise nobody can hold more than before.
    if (effects.length > 0 || event.type === 'tick') this.#checkHolds(event, workers, now)
  }

  #checkHolds(event: SchedulerEvent, workers: ReadonlyMap<string, KnownWorker>, now: number): void {
    const jobs = new Set<string>()
    for (const { id, slots, prefetch } of workers.values()) {
      const held = this.#scheduler.heldBy(id)
      demand(held <= slots + prefetch, `${id} holds ${held}, and takes ${slots} + ${prefetch}`)
      for (const attempt of this.#scheduler.liveOf(id)) {
        demand(!jobs.has(attempt.jobId), `${attempt.jobId} has two attempts that live`)
        jobs.add(attempt.jobId)
        const renewed = this.#renewed.get(keyOf(attempt)) ?? now
        const isOver = event.type === 'tick' && now - renewed >= this.#leaseMs
        demand(!isOver, `${keyOf(attempt)} goes on without a lease`)
      }
    }
  }

  /** The worker claims the attempt, or tells what came of it: it has not gone away under it. */
  #takeBack(held: HeldAttempt): void {
    const charges = this.#charges.get(held.jobId)
    if (charges?.run === held.run) charges.attempts.delete(keyOf(held))
  }

  /** What a worker does not claim, it does not hold. */
  #hello({ worker, claims }: Extract<SchedulerEvent, { type: 'hello' }>): void {
    const claimed = new Set(claims.map(keyOf))
    for (const held of this.#scheduler.liveOf(worker)) {
      demand(claimed.has(keyOf(held)), `${keyOf(held)} is held, and not claimed`)
    }
  }

  #beat({ worker, held }: Extract<SchedulerEvent, { type: 'beat' }>, now: number): void {
    this.#heard.set(worker, now)
    for (const attempt of held) {
      if (this.#renewed.has(keyOf(attempt))) this.#renewed.set(keyOf(attempt), now)
    }
  }

  #check(
    effect: Effect,
    event: SchedulerEvent,
    workers: ReadonlyMap<string, KnownWorker>,
    now: number,
  ): void {
    if (effect.type === 'start') this.#dealt(effect, workers, now)
    if (effect.type === 'start' || effect.type === 'resume') {
      this.#renewed.set(keyOf(effect.held), now)
      demandCharges(effect.job, this.#chargesOf(effect.job))
    }
    if (effect.type === 'resume') this.#notBefore.delete(`${effect.job.id} ${effect.job.run}`)
    if (effect.type === 'welcome') {
      for (const { held, answer } of effect.claims) {
        if (answer === 'continue') this.#renewed.set(keyOf(held), now)
      }
    }
    if (effect.type === 'settle') this.#settled(effect, event, now)
  }

  #dealt(
    { held, job }: Extract<Effect, { type: 'start' }>,
    workers: ReadonlyMap<string, KnownWorker>,
    now: number,
  ): void {
    const worker = workers.get(held.worker)
    demand(worker?.isOpen, `${held.worker} was dealt ${job.id}, and takes no work`)
    const silent = now - (this.#heard.get(held.worker) ?? 0)
    demand(silent <= this.#leaseMs / 2 + TICK_MS, `${held.worker} was dealt ${job.id}, and is silent`)
    const wait = (this.#notBefore.get(`${job.id} ${job.run}`) ?? 0) - now
    demand(wait <= 0, `${job.id} was dealt ${wait} ms too soon`)
    const others = this.#scheduler.liveOf(held.worker).filter(({ jobId }) => jobId !== job.id)
    if (job.isSuspect)
      demand(this.#scheduler.heldBy(held.worker) <= 1, `${job.id} is a suspect, and not alone`)
    for (const { jobId, run } of others) {
      const charges = this.#charges.get(jobId)
      const isSuspect = charges?.run === run && chargesIn(charges) > 0
      demand(!isSuspect, `${job.id} was dealt beside the suspect ${jobId}`)
    }
  }

  #settled(
    { held, job, why }: Extract<Effect, { type: 'settle' }>,
    event: SchedulerEvent,
    now: number,
  ): void {
    const charges = this.#chargesOf(job)
    let tries = why === 'failed' ? job.failures : 0
    if (why === 'lost' || why === 'expired') {
      this.#demandCause(held, event, now)
      const wasAlone = this.#liveBefore.get(held.worker)?.length === 1
      const isFirst = chargesIn(charges) === 0
      if (isFirst || wasAlone) charges.attempts.add(keyOf(held))
      if (!isFirst && wasAlone) tries = job.losses
    }
    demandCharges(job, charges)
    if (job.error === 'worker/lost') {
      demand(chargesIn(charges) === 4, `${job.id} failed after ${chargesIn(charges)} losses`)
    }
    if (tries > 0) this.#notBefore.set(`${job.id} ${job.run}`, now + BACKOFF_MS * 2 ** (tries - 1))
  }

  /** A loss is one: its worker is gone, or was silent about it for all of the lease. */
  #demandCause(held: HeldAttempt, event: SchedulerEvent, now: number): void {
    const isGone = event.type === 'disconnected' && event.worker === held.worker && !event.goodbye
    const silent = now - (this.#renewed.get(keyOf(held)) ?? 0)
    const isOver = event.type === 'tick' && silent >= this.#leaseMs
    demand(isGone || isOver, `${keyOf(held)} was charged by ${event.type}, after ${silent} ms`)
  }

  #chargesOf(job: WindowJob): Charges {
    const known = this.#charges.get(job.id)
    if (known?.run === job.run) return known
    const charges = {
      run: job.run,
      before: countOf(job),
      attempts: new Set<string>(),
    }
    this.#charges.set(job.id, charges)
    return charges
  }
}

/** @throws Error where the condition does not hold */
export function demand(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(message)
}

function demandCharges(job: WindowJob, charges: Charges): void {
  const expected = chargesIn(charges)
  demand(countOf(job) === expected, `${job.id} is charged with ${countOf(job)} losses instead of ${expected}`)
}

function chargesIn({ before, attempts }: Charges): number {
  return before + attempts.size
}

function countOf({ isSuspect, losses }: WindowJob): number {
  return losses + (isSuspect ? 1 : 0)
}
