/** Boards with views of all kinds, while all that happens to jobs interleaves: each ends with what REST lists. */
import { comparePlaces, type JobRow, type JobSort, ProblemError, placeOf, type View } from '@argus/shared'
import { describe, expect, it, vi } from 'vitest'
import { connectBoard, type FeedTestParts, startFeed, type TestBoard, viewOf } from '../../testing/board.ts'
import { Random } from '../../testing/random.ts'
import { attemptOf, RESULT, startJob, submitPhoto, THUMBNAIL, WORKER } from '../../testing/unit.ts'
import { toCursor } from '../jobs/job-search.ts'
import type { JobRecord } from '../store/job-record.ts'
import { toJobRow } from './job-row.ts'

const STEPS = 150
/** A window of five rows holds fewer than that, and fewer than that are counted before a place. */
const MAX_JOBS = 95
const BOARDS = 14
const CLASSES = [417, 7]

/** Jobs with what boards filter by. */
interface World {
  readonly parts: FeedTestParts
  readonly random: Random
  readonly batch: string
  /** With those that are gone. */
  readonly jobs: JobRecord[]
}

function submitSome({ parts, random, batch, jobs }: World): Promise<void> {
  return submitPhoto(parts, `${random.pick(['beach', 'Beach', '🏖'])} ${jobs.length}.png`, {
    owner: random.pick(['ann', 'bob']),
    tags: random.chance(0.5) ? { trip: 'rome' } : {},
    batch: random.chance(0.5) ? batch : null,
    fresh: true,
  }).then((job) => void jobs.push(job))
}

async function changeSome({ parts, random }: World, { id }: JobRecord, removals: number): Promise<void> {
  const { jobs, recorder } = parts
  const [isRemoved, pick, index] = [random.chance(removals), random.below(4), random.pick(CLASSES)]
  if (isRemoved) return random.chance(0.5) ? jobs.delete(id) : void (await jobs.removeEnded([id]))
  const job = await jobs.find(id)
  if (!job) return
  const settlement = { isSuspect: false, losses: 0, failures: 0 }
  const held = attemptOf(job, job.attempts)
  if (job.status === 'QUEUED') {
    if (pick === 0) await jobs.cancel(id)
    else await startJob(parts, job, job.attempts + 1)
  } else if (job.status !== 'RUNNING') {
    await jobs.retry(id)
    // At times it ends anew before anyone has looked.
    if (pick < 2) await jobs.cancel(id)
  } else if (pick === 0) {
    await recorder.settle(held, { ...settlement, status: 'QUEUED', why: 'returned', error: null })
  } else if (pick === 1) {
    const error = { code: 'image/unreadable', detail: 'cut off' } as const
    await recorder.settle(held, { ...settlement, status: 'FAILED', why: 'failed', error })
  } else {
    const result = { ...RESULT, classes: [{ index, probability: 0.9 }] }
    await recorder.succeed(held, WORKER, result, THUMBNAIL)
  }
}

/** Two changes of one job may meet, and one comes too late. */
async function tryTo(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof ProblemError)) throw error
  })
}

function randomView({ random, batch, jobs }: World): View {
  const filter = random.pick<View['filter']>([
    {},
    {},
    { status: ['QUEUED', 'RUNNING'] },
    { status: ['SUCCEEDED', 'FAILED', 'CANCELLED'] },
    { status: ['FAILED'], owner: 'bob' },
    { owner: 'ann' },
    { class: 'n02782093' },
    { class: 'n01514668' },
    { tag: ['trip=rome'] },
    { batch },
    { batch, status: ['QUEUED'] },
    { fileName: '🏖' },
    { fileName: 'b', tag: ['trip=rome'] },
    { worker: 'worker' },
  ])
  const sort = random.pick<JobSort>(['-submitted', '-submitted', 'submitted', '-ended', 'ended'])
  const somewhere = () => {
    const job = random.chance(0.3) && jobs.length > 0 ? random.pick(jobs) : null
    // By the end it may be any time.
    return (
      job && { time: new Date(job.submittedAt + (sort.endsWith('ended') ? 50 : 0)).toISOString(), id: job.id }
    )
  }
  return viewOf({ filter, sort, limit: random.pick([0, 1, 5, 20, 60]), after: somewhere(), top: somewhere() })
}

/** All of the list, as REST has it. */
async function listed({ jobs }: FeedTestParts, { filter, sort, after }: View): Promise<JobRow[]> {
  const rows: JobRow[] = []
  let cursor = after ? toCursor({ time: Date.parse(after.time), id: after.id }, sort) : undefined
  do {
    const page = await jobs.list({ ...filter, sort, cursor, limit: 50 })
    rows.push(...page.jobs.map(toJobRow))
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return rows
}

async function shouldBecome(board: TestBoard, parts: FeedTestParts): Promise<void> {
  const { view } = board
  const { sort, limit, top } = view
  const rows = await listed(parts, view)
  const whole = await listed(parts, { ...view, after: null })
  const ahead = whole.filter((row) => {
    const place = placeOf(row, sort)
    return place && top && comparePlaces(place, top, sort) < 0
  }).length
  const what = JSON.stringify(view)
  await vi.waitFor(
    () => {
      expect(board.rows, what).toEqual(rows.slice(0, limit))
      expect(board.told.counts, what).toEqual(parts.jobs.changes.counts)
      if (limit > 0) expect(board.told, what).toMatchObject({ isLast: rows.length <= limit, ahead })
    },
    { timeout: 5000, interval: 20 },
  )
  expect(board.faults, what).toEqual([])
}

interface Interleaving {
  readonly seed: number
  /** How often a job is removed instead of changed. */
  readonly removals: number
  /** How often a board begins to lag, or has caught up. */
  readonly lags: number
}

async function interleave({ seed, removals, lags }: Interleaving): Promise<void> {
  const random = new Random(seed)
  const parts = await startFeed()
  const { batch } = await parts.batches.create({ name: null, owner: 'ann' })
  const world: World = { parts, random, batch: batch.id, jobs: [] }
  const boards = Array.from({ length: BOARDS }, () => connectBoard(parts))
  /** Several boards show some of them. */
  const views: View[] = []
  const underWay: Array<Promise<void>> = []
  for (let step = 0; step < STEPS; step += 1) {
    const job = random.chance(0.75) && world.jobs.length > 0 ? random.pick(world.jobs) : null
    if (!job && world.jobs.length < MAX_JOBS) underWay.push(submitSome(world))
    else if (job) underWay.push(tryTo(changeSome(world, job, removals)))
    if (random.chance(0.15)) {
      const view = views.length > 0 && random.chance(0.3) ? random.pick(views) : randomView(world)
      views.push(view)
      const board = boards.find(({ isOpen }) => !isOpen) ?? random.pick(boards)
      underWay.push(board.open(parts.feed, view))
    }
    if (random.chance(lags)) {
      const board = random.pick(boards)
      if (board.isLagging) board.drain()
      else board.isLagging = true
    }
    if (random.chance(0.25)) await Promise.all(underWay.splice(0))
  }
  await Promise.all(underWay)
  for (const board of boards) board.drain()
  const opened = boards.filter(({ isOpen }) => isOpen)
  expect(opened.length).toBeGreaterThan(5)
  for (const board of opened) await shouldBecome(board, parts)
}

describe('boards end with what REST lists, whatever they show', () => {
  it.each([1, 2])('while jobs change (%i)', async (seed) => {
    await interleave({ seed, removals: 0, lags: 0 })
  })

  it.each([3, 4])('while jobs are removed, too (%i)', async (seed) => {
    await interleave({ seed, removals: 0.25, lags: 0 })
  })

  it.each([5, 6])('while boards lag and catch up (%i)', async (seed) => {
    await interleave({ seed, removals: 0.1, lags: 0.3 })
  })
})
