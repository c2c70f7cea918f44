import { setImmediate } from 'node:timers/promises'
import {
  type Frame,
  frameSchema,
  type Job,
  MAX_VIEW_ROWS,
  type Snapshot,
  snapshotSchema,
} from '@argus/shared'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  type JobParts,
  openJobs,
  RESULT,
  silentLog,
  submitPhoto,
  THUMBNAIL,
  tempFolder,
} from '../../testing/unit.ts'
import { ModelCache } from '../models/model-cache.ts'
import { ModelService } from '../models/model-service.ts'
import { type JobRecord, JobStore } from '../store/job-store.ts'
import { type ConnectedWorker, WorkerRegistry } from '../workers/worker-registry.ts'
import { Feed } from './feed.ts'
import { toJob } from './job-view.ts'

async function startFeed(createStore = JobStore) {
  const parts = await openJobs(createStore)
  const models = new ModelService(await ModelCache.open(await tempFolder()), [], silentLog)
  const workers = new WorkerRegistry()
  const feed = new Feed(parts.jobs, workers, models, silentLog)
  onTestFinished(() => feed.stop())
  return { ...parts, models, workers, feed }
}

type Parts = Awaited<ReturnType<typeof startFeed>>

/** A store whose rows take their time to arrive once they are read, as those of a database elsewhere do. */
function storeThatReads(arrive: () => Promise<void>): typeof JobStore {
  return class extends JobStore {
    override async newest(limit: number): Promise<JobRecord[]> {
      const rows = await super.newest(limit)
      await arrive()
      return rows
    }
  }
}

function withResolver(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

/** A board as the web app keeps it: a snapshot, and the frames that followed. */
class Board {
  readonly #limit: number
  readonly frames: Frame[] = []
  snapshot: Snapshot | null = null
  jobs = new Map<string, Job>()

  constructor(limit: number) {
    this.#limit = limit
  }

  open(snapshot: Snapshot): void {
    // What goes over a socket is written down at once.
    this.snapshot = structuredClone(snapshotSchema.parse(snapshot))
    this.jobs = new Map(this.snapshot.jobs.map((job) => [job.id, job]))
  }

  take(frame: Frame): void {
    if (!this.snapshot) return
    const { bootId, seq } = this.frames.at(-1) ?? this.snapshot
    expect(frame).toMatchObject({ bootId, seq: seq + 1 })
    this.frames.push(structuredClone(frameSchema.parse(frame)))
    for (const job of frame.jobs) this.jobs.set(job.id, job)
  }

  /** What a person sees: newest first. */
  get rows(): Job[] {
    return [...this.jobs.values()].sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, this.#limit)
  }

  get counts() {
    return (this.frames.at(-1) ?? this.snapshot)?.counts
  }
}

function connectBoards({ feed }: Parts, boards: Board[]): void {
  feed.onFrame((frame) => {
    for (const board of boards) board.take(frame)
  })
}

async function openBoard(parts: Parts, limit = 20): Promise<Board> {
  const board = new Board(limit)
  connectBoards(parts, [board])
  await parts.feed.snapshot(limit, (snapshot) => board.open(snapshot))
  return board
}

async function shouldBecome(board: Board, { jobs }: JobParts, limit: number): Promise<void> {
  const newest = (await jobs.newest(limit)).map(toJob)
  await vi.waitFor(() => {
    expect(board.rows).toEqual(newest)
    expect(board.counts).toEqual(jobs.counts)
  }, 5000)
}

describe('a snapshot', () => {
  it('shows the newest jobs, newest first, and the cluster', async () => {
    const parts = await startFeed()
    const submitted: string[] = []
    for (const name of ['a', 'b', 'c']) submitted.unshift((await submitPhoto(parts, name)).id)
    const board = await openBoard(parts, 2)
    expect(board.snapshot?.jobs.map(({ id }) => id)).toEqual(submitted.slice(0, 2))
    expect(board.snapshot).toMatchObject({
      counts: { QUEUED: 3 },
      cluster: { ready: false, model: { state: 'resolving' }, workers: [] },
    })
  })

  it('names the start of the master', async () => {
    const [first, second] = [await openBoard(await startFeed()), await openBoard(await startFeed())]
    expect(first.snapshot?.bootId).not.toBe(second.snapshot?.bootId)
  })
})

describe('a frame', () => {
  it('brings each change of a lone photo', async () => {
    const parts = await startFeed()
    const board = await openBoard(parts)
    const job = await submitPhoto(parts)
    await shouldBecome(board, parts, 20)
    await parts.jobs.start(job, 1, 'worker')
    await shouldBecome(board, parts, 20)
    await parts.jobs.succeed(job.id, 1, RESULT, THUMBNAIL)
    await shouldBecome(board, parts, 20)
    const statuses = board.frames.flatMap(({ jobs }) => jobs.map(({ status }) => status))
    expect(statuses).toEqual(['QUEUED', 'RUNNING', 'SUCCEEDED'])
  })

  it('has only the jobs that changed', async () => {
    const parts = await startFeed()
    const board = await openBoard(parts)
    const submitted = [
      await submitPhoto(parts, 'a'),
      await submitPhoto(parts, 'b'),
      await submitPhoto(parts, 'c'),
    ]
    await shouldBecome(board, parts, 20)
    const seen = board.frames.length
    for (const job of [submitted[2], submitted[0]]) if (job) await parts.jobs.start(job, 1, 'worker')
    await shouldBecome(board, parts, 20)
    const sent = new Set(board.frames.slice(seen).flatMap(({ jobs }) => jobs.map(({ id }) => id)))
    expect(sent).toEqual(new Set([submitted[0]?.id, submitted[2]?.id]))
  })

  it('gathers what changes while another one is made, oldest first', async () => {
    let read: Promise<void> = Promise.resolve()
    const parts = await startFeed(storeThatReads(() => read))
    const board = await openBoard(parts)
    const { promise, resolve } = withResolver()
    read = promise
    const submitted: string[] = []
    for (const name of ['a', 'b', 'c']) submitted.push((await submitPhoto(parts, name)).id)
    resolve()
    await vi.waitFor(() => expect(board.rows).toHaveLength(3))
    expect(board.frames.map(({ jobs }) => jobs.map(({ id }) => id))).toEqual([
      submitted.slice(0, 1),
      submitted.slice(1),
    ])
  })

  it('does not bring rows that are on no board, but counts them', async () => {
    const parts = await startFeed()
    const oldest = await submitPhoto(parts, 'oldest')
    for (let number = 0; number < MAX_VIEW_ROWS; number += 1) await submitPhoto(parts, `photo ${number}`)
    const board = await openBoard(parts, MAX_VIEW_ROWS)
    await parts.jobs.start(oldest, 1, 'worker')
    await vi.waitFor(() => expect(board.counts?.RUNNING).toBe(1))
    expect(board.frames.flatMap(({ jobs }) => jobs.map(({ id }) => id))).not.toContain(oldest.id)
  })

  it('brings the cluster when it changed, and only then', async () => {
    const parts = await startFeed()
    const board = await openBoard(parts)
    const worker: ConnectedWorker = {
      id: 'a connection',
      name: 'worker',
      slots: 2,
      assign: () => undefined,
      serving: null,
      refused: null,
      attempts: new Map(),
    }
    parts.workers.add(worker)
    await vi.waitFor(() => expect(board.frames).toHaveLength(1))
    expect(board.frames[0]).toMatchObject({
      jobs: [],
      cluster: { workers: [{ name: 'worker', state: 'starting', slots: 2, busy: 0 }] },
    })
    await submitPhoto(parts)
    await vi.waitFor(() => expect(board.frames).toHaveLength(2))
    expect(board.frames[1]?.cluster).toBeUndefined()
  })

  it('is sent no more once the feed has stopped', async () => {
    const parts = await startFeed()
    const board = await openBoard(parts)
    await submitPhoto(parts, 'before')
    await shouldBecome(board, parts, 20)
    parts.feed.stop()
    const seen = board.frames.length
    await submitPhoto(parts, 'after')
    // Made after the frame that would have been sent.
    await parts.feed.snapshot(1, () => undefined)
    expect(board.frames).toHaveLength(seen)
  })
})

describe('snapshot and frames together', () => {
  /** Numbers that look random and are the same at every run. */
  function random(seed: number): (below: number) => number {
    let state = seed
    return (below) => {
      state = (state * 1103515245 + 12345) % 2147483648
      return Math.floor((state / 2147483648) * below)
    }
  }

  async function changeSomething({ jobs }: JobParts, job: JobRecord, pick: number): Promise<void> {
    const found = await jobs.find(job.id)
    const attempt = found?.attempts ?? 0
    if (found?.status === 'QUEUED') await jobs.start(found, attempt + 1, 'worker')
    else if (pick === 0) await jobs.requeue(job.id, attempt)
    else if (pick === 1) await jobs.fail(job.id, attempt, 'image/unreadable', 'cut off')
    else await jobs.succeed(job.id, attempt, RESULT, THUMBNAIL)
  }

  it.each([1, 2, 3])('give what the store holds, however all of it interleaves (%i)', async (seed) => {
    const parts = await startFeed()
    const below = random(seed)
    const boards = [5, 20, MAX_VIEW_ROWS].map((limit) => ({ limit, board: new Board(limit) }))
    connectBoards(
      parts,
      boards.map(({ board }) => board),
    )
    const underWay: Array<Promise<void>> = []
    const submitted: JobRecord[] = []
    for (let step = 0; step < 150; step += 1) {
      const job = submitted[below(submitted.length)]
      if (!job || below(3) === 0) {
        underWay.push(submitPhoto(parts, `photo ${step}`).then((job) => void submitted.push(job)))
      } else underWay.push(changeSomething(parts, job, below(4)))
      if (step % 30 === 15) {
        const next = boards.find(({ board }) => !board.snapshot)
        if (next) underWay.push(parts.feed.snapshot(next.limit, (snapshot) => next.board.open(snapshot)))
      }
      if (below(4) === 0) await Promise.all(underWay.splice(0))
    }
    await Promise.all(underWay)
    for (const { limit, board } of boards) await shouldBecome(board, parts, limit)
  })

  it('bring a change that happens while a frame is being read', async () => {
    let read: () => Promise<void> = () => Promise.resolve()
    const parts = await startFeed(storeThatReads(() => read()))
    const board = await openBoard(parts)
    read = async () => {
      read = () => Promise.resolve()
      const [job] = await parts.jobs.nextQueued(1)
      if (job) await parts.jobs.start(job, 1, 'worker')
    }
    const job = await submitPhoto(parts)
    await vi.waitFor(() => expect(board.rows).toMatchObject([{ id: job.id, status: 'RUNNING' }]))
  })

  it('bring a change that happens while a snapshot is being read', async () => {
    let read: () => Promise<void> = () => Promise.resolve()
    const parts = await startFeed(storeThatReads(() => read()))
    const first = await openBoard(parts)
    const job = await submitPhoto(parts)
    await shouldBecome(first, parts, 20)
    read = async () => {
      read = () => Promise.resolve()
      await parts.jobs.start(job, 1, 'worker')
      // More turns than a frame would take, if it did not wait for the snapshot.
      for (let turn = 0; turn < 50; turn += 1) await setImmediate()
    }
    const board = await openBoard(parts)
    await vi.waitFor(() => expect(board.rows).toMatchObject([{ id: job.id, status: 'RUNNING' }]))
  })

  it('bring a change later where the store failed to be read', async () => {
    let read: () => Promise<void> = () => Promise.resolve()
    const parts = await startFeed(storeThatReads(() => read()))
    const board = await openBoard(parts)
    read = () => {
      read = () => Promise.resolve()
      return Promise.reject(new Error('The disk cannot be read'))
    }
    await submitPhoto(parts)
    await shouldBecome(board, parts, 20)
    expect(board.frames.map(({ seq }) => seq)).toEqual([1])
  })
})
