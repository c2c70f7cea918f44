/**
 * The latest events in memory, in the form in which they are sent: a client that was cut off for a moment goes on
 * from here, and hundreds that follow the same changes cost the making of each event once.
 */
import type { EventData, EventName } from '@argus/shared'
import { toJob } from '../jobs/job-view.ts'
import type { ChangeScope, JobChange } from '../store/change-log.ts'

/** Up to twice as many are kept: some 15 MB. */
const MAX_EVENTS = 2000
/** A thousand streams look so often at most whether there is something for them. */
const NOTICE_MS = 50

/** An event of one change. */
export class JobEvent {
  readonly change: JobChange
  #text: string | undefined

  constructor(change: JobChange) {
    this.change = change
  }

  /** As it is sent. */
  get text(): string {
    this.#text ??= this.#make()
    return this.#text
  }

  isIn({ batch, job }: ChangeScope): boolean {
    const { change } = this
    return (batch === undefined || change.batch === batch) && (job === undefined || change.id === job)
  }

  #make(): string {
    const { job, id, batch, revision } = this.change
    return job ? eventText('job', toJob(job), revision) : eventText('removed', { id, batch }, revision)
  }
}

/**
 * One event in the form of `text/event-stream`.
 *
 * @param id after which a client that comes back goes on
 */
export function eventText<Name extends EventName>(name: Name, data: EventData<Name>, id?: number): string {
  // JSON has no line breaks, which would end the data.
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}

export class EventLog {
  #events: JobEvent[] = []
  /** All changes behind this revision are here. */
  #since: number
  #end: number
  readonly #listeners = new Set<() => void>()
  #noticedAt = Number.NEGATIVE_INFINITY
  #notice: NodeJS.Timeout | undefined

  /** @param position the revision behind which it begins */
  constructor(position: number) {
    this.#since = position
    this.#end = position
  }

  /** The revision of the latest change that it knows. */
  get end(): number {
    return this.#end
  }

  /** Takes the changes that follow, up to a revision. Those before its begin are not for it. */
  append(changes: readonly JobChange[], upTo: number): void {
    if (upTo <= this.#end) return
    const later = changes.filter(({ revision }) => revision > this.#end)
    this.#events.push(...later.map((change) => new JobEvent(change)))
    this.#end = upTo
    // Not each time, as that would move thousands for one.
    if (this.#events.length > 2 * MAX_EVENTS) {
      const forgotten = this.#events.splice(0, this.#events.length - MAX_EVENTS)
      this.#since = forgotten.at(-1)?.change.revision ?? this.#since
    }
    this.#noticeSoon()
  }

  /** Calls back when there is more. Returns what ends that. */
  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** At once, unless that was a moment ago. */
  #noticeSoon(): void {
    if (this.#notice) return
    const wait = this.#noticedAt + NOTICE_MS - performance.now()
    if (wait <= 0) this.#noticeNow()
    else this.#notice = setTimeout(() => this.#noticeNow(), wait).unref()
  }

  #noticeNow(): void {
    this.#notice = undefined
    this.#noticedAt = performance.now()
    for (const listener of this.#listeners) listener()
  }

  /** The events behind a revision, at most so many; null where they are no longer here. */
  after(revision: number, limit: number): JobEvent[] | null {
    if (revision < this.#since) return null
    const first = firstAfter(this.#events, revision)
    return this.#events.slice(first, first + limit)
  }
}

/** By halving: the events ascend. */
function firstAfter(events: readonly JobEvent[], revision: number): number {
  let low = 0
  let high = events.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((events[middle]?.change.revision ?? 0) > revision) high = middle
    else low = middle + 1
  }
  return low
}
