import { setImmediate } from 'node:timers/promises'
import {
  type Frame,
  frameSchema,
  type Job,
  MAX_VIEW_ROWS,
  ProblemError,
  type Snapshot,
  snapshotSchema,
} from '@argus/shared'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  attemptOf,
  BOOT_ID,
  type JobParts,
  openJobs,
  silentLog,
  startJob,
  submitPhoto,
  succeedJob,
  tempFolder,
} from '../../testing/unit.ts'
import { ModelCache } from '../models/model-cache.ts'
import { ModelService } from '../models/model-service.ts'
import { Recent } from '../statistics/recent.ts'
import { DiskGuard } from '../store/disk-guard.ts'
import type { JobRecord } from '../store/job-record.ts'
import { StorageWatch } from '../store/storage-watch.ts'
import { type ConnectedWorker, WorkerRegistry } from '../workers/worker-registry.ts'
import { Feed } from './feed.ts'
import { toJob } from './job-view.ts'

async function startFeed() {
  const parts = await openJobs()
  const models = new ModelService(await ModelCache.open(await tempFolder()), [], silentLog)
  const workers = new WorkerRegistry()
  const disk = new DiskGuard(parts.folder, 0, silentLog)
  const storage = new StorageWatch(parts.committer, disk)
  const feed = new Feed({ jobs: parts.jobs, workers, models, storage, log: silentLog })
  onTestFinished(() => feed.stop())
  return { ...parts, models, workers, disk, feed }
}

type Parts = Awaited<ReturnType<typeof startFeed>>

/** Rows take their time to arrive once they are read, as those of a database elsewhere do. */
function slowReads({ jobs }: Parts, arrive: () => Promise<void>): void {
  const newest = jobs.newest.bind(jobs)
  vi.spyOn(jobs, 'newest').mockImplementation(async (limit) => {
    const rows = await newest(limit)
    await arrive()
    return rows
  })
}

/** Has the database answer nobody, which a write finds out. Returns what brings it back. */
async function loseDatabase({ database, committer }: Parts): Promise<() => void> {
  const refused = Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' })
  const connect = vi.spyOn(database.client, 'acquireConnection').mockRejectedValue(refused)
  const write = committer.commit(async () => undefined)
  await expect(write).rejects.toMatchObject({ code: 'store/unavailable' })
  return () => connect.mockRestore()
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
  /** Asks for a snapshot where a frame is missing; null where none may be. */
  reopen: (() => Promise<void>) | null = null

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
    if (this.reopen && frame.seq !== seq + 1) {
      this.snapshot = null
      this.frames.length = 0
      void this.reopen()
      return
    }
    expect(frame).toMatchObject({ bootId, seq: seq + 1 })
    this.frames.push(structuredClone(frameSchema.parse(frame)))
    for (const job of frame.jobs) this.jobs.set(job.id, job)
    for (const id of frame.removed) this.jobs.delete(id)
  }

  /** What a person sees: newest first. */
  get rows(): Job[] {
    return [...this.jobs.values()].sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, this.#limit)
  }

  get counts() {
    return (this.frames.at(-1) ?? this.snapshot)?.counts
  }

  get storage() {
    const clusters = [this.snapshot, ...this.frames].flatMap((message) => message?.cluster ?? [])
    return clusters.at(-1)?.storage
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

async function shouldBecome(board: Board, { jobs, store }: JobParts, limit: number): Promise<void> {
  const newest = (await store.newest(limit)).map(toJob)
  await vi.waitFor(() => {
    expect(board.rows).toEqual(newest)
    expect(board.counts).toEqual(jobs.changes.counts)
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
      cluster: {
        ready: false,
        storage: { database: 'ok', disk: 'ok' },
        model: { state: 'resolving' },
        workers: [],
      },
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
    await startJob(parts, job)
    await shouldBecome(board, parts, 20)
    await succeedJob(parts, job)
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
    for (const job of [submitted[2], submitted[0]]) if (job) await startJob(parts, job)
    await shouldBecome(board, parts, 20)
    const sent = new Set(board.frames.slice(seen).flatMap(({ jobs }) => jobs.map(({ id }) => id)))
    expect(sent).toEqual(new Set([submitted[0]?.id, submitted[2]?.id]))
  })

  it('gathers what changes while another one is made, oldest first', async () => {
    let read: Promise<void> = Promise.resolve()
    const parts = await startFeed()
    slowReads(parts, () => read)
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
    await startJob(parts, oldest)
    await vi.waitFor(() => expect(board.counts?.RUNNING).toBe(1))
    expect(board.frames.flatMap(({ jobs }) => jobs.map(({ id }) => id))).not.toContain(oldest.id)
  })

  it('names the jobs that are no more, and brings none of them', async () => {
    const parts = await startFeed()
    const [kept, gone] = [await submitPhoto(parts, 'kept'), await submitPhoto(parts, 'gone')]
    await startJob(parts, gone)
    const board = await openBoard(parts)
    await Promise.all([succeedJob(parts, gone), startJob(parts, kept)])
    // One that has not ended stays.
    expect(await parts.jobs.removeEnded([kept.id, gone.id])).toBe(1)
    await shouldBecome(board, parts, 20)
    expect(board.rows).toMatchObject([{ id: kept.id, status: 'RUNNING' }])
    expect(board.counts).toMatchObject({ RUNNING: 1, SUCCEEDED: 0 })
    await submitPhoto(parts, 'next')
    await shouldBecome(board, parts, 20)
    expect(board.frames.flatMap(({ removed }) => removed)).toEqual([gone.id])
  })

  it('names them once, also where the store failed to be read meanwhile', async () => {
    let read: () => Promise<void> = () => Promise.resolve()
    const parts = await startFeed()
    const gone = await submitPhoto(parts, 'gone')
    await parts.jobs.cancel(gone.id)
    slowReads(parts, () => read())
    const board = await openBoard(parts)
    const { promise, resolve } = withResolver()
    read = () => promise
    // Until this one has its rows, no frame is made.
    const other = parts.feed.snapshot(1, () => undefined)
    await submitPhoto(parts, 'new')
    await parts.jobs.removeEnded([gone.id])
    read = () => {
      read = () => Promise.resolve()
      return Promise.reject(new Error('The disk cannot be read'))
    }
    resolve()
    await other
    await shouldBecome(board, parts, 20)
    expect(board.frames.flatMap(({ removed }) => removed)).toEqual([gone.id])
  })

  it('brings the cluster when it changed, and only then', async () => {
    const parts = await startFeed()
    const board = await openBoard(parts)
    parts.workers.add(aWorker())
    await vi.waitFor(() => expect(board.frames).toHaveLength(1))
    expect(board.frames[0]).toMatchObject({
      jobs: [],
      cluster: { workers: [{ name: 'worker', state: 'starting', slots: 2, busy: 0, held: 0 }] },
    })
    await submitPhoto(parts)
    await vi.waitFor(() => expect(board.frames).toHaveLength(2))
    expect(board.frames[1]?.cluster).toBeUndefined()
  })

  it('says how many jobs a worker holds, and that it drains', async () => {
    const parts = await startFeed()
    const board = await openBoard(parts)
    const worker = aWorker()
    parts.workers.add(worker)
    const last = () => board.frames.flatMap(({ cluster }) => cluster?.workers ?? []).at(-1)
    parts.workers.update(worker, { held: 3, draining: true })
    await vi.waitFor(() => expect(last()).toMatchObject({ state: 'draining', busy: 2, held: 3 }))
    parts.workers.update(worker, { held: 0 })
    await vi.waitFor(() => expect(last()).toMatchObject({ state: 'drained', busy: 0, held: 0 }))
  })

  it('says that the disk is full, and that it has room again', async () => {
    const parts = await startFeed()
    const board = await openBoard(parts)
    parts.disk.noteFull()
    await vi.waitFor(() => expect(board.storage).toEqual({ database: 'ok', disk: 'full' }))
    await parts.disk.check()
    await vi.waitFor(() => expect(board.storage).toEqual({ database: 'ok', disk: 'ok' }))
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

describe('while the database is away', () => {
  it('a frame says so, and brings what changed before when it is back', async () => {
    let read: Promise<void> = Promise.resolve()
    const parts = await startFeed()
    slowReads(parts, () => read)
    const board = await openBoard(parts)
    const { promise, resolve } = withResolver()
    read = promise
    // Until this one has its rows, no frame is made.
    const other = parts.feed.snapshot(1, () => undefined)
    const job = await submitPhoto(parts)
    const restore = await loseDatabase(parts)
    resolve()
    await other

    await vi.waitFor(() => expect(board.storage?.database).toBe('unavailable'))
    expect(board.rows).toEqual([])
    expect(board.counts?.QUEUED).toBe(1)
    parts.workers.add(aWorker())
    await vi.waitFor(() => expect(board.frames.at(-1)?.cluster?.workers).toHaveLength(1))
    expect(board.rows).toEqual([])

    board.reopen = () => parts.feed.snapshot(20, (snapshot) => board.open(snapshot))
    restore()
    await vi.waitFor(() => expect(board.storage?.database).toBe('ok'))
    await vi.waitFor(() => expect(board.rows).toMatchObject([{ id: job.id, status: 'QUEUED' }]))
  })

  it('boards miss nothing that happened by a commit whose answer was lost', async () => {
    const parts = await startFeed()
    const gone = await submitPhoto(parts, 'gone')
    const kept = await submitPhoto(parts, 'kept')
    const board = await openBoard(parts)
    board.reopen = () => parts.feed.snapshot(20, (snapshot) => board.open(snapshot))
    const restore = await loseDatabase(parts)
    await vi.waitFor(() => expect(board.storage?.database).toBe('unavailable'))
    restore()
    // Nobody tells of it.
    await parts.store.remove([gone.id], parts.committer.revisions, Date.now(), ['QUEUED'])
    await vi.waitFor(() => expect(board.rows.map(({ id }) => id)).toEqual([kept.id]))
  })

  it('a frame waits for no row of jobs that are removed', async () => {
    const parts = await startFeed()
    const gone = await submitPhoto(parts, 'gone')
    const board = await openBoard(parts)
    const restore = await loseDatabase(parts)
    // The commit had happened; its answer came late.
    parts.jobs.changes.removed([{ id: gone.id, status: 'QUEUED', run: 1 }])
    await vi.waitFor(() => expect(board.rows).toEqual([]))
    expect(board.storage?.database).toBe('unavailable')
    restore()
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

  async function changeSomething(parts: JobParts, { id }: JobRecord, pick: number): Promise<void> {
    const { jobs, recorder } = parts
    const job = await jobs.find(id)
    if (!job) return
    const settlement = { isSuspect: false, losses: 0, failures: 0 }
    const held = attemptOf(job, job.attempts)
    if (job.status === 'QUEUED') {
      if (pick === 0) await jobs.cancel(id)
      else await startJob(parts, job, job.attempts + 1)
    } else if (job.status !== 'RUNNING') await jobs.retry(id)
    else if (pick === 0)
      await recorder.settle(held, { ...settlement, status: 'QUEUED', why: 'returned', error: null })
    else if (pick === 1) {
      const error = { code: 'image/unreadable', detail: 'cut off' } as const
      await recorder.settle(held, { ...settlement, status: 'FAILED', why: 'failed', error })
    } else await succeedJob(parts, job, job.attempts)
  }

  /** Two changes of one job may meet, and one comes too late. */
  async function tryTo(work: Promise<unknown>): Promise<void> {
    await work.catch((error: unknown) => {
      if (!(error instanceof ProblemError)) throw error
    })
  }

  interface Interleaving {
    readonly seed: number
    /** How many rows each board shows. */
    readonly limits: readonly number[]
    readonly step: (parts: Parts, job: JobRecord, below: (limit: number) => number) => Promise<unknown>
  }

  async function interleave({ seed, limits, step }: Interleaving): Promise<void> {
    const parts = await startFeed()
    const below = random(seed)
    const boards = limits.map((limit) => ({ limit, board: new Board(limit) }))
    connectBoards(
      parts,
      boards.map(({ board }) => board),
    )
    const underWay: Array<Promise<void>> = []
    const submitted: JobRecord[] = []
    for (let number = 0; number < 150; number += 1) {
      const job = submitted[below(submitted.length)]
      if (!job || below(3) === 0) {
        underWay.push(submitPhoto(parts, `photo ${number}`).then((job) => void submitted.push(job)))
      } else underWay.push(tryTo(step(parts, job, below)))
      if (number % 30 === 15) {
        const next = boards.find(({ board }) => !board.snapshot)
        if (next) underWay.push(parts.feed.snapshot(next.limit, (snapshot) => next.board.open(snapshot)))
      }
      if (below(4) === 0) await Promise.all(underWay.splice(0))
    }
    await Promise.all(underWay)
    for (const { limit, board } of boards) await shouldBecome(board, parts, limit)
  }

  it.each([1, 2, 3])('give what the store holds, however all of it interleaves (%i)', async (seed) => {
    const limits = [5, 20, MAX_VIEW_ROWS]
    await interleave({ seed, limits, step: (parts, job, below) => changeSomething(parts, job, below(4)) })
  })

  it.each([4, 5, 6])('give it also where jobs are removed (%i)', async (seed) => {
    // There are fewer jobs than that, so that no older one moves up.
    const limits = [MAX_VIEW_ROWS, MAX_VIEW_ROWS]
    await interleave({
      seed,
      limits,
      step: (parts, job, below) =>
        below(4) === 0 ? parts.jobs.removeEnded([job.id]) : changeSomething(parts, job, below(4)),
    })
  })

  it('bring a change that happens while a frame is being read', async () => {
    let read: () => Promise<void> = () => Promise.resolve()
    const parts = await startFeed()
    slowReads(parts, () => read())
    const board = await openBoard(parts)
    read = async () => {
      read = () => Promise.resolve()
      const [job] = await parts.store.queued(null, 1)
      if (job) await startJob(parts, job)
    }
    const job = await submitPhoto(parts)
    await vi.waitFor(() => expect(board.rows).toMatchObject([{ id: job.id, status: 'RUNNING' }]))
  })

  it('bring a change that happens while a snapshot is being read', async () => {
    let read: () => Promise<void> = () => Promise.resolve()
    const parts = await startFeed()
    slowReads(parts, () => read())
    const first = await openBoard(parts)
    const job = await submitPhoto(parts)
    await shouldBecome(first, parts, 20)
    read = async () => {
      read = () => Promise.resolve()
      await startJob(parts, job)
      // More turns than a frame would take, if it did not wait for the snapshot.
      for (let turn = 0; turn < 50; turn += 1) await setImmediate()
    }
    const board = await openBoard(parts)
    await vi.waitFor(() => expect(board.rows).toMatchObject([{ id: job.id, status: 'RUNNING' }]))
  })

  it('bring a change later where the store failed to be read', async () => {
    let read: () => Promise<void> = () => Promise.resolve()
    const parts = await startFeed()
    slowReads(parts, () => read())
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

/** A connection to a worker that has not loaded the model yet. */
function aWorker(): ConnectedWorker {
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
  }
}
