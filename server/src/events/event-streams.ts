/** The clients that follow events just now: as many as the master can bear, and all of them let go when it stops. */
import { setImmediate as turnOfLoop } from 'node:timers/promises'
import { ProblemError } from '@argus/shared'
import { Mutex } from '../mutex.ts'
import type { ChangeLog, ChangeScope } from '../store/change-log.ts'
import type { EventLog } from './event-log.ts'
import {
  type ChangePages,
  type EventSink,
  EventStream,
  type StreamBegin,
  type Summary,
} from './event-stream.ts'

/** Each costs a connection and some 50 KB. */
const MAX_STREAMS = 1000

/** Where an event may go that the master can close as well. */
export interface ClosableSink extends EventSink {
  close(): void
  /** Calls back when the client has gone. */
  onClose(listener: () => void): void
}

export class EventStreams {
  readonly #log: EventLog
  readonly #changes: ChangeLog
  readonly #open = new Set<ClosableSink>()
  readonly #reading = new Mutex()
  #stopped = false

  constructor(log: EventLog, changes: ChangeLog) {
    this.#log = log
    this.#changes = changes
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size
  }

  /** @throws ProblemError `events/too-many-streams` where no more can be opened */
  assertRoom(): void {
    if (this.#open.size >= MAX_STREAMS || this.#stopped) throw new ProblemError('events/too-many-streams')
  }

  /**
   * Sends what has changed to a client, until it goes, or what it follows.
   *
   */
  async follow(sink: ClosableSink, scope: ChangeScope, begin: StreamBegin, summary?: Summary): Promise<void> {
    // One at a time, with a turn of the loop before each: hundreds that come back at once must not hold up the rest.
    const changes: ChangePages = {
      read: (...page) => this.#reading.run(() => turnOfLoop().then(() => this.#changes.read(...page))),
    }
    const parts = { log: this.#log, changes, sink, scope, summary }
    const stream = new EventStream(parts, begin)
    this.#open.add(sink)
    sink.onClose(() => stream.end())
    try {
      await stream.run()
    } finally {
      this.#open.delete(sink)
    }
    sink.close()
  }

  /** Lets go of all; they come back to the next master. */
  stop(): void {
    this.#stopped = true
    for (const sink of this.#open) sink.close()
  }
}
