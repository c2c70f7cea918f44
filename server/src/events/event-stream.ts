/**
 * One client that follows events, at its own pace: it is sent the next ones when it has taken those before, so a
 * slow one costs no memory, and however fast jobs change it gets a bounded number of messages a second. One that
 * falls far behind goes on from the database, where a job that has changed twice meanwhile is one event.
 *
 *   behind ──events left──► sending ──taken by the client, budget──► behind
 *     │                                                                ▲
 *     └──── nothing left ──► waiting ── a change, or 15 s passed ──────┘
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { FrameBudget } from '../feed/frame-budget.ts'
import type { ChangeLog, ChangeScope } from '../store/change-log.ts'
import { type EventLog, JobEvent } from './event-log.ts'

/** Of one message. */
const MAX_EVENTS = 200
/** So that proxies between do not take it for dead, and the master notices when the client is. */
const IDLE_MS = 15_000
/** A summary is sent so often at most: counting a batch costs something. */
const SUMMARY_MS = 1000
const COMMENT = ':\n\n'

/** Where the events go. */
export interface EventSink {
  /** Settles when the client has room for more, or has gone. */
  send(text: string): Promise<void>
  readonly isOpen: boolean
}

/** An event that sums up the others. */
export interface Summary {
  /** The event; null ends the stream: what it was about is gone. One that is not current is made again soon. */
  readonly make: () => Promise<{ readonly text: string; readonly isCurrent: boolean } | null>
  /** Calls back when it has changed otherwise than by a change of a job; returns what ends that. */
  readonly onChange?: (listener: () => void) => () => void
}

/** Where a stream reads that has fallen behind. */
export type ChangePages = Pick<ChangeLog, 'read'>

/** Where a stream begins. */
export interface StreamBegin {
  /** The revision behind which; undefined: with what changes from now on. */
  readonly after: number | undefined
  /**
   * The client has had all events before, and is to get those that it would have got. One that comes for the first
   * time gets what there is as it is now.
   */
  readonly isResumed: boolean
}

export interface EventStreamParts {
  readonly log: EventLog
  readonly changes: ChangePages
  readonly sink: EventSink
  readonly scope: ChangeScope
  readonly summary?: Summary
}

export class EventStream {
  readonly #parts: EventStreamParts
  readonly #budget = new FrameBudget()
  #position: number
  /** Up to here the database is read, whatever is still in memory. */
  readonly #present: number
  #isSummaryDue = true
  #summaryAt = 0
  #sentAt = performance.now()
  #wake: () => void = () => undefined

  constructor(parts: EventStreamParts, { after, isResumed }: StreamBegin) {
    this.#parts = parts
    const { end } = parts.log
    // One from another database, perhaps: there is nothing behind it.
    this.#position = Math.min(after ?? end, end)
    this.#present = isResumed ? 0 : end
  }

  /** Returns when the client has gone, or what it follows. */
  async run(): Promise<void> {
    const { log, summary, sink } = this.#parts
    const wake = () => this.#wake()
    const stopLog = log.onAppend(wake)
    const stopSummary = summary?.onChange?.(() => {
      this.#isSummaryDue = true
      wake()
    })
    try {
      while (sink.isOpen && (await this.#step())) {
        // Goes on.
      }
    } finally {
      stopLog()
      stopSummary?.()
    }
  }

  /** Looks whether the client is still there. */
  end(): void {
    this.#wake()
  }

  /** Sends what there is, or waits until there is something. False: this was the end. */
  async #step(): Promise<boolean> {
    const { events, upTo } = await this.#next()
    this.#position = upTo
    const { scope, sink } = this.#parts
    const mine = events.filter((event) => event.isIn(scope))
    if (mine.length > 0) this.#isSummaryDue = true
    const summary = await this.#summaryIfDue()
    const text = mine.map((event) => event.text).join('') + (summary ?? '')
    if (text !== '') await this.#send(text)
    if (summary === null || (scope.job !== undefined && mine.at(-1)?.change.job === null)) return false
    if (performance.now() - this.#sentAt >= IDLE_MS) await this.#send(COMMENT)
    // Gone meanwhile, nobody would wake it.
    else if (upTo === this.#parts.log.end && sink.isOpen) await this.#pause()
    return true
  }

  async #next(): Promise<{ events: readonly JobEvent[]; upTo: number }> {
    const { log, changes, scope } = this.#parts
    const { end } = log
    const events = this.#position < this.#present ? null : log.after(this.#position, MAX_EVENTS)
    if (events) {
      return { events, upTo: events.length < MAX_EVENTS ? end : (events.at(-1)?.change.revision ?? end) }
    }
    const page = await changes.read(this.#position, end, MAX_EVENTS, scope)
    return { events: page.changes.map((change) => new JobEvent(change)), upTo: page.upTo }
  }

  /** Undefined where it is not due; null where there is nothing left to sum up. */
  async #summaryIfDue(): Promise<string | null | undefined> {
    const { summary } = this.#parts
    if (!summary || !this.#isSummaryDue || performance.now() < this.#summaryAt) return undefined
    // Before it is made: what changes meanwhile makes another one due.
    this.#isSummaryDue = false
    this.#summaryAt = performance.now() + SUMMARY_MS
    const made = await summary.make()
    if (made && !made.isCurrent) this.#isSummaryDue = true
    return made === null ? null : made.text
  }

  async #send(text: string): Promise<void> {
    await sleep(this.#budget.delay(performance.now()))
    this.#budget.spend(performance.now())
    this.#sentAt = performance.now()
    await this.#parts.sink.send(text)
  }

  /** Waits until there may be something to send. */
  #pause(): Promise<void> {
    const isSummaryAhead = this.#parts.summary !== undefined && this.#isSummaryDue
    const until = Math.min(
      this.#sentAt + IDLE_MS,
      isSummaryAhead ? this.#summaryAt : Number.POSITIVE_INFINITY,
    )
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#wake = () => undefined
        resolve()
      }
      const timer = setTimeout(done, Math.max(0, until - performance.now()))
      this.#wake = done
    })
  }
}
