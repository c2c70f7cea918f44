/**
 * The master: what jobs/dispatcher.ts, the worker gateway and jobs/job-service.ts do around the scheduler, on
 * the simulated database and connections. Whatever it had in mind is gone when it is killed.
 */
import { isTerminal, type JobStatus, LEASE_MS } from '@argus/shared'
import { FairShare } from '../../src/jobs/fair-share.ts'
import {
  type Effect,
  type HeldAttempt,
  keyOf,
  Scheduler,
  type SchedulerEvent,
} from '../../src/jobs/scheduler.ts'
import { Window, type WindowJob } from '../../src/jobs/window.ts'
import type { Change } from '../../src/store/job-transitions.ts'
import { Checks, demand } from './checks.ts'
import type { Database } from './database.ts'
import type { Dice } from './dice.ts'
import type { Link } from './link.ts'
import type { Photos } from './photos.ts'
import type { NewJob } from './rows.ts'
import type { Timeline } from './timeline.ts'
import type { Hello, Outcome, WorkerEnd } from './worker.ts'

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

interface Post {
  readonly answers: HeldAttempt[]
  readonly revoked: HeldAttempt[]
  readonly assigned: HeldAttempt[]
}

export class Master {
  readonly #parts: MasterParts
  readonly #scheduler: Scheduler
  readonly #checks: Checks
  readonly #shares = new FairShare()
  readonly #sessions = new Map<string, Session>()
  #posts = new Map<Session, Post>()
  #isAlive = true

  constructor(parts: MasterParts) {
    this.#parts = parts
    this.#scheduler = new Scheduler(LEASE_MS, new Window(parts.windowJobs))
    this.#checks = new Checks(this.#scheduler, LEASE_MS)
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

  // What clients do.

  submit(job: Omit<NewJob, 'rank'>, accepted: () => void): void {
    const { database } = this.#parts
    const ranked = { ...job, rank: this.#rank(job.priority, job.owner) }
    database.commit(
      (rows) => rows.insert(ranked),
      (submitted) => {
        this.#handle({ type: 'queued', job: submitted })
        accepted()
      },
    )
  }

  cancel(id: string): void {
    this.#parts.database.commit(
      (rows) => ({ change: rows.cancel(id), run: rows.find(id)?.job.run ?? 0 }),
      ({ change, run }) => {
        // Cancelled before, and told then.
        if (change !== 'repeated') this.#moved(id, run, 'CANCELLED', change)
      },
    )
  }

  retry(id: string): void {
    const { database } = this.#parts
    const row = database.rows.find(id)
    if (!row) return
    const rank = this.#rank(row.job.priority, row.owner)
    database.commit(
      (rows) => rows.retry(id, rank) && row.job,
      (job) => job && this.#handle({ type: 'queued', job }),
    )
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
    this.#parts.trace(() => `${worker} says hello with ${held.map(keyOf).join(', ') || 'nothing'}`)
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
        this.#shares.dealt(effect.job.priority, effect.job.rank)
        this.#post(effect.held, (post) => post.assigned.push(effect.held))
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
        this.#revoke(effect.held)
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
        this.#moved(held.jobId, held.run, status, change)
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
        this.#moved(held.jobId, held.run, 'SUCCEEDED', change)
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

  /** As JobChanges: tells of ends. */
  #moved(jobId: string, run: number, to: JobStatus, change: Change): void {
    if (change !== null && isTerminal(to)) this.#handle({ type: 'ended', jobId, run })
  }

  /** What has not been sent is not sent. */
  #revoke(held: HeldAttempt): void {
    this.#post(held, ({ assigned, revoked }) => {
      const at = assigned.findIndex((other) => keyOf(other) === keyOf(held))
      if (at < 0) revoked.push(held)
      else assigned.splice(at, 1)
    })
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
    this.#post(held, (post) => post.answers.push(held))
  }

  /** As Postbox: what gathers in a tick leaves together. */
  #post({ worker }: HeldAttempt, put: (post: Post) => void): void {
    const session = this.#sessions.get(worker)
    if (!session) return
    if (this.#posts.size === 0) this.#parts.timeline.after(0, () => this.#send())
    const post = this.#posts.get(session) ?? { answers: [], revoked: [], assigned: [] }
    this.#posts.set(session, post)
    put(post)
  }

  #send(): void {
    const posts = this.#posts
    this.#posts = new Map()
    if (!this.#isAlive) return
    for (const [{ end }, { answers, revoked, assigned }] of posts) {
      if (answers.length > 0) end.answers(answers)
      if (revoked.length > 0) end.revoke(revoked)
      if (assigned.length > 0) end.assign(assigned)
    }
  }

  #sessionOf(link: Link): Session | null {
    for (const session of this.#sessions.values()) if (session.link === link) return session
    return null
  }

  #rank(priority: number, owner: string): number {
    if (!this.#shares.knows(priority, owner)) {
      const { lowest, last } = this.#parts.database.rows.ranks(priority, owner)
      this.#shares.learn(priority, owner, lowest, last)
    }
    return this.#shares.next(priority, owner)
  }
}

function described({ type, ...event }: SchedulerEvent, effects: readonly Effect[]): string {
  const lines = effects.map(({ type, ...effect }) => `\n    → ${type} ${brief(effect)}`)
  return `${type} ${brief(event)}${lines.join('')}`
}

/** For a person to read. */
function brief(value: object): string {
  return JSON.stringify(value, (key, inner) => {
    if (key === 'held' && !Array.isArray(inner)) return keyOf(inner)
    if (key === 'held') return inner.map(keyOf)
    if (key === 'holder' && inner !== null) return `${inner.attempt} ${inner.worker}`
    return ['image', 'error', 'priority', 'rank'].includes(key) && inner !== undefined ? undefined : inner
  }).replaceAll('"', '')
}
