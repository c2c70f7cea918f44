/** What boards are told of their views, in the order in which it happens; a board keeps what it is told. */

import { setImmediate as turnOfLoop } from 'node:timers/promises'
import { MAX_VIEW_ROWS, NO_ROWS, type Place, type View } from '@argus/shared'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  aWorker,
  connectBoard,
  type FeedTestParts,
  openBoard,
  startFeed,
  type TestBoard,
  viewOf,
} from '../../testing/board.ts'
import { startJob, submitPhoto, succeedJob } from '../../testing/unit.ts'
import { until } from '../../testing/until.ts'
import type { JobRecord } from '../store/job-record.ts'
import { toJobRow } from './job-row.ts'

/** Windows take their time to arrive once they are read, as those of a database elsewhere do. */
function slowWindows({ jobs }: FeedTestParts, arrive: () => Promise<void>) {
  const read = jobs.window.bind(jobs)
  return vi.spyOn(jobs, 'window').mockImplementation(async (query) => {
    const window = await read(query)
    await arrive()
    return window
  })
}

/** Has the database answer nobody, which a write finds out. Returns what brings it back. */
async function loseDatabase({ database, committer }: FeedTestParts): Promise<() => void> {
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

/** Time passes when the test says so. */
function stopTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
}

/** So that what was asked of the database has come. */
async function passAndAnswer(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds)
  for (let turn = 0; turn < 200; turn += 1) await turnOfLoop()
}

async function submitPhotos(parts: FeedTestParts, count: number): Promise<JobRecord[]> {
  const jobs: JobRecord[] = []
  for (let number = 0; number < count; number += 1) jobs.push(await submitPhoto(parts, `photo ${number}.png`))
  return jobs
}

/** As a list by the submit has it. */
function placeIn({ id, submittedAt }: JobRecord): Place {
  return { time: new Date(submittedAt).toISOString(), id }
}

function idsOf(jobs: readonly JobRecord[]): string[] {
  return jobs.map(({ id }) => id)
}

/** Once it has been told all, the board shows what REST lists. */
async function shouldBecome(board: TestBoard, { jobs }: FeedTestParts): Promise<void> {
  const { filter, sort, limit } = board.view
  const page = await jobs.list({ ...filter, sort, limit })
  await vi.waitFor(() => {
    expect(board.rows).toEqual(page.jobs.map(toJobRow))
    expect(board.told.counts).toEqual(jobs.changes.counts)
  }, 5000)
  expect(board.told.isLast).toBe(page.next === null)
  expect(board.faults).toEqual([])
}

describe('a snapshot', () => {
  it('shows the newest jobs, newest first, and the cluster', async () => {
    const parts = await startFeed()
    const submitted = idsOf(await submitPhotos(parts, 3)).reverse()
    const board = await openBoard(parts, { limit: 2 })
    expect(board.ids).toEqual(submitted.slice(0, 2))
    expect(board.snapshots).toMatchObject([
      {
        seq: 0,
        counts: { QUEUED: 3 },
        cluster: {
          ready: false,
          storage: { database: 'ok', disk: 'ok' },
          model: { state: 'resolving' },
          workers: [],
        },
        limits: { maxUploadBytes: 1_000_000, maxPixels: 50_000_000 },
        isLast: false,
        total: 3,
        ahead: 0,
      },
    ])
    expect(board.faults).toEqual([])
  })

  it('names the start of the master', async () => {
    const [first, second] = [await openBoard(await startFeed()), await openBoard(await startFeed())]
    expect(first.told.bootId).not.toBe(second.told.bootId)
  })

  it('begins behind a place, and tells how many have come before another', async () => {
    const parts = await startFeed()
    const [first, second, third, fourth, fifth] = await submitPhotos(parts, 5)
    if (!first || !second || !third || !fourth || !fifth) throw new Error('There are five')
    const board = await openBoard(parts, { limit: 2, after: placeIn(third), top: placeIn(fourth) })
    expect(board.ids).toEqual([second.id, first.id])
    expect(board.told).toMatchObject({ isLast: true, total: 5, ahead: 1 })
    await submitPhoto(parts, 'newer.png')
    await until(() => expect(board.told.ahead).toBe(2))
    await parts.jobs.delete(fifth.id)
    await until(() => expect(board.told.ahead).toBe(1))
    expect(board.ids).toEqual([second.id, first.id])
  })

  it('has no rows where none are asked for, and costs no reading', async () => {
    const parts = await startFeed()
    const windows = vi.spyOn(parts.jobs, 'window')
    const [job] = await submitPhotos(parts, 1)
    const board = await openBoard(parts, NO_ROWS)
    expect(board.rows).toEqual([])
    if (job) await startJob(parts, job)
    await until(() => expect(board.told.counts).toMatchObject({ QUEUED: 0, RUNNING: 1 }))
    expect(board.rows).toEqual([])
    expect(windows).not.toHaveBeenCalled()
  })
})

describe('a frame', () => {
  it('brings each change of a lone photo', async () => {
    const parts = await startFeed()
    const board = await openBoard(parts)
    const job = await submitPhoto(parts)
    await shouldBecome(board, parts)
    await startJob(parts, job)
    await shouldBecome(board, parts)
    await succeedJob(parts, job)
    await shouldBecome(board, parts)
    const statuses = board.frames.map(({ rows }) => rows.map(({ status }) => status))
    expect(statuses).toEqual([['QUEUED'], ['RUNNING'], ['SUCCEEDED']])
    expect(board.frames.map(({ seq }) => seq)).toEqual([1, 2, 3])
    expect(board.rows).toMatchObject([{ best: { probability: 0.9 }, worker: 'worker', attempts: 1 }])
  })

  it('has only the rows that changed', async () => {
    const parts = await startFeed()
    const submitted = await submitPhotos(parts, 3)
    const board = await openBoard(parts)
    for (const job of [submitted[2], submitted[0]]) if (job) await startJob(parts, job)
    await shouldBecome(board, parts)
    const sent = new Set(board.frames.flatMap(({ rows }) => rows.map(({ id }) => id)))
    expect(sent).toEqual(new Set([submitted[0]?.id, submitted[2]?.id]))
  })

  it('brings nothing that is not in the window, but counts it', async () => {
    const parts = await startFeed()
    const [oldest] = await submitPhotos(parts, 6)
    const board = await openBoard(parts, { limit: 5 })
    if (oldest) await startJob(parts, oldest)
    await until(() => expect(board.told.counts.RUNNING).toBe(1))
    expect(board.frames.flatMap(({ rows }) => rows)).toEqual([])
  })

  it('names the jobs that are no more, once, and brings those that come up', async () => {
    const parts = await startFeed()
    const [older, kept, gone] = await submitPhotos(parts, 3)
    if (!older || !kept || !gone) throw new Error('There are three')
    await startJob(parts, gone)
    const board = await openBoard(parts, { limit: 2 })
    await Promise.all([succeedJob(parts, gone), startJob(parts, kept)])
    // One that has not ended stays.
    expect(await parts.jobs.removeEnded([kept.id, gone.id])).toBe(1)
    await shouldBecome(board, parts)
    expect(board.ids).toEqual([kept.id, older.id])
    expect(board.told.counts).toMatchObject({ QUEUED: 1, RUNNING: 1, SUCCEEDED: 0 })
    await submitPhoto(parts, 'next.png')
    await shouldBecome(board, parts)
    const left = [...board.snapshots.slice(1), ...board.frames].flatMap((message) =>
      'left' in message ? message.left : [],
    )
    expect(left.filter((id) => id === gone.id).length).toBeLessThanOrEqual(1)
    expect(left).not.toContain(kept.id)
  })

  it('names the jobs that the filter no longer means', async () => {
    const parts = await startFeed()
    const [first, second] = await submitPhotos(parts, 2)
    if (!first || !second) throw new Error('There are two')
    const board = await openBoard(parts, { filter: { status: ['QUEUED'] } })
    expect(board.told.total).toBe(2)
    await startJob(parts, first)
    await shouldBecome(board, parts)
    expect(board.frames.flatMap(({ left }) => left)).toEqual([first.id])
    expect(board.frames.flatMap(({ rows }) => rows)).toEqual([])
    expect(board.told.total).toBe(1)
  })

  it('shows a job that ends anew at its new place', async () => {
    const parts = await startFeed()
    const jobs = await submitPhotos(parts, 4)
    for (const { id } of jobs) await parts.jobs.cancel(id)
    const board = await openBoard(parts, { sort: '-ended', limit: 10 })
    const last = board.ids.at(-1) ?? ''
    await parts.jobs.retry(last)
    await parts.jobs.cancel(last)
    await shouldBecome(board, parts)
    expect(board.rows.find(({ id }) => id === last)?.run).toBe(2)
    expect(board.rows).toHaveLength(4)
  })

  it('brings the cluster when it changed, and only then', async () => {
    const parts = await startFeed()
    const board = await openBoard(parts)
    parts.workers.add(aWorker())
    await until(() => expect(board.frames).toHaveLength(1))
    expect(board.frames[0]).toMatchObject({
      rows: [],
      left: [],
      cluster: { workers: [{ name: 'worker', state: 'starting', slots: 2, busy: 0, held: 0 }] },
    })
    await submitPhoto(parts)
    await until(() => expect(board.frames).toHaveLength(2))
    expect(board.frames[1]?.cluster).toBeUndefined()
  })

  it('says how many jobs a worker holds, not more often than twice a second, and at once that it drains', async () => {
    const parts = await startFeed()
    const worker = aWorker()
    parts.workers.add(worker)
    const board = await openBoard(parts)
    const clusters = () => board.frames.flatMap(({ cluster }) => cluster?.workers ?? [])
    const startedAt = performance.now()
    for (let held = 1; held <= 20; held += 1) {
      parts.workers.update(worker, { held })
      await turnOfLoop()
    }
    await vi.waitFor(() => expect(board.told.cluster.workers).toMatchObject([{ busy: 2, held: 20 }]), 2000)
    expect(clusters().length).toBeLessThanOrEqual(2 + (performance.now() - startedAt) / 500)

    parts.workers.update(worker, { held: 3, draining: true })
    const at = performance.now()
    await until(() =>
      expect(board.told.cluster.workers).toMatchObject([{ state: 'draining', busy: 2, held: 3 }]),
    )
    expect(performance.now() - at).toBeLessThan(300)
    parts.workers.update(worker, { held: 0 })
    await until(() =>
      expect(board.told.cluster.workers).toMatchObject([{ state: 'drained', busy: 0, held: 0 }]),
    )
    expect(board.faults).toEqual([])
  })

  it('says that the disk is full, and that it has room again', async () => {
    const parts = await startFeed()
    const board = await openBoard(parts)
    parts.disk.noteFull()
    await until(() => expect(board.told.cluster.storage).toEqual({ database: 'ok', disk: 'full' }))
    await parts.disk.check()
    await until(() => expect(board.told.cluster.storage).toEqual({ database: 'ok', disk: 'ok' }))
  })

  it('is sent no more once the feed has stopped', async () => {
    const parts = await startFeed()
    const board = await openBoard(parts)
    await submitPhoto(parts, 'before.png')
    await shouldBecome(board, parts)
    parts.workers.add(aWorker())
    parts.feed.stop()
    const seen = board.heard.length
    await submitPhoto(parts, 'after.png')
    await parts.reader.stop()
    // Made after the frame that would have been sent.
    const other = await openBoard(parts)
    expect(other.rows).toHaveLength(2)
    expect(board.heard).toHaveLength(seen)
  })
})

describe('boards that show the same', () => {
  it('share one reading, and hear the same', async () => {
    const parts = await startFeed()
    await submitPhotos(parts, 3)
    const windows = vi.spyOn(parts.jobs, 'window')
    const boards = await Promise.all(Array.from({ length: 5 }, () => openBoard(parts)))
    const others = await Promise.all([openBoard(parts, { limit: 1 }), openBoard(parts, { limit: 1 })])
    expect(windows).toHaveBeenCalledTimes(2)
    const job = await submitPhoto(parts, 'next.png')
    await startJob(parts, job)
    for (const board of [...boards, ...others]) await shouldBecome(board, parts)
    expect(new Set(boards.map(({ frames }) => JSON.stringify(frames))).size).toBe(1)
    expect(windows).toHaveBeenCalledTimes(2)
  })

  it('follow the numbers of their snapshots, whenever they open', async () => {
    const parts = await startFeed()
    const first = await openBoard(parts)
    for (const job of await submitPhotos(parts, 3)) {
      await shouldBecome(first, parts)
      await startJob(parts, job)
    }
    await shouldBecome(first, parts)
    const second = await openBoard(parts)
    expect(second.told.seq).toBeGreaterThan(0)
    await submitPhoto(parts, 'next.png')
    await shouldBecome(first, parts)
    await shouldBecome(second, parts)
    expect(second.told.seq).toBe(first.told.seq)
  })

  it('are told of what went back before a frame was due for those that had been there', async () => {
    const parts = await startFeed()
    const [job] = await submitPhotos(parts, 1)
    if (!job) throw new Error('There is one')
    const first = await openBoard(parts, NO_ROWS)
    const change = { run: 1, from: 'QUEUED', to: 'RUNNING' } as const
    parts.jobs.changes.moved(job.id, 1, 'RUNNING', change)
    const second = await openBoard(parts, NO_ROWS)
    expect(second.told.counts).toMatchObject({ QUEUED: 0, RUNNING: 1 })
    parts.jobs.changes.moved(job.id, 1, 'QUEUED', { ...change, from: 'RUNNING', to: 'QUEUED' })
    for (const board of [first, second]) {
      await until(() => expect(board.told.counts).toMatchObject({ QUEUED: 1, RUNNING: 0 }))
    }
  })
})

describe('a board that opens another view', () => {
  it('hears of that one only', async () => {
    const parts = await startFeed()
    const [job] = await submitPhotos(parts, 2)
    const board = await openBoard(parts)
    await board.open(parts.feed, viewOf({ limit: 1 }))
    expect(board.rooms.size).toBe(1)
    if (job) await startJob(parts, job)
    await shouldBecome(board, parts)
    expect(board.rows).toHaveLength(1)
  })

  it('is not answered for the one that it asked for before, which nobody then keeps', async () => {
    const parts = await startFeed()
    await submitPhotos(parts, 2)
    let read: Promise<void> = Promise.resolve()
    const windows = slowWindows(parts, () => read)
    const { promise, resolve } = withResolver()
    read = promise
    const board = connectBoard(parts)
    const first = board.open(parts.feed, viewOf({ limit: 1 }))
    const second = board.open(parts.feed, viewOf({ limit: 2 }))
    resolve()
    await Promise.all([first, second])
    expect(board.answers).toBe(1)
    expect(board.rows).toHaveLength(2)
    expect(board.rooms.size).toBe(1)
    // It was dropped: it is read anew.
    expect(windows).toHaveBeenCalledTimes(2)
    await openBoard(parts, { limit: 1 })
    expect(windows).toHaveBeenCalledTimes(3)
  })

  it('and comes back to the first one meanwhile is answered for its latest request', async () => {
    const parts = await startFeed()
    await submitPhotos(parts, 2)
    const { promise, resolve } = withResolver()
    slowWindows(parts, () => promise)
    const answered: string[] = []
    const board = connectBoard(parts)
    const ask = (name: string, view: View) =>
      parts.feed.open(board, view, (snapshot) => answered.push(`${name} ${snapshot.rows.length}`))
    const opens = [
      ask('first', viewOf({ limit: 1 })),
      ask('second', viewOf({ limit: 2 })),
      ask('third', viewOf({ limit: 1 })),
    ]
    resolve()
    await Promise.all(opens)
    expect(answered).toContain('third 1')
    expect(answered).not.toContain('second 2')
  })

  it('leaves the one before to those that still show it', async () => {
    const parts = await startFeed()
    const windows = vi.spyOn(parts.jobs, 'window')
    const [first, second] = [await openBoard(parts), await openBoard(parts)]
    await first.open(parts.feed, viewOf({ limit: 1 }))
    await submitPhoto(parts)
    await shouldBecome(second, parts)
    await shouldBecome(first, parts)
    expect(windows).toHaveBeenCalledTimes(2)
  })
})

describe('a board that goes', () => {
  it('is told no more, and leaves nothing behind', async () => {
    const parts = await startFeed()
    const windows = vi.spyOn(parts.jobs, 'window')
    const board = await openBoard(parts)
    const news = await parts.feed.watch(board, { of: 'machines' })
    expect(news.of).toBe('machines')
    expect(board.rooms.size).toBe(2)
    parts.feed.close(board)
    expect(board.rooms.size).toBe(0)
    await submitPhoto(parts)
    await openBoard(parts)
    expect(windows).toHaveBeenCalledTimes(2)
    expect(board.heard).toHaveLength(1)
    expect(board.news).toEqual([])
  })

  it('before it is answered, is not', async () => {
    const parts = await startFeed()
    const { promise, resolve } = withResolver()
    const windows = slowWindows(parts, () => promise)
    const board = connectBoard(parts)
    const open = board.open(parts.feed, viewOf())
    parts.feed.close(board)
    resolve()
    await open
    expect(board.answers).toBe(0)
    expect(board.rooms.size).toBe(0)
    await openBoard(parts)
    expect(windows).toHaveBeenCalledTimes(2)
  })
})

describe('a board that lags', () => {
  it('is left out, and gets the latest state once it has caught up', async () => {
    const parts = await startFeed()
    const [slow, other] = [await openBoard(parts), await openBoard(parts)]
    slow.isLagging = true
    const jobs = await submitPhotos(parts, 3)
    await shouldBecome(other, parts)
    for (const job of jobs) await startJob(parts, job)
    await shouldBecome(other, parts)
    expect(slow.heard).toHaveLength(1)
    slow.drain()
    await shouldBecome(slow, parts)
    expect(slow.snapshots).toHaveLength(2)
    expect(slow.told.seq).toBe(other.told.seq)
    await submitPhoto(parts, 'next.png')
    await shouldBecome(other, parts)
    await shouldBecome(slow, parts)
    expect(slow.snapshots).toHaveLength(2)
  })

  it('and goes meanwhile is told no more', async () => {
    const parts = await startFeed()
    const [slow, other] = [await openBoard(parts), await openBoard(parts)]
    slow.isLagging = true
    await submitPhoto(parts)
    await shouldBecome(other, parts)
    parts.feed.close(slow)
    slow.drain()
    await submitPhoto(parts, 'next.png')
    await shouldBecome(other, parts)
    expect(slow.heard).toHaveLength(1)
    expect(slow.rooms.size).toBe(0)
  })

  it('and opens another view meanwhile gets that one only', async () => {
    const parts = await startFeed()
    const [slow, other] = [await openBoard(parts), await openBoard(parts)]
    slow.isLagging = true
    await submitPhotos(parts, 2)
    await shouldBecome(other, parts)
    await slow.open(parts.feed, viewOf({ limit: 1 }))
    slow.drain()
    await submitPhoto(parts, 'next.png')
    await shouldBecome(slow, parts)
    expect(slow.rows).toHaveLength(1)
  })
})

describe('the total', () => {
  it('of a filter follows it, counted once in five seconds', async () => {
    const parts = await startFeed()
    stopTime()
    const counts = vi.spyOn(parts.jobs, 'total')
    const board = await openBoard(parts, { filter: { owner: 'ann' } })
    expect(board.told.total).toBe(0)
    for (const name of ['a.png', 'b.png', 'c.png']) await submitPhoto(parts, name, { owner: 'ann' })
    await passAndAnswer(4900)
    expect(board.rows).toHaveLength(3)
    expect(board.told.total).toBe(0)
    expect(counts).not.toHaveBeenCalled()
    await passAndAnswer(200)
    expect(board.told.total).toBe(3)
    expect(counts).toHaveBeenCalledTimes(1)
    await passAndAnswer(20_000)
    expect(counts).toHaveBeenCalledTimes(1)
  })

  it('of a filter is counted again where jobs changed while it was counted', async () => {
    const parts = await startFeed()
    await submitPhoto(parts, 'a.png', { owner: 'ann' })
    stopTime()
    const { promise, resolve } = withResolver()
    slowWindows(parts, () => promise)
    const board = connectBoard(parts)
    const open = board.open(parts.feed, viewOf({ filter: { owner: 'ann' } }))
    await passAndAnswer(0)
    await submitPhoto(parts, 'b.png', { owner: 'ann' })
    await passAndAnswer(0)
    resolve()
    await open
    expect(board.rows).toHaveLength(2)
    await passAndAnswer(6000)
    expect(board.told.total).toBe(2)
  })

  it('of a filter is counted again where that failed', async () => {
    const parts = await startFeed()
    stopTime()
    const board = await openBoard(parts, { filter: { owner: 'ann' } })
    vi.spyOn(parts.jobs, 'total').mockRejectedValueOnce(new Error('The disk cannot be read'))
    await submitPhoto(parts, 'a.png', { owner: 'ann' })
    await passAndAnswer(6000)
    await passAndAnswer(6000)
    expect(board.told.total).toBe(1)
  })
})

describe('while the database is away', () => {
  it('a frame says so, and what changed comes when it is back', async () => {
    const parts = await startFeed()
    const [job] = await submitPhotos(parts, 1)
    if (!job) throw new Error('There is one')
    const board = await openBoard(parts)
    const restore = await loseDatabase(parts)
    await until(() => expect(board.told.cluster.storage.database).toBe('unavailable'))
    expect(board.rows).toMatchObject([{ id: job.id, status: 'QUEUED' }])
    const start = startJob(parts, job)
    parts.workers.add(aWorker())
    await until(() => expect(board.told.cluster.workers).toHaveLength(1))
    restore()
    await start
    await until(() => expect(board.told.cluster.storage.database).toBe('ok'))
    await shouldBecome(board, parts)
    expect(board.rows).toMatchObject([{ id: job.id, status: 'RUNNING' }])
  })

  it('a board that opens has no rows and does not take them for all; they come when it is back', async () => {
    const parts = await startFeed()
    await submitPhotos(parts, 3)
    const restore = await loseDatabase(parts)
    const board = await openBoard(parts)
    expect(board.rows).toEqual([])
    expect(board.told).toMatchObject({ isLast: false, cluster: { storage: { database: 'unavailable' } } })
    parts.workers.add(aWorker())
    await until(() => expect(board.told.cluster.workers).toHaveLength(1))
    expect(board.told.isLast).toBe(false)
    restore()
    await shouldBecome(board, parts)
    expect(board.rows).toHaveLength(3)
  })

  it('boards miss nothing that happened by a commit whose answer was lost', async () => {
    const parts = await startFeed()
    const [gone, kept] = await submitPhotos(parts, 2)
    if (!gone || !kept) throw new Error('There are two')
    const board = await openBoard(parts)
    const overview = await openBoard(parts, NO_ROWS)
    const restore = await loseDatabase(parts)
    await until(() => expect(board.told.cluster.storage.database).toBe('unavailable'))
    restore()
    // Nobody tells of it.
    await parts.store.remove([gone.id], parts.committer.revisions, Date.now(), ['QUEUED'])
    await until(() => expect(board.ids).toEqual([kept.id]))
    for (const each of [board, overview]) {
      await until(() => expect(each.told.counts.QUEUED).toBe(1))
    }
  })

  it('boards are told when the counts are right again, however late that is', async () => {
    const parts = await startFeed()
    await submitPhotos(parts, 2)
    const overview = await openBoard(parts, NO_ROWS)
    const { counts } = parts.jobs.changes
    parts.jobs.changes.recounted({ ...counts, QUEUED: counts.QUEUED - 1 })
    await until(() => expect(overview.told.counts.QUEUED).toBe(1))
  })
})

describe('where a reading fails though the database is there', () => {
  it('a board that opens is given its rows soon after', async () => {
    const parts = await startFeed()
    await submitPhotos(parts, 2)
    // So that no change is left that would have it read.
    await until(() => expect(parts.reader.position).toBe(parts.committer.revisions.committed))
    vi.spyOn(parts.jobs, 'window').mockRejectedValueOnce(new Error('The disk cannot be read'))
    const board = await openBoard(parts)
    expect(board.told.isLast).toBe(false)
    await vi.waitFor(() => expect(board.rows).toHaveLength(2), 3000)
    await shouldBecome(board, parts)
  })
})

describe('a change that happens while a window is read', () => {
  it('is not lost', async () => {
    const parts = await startFeed()
    const [job] = await submitPhotos(parts, 1)
    if (!job) throw new Error('There is one')
    slowWindows(parts, async () => {
      await startJob(parts, job)
      await until(() => expect(parts.reader.position).toBe(parts.committer.revisions.committed))
    })
    const board = await openBoard(parts)
    await shouldBecome(board, parts)
    expect(board.rows).toMatchObject([{ status: 'RUNNING' }])
  })

  it('is not lost to those that had opened before', async () => {
    const parts = await startFeed()
    const jobs = await submitPhotos(parts, MAX_VIEW_ROWS + 20)
    const board = await openBoard(parts, { limit: 3, sort: 'submitted', filter: { status: ['QUEUED'] } })
    const windows = slowWindows(parts, async () => {
      const next = jobs.pop()
      if (next) await startJob(parts, next)
    })
    // So many that it is read again.
    await Promise.all(jobs.splice(0, MAX_VIEW_ROWS + 10).map((job) => startJob(parts, job)))
    await shouldBecome(board, parts)
    expect(board.rows).toHaveLength(3)
    expect(windows).toHaveBeenCalled()
  })
})

describe('a view that was opened when there was nothing', () => {
  it('is read again where more came than it holds, and went', async () => {
    const parts = await startFeed()
    const board = await openBoard(parts, { limit: 3, sort: 'submitted', filter: { status: ['QUEUED'] } })
    const jobs = await submitPhotos(parts, MAX_VIEW_ROWS + 10)
    await shouldBecome(board, parts)
    await Promise.all(jobs.slice(0, MAX_VIEW_ROWS + 5).map((job) => startJob(parts, job)))
    await shouldBecome(board, parts)
    expect(board.rows).toHaveLength(3)
  })
})
