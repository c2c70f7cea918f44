/**
 * A worker, as far as the master can tell it from a real one: it takes attempts into its slots and ahead of
 * them, keeps outcomes until they are answered, beats, and comes back after its connection broke with what it
 * holds. It can be killed, be frozen, be cut off, and leave in good order.
 */
import { BEAT_MS } from '@argus/shared'
import { type End, type HeldAttempt, keyOf } from '../../src/jobs/scheduler.ts'
import { demand } from './checks.ts'
import type { Dice } from './dice.ts'
import { Link } from './link.ts'
import type { Hello, MasterEnd, Outcome, WorkerEnd } from './messages.ts'
import type { Photos } from './photos.ts'
import type { Timeline } from './timeline.ts'

export interface WorkerParts {
  readonly timeline: Timeline
  readonly random: Dice
  readonly photos: Photos
  /** The master that runs now. */
  readonly master: () => MasterEnd | null
  readonly trace: (line: () => string) => void
  readonly onEnd: (worker: Worker) => void
}

interface Work {
  readonly held: HeldAttempt
  isFetched: boolean
  hasBegun: boolean
  /** Its recogniser takes so long that its lease is not renewed. */
  isStuck: boolean
}

/** It is told to send no more this long before a worker that leaves looks whether it is empty. */
const CROSSING_MS = 200

export class Worker implements WorkerEnd {
  readonly id: string
  readonly slots: number
  readonly prefetch: number
  readonly #parts: WorkerParts
  readonly #working = new Map<string, Work>()
  readonly #outbox = new Map<string, Outcome>()
  /** Outcomes that came in this tick. */
  #fresh: Outcome[] = []
  #busy = 0
  #draining = false
  #isAlive = true
  #isFrozen = false
  /** What is to be done when it thaws. */
  #frozen: Array<() => void> = []
  #link: Link | null = null
  #isConnected = false
  /** Leaves when it is empty. */
  #leaving: 'no' | 'draining' | 'waiting' = 'no'

  constructor(id: string, slots: number, prefetch: number, parts: WorkerParts) {
    this.id = id
    this.slots = slots
    this.prefetch = prefetch
    this.#parts = parts
    this.#connect()
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  get isFrozen(): boolean {
    return this.#isFrozen
  }

  /** Whether it has nothing to do, nothing to tell, and a connection. */
  get isIdle(): boolean {
    return this.#isConnected && this.#working.size === 0 && this.#outbox.size === 0
  }

  /** The process dies. */
  kill(): void {
    if (!this.#isAlive) return
    this.#parts.trace(() => `${this.id} dies`)
    this.#end(false)
  }

  /** It stands still for so long. The master ends the connection when a ping goes unanswered for so long. */
  freeze(milliseconds: number, pingMs: number): void {
    if (this.#isFrozen) return
    this.#isFrozen = true
    const { timeline, master } = this.#parts
    const link = this.#link
    if (link && pingMs < milliseconds) timeline.after(pingMs, () => master()?.hangUp(link))
    timeline.after(milliseconds, () => {
      this.#isFrozen = false
      while (this.#frozen.length > 0 && !this.#isFrozen && this.#isAlive) this.#frozen.shift()?.()
    })
  }

  /** The network between it and the master breaks; each notices after a while of its own. */
  cut(noticed: { worker: number; master: number }): void {
    const link = this.#link
    if (!link) return
    link.close()
    this.#parts.timeline.after(noticed.master, () => this.#parts.master()?.disconnected(link, false))
    this.#parts.timeline.after(noticed.worker, () => this.#arrive(link, () => this.closed()))
  }

  /** SIGTERM: it finishes what it has begun, returns the rest, and leaves. */
  leave(): void {
    if (this.#isFrozen || this.#leaving !== 'no') return
    if (!this.#isConnected) {
      this.#end(false)
      return
    }
    this.#leaving = 'draining'
    this.#say((master, link) => master.draining(link, true))
    this.#drain(true)
    this.#later(CROSSING_MS, () => {
      this.#leaving = 'waiting'
      this.#changed()
    })
  }

  welcome(dropped: readonly HeldAttempt[]): void {
    this.#drop(dropped)
    // The master names the model, and the worker serves it already.
    this.#say((master, link) => master.ready(link))
  }

  assign(attempts: readonly HeldAttempt[]): void {
    for (const held of attempts) {
      const key = keyOf(held)
      if (this.#working.has(key) || this.#outbox.has(key)) continue
      const isTwice = [...this.#working.values()].some((work) => work.held.jobId === held.jobId)
      demand(!isTwice, `${this.id} works on ${held.jobId} already, and was sent ${key}`)
      const work = { held, isFetched: false, hasBegun: false, isStuck: false }
      this.#working.set(key, work)
      const { size } = this.#working
      demand(size <= this.slots + this.prefetch, `${this.id} works on ${size}, was sent ${key}`)
      if (this.#draining) this.#return(work)
      else this.#fetch(work)
    }
  }

  answers(attempts: readonly HeldAttempt[]): void {
    for (const held of attempts) this.#outbox.delete(keyOf(held))
    this.#changed()
  }

  revoke(attempts: readonly HeldAttempt[]): void {
    this.#drop(attempts)
  }

  drain(draining: boolean): void {
    this.#drain(draining || this.#leaving !== 'no')
  }

  closed(): void {
    this.#link = null
    this.#isConnected = false
    if (this.#leaving !== 'no') this.#end(false)
    else this.#later(this.#parts.random.int(50, 1500), () => this.#connect())
  }

  #connect(): void {
    const { timeline, random } = this.#parts
    const link = new Link(timeline, random)
    this.#link = link
    const { id, slots, prefetch } = this
    const held = [...this.#working.values()].map((work) => work.held)
    const hello: Hello = { worker: id, slots, prefetch, draining: this.#draining, held }
    link.toMaster.send(() => {
      const master = this.#parts.master()
      if (!master) return this.#arrive(link, () => this.closed())
      link.toWorker.send(() => this.#arrive(link, () => this.#connected(link)))
      master.accept(link, hello, this.#endOf(link))
    })
  }

  /** What the master calls; each call is a message on this connection. */
  #endOf(link: Link): WorkerEnd {
    const send = (take: () => void) => link.toWorker.send(() => this.#arrive(link, take))
    return {
      welcome: (dropped) => send(() => this.welcome(dropped)),
      assign: (attempts) => send(() => this.assign(attempts)),
      answers: (attempts) => send(() => this.answers(attempts)),
      revoke: (attempts) => send(() => this.revoke(attempts)),
      drain: (draining) => send(() => this.drain(draining)),
      closed: () => send(() => this.closed()),
    }
  }

  /** Takes a message in, or what the network says: at once, or when it thaws; not of an older connection. */
  #arrive(link: Link, take: () => void): void {
    this.#awake(() => {
      if (this.#link === link) take()
    })
  }

  #connected(link: Link): void {
    this.#isConnected = true
    this.#beat(link)
    this.#deliver([...this.#outbox.values()])
  }

  #beat(link: Link): void {
    if (this.#link !== link) return
    const alive = [...this.#working.values()].filter(({ isStuck }) => !isStuck)
    const held = [...alive, ...this.#outbox.values()].map((one) => one.held)
    this.#say((master) => master.beat(link, held))
    this.#later(BEAT_MS, () => this.#beat(link))
  }

  #fetch(work: Work): void {
    const { random } = this.#parts
    this.#later(random.int(1, 20), () => {
      if (!this.#isWorking(work)) return
      if (random.chance(0.01)) return this.#return(work)
      work.isFetched = true
      this.#beginNext()
    })
  }

  #beginNext(): void {
    for (const work of this.#working.values()) {
      if (this.#busy >= this.slots) return
      if (!work.isFetched || work.hasBegun) continue
      work.hasBegun = true
      this.#busy += 1
      const { random } = this.#parts
      work.isStuck = random.chance(0.01)
      const took = random.chance(0.1) ? random.int(500, 4000) : random.int(10, 300)
      this.#later(work.isStuck ? random.int(3000, 9000) : took, () => this.#recognised(work))
    }
  }

  #recognised(work: Work): void {
    this.#busy -= 1
    if (this.#isWorking(work)) {
      const recognition = this.#parts.photos.recognise(work.held.jobId)
      if (recognition === 'kills') this.kill()
      else if (recognition === 'succeeds') this.#finish(work, { end: 'succeeded' })
      else this.#finish(work, { end: 'failed', code: recognition })
    }
    if (!this.#isAlive) return
    this.#beginNext()
    this.#changed()
  }

  #drain(draining: boolean): void {
    this.#draining = draining
    if (draining) for (const work of this.#working.values()) if (!work.hasBegun) this.#return(work)
  }

  #drop(attempts: readonly HeldAttempt[]): void {
    for (const held of attempts) {
      this.#working.delete(keyOf(held))
      this.#outbox.delete(keyOf(held))
    }
    this.#changed()
  }

  #return(work: Work): void {
    this.#finish(work, { end: 'returned' })
  }

  #finish({ held }: Work, end: End): void {
    this.#working.delete(keyOf(held))
    const outcome = { held, end }
    this.#outbox.set(keyOf(held), outcome)
    this.#fresh.push(outcome)
    if (this.#fresh.length > 1) return
    this.#later(0, () => {
      const fresh = this.#fresh.filter((one) => this.#outbox.get(keyOf(one.held)) === one)
      this.#fresh = []
      this.#deliver(fresh)
    })
  }

  #deliver(outcomes: readonly Outcome[]): void {
    if (outcomes.length > 0) this.#say((master, link) => master.take(link, outcomes))
  }

  #isWorking(work: Work): boolean {
    return this.#working.get(keyOf(work.held)) === work
  }

  #changed(): void {
    if (this.#leaving === 'waiting' && this.#working.size === 0 && this.#outbox.size === 0) this.#end(true)
  }

  /** @param goodbye in good order: all that was said before arrives */
  #end(goodbye: boolean): void {
    this.#isAlive = false
    const link = this.#link
    if (link) {
      const gone = () => this.#parts.master()?.disconnected(link, goodbye)
      // Of a process that dies, what it said last may be lost with the connection.
      const isReset = !goodbye && this.#parts.random.chance(0.5)
      if (isReset) link.close()
      if (isReset) this.#parts.timeline.after(this.#parts.random.int(0, 5), gone)
      else link.toMaster.send(gone)
    }
    this.#parts.onEnd(this)
  }

  /** Says nothing without a connection. */
  #say(message: (master: MasterEnd, link: Link) => void): void {
    const link = this.#link
    if (!link || !this.#isConnected) return
    link.toMaster.send(() => {
      const master = this.#parts.master()
      if (master) message(master, link)
    })
  }

  #later(milliseconds: number, happen: () => void): void {
    this.#parts.timeline.after(milliseconds, () => this.#awake(happen))
  }

  #awake(happen: () => void): void {
    if (!this.#isAlive) return
    if (this.#isFrozen) this.#frozen.push(happen)
    else happen()
  }
}
