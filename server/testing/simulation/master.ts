/**
 * The master: what jobs/dispatcher.ts and the worker gateway do around the scheduler, on the simulated database
 * and connections. Whatever it had in mind is gone when it is killed.
 */
import { LEASE_MS } from '@argus/shared'
import {
  type Effect,
  type HeldAttempt,
  keyOf,
  Scheduler,
  type SchedulerEvent,
} from '../../src/jobs/scheduler.ts'
import { Window, type WindowJob } from '../../src/jobs/window.ts'
import { Checks, demand } from './checks.ts'
import type { Database } from './database.ts'
import type { Dice } from './dice.ts'
import { Jobs } from './job-service.ts'
import type { Link } from './link.ts'
import type { Hello, MasterEnd, Outcome, WorkerEnd } from './messages.ts'
import type { Photos } from './photos.ts'
import { Post } from './post.ts'
import type { Timeline } from './timeline.ts'

const TICK_MS = 200
/** Before a read that failed is tried again. */
const RETRY_MS = 500

export interface MasterParts {
  readonly timeline: Timeline
  readonly random: Dice
  readonly database: Database
  readonly photos: Photos
  readonly windowJobs: number
  readonly trace: (line: () => string) => void
}

/** A connected worker. */
interface Session {
  readonly id: string
  readonly slots: number
  readonly prefetch: number
  readonly link: Link
  readonly end: WorkerEnd
  draining: boolean
  isServing: boolean
  readonly isOpen: boolean
}

export class Master implements MasterEnd {
  /** What clients do. */
  readonly jobs: Jobs
  readonly #parts: MasterParts
  readonly #scheduler: Scheduler
  readonly #checks: Checks
  readonly #sessions = new Map<string, Session>()
  readonly #post: Post
  #isAlive = true

  constructor(parts: MasterParts) {
    this.#parts = parts
    this.#scheduler = new Scheduler(LEASE_MS, new Window(parts.windowJobs))
    this.#checks = new Checks(this.#scheduler, LEASE_MS)
    this.#post = new Post(parts.timeline, () => this.#isAlive)
    this.jobs = new Jobs(parts.database, {
      onQueued: (job) => this.#handle({ type: 'queued', job }),
      onEnd: (jobId, run) => this.#handle({ type: 'ended', jobId, run }),
    })
    parts.database.connect(() => this.#handle({ type: 'doubt' }))
    this.#handle({ type: 'tick' })
    this.#tick()
  }

  /** How much it remembers of jobs. */
  get size(): number {
    return this.#scheduler.size
  }

  get isTimed(): boolean {
    return this.#scheduler.isTimed
  }

  /** The workers that are connected, by boot id. */
  get workers(): string[] {
    return [...this.#sessions.keys()]
  }

  kill(): void {
    this.#isAlive = false
    this.#parts.database.disconnect()
    for (const { link, end } of this.#sessions.values()) {
      link.toMaster.close()
      end.closed()
    }
  }

  /** By REST. */
  drain(id: string, draining: boolean): void {
    const session = this.#sessions.get(id)
    if (!session) return
    session.draining = draining
    session.end.drain(draining)
    this.#open(session)
  }

  // What workers say.

  accept(link: Link, { worker, slots, prefetch, draining, held }: Hello, end: WorkerEnd): void {
    const session: Session = {
      id: worker,
      slots,
      prefetch,
      link,
      end,
      draining,
      isServing: false,
      get isOpen() {
        return this.isServing && !this.draining
      },
    }
    this.#sessions.set(worker, session)
    this.#handle({ type: 'hello', worker, claims: held })
    this.#find(session, held, (jobs) => {
      const claims = held.map((one) => ({ held: one, job: jobs.find(({ id }) => id === one.jobId) ?? null }))
      this.#handle({ type: 'connected', worker, slots, prefetch, claims })
      this.#open(session)
    })
  }

  ready(link: Link): void {
    const session = this.#sessionOf(link)
    if (!session) return
    session.isServing = true
    this.#open(session)
  }

  beat(link: Link, held: readonly HeldAttempt[]): void {
    const session = this.#sessionOf(link)
    if (session) this.#handle({ type: 'beat', worker: session.id, held })
  }

  take(link: Link, outcomes: readonly Outcome[]): void {
    if (!this.#sessionOf(link)) return
    for (const outcome of outcomes) this.#handle({ type: 'outcome', ...outcome }, outcome)
  }

  draining(link: Link, draining: boolean): void {
    const session = this.#sessionOf(link)
    if (!session) return
    session.draining = draining
    this.#open(session)
  }

  /** Ends the connection. */
  hangUp(link: Link): void {
    const session = this.#sessionOf(link)
    link.toMaster.close()
    session?.end.closed()
    this.disconnected(link, false)
  }

  disconnected(link: Link, goodbye: boolean): void {
    const session = this.#sessionOf(link)
    if (!session) return
    this.#sessions.delete(session.id)
    this.#handle({ type: 'disconnected', worker: session.id, goodbye })
  }

  // What the dispatcher does.

  #open({ id, isOpen }: Session): void {
    this.#handle({ type: 'open', worker: id, isOpen })
  }

  #tick(): void {
    this.#parts.timeline.after(TICK_MS, () => {
      if (!this.#isAlive) return
      if (this.#scheduler.isTimed) this.#handle({ type: 'tick' })
      this.#tick()
    })
  }

  #handle(event: SchedulerEvent, source?: Outcome): void {
    const { now } = this.#parts.timeline
    this.#checks.before(event)
    const effects = this.#scheduler.handle(event, now)
    this.#parts.trace(() => described(event, effects))
    this.#checks.after(event, effects, this.#sessions, now)
    for (const effect of effects) this.#do(effect, source)
  }

  #do(effect: Effect, source?: Outcome): void {
    switch (effect.type) {
      case 'start':
        this.jobs.dealt(effect.job)
        this.#post.assign(this.#endOf(effect.held), effect.held)
        this.#begin(effect)
        break
      case 'resume':
        this.#begin(effect)
        break
      case 'settle':
        this.#settle(effect, source)
        break
      case 'succeed':
        this.#succeed(effect.held)
        break
      case 'obsolete':
        this.#answer(effect.held)
        break
      case 'welcome': {
        const dropped = effect.claims.filter(({ answer }) => answer === 'drop').map(({ held }) => held)
        this.#sessions.get(effect.worker)?.end.welcome(dropped)
        break
      }
      case 'revoke':
        this.#post.revoke(this.#endOf(effect.held), effect.held)
        break
      case 'refill':
        this.#refill(effect)
        break
    }
  }

  #begin({ held, job }: Extract<Effect, { type: 'start' | 'resume' }>): void {
    this.#parts.database.persist(
      (rows) => rows.start(held, job),
      (change) => {
        if (change === null) this.#handle({ type: 'ended', jobId: held.jobId, run: held.run })
      },
    )
  }

  #settle({ held, job, why }: Extract<Effect, { type: 'settle' }>, source?: Outcome): void {
    const { isSuspect, losses, failures } = job
    const status = job.status === 'FAILED' ? job.status : ('QUEUED' as const)
    const error = job.error && { code: job.error, detail: '' }
    this.#parts.database.persist(
      (rows) => rows.settle(held, { status, isSuspect, losses, failures, why, error }),
      (change) => {
        this.jobs.moved(held.jobId, held.run, status, change)
        // It had ended before, otherwise, and perhaps nobody told.
        if (change === null) this.#handle({ type: 'ended', jobId: held.jobId, run: held.run })
        if (!source) return
        this.#handle({ type: 'recorded', held })
        this.#answer(held, change === null ? undefined : source)
      },
    )
  }

  #succeed(held: HeldAttempt): void {
    const { database, photos, timeline, random } = this.#parts
    // The thumbnail is written first.
    timeline.after(random.chance(0.05) ? random.int(50, 1000) : random.int(0, 3), () => {
      if (!this.#isAlive) return
      if (photos.isRecordable(held.jobId)) this.#writeSuccess(held)
      else
        database.persist(
          () => null,
          () => this.#handle({ type: 'unrecordable', held }),
        )
    })
  }

  #writeSuccess(held: HeldAttempt): void {
    this.#parts.database.persist(
      (rows) => rows.succeed(held),
      (change) => {
        this.jobs.moved(held.jobId, held.run, 'SUCCEEDED', change)
        this.#handle({ type: 'recorded', held })
        if (change === null) this.#handle({ type: 'ended', jobId: held.jobId, run: held.run })
        this.#answer(held, change === null ? undefined : { held, end: { end: 'succeeded' } })
      },
    )
  }

  #refill({ after, limit }: Extract<Effect, { type: 'refill' }>): void {
    const { database, timeline } = this.#parts
    database.read(
      (rows) => rows.queued(after, limit),
      (jobs) => this.#handle({ type: 'refilled', jobs }),
      () => timeline.after(RETRY_MS, () => this.#isAlive && this.#handle({ type: 'refill-failed' })),
    )
  }

  /** The jobs of these attempts, tried until the database answers or the worker has gone. */
  #find(session: Session, held: readonly HeldAttempt[], then: (jobs: WindowJob[]) => void): void {
    const isHere = () => this.#isAlive && this.#sessions.get(session.id) === session
    const { database, timeline } = this.#parts
    database.read(
      (rows) => rows.findAll(held.map(({ jobId }) => jobId)),
      (jobs) => isHere() && then(jobs),
      () => timeline.after(RETRY_MS, () => isHere() && this.#find(session, held, then)),
    )
  }

  /** @param recorded the outcome, where it is on disk; otherwise it is obsolete */
  #answer(held: HeldAttempt, recorded?: Outcome): void {
    if (recorded) {
      const attempt = this.#parts.database.rows.find(held.jobId)?.attempts.get(keyOf(held))
      demand(
        attempt?.end === recorded.end.end,
        `${keyOf(held)} was answered, and is on disk as ${attempt?.end}`,
      )
    }
    this.#post.answer(this.#endOf(held), held)
  }

  #endOf({ worker }: HeldAttempt): WorkerEnd | null {
    return this.#sessions.get(worker)?.end ?? null
  }

  #sessionOf(link: Link): Session | null {
    for (const session of this.#sessions.values()) if (session.link === link) return session
    return null
  }
}

function described({ type, ...event }: SchedulerEvent, effects: readonly Effect[]): string {
  const lines = effects.map(({ type, ...effect }) => `\n    → ${type} ${brief(effect)}`)
  return `${type} ${brief(event)}${lines.join('')}`
}

/** For a person to read. */
function brief(value: object): string {
  const shorten = (key: string, inner: unknown) => {
    if (isAttempt(inner)) return keyOf(inner)
    return ['image', 'error', 'priority', 'rank'].includes(key) ? undefined : inner
  }
  return JSON.stringify(value, shorten).replaceAll('"', '')
}

function isAttempt(value: unknown): value is HeldAttempt {
  return typeof value === 'object' && value !== null && 'jobId' in value && 'attempt' in value
}
