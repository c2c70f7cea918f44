/** A feed as the master has it, and boards as the web app keeps them: rows by what they are told, nothing else. */
import {
  comparePlaces,
  type Frame,
  frameSchema,
  type JobRow,
  type News,
  newsSchema,
  placeOf,
  type Snapshot,
  snapshotSchema,
  type View,
} from '@argus/shared'
import { onTestFinished } from 'vitest'
import { ChangeReader } from '../src/events/change-reader.ts'
import type { Board, BoardMessage } from '../src/feed/board-room.ts'
import { Feed } from '../src/feed/feed.ts'
import { BatchService } from '../src/jobs/batch-service.ts'
import { LagClock } from '../src/lag-clock.ts'
import { ModelCache } from '../src/models/model-cache.ts'
import { ModelService } from '../src/models/model-service.ts'
import { MasterFigures } from '../src/statistics/master-figures.ts'
import { Recent } from '../src/statistics/recent.ts'
import { Statistics } from '../src/statistics/statistics.ts'
import { ChangeLog } from '../src/store/change-log.ts'
import { DiskGuard } from '../src/store/disk-guard.ts'
import { StorageWatch } from '../src/store/storage-watch.ts'
import { ClusterWatch } from '../src/workers/cluster-watch.ts'
import { type ConnectedWorker, WorkerRegistry } from '../src/workers/worker-registry.ts'
import { BOOT_ID, openJobs, silentLog, tempFolder } from './unit.ts'

const LIMITS = { maxUploadBytes: 1_000_000, maxPixels: 50_000_000 }

export type FeedTestParts = Awaited<ReturnType<typeof startFeed>>

/** A feed on a real SQLite, until the test ends. It is told of changes by a reader, as in the master. */
export async function startFeed() {
  const parts = await openJobs()
  const { database, committer, jobs, folder } = parts
  const disk = new DiskGuard(folder, 0, silentLog)
  const storage = new StorageWatch(committer, disk)
  const models = new ModelService(await ModelCache.open(await tempFolder()), [], silentLog)
  const workers = new WorkerRegistry()
  const cluster = new ClusterWatch({ workers, models, storage })
  const batches = new BatchService(database, committer, jobs)
  const queued = () => jobs.changes.counts.QUEUED
  const statistics = await Statistics.open({ database, committer, queued, log: silentLog })
  const clock = new LagClock()
  const nobody = () => 0
  const masterFigures = new MasterFigures({ clock, committer, disk, boards: nobody, eventStreams: nobody })
  const feed = new Feed({
    jobs,
    batches,
    workers,
    cluster,
    storage,
    statistics,
    masterFigures,
    limits: LIMITS,
    log: silentLog,
  })
  const changes = new ChangeLog(database)
  const reader = new ChangeReader(
    { changes, committer, storage, log: silentLog },
    committer.revisions.committed,
  )
  reader.onChanges((read, upTo) => {
    feed.take(read)
    statistics.count(read, upTo)
  })
  reader.start()
  const room = new Set<TestBoard>()
  feed.onBroadcast((name, message) => {
    for (const board of room) if (board.rooms.has(name)) board.hear(message)
  })
  onTestFinished(async () => {
    feed.stop()
    clock.stop()
    masterFigures.stop()
    await reader.stop()
  })
  return {
    ...parts,
    disk,
    storage,
    models,
    workers,
    cluster,
    batches,
    statistics,
    masterFigures,
    reader,
    feed,
    room,
  }
}

/** The newest 20 jobs, unless something else is named. */
export function viewOf(changes: Partial<View> = {}): View {
  return { filter: {}, sort: '-submitted', limit: 20, after: null, top: null, ...changes }
}

/** Connects a board that has nothing open yet. */
export function connectBoard({ room }: Pick<FeedTestParts, 'room'>): TestBoard {
  const board = new TestBoard()
  room.add(board)
  return board
}

/** Connects a board and opens a view on it. */
export async function openBoard(
  parts: Pick<FeedTestParts, 'room' | 'feed'>,
  view: Partial<View> = {},
): Promise<TestBoard> {
  const board = connectBoard(parts)
  await board.open(parts.feed, viewOf(view))
  return board
}

interface Told extends Pick<Snapshot, 'counts' | 'cluster' | 'isLast' | 'total' | 'ahead'> {
  readonly bootId: string
  readonly seq: number
}

/** A message as the connection carries it. */
export interface Heard {
  /** On the clock of `performance`. */
  readonly at: number
  readonly bytes: number
}

export class TestBoard implements Board {
  isLagging = false
  readonly rooms = new Set<string>()
  /** Snapshots and frames. */
  readonly heard: Heard[] = []
  readonly snapshots: Snapshot[] = []
  /** Since the last snapshot. */
  readonly frames: Frame[] = []
  readonly news: News[] = []
  /** What must not happen to a board. */
  readonly faults: string[] = []
  /** How many of its views were opened. */
  answers = 0
  #view: View | null = null
  #rows: JobRow[] = []
  #told: Told | null = null
  readonly #drains: Array<() => void> = []

  get rows(): readonly JobRow[] {
    return this.#rows
  }

  get ids(): string[] {
    return this.#rows.map(({ id }) => id)
  }

  /** What it was told last, beside its rows. */
  get told(): Told {
    if (!this.#told) throw new Error('Nothing is open')
    return this.#told
  }

  get view(): View {
    if (!this.#view) throw new Error('Nothing is open')
    return this.#view
  }

  get isOpen(): boolean {
    return this.#view !== null
  }

  /** Returns when the feed has answered, or will not. */
  open(feed: Feed, view: View): Promise<void> {
    this.#view = null
    return feed.open(this, view, (snapshot) => {
      this.answers += 1
      this.#view = view
      this.#told = null
      this.#takeSnapshot(overSocket(snapshot))
    })
  }

  join(room: string): void {
    this.rooms.add(room)
  }

  leave(room: string): void {
    this.rooms.delete(room)
  }

  onceDrained(listener: () => void): void {
    this.#drains.push(listener)
  }

  /** The connection has taken all that waited for it. */
  drain(): void {
    this.isLagging = false
    for (const listener of this.#drains.splice(0)) listener()
  }

  /** Something is sent to all in a room. */
  hear(message: BoardMessage): void {
    if (this.isLagging) this.faults.push(`A ${message.event} was sent while it lagged`)
    this.send(message)
  }

  send({ event, data }: BoardMessage): void {
    const carried = overSocket(data)
    if (event === 'news') this.news.push(newsSchema.parse(carried))
    else if (event === 'snapshot') this.#takeSnapshot(carried)
    else this.#takeFrame(carried)
  }

  #takeSnapshot(carried: unknown): void {
    const snapshot = snapshotSchema.parse(carried)
    this.#note(snapshot)
    if (this.#told && snapshot.seq < this.#told.seq) {
      this.faults.push(`Snapshot ${snapshot.seq} after ${this.#told.seq}`)
    }
    this.snapshots.push(snapshot)
    this.frames.length = 0
    this.#rows = snapshot.rows
    this.#told = snapshot
    const sorted = this.#inOrder(snapshot.rows)
    if (sorted.some((row, at) => row !== snapshot.rows[at]))
      this.faults.push('A snapshot is not in its order')
    if (snapshot.rows.length > this.view.limit) this.faults.push('A snapshot has too many rows')
  }

  #takeFrame(carried: unknown): void {
    const frame = frameSchema.parse(carried)
    const told = this.#told
    this.#note(frame)
    if (!told || frame.bootId !== told.bootId || frame.seq !== told.seq + 1) {
      this.faults.push(`Frame ${frame.seq} after ${told?.seq}`)
      return
    }
    this.frames.push(frame)
    const { rows, left, bootId, seq, counts, isLast } = frame
    const { cluster = told.cluster, total = told.total, ahead = told.ahead } = frame
    this.#told = { bootId, seq, counts, isLast, cluster, total, ahead }
    const kept = new Map(this.#rows.map((row) => [row.id, row]))
    for (const id of left) kept.delete(id)
    for (const row of rows) kept.set(row.id, row)
    this.#rows = this.#inOrder([...kept.values()]).slice(0, this.view.limit)
  }

  #note(message: Frame | Snapshot): void {
    this.heard.push({ at: performance.now(), bytes: Buffer.byteLength(JSON.stringify(message)) })
  }

  #inOrder(rows: readonly JobRow[]): JobRow[] {
    const { sort } = this.view
    const placed = rows.flatMap((row) => {
      const place = placeOf(row, sort)
      if (!place) this.faults.push(`Job ${row.id} is not in this list`)
      return place ? [{ row, place }] : []
    })
    return placed.sort((a, b) => comparePlaces(a.place, b.place, sort)).map(({ row }) => row)
  }
}

/** As it is when it arrives. */
function overSocket(data: BoardMessage['data']): unknown {
  return JSON.parse(JSON.stringify(data))
}

/** A connection to a worker that has not loaded the model yet. */
export function aWorker(changes: Partial<ConnectedWorker> = {}): ConnectedWorker {
  const nobody = () => undefined
  return {
    id: BOOT_ID,
    name: 'worker',
    slots: 2,
    prefetch: 2,
    link: {
      welcome: nobody,
      model: nobody,
      assign: nobody,
      answers: nobody,
      revoke: nobody,
      drain: nobody,
      close: nobody,
    },
    draining: false,
    leaving: false,
    serving: null,
    refused: null,
    held: 0,
    beat: null,
    recognised: new Recent(),
    ...changes,
  }
}
