/**
 * Who works on what: deals waiting jobs to workers, watches the leases of what they hold, and takes it back.
 *
 * Pure: events go in, effects come out, and the time is passed in, so that a seeded simulation can drive it
 * through any interleaving. The store decides how a job ends (its conditional UPDATEs let one end happen a
 * run); the scheduler decides who works on it until then, and is told of the end.
 *
 * A worker holds at most its slots and its prefetch. An attempt that it holds is *live*, with a lease that its
 * beats renew; once its outcome has come it is *recording* until the store has it, and no loss touches it any
 * more. Either way it takes up room: were it freed sooner, a database that is away would fill the worker's
 * outbox without bound.
 *
 * A suspect (see job-machine.ts) is dealt to a worker that holds nothing, which gets nothing beside it. Where
 * no worker is idle, the one that holds least is spared until it is.
 *
 * Losses are counted when a worker goes away, since its jobs cannot wait, and taken back when it returns: when
 * it claims the attempt, or tells what came of it.
 */
import type { AttemptEnd, ProblemCode } from '@argus/shared'
import { type AttemptRef, forgiven, type JobEvent, type JobState, transition } from './job-machine.ts'
import { type Refill, Window, type WindowJob } from './window.ts'

/** The wait after the first failure that another try may mend; doubled with each. */
const BACKOFF_MS = 1000

export interface HeldAttempt extends AttemptRef {
  readonly jobId: string
  /** Of the photo. */
  readonly sha256: string
}

/** What an outcome says, as far as the scheduler cares. */
export type End =
  | { readonly end: 'succeeded' }
  | { readonly end: 'failed'; readonly code: ProblemCode }
  | { readonly end: 'returned' }

export type SchedulerEvent =
  | { readonly type: 'queued'; readonly job: WindowJob }
  | { readonly type: 'refilled'; readonly jobs: readonly WindowJob[] }
  | { readonly type: 'refill-failed' }
  /** Jobs may have been queued of which nobody told, as after an outage of the database. */
  | { readonly type: 'doubt' }
  /** A worker has come, perhaps once more; `connected` follows when its claims have been looked up. */
  | { readonly type: 'hello'; readonly worker: string; readonly claims: readonly HeldAttempt[] }
  | {
      readonly type: 'connected'
      readonly worker: string
      readonly slots: number
      readonly prefetch: number
      /** What it says to hold, with the job as the store has it now, or null where there is none. */
      readonly claims: ReadonlyArray<{ readonly held: HeldAttempt; readonly job: WindowJob | null }>
    }
  /** `goodbye`: it left in good order, and is charged with nothing. */
  | { readonly type: 'disconnected'; readonly worker: string; readonly goodbye: boolean }
  /** Whether it may be dealt jobs: it serves the model, and is not drained. */
  | { readonly type: 'open'; readonly worker: string; readonly isOpen: boolean }
  | { readonly type: 'beat'; readonly worker: string; readonly held: readonly HeldAttempt[] }
  | { readonly type: 'outcome'; readonly held: HeldAttempt; readonly end: End }
  /** The store has the outcome, or the job went on without it. */
  | { readonly type: 'recorded'; readonly held: HeldAttempt }
  /** The store will never take what was to be written of the attempt: something in it is wrong. */
  | { readonly type: 'unrecordable'; readonly held: HeldAttempt }
  /** This run of the job has ended, or the job is no more. */
  | { readonly type: 'ended'; readonly jobId: string; readonly run: number }
  | { readonly type: 'tick' }

export type Effect =
  /** Send the attempt to its worker, and write it down. */
  | { readonly type: 'start'; readonly held: HeldAttempt; readonly job: WindowJob }
  /** Write down that the attempt goes on after all. */
  | { readonly type: 'resume'; readonly held: HeldAttempt; readonly job: WindowJob }
  /** Write down that the attempt ended so, and that the job waits again, or has failed. */
  | {
      readonly type: 'settle'
      readonly held: HeldAttempt
      readonly job: WindowJob
      readonly why: AttemptEnd
    }
  /** Write down that the job succeeded by this attempt. */
  | { readonly type: 'succeed'; readonly held: HeldAttempt }
  /** The outcome is of no use. */
  | { readonly type: 'obsolete'; readonly held: HeldAttempt }
  | {
      readonly type: 'welcome'
      readonly worker: string
      readonly claims: ReadonlyArray<{ readonly held: HeldAttempt; readonly answer: 'continue' | 'drop' }>
    }
  | { readonly type: 'revoke'; readonly held: HeldAttempt }
  /** Read this part of the queue, and answer with `refilled` or `refill-failed`. */
  | ({ readonly type: 'refill' } & Refill)

interface Hold {
  readonly held: HeldAttempt
  /** Null once its outcome has come and is being recorded. */
  leaseUntil: number | null
}

interface WorkerState {
  readonly id: string
  readonly slots: number
  readonly capacity: number
  isOpen: boolean
  /** When its last beat came. */
  heardAt: number
  readonly holds: Map<string, Hold>
}

export class Scheduler {
  readonly #leaseMs: number
  readonly #window: Window
  /** Jobs that a worker holds, in their present state, and those that failed until that is on disk. */
  readonly #running = new Map<string, WindowJob>()
  readonly #workers = new Map<string, WorkerState>()
  /** When a job that failed may be dealt again. */
  readonly #notBefore = new Map<string, number>()
  /** Attempts whose loss was counted, by job id: taken back where their worker returns. */
  readonly #losses = new Map<string, Set<string>>()
  /** What workers claim whose `connected` is to follow, and what has not ended since. */
  readonly #arriving = new Map<string, Map<string, HeldAttempt>>()
  /** Workers that get nothing until they are idle, for the suspects that wait. */
  #spared: ReadonlySet<string> = new Set()
  #effects: Effect[] = []

  /**
   * @param leaseMs how long an attempt is held without a beat
   * @param window the jobs that wait, of which it reads so many at a time as the window says
   */
  constructor(leaseMs: number, window = new Window()) {
    this.#leaseMs = leaseMs
    this.#window = window
  }

  /** Takes in what happened; returns what is to be done, in this order. `now` in ms of any clock that never goes back. */
  handle(event: SchedulerEvent, now: number): Effect[] {
    this.#effects = []
    this.#take(event, now)
    this.#deal(now)
    const refill = this.#window.refill()
    if (refill) this.#effects.push({ type: 'refill', ...refill })
    return this.#effects
  }

  /** How many attempts this worker holds. */
  heldBy(worker: string): number {
    return this.#workers.get(worker)?.holds.size ?? 0
  }

  /** The attempts of this worker whose leases run: no outcome of them has come. */
  liveOf(worker: string): HeldAttempt[] {
    const holds = [...(this.#workers.get(worker)?.holds.values() ?? [])]
    return holds.filter(({ leaseUntil }) => leaseUntil !== null).map(({ held }) => held)
  }

  /** How much is remembered: nothing once all jobs have ended, and all workers are welcomed. */
  get size(): number {
    const holds = [...this.#workers.values()].reduce((sum, worker) => sum + worker.holds.size, 0)
    const jobs = this.#window.waiting.length + this.#running.size
    return holds + jobs + this.#notBefore.size + this.#losses.size + this.#arriving.size
  }

  /** Whether time alone can change something: there are leases or waits that end. */
  get isTimed(): boolean {
    return this.#running.size > 0 || this.#notBefore.size > 0
  }

  #take(event: SchedulerEvent, now: number): void {
    switch (event.type) {
      case 'queued':
        this.#queued(event.job)
        break
      case 'refilled':
        for (const job of event.jobs) this.#outdate(job)
        this.#window.fill(event.jobs, (job) => this.#isRunning(job))
        break
      case 'refill-failed':
        this.#window.failed()
        break
      case 'doubt':
        this.#window.doubt()
        break
      case 'hello':
        this.#arrive(event.worker, event.claims, now)
        break
      case 'connected':
        this.#connected(event, now)
        break
      case 'disconnected':
        this.#disconnected(event.worker, event.goodbye, now)
        break
      case 'open': {
        const worker = this.#workers.get(event.worker)
        if (worker) worker.isOpen = event.isOpen
        break
      }
      case 'beat':
        this.#renew(event.worker, event.held, now)
        break
      case 'outcome':
        this.#outcome(event.held, event.end, now)
        break
      case 'recorded':
        this.#release(event.held)
        break
      case 'unrecordable':
        this.#unrecordable(event.held, now)
        break
      case 'ended':
        this.#ended(event.jobId, event.run)
        break
      case 'tick':
        this.#expire(now)
        break
    }
  }

  #queued(job: WindowJob): void {
    this.#outdate(job)
    // It may have been read already, and dealt.
    if (!this.#isRunning(job)) this.#window.offer(job)
  }

  /** A later run than the one that a worker has says that this has ended, whether anyone told or not. */
  #outdate({ id, run }: WindowJob): void {
    if ((this.#running.get(id)?.run ?? run) < run) this.#ended(id, run - 1)
  }

  /** Whether a worker has this run of the job, or a later one. */
  #isRunning({ id, run }: WindowJob): boolean {
    return (this.#running.get(id)?.run ?? 0) >= run
  }

  #arrive(id: string, claims: readonly HeldAttempt[], now: number): void {
    const claimed = new Map(claims.map((held) => [keyOf(held), held]))
    this.#arriving.set(id, claimed)
    // What it held on an older connection and does not claim never reached it, or its outcome is on the way.
    for (const [key, { held, leaseUntil }] of this.#workers.get(id)?.holds ?? []) {
      if (leaseUntil !== null && !claimed.has(key)) this.#giveUp(held, 'return', 'returned', now)
    }
  }

  #connected(event: Extract<SchedulerEvent, { type: 'connected' }>, now: number): void {
    const { worker: id, slots, prefetch, claims } = event
    const claimed = this.#arriving.get(id)
    this.#arriving.delete(id)
    const holds = this.#workers.get(id)?.holds ?? new Map<string, Hold>()
    this.#workers.set(id, { id, slots, capacity: slots + prefetch, isOpen: false, heardAt: now, holds })
    const answers = claims.map(({ held, job }) => {
      // If not, its outcome has come meanwhile, or the end of its job, of which the row need not tell.
      const isOpen = claimed?.has(keyOf(held))
      return { held, answer: isOpen ? this.#claim(held, job, now) : ('drop' as const) }
    })
    this.#effects.push({ type: 'welcome', worker: id, claims: answers })
  }

  #claim(held: HeldAttempt, stored: WindowJob | null, now: number): 'continue' | 'drop' {
    const { jobId } = held
    const running = this.#running.get(jobId)
    const isOwn = running?.holder && keyOf({ jobId, ...running.holder }) === keyOf(held)
    if (isOwn) {
      this.#hold(held, now)
      return 'continue'
    }
    const forgive = this.#takeBack(held)
    if (running) return 'drop'
    const known = this.#window.find(jobId)
    const waiting = known ?? stored
    const job = waiting && transition(waiting, { type: 'resume', forgive: forgive && !known, ...held })
    if (!job) return 'drop'
    this.#window.forget(jobId, held.run)
    this.#notBefore.delete(jobId)
    this.#running.set(jobId, { ...waiting, ...job })
    this.#hold(held, now)
    this.#effects.push({ type: 'resume', held, job: { ...waiting, ...job } })
    return 'continue'
  }

  /**
   * The worker has not gone away under this attempt: if that was counted, it is taken back.
   *
   * @returns whether it was counted
   */
  #takeBack(held: HeldAttempt): boolean {
    const { jobId } = held
    if (!this.#losses.get(jobId)?.delete(keyOf(held))) return false
    const running = this.#running.get(jobId)
    if (running) this.#running.set(jobId, forgiven(running))
    const waiting = this.#window.take(jobId)
    if (waiting) this.#window.put(forgiven(waiting))
    return true
  }

  #disconnected(id: string, goodbye: boolean, now: number): void {
    const live = this.liveOf(id)
    this.#workers.delete(id)
    this.#arriving.delete(id)
    for (const held of live) {
      if (goodbye) this.#giveUp(held, 'return', 'returned', now)
      else this.#lose(held, 'lost', live.length === 1, now)
    }
  }

  #renew(id: string, held: readonly HeldAttempt[], now: number): void {
    const worker = this.#workers.get(id)
    if (worker) worker.heardAt = now
    for (const one of held) {
      const hold = worker?.holds.get(keyOf(one))
      if (hold && hold.leaseUntil !== null) hold.leaseUntil = now + this.#leaseMs
    }
  }

  #expire(now: number): void {
    for (const [id, until] of this.#notBefore) if (until <= now) this.#notBefore.delete(id)
    for (const { id, holds } of this.#workers.values()) {
      const live = this.liveOf(id)
      for (const held of live) {
        if ((holds.get(keyOf(held))?.leaseUntil ?? 0) > now) continue
        this.#lose(held, 'expired', live.length === 1, now)
        this.#effects.push({ type: 'revoke', held })
      }
    }
  }

  #outcome(held: HeldAttempt, end: End, now: number): void {
    this.#takeBack(held)
    const job = this.#running.get(held.jobId)
    const isHolder = job?.holder && keyOf({ jobId: job.id, ...job.holder }) === keyOf(held)
    const hold = this.#holdOf(held)
    this.#arriving.get(held.worker)?.delete(keyOf(held))
    // Sent again while it is being recorded, and answered then.
    if (hold?.leaseUntil === null) return
    if (end.end === 'succeeded') {
      if (hold) hold.leaseUntil = null
      this.#effects.push({ type: 'succeed', held })
    } else if (!job || !isHolder) {
      this.#effects.push({ type: 'obsolete', held })
    } else if (end.end === 'failed') {
      this.#endAttempt(job, held, { type: 'fail', code: end.code, ...held }, 'failed', now)
    } else {
      this.#endAttempt(job, held, { type: 'return', ...held }, 'returned', now)
      // It could not fetch the photo, and would not be able to now: else it is drained, and others can.
      if (this.#workers.get(held.worker)?.isOpen) this.#notBefore.set(job.id, now + BACKOFF_MS)
    }
  }

  #unrecordable(held: HeldAttempt, now: number): void {
    const job = this.#running.get(held.jobId)
    this.#release(held)
    this.#effects.push({ type: 'revoke', held })
    if (job) this.#endAttempt(job, held, { type: 'fail', code: 'worker/failed', ...held }, 'failed', now)
  }

  /** The attempt is over without a success; its room is free when that is on disk. */
  #endAttempt(job: WindowJob, held: HeldAttempt, event: JobEvent, why: AttemptEnd, now: number): void {
    const hold = this.#holdOf(held)
    if (hold) hold.leaseUntil = null
    this.#settle(job, held, event, why, now)
  }

  /** @param alone it was all that its worker worked on */
  #lose(held: HeldAttempt, why: 'lost' | 'expired', alone: boolean, now: number): void {
    // A suspect that had company, since its worker came back with more than the master knew, is not charged.
    const isCharged = alone || !this.#running.get(held.jobId)?.isSuspect
    const next = this.#giveUp(held, isCharged ? 'lose' : 'return', why, now)
    if (next?.status !== 'QUEUED' || !isCharged) return
    const losses = this.#losses.get(held.jobId) ?? new Set()
    this.#losses.set(held.jobId, losses.add(keyOf(held)))
  }

  /** Takes an attempt away whose worker is gone, or let it lie. */
  #giveUp(held: HeldAttempt, type: 'lose' | 'return', why: AttemptEnd, now: number): WindowJob | null {
    this.#release(held)
    const job = this.#running.get(held.jobId)
    return job ? this.#settle(job, held, { type, ...held }, why, now) : null
  }

  #settle(
    job: WindowJob,
    held: HeldAttempt,
    event: JobEvent,
    why: AttemptEnd,
    now: number,
  ): WindowJob | null {
    const state = transition(job, event)
    // Another attempt holds the job: what this one did changes nothing.
    if (!state) return null
    const next: WindowJob = { ...job, ...state }
    if (next.status === 'QUEUED') {
      this.#running.delete(job.id)
      this.#window.put(next)
      const wait = backoffOf(job, next)
      if (wait > 0) this.#notBefore.set(job.id, now + wait)
    } else {
      // Until that is on disk, the queue may be read as if the job still waited.
      this.#running.set(job.id, next)
    }
    this.#effects.push({ type: 'settle', held, job: next, why })
    return next
  }

  /** This run of the job, and those before it, are of no interest any more. */
  #forget(jobId: string, run: number): void {
    const known = this.#running.get(jobId) ?? this.#window.find(jobId)
    this.#window.forget(jobId, run)
    // It has been retried since.
    if (known && known.run > run) return
    this.#running.delete(jobId)
    this.#notBefore.delete(jobId)
    this.#losses.delete(jobId)
    for (const claimed of this.#arriving.values()) {
      for (const [key, held] of claimed) {
        if (held.jobId === jobId && held.run <= run) claimed.delete(key)
      }
    }
  }

  #ended(jobId: string, run: number): void {
    const job = this.#running.get(jobId)
    this.#forget(jobId, run)
    if (!job?.holder || job.run > run) return
    const held: HeldAttempt = { jobId, ...job.holder, sha256: job.image.sha256 }
    const hold = this.#holdOf(held)
    // Of an attempt whose outcome has come, the worker is told when that is recorded.
    if (!hold || hold.leaseUntil === null) return
    this.#release(held)
    this.#effects.push({ type: 'revoke', held })
  }

  #hold(held: HeldAttempt, now: number): void {
    this.#workers.get(held.worker)?.holds.set(keyOf(held), { held, leaseUntil: now + this.#leaseMs })
  }

  #holdOf(held: HeldAttempt): Hold | undefined {
    return this.#workers.get(held.worker)?.holds.get(keyOf(held))
  }

  #release(held: HeldAttempt): void {
    this.#workers.get(held.worker)?.holds.delete(keyOf(held))
  }

  #deal(now: number): void {
    const workers = [...this.#workers.values()].filter((worker) => this.#takesMore(worker, now))
    if (workers.length === 0) return
    const spared = new Set<string>()
    for (const job of [...this.#window.waiting]) {
      if (workers.length === 0) break
      if (this.#notBefore.has(job.id)) continue
      if (job.isSuspect) {
        const idlest = leastHeld(workers, this.#spared)
        if (idlest.holds.size === 0) this.#assign(job, idlest, now)
        else spared.add(idlest.id)
        // Alone with it, or spared for it: either way it gets nothing else.
        workers.splice(workers.indexOf(idlest), 1)
      } else {
        const worker = mostFree(workers)
        this.#assign(job, worker, now)
        if (room(worker) === 0) workers.splice(workers.indexOf(worker), 1)
      }
    }
    this.#spared = spared
  }

  #assign(waiting: WindowJob, worker: WorkerState, now: number): void {
    const ref: AttemptRef = { run: waiting.run, attempt: waiting.attempts + 1, worker: worker.id }
    const state = transition(waiting, { type: 'start', ...ref })
    if (!state) return
    const job: WindowJob = { ...waiting, ...state }
    const held: HeldAttempt = { jobId: job.id, ...ref, sha256: job.image.sha256 }
    this.#window.take(job.id)
    this.#running.set(job.id, job)
    this.#hold(held, now)
    this.#effects.push({ type: 'start', held, job })
  }

  #takesMore(worker: WorkerState, now: number): boolean {
    // One that is silent may be frozen, and what it were dealt would be lost.
    const isHeard = now - worker.heardAt < this.#leaseMs / 2
    const isWelcomed = !this.#arriving.has(worker.id)
    return worker.isOpen && isWelcomed && isHeard && room(worker) > 0 && !this.#holdsSuspect(worker)
  }

  #holdsSuspect(worker: WorkerState): boolean {
    for (const { held, leaseUntil } of worker.holds.values()) {
      if (leaseUntil !== null && this.#running.get(held.jobId)?.isSuspect) return true
    }
    return false
  }
}

/** One name for an attempt. */
export function keyOf({ jobId, run, attempt, worker }: Omit<HeldAttempt, 'sha256'>): string {
  return `${jobId} ${run} ${attempt} ${worker}`
}

/** Failures that another try may mend, and losses of a suspect, are followed by a wait, doubled with each. */
function backoffOf(before: JobState, { failures, losses }: JobState): number {
  if (failures > before.failures) return BACKOFF_MS * 2 ** (failures - 1)
  // Without it, a suspect would follow workers that are cut off one after the other, and be charged with each.
  return losses > before.losses ? BACKOFF_MS * 2 ** (losses - 1) : 0
}

function room(worker: WorkerState): number {
  return worker.capacity - worker.holds.size
}

/** The one with the most free slots; where none has one, the one that holds the least ahead. */
function mostFree(workers: readonly WorkerState[]): WorkerState {
  return best(workers, ({ slots, holds }) => slots - holds.size)
}

/** Of several, one that was spared before: were they to take turns, each would be filled up again. */
function leastHeld(workers: readonly WorkerState[], spared: ReadonlySet<string>): WorkerState {
  return best(workers, ({ id, holds }) => (spared.has(id) ? 0.5 : 0) - holds.size)
}

function best(workers: readonly WorkerState[], score: (worker: WorkerState) => number): WorkerState {
  return workers.reduce((first, other) => (score(other) > score(first) ? other : first))
}
