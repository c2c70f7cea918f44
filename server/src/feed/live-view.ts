/**
 * One view, for all boards that have it open: its window, and the frames that keep them up to date.
 *
 * Changes leave at once while they are few. When they outrun the budget they gather, and a frame carries the latest
 * state of each row. Where most rows have changed the view is sent afresh, at most once a second.
 */
import { type Frame, JOB_STATUSES, type JobCounts, MAX_AHEAD, type Snapshot, type View } from '@argus/shared'
import { conditionsOf } from '../jobs/job-search.ts'
import type { JobService } from '../jobs/job-service.ts'
import type { JobChange } from '../store/change-log.ts'
import type { ListPlace } from '../store/job-list.ts'
import type { JobRecord } from '../store/job-record.ts'
import type { ClusterWatch } from '../workers/cluster-watch.ts'
import { type Board, BoardRoom, type Broadcast } from './board-room.ts'
import { ClusterNews } from './cluster-news.ts'
import { FilterTotal } from './filter-total.ts'
import { FrameBudget } from './frame-budget.ts'
import { toJobRow } from './job-row.ts'
import { ListWindow, RESERVE, type WindowScope } from './list-window.ts'
import { SentRows } from './sent-rows.ts'

/** Between two readings of the window, and between two sendings of the whole view. */
const AFRESH_MS = 1000
/** Counts and cluster wait so long for the rows that change with them. */
const GRACE_MS = 20

export interface LiveViewParts {
  readonly bootId: string
  readonly jobs: JobService
  readonly cluster: ClusterWatch
  readonly limits: Snapshot['limits']
  readonly broadcast: Broadcast
  /** The database could not be read. */
  readonly onError: (error: unknown) => void
}

/** What all boards were told last, beside rows and cluster. */
type Told = Pick<Snapshot, 'counts' | 'isLast' | 'total' | 'ahead'>

const NO_COUNTS: JobCounts = { QUEUED: 0, RUNNING: 0, SUCCEEDED: 0, FAILED: 0, CANCELLED: 0 }

export class LiveView {
  readonly #parts: LiveViewParts
  readonly #view: View
  readonly #scope: WindowScope
  readonly #room: BoardRoom
  readonly #budget = new FrameBudget()
  readonly #cluster: ClusterNews
  readonly #total: FilterTotal
  readonly #sent = new SentRows()
  /** Some of the boards were told something else beside that. */
  #isToldApart = false
  #told: Told = { counts: NO_COUNTS, isLast: false, total: null, ahead: 0 }
  #window: ListWindow
  #isRead: boolean
  #reading: Promise<void> | null = null
  #readAt = Number.NEGATIVE_INFINITY
  /** What changed while the window is being read. */
  #meanwhile: JobChange[] = []
  #afreshAt = Number.NEGATIVE_INFINITY
  #seq = 0
  #timer: NodeJS.Timeout | undefined
  /** When the timer fires, on the clock of `performance`. */
  #due = Number.POSITIVE_INFINITY
  #isClosed = false

  /** @param name of the room of its boards */
  constructor(name: string, view: View, parts: LiveViewParts) {
    const { filter, sort, limit, after, top } = view
    this.#parts = parts
    this.#view = view
    const places = { after: toListPlace(after), top: toListPlace(top) }
    this.#scope = { conditions: conditionsOf(filter), sort, limit, maxAhead: MAX_AHEAD, ...places }
    this.#room = new BoardRoom(name, parts.broadcast, () => ({ event: 'snapshot', data: this.#handOver() }))
    this.#cluster = new ClusterNews(parts.cluster)
    this.#total = new FilterTotal(parts.jobs, filter, sort)
    this.#window = ListWindow.unread(this.#scope)
    this.#isRead = limit === 0
  }

  get boards(): number {
    return this.#room.size
  }

  /**
   * Makes a snapshot for a board, which from then on gets the frames that follow it.
   *
   * @param isWanted whether the board still wants it, when it is there
   */
  async open(board: Board, isWanted: () => boolean, take: (snapshot: Snapshot) => void): Promise<void> {
    if (!this.#isRead) await this.read()
    if (!isWanted()) return
    take(this.#handOver())
    this.#room.add(board)
    // There may be something to read or to count.
    this.#schedule(0)
  }

  leave(board: Board): void {
    this.#room.remove(board)
  }

  /** Takes in what has changed. */
  apply(changes: readonly JobChange[]): void {
    if (this.#view.limit === 0) return
    if (this.#reading) this.#meanwhile.push(...changes)
    this.#applyAll(changes)
    this.#total.note()
    this.#schedule(0)
  }

  /** The counts, or the cluster, have changed. */
  noteOverview(): void {
    this.#schedule(GRACE_MS)
  }

  /** Reads the window from the database. One reading goes on at a time. */
  read(): Promise<void> {
    if (this.#view.limit === 0) return Promise.resolve()
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null
      this.#meanwhile = []
      this.#schedule(0)
    })
    return this.#reading
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  async #read(): Promise<void> {
    const { jobs, onError } = this.#parts
    const { after, top, limit, maxAhead } = this.#scope
    const { filter, sort } = this.#view
    this.#readAt = performance.now()
    try {
      const content = await jobs.window({ filter, sort, after, limit: limit + RESERVE, top, maxAhead })
      this.#window = new ListWindow(this.#scope, content)
      this.#isRead = true
      this.#total.set(content.total)
      // They may have changed behind the back of who counted.
      if (this.#meanwhile.length > 0) this.#total.note()
      this.#applyAll(this.#meanwhile)
    } catch (error) {
      onError(error)
    }
  }

  #applyAll(changes: readonly JobChange[]): void {
    for (const change of changes) {
      this.#window.apply(change)
      this.#sent.note(change, this.#window)
    }
  }

  #schedule(wait: number): void {
    if (this.#isClosed || this.#room.size === 0) return
    const now = performance.now()
    const delay = Math.max(wait, this.#budget.delay(now))
    if (this.#due <= now + delay) return
    clearTimeout(this.#timer)
    this.#due = now + delay
    // Without even a timer of 0 ms, in which the next change would take the place of this one.
    if (delay === 0) this.#send()
    else this.#timer = setTimeout(() => this.#send(), delay)
  }

  #send(): void {
    this.#due = Number.POSITIVE_INFINITY
    if (this.#isClosed) return
    const now = performance.now()
    // What was sent since the timer was set may have used it up.
    const wait = this.#budget.delay(now)
    if (wait > 0) {
      this.#schedule(wait)
      return
    }
    // While the database is away boards are to hear of that.
    const isThere = this.#parts.cluster.view().storage.database === 'ok'
    if (isThere && (!this.#isRead || this.#window.isShort)) this.#readSoon(now)
    else {
      if (isThere) this.#countSoon(now)
      const changed = this.#sent.changedIn(this.#window)
      if (changed.length <= Math.ceil(this.#view.limit / 2)) this.#sendFrame(now, changed)
      else if (now < this.#afreshAt + AFRESH_MS) this.#schedule(this.#afreshAt + AFRESH_MS - now)
      else this.#sendAfresh(now)
    }
  }

  /** The frame waits until the window is whole again. */
  #readSoon(now: number): void {
    const wait = this.#readAt + AFRESH_MS - now
    if (wait > 0) this.#schedule(wait)
    else void this.read()
  }

  #countSoon(now: number): void {
    const wait = this.#total.wait(now)
    if (wait === 0) {
      const then = () => this.#schedule(0)
      this.#total.count().catch(this.#parts.onError).finally(then)
    } else if (wait !== null) this.#schedule(wait)
  }

  #sendFrame(now: number, changed: readonly JobRecord[]): void {
    const before = this.#told
    const told = this.#toTell()
    const left = this.#sent.lostFrom(this.#window)
    const clusterWait = this.#cluster.wait(now)
    if (clusterWait) this.#schedule(clusterWait)
    const isSame = changed.length === 0 && left.length === 0 && clusterWait !== 0
    const isApart = this.#isToldApart
    if (isSame && !isApart && sameTold(told, before)) return
    const { counts, isLast, total, ahead } = told
    this.#seq += 1
    const frame: Frame = {
      bootId: this.#parts.bootId,
      seq: this.#seq,
      counts,
      ...(clusterWait === 0 && { cluster: this.#cluster.take(now) }),
      rows: changed.map(toJobRow),
      left,
      isLast,
      ...((isApart || total !== before.total) && { total }),
      ...((isApart || ahead !== before.ahead) && { ahead }),
    }
    this.#noteSent(now, told, frame)
    this.#room.send({ event: 'frame', data: frame })
  }

  #sendAfresh(now: number): void {
    this.#seq += 1
    const snapshot = this.#snapshot()
    this.#afreshAt = now
    this.#cluster.take(now)
    this.#noteSent(now, snapshot, snapshot)
    this.#room.send({ event: 'snapshot', data: snapshot })
  }

  #noteSent(now: number, told: Told, message: Frame | Snapshot): void {
    this.#told = told
    this.#isToldApart = false
    this.#sent.replace(this.#window)
    this.#budget.spend(now, sizeOf(message))
  }

  /** A snapshot for one board; the others may not have been told all of it yet. */
  #handOver(): Snapshot {
    const snapshot = this.#snapshot()
    if (this.#room.size === 0) {
      const now = performance.now()
      // Who scrolls opens view after view.
      this.#budget.charge(now, sizeOf(snapshot))
      this.#cluster.take(now)
      this.#told = snapshot
      this.#sent.replace(this.#window)
    } else {
      this.#sent.addFor(this.#window)
      if (!sameTold(snapshot, this.#told)) this.#isToldApart = true
    }
    return snapshot
  }

  #snapshot(): Snapshot {
    const { bootId, cluster, limits } = this.#parts
    const rows = this.#window.shown.map(toJobRow)
    return { bootId, seq: this.#seq, cluster: cluster.view(), limits, rows, ...this.#toTell() }
  }

  #toTell(): Told {
    const { isLast, ahead } = this.#window
    return { counts: this.#parts.jobs.changes.counts, isLast, total: this.#total.value, ahead }
  }
}

function toListPlace(place: View['after']): ListPlace | null {
  return place && { time: Date.parse(place.time), id: place.id }
}

function sameTold(a: Told, b: Told): boolean {
  const sameCounts = JOB_STATUSES.every((status) => a.counts[status] === b.counts[status])
  return sameCounts && a.isLast === b.isLast && a.total === b.total && a.ahead === b.ahead
}

function sizeOf(message: Frame | Snapshot): number {
  return Buffer.byteLength(JSON.stringify(message))
}
