/** A scheduler with a clock for tests: what happens goes in, and what it said last can be looked at. */
import { LEASE_MS } from '@argus/shared'
import {
  type Effect,
  type End,
  type HeldAttempt,
  Scheduler,
  type SchedulerEvent,
} from '../../src/jobs/scheduler.ts'
import { Window, type WindowJob } from '../../src/jobs/window.ts'
import { windowJob } from './jobs.ts'

type EffectOf<Type extends Effect['type']> = Extract<Effect, { type: Type }>

export class Bench {
  readonly scheduler: Scheduler
  now = 0
  effects: Effect[] = []

  constructor(window = new Window()) {
    this.scheduler = new Scheduler(LEASE_MS, window)
  }

  handle(event: SchedulerEvent): Effect[] {
    this.effects = this.scheduler.handle(event, this.now)
    return this.effects
  }

  /** What it said of this kind. */
  said<Type extends Effect['type']>(type: Type): EffectOf<Type>[] {
    return this.effects.filter((effect): effect is EffectOf<Type> => effect.type === type)
  }

  /** Which job was dealt to which worker, as `job → worker`. */
  get dealt(): string[] {
    return this.said('start').map(({ held }) => `${held.jobId} → ${held.worker}`)
  }

  connect(worker: string, slots = 1, prefetch = 0): void {
    this.hello(worker, [])
    this.welcome(worker, [], slots, prefetch)
    this.open(worker)
  }

  hello(worker: string, claims: readonly HeldAttempt[]): void {
    this.handle({ type: 'hello', worker, claims })
  }

  /** @param rows the jobs of the claims as the store has them; without them it has none */
  welcome(
    worker: string,
    claims: readonly HeldAttempt[],
    slots = 1,
    prefetch = 0,
    rows: readonly WindowJob[] = [],
  ): string[] {
    const found = claims.map((held) => ({ held, job: rows.find(({ id }) => id === held.jobId) ?? null }))
    this.handle({ type: 'connected', worker, slots, prefetch, claims: found })
    return this.said('welcome').flatMap((welcome) => welcome.claims.map(({ answer }) => answer))
  }

  open(worker: string, isOpen = true): string[] {
    this.handle({ type: 'open', worker, isOpen })
    return this.dealt
  }

  /** Submits jobs; returns what is dealt. */
  submit(...jobs: WindowJob[]): string[] {
    return jobs.flatMap((job) => {
      this.handle({ type: 'queued', job })
      return this.dealt
    })
  }

  /** The attempt by which a worker has a job. */
  attempt(worker: string, jobId: string): HeldAttempt {
    const held = this.scheduler.liveOf(worker).find((one) => one.jobId === jobId)
    if (!held) throw new Error(`${worker} does not hold ${jobId}`)
    return held
  }

  disconnect(worker: string, goodbye = false): void {
    this.handle({ type: 'disconnected', worker, goodbye })
  }

  outcome(held: HeldAttempt, end: End): void {
    this.handle({ type: 'outcome', held, end })
  }

  /** The store has it: as the dispatcher tells. */
  recorded(held: HeldAttempt): string[] {
    this.handle({ type: 'recorded', held })
    return this.dealt
  }

  /** A job succeeds, and that is recorded. */
  succeed(held: HeldAttempt): string[] {
    this.outcome(held, { end: 'succeeded' })
    const dealt = [...this.dealt, ...this.recorded(held)]
    this.handle({ type: 'ended', jobId: held.jobId, run: held.run })
    return [...dealt, ...this.dealt]
  }

  /** Lets time pass, with beats of these workers for all that they hold. */
  pass(milliseconds: number, ...beating: string[]): void {
    for (const end = this.now + milliseconds; this.now < end; ) {
      this.now += 500
      for (const worker of beating) {
        this.handle({ type: 'beat', worker, held: this.scheduler.liveOf(worker) })
      }
      this.handle({ type: 'tick' })
    }
  }
}

/** A scheduler that has read an empty queue. */
export function startBench(window?: Window): Bench {
  const bench = new Bench(window)
  bench.handle({ type: 'tick' })
  bench.handle({ type: 'refilled', jobs: [] })
  return bench
}

/** Jobs `job 1`, `job 2` and so on, in this order. */
export function jobs(count: number): WindowJob[] {
  return Array.from({ length: count }, (_, index) => windowJob(`job ${index + 1}`, { rank: index + 1 }))
}
