/** How much boards are sent at most, however much changes: the clock is the test's own, the database is real. */
import { MAX_VIEW_ROWS } from '@argus/shared'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  aWorker,
  type FeedTestParts,
  type Heard,
  openBoard,
  startFeed,
  type TestBoard,
} from '../../testing/board.ts'
import { newJob } from '../../testing/store.ts'
import { changeOf } from '../store/change-log.ts'
import { type JobRecord, toRow } from '../store/job-record.ts'
import { toJobRow } from './job-row.ts'

const FLOOD_MS = 5000
const MAX_FRAMES = 10
const MAX_BYTES = 64_000

/** Jobs that were there before, the newest first. */
async function insertJobs({ database, store }: FeedTestParts, count: number): Promise<JobRecord[]> {
  const rows = Array.from({ length: count }, (_, number) =>
    toRow(newJob(`00000000-0000-4000-8000-${String(number).padStart(12, '0')}`, { revision: number + 1 })),
  )
  await database.batchInsert('jobs', rows, 100)
  return store.newest(count)
}

/** A feed on so many jobs, whose time passes when the test says so. */
async function startFlooded(count: number) {
  const parts = await startFeed()
  const jobs = await insertJobs(parts, count)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  vi.advanceTimersByTime(60_000)
  return { ...parts, flooded: new Map(jobs.map((job) => [job.id, job])), revision: 1_000_000 }
}

type Flooded = Awaited<ReturnType<typeof startFlooded>>

/** The feed is told that a job has changed. */
function changeJob(parts: Flooded, id: string, changes: Partial<JobRecord> = {}): void {
  const job = parts.flooded.get(id)
  if (!job) throw new Error(`There is no ${id}`)
  parts.revision += 1
  const next = { ...job, attempts: job.attempts + 1, ...changes, revision: parts.revision }
  parts.flooded.set(id, next)
  parts.feed.take([changeOf(next)])
}

/** In each millisecond, as long as it lasts. */
function flood(step: (millisecond: number) => void): void {
  for (let millisecond = 0; millisecond < FLOOD_MS; millisecond += 1) {
    step(millisecond)
    vi.advanceTimersByTime(1)
  }
}

/** The most of all seconds. */
function inAnySecond(heard: readonly Heard[], weigh: (heard: Heard) => number): number {
  const sums = heard.map(({ at: start }) =>
    heard.filter(({ at }) => at >= start && at < start + 1000).reduce((sum, each) => sum + weigh(each), 0),
  )
  return Math.max(0, ...sums)
}

/** Without the answer to its opening. */
function pushedTo({ heard }: TestBoard): readonly Heard[] {
  return heard.slice(1)
}

function shouldBeBounded(board: TestBoard): void {
  expect(inAnySecond(pushedTo(board), () => 1)).toBeLessThanOrEqual(MAX_FRAMES)
  expect(inAnySecond(pushedTo(board), ({ bytes }) => bytes)).toBeLessThanOrEqual(MAX_BYTES)
  expect(board.faults).toEqual([])
}

/** Some time after the last change. */
function shouldShowAll(board: TestBoard, { flooded }: Flooded): void {
  vi.advanceTimersByTime(2000)
  const newest = [...flooded.values()].sort((a, b) => b.submittedAt - a.submittedAt || (a.id < b.id ? 1 : -1))
  expect(board.rows).toEqual(newest.slice(0, board.view.limit).map(toJobRow))
}

describe('a flood of changes', () => {
  it('of one row leaves in ten frames a second at most, in the latest state', async () => {
    const parts = await startFlooded(20)
    const board = await openBoard(parts)
    const [id = ''] = board.ids
    flood(() => changeJob(parts, id))
    shouldBeBounded(board)
    expect(board.snapshots).toHaveLength(1)
    expect(board.frames.length).toBeGreaterThan((FLOOD_MS / 1000) * 6)
    expect(board.frames.every(({ rows }) => rows.length === 1)).toBe(true)
    shouldShowAll(board, parts)
  })

  it.each([10, 30])('of %i rows of 60 stays within the bytes of a second', async (count) => {
    const parts = await startFlooded(100)
    const board = await openBoard(parts, { limit: MAX_VIEW_ROWS })
    const ids = board.ids.slice(0, count)
    flood((millisecond) => changeJob(parts, ids[millisecond % count] ?? ''))
    shouldBeBounded(board)
    expect(board.snapshots).toHaveLength(1)
    expect(board.frames.length).toBeGreaterThan(FLOOD_MS / 1000)
    shouldShowAll(board, parts)
  })

  it('of most rows is the view afresh, once a second at most', async () => {
    const parts = await startFlooded(100)
    const board = await openBoard(parts, { limit: MAX_VIEW_ROWS })
    const { ids } = board
    flood((millisecond) => changeJob(parts, ids[millisecond % MAX_VIEW_ROWS] ?? ''))
    shouldBeBounded(board)
    shouldShowAll(board, parts)
    const afresh = board.snapshots.length - 1
    expect(afresh).toBeGreaterThanOrEqual(FLOOD_MS / 1000 - 1)
    expect(afresh).toBeLessThanOrEqual(FLOOD_MS / 1000 + 1)
    expect(
      inAnySecond(
        pushedTo(board).filter(({ bytes }) => bytes > 20_000),
        () => 1,
      ),
    ).toBe(1)
  })

  it('of new jobs is the newest of them, within the same bounds', async () => {
    const parts = await startFlooded(10)
    const boards = [await openBoard(parts, { limit: MAX_VIEW_ROWS }), await openBoard(parts, { limit: 20 })]
    flood((millisecond) => {
      const id = `00000000-0000-4000-8001-${String(millisecond).padStart(12, '0')}`
      const [job] = parts.flooded.values()
      if (job) parts.flooded.set(id, { ...job, id })
      changeJob(parts, id)
    })
    for (const board of boards) {
      shouldBeBounded(board)
      shouldShowAll(board, parts)
    }
  })

  it('of jobs and of how busy the workers are stays within the same bounds', async () => {
    const parts = await startFlooded(100)
    const workers = Array.from({ length: 20 }, (_, number) =>
      aWorker({
        id: `11111111-1111-4111-8111-${String(number).padStart(12, '0')}`,
        name: `worker ${number}`,
      }),
    )
    for (const worker of workers) parts.workers.add(worker)
    const board = await openBoard(parts, { limit: MAX_VIEW_ROWS })
    const { ids } = board
    flood((millisecond) => {
      const worker = workers[millisecond % workers.length]
      if (worker) parts.workers.update(worker, { held: millisecond % 7 })
      changeJob(parts, ids[millisecond % 12] ?? '')
    })
    shouldBeBounded(board)
    shouldShowAll(board, parts)
    expect(board.told.cluster).toEqual(JSON.parse(JSON.stringify(parts.cluster.view())))
  })

  it('that a board does not keep up with is not sent to it, and then comes as one snapshot', async () => {
    const parts = await startFlooded(100)
    const [slow, other] = [await openBoard(parts), await openBoard(parts)]
    const { ids } = slow
    slow.isLagging = true
    flood((millisecond) => changeJob(parts, ids[millisecond % 5] ?? ''))
    expect(slow.heard).toHaveLength(1)
    slow.drain()
    expect(slow.heard).toHaveLength(2)
    for (const board of [slow, other]) shouldShowAll(board, parts)
    expect(slow.faults).toEqual([])
  })

  it('that nobody looks at sets no timer', async () => {
    const parts = await startFlooded(100)
    const board = await openBoard(parts)
    const { ids } = board
    flood((millisecond) => changeJob(parts, ids[millisecond % 20] ?? ''))
    parts.workers.add(aWorker())
    parts.feed.close(board)
    expect(vi.getTimerCount()).toBe(0)
    const heard = board.heard.length
    flood((millisecond) => changeJob(parts, ids[millisecond % 20] ?? ''))
    expect(vi.getTimerCount()).toBe(0)
    expect(board.heard).toHaveLength(heard)
  })
})

describe('a few changes', () => {
  it.each([1, 2, 20])('leave at once, each in its own message, where the view has %i rows', async (limit) => {
    const parts = await startFlooded(100)
    const board = await openBoard(parts, { limit })
    // Until the view itself is paid for.
    await vi.advanceTimersByTimeAsync(1000)
    const [id = ''] = board.ids
    for (const status of ['RUNNING', 'SUCCEEDED'] as const) {
      changeJob(parts, id, { status })
      expect(board.rows[0]?.status).toBe(status)
    }
    expect(pushedTo(board)).toHaveLength(2)
  })

  it('that no board shows cost nothing: nothing is sent where nothing has changed', async () => {
    const parts = await startFlooded(100)
    const board = await openBoard(parts)
    const last = [...parts.flooded.keys()].at(-1) ?? ''
    flood(() => changeJob(parts, last))
    expect(board.heard).toHaveLength(1)
  })
})
