/** What boards are told of the subjects that they watch beside their view. */

import { randomUUID } from 'node:crypto'
import { setImmediate as turnOfLoop } from 'node:timers/promises'
import { MAX_SUBJECTS, type News, newsSchema, type Subject } from '@argus/shared'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { aWorker, connectBoard, type FeedTestParts, startFeed, type TestBoard } from '../../testing/board.ts'
import { startJob, submitPhoto, succeedJob } from '../../testing/unit.ts'
import { until } from '../../testing/until.ts'

const MACHINES = { of: 'machines' } as const

/** Has a board watch; returns the state that it is answered with. */
async function watch({ feed }: FeedTestParts, board: TestBoard, subject: Subject): Promise<News> {
  return newsSchema.parse(JSON.parse(JSON.stringify(await feed.watch(board, subject))))
}

function lastNews({ news }: TestBoard): News | undefined {
  return news.at(-1)
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

/** So that nothing is left to be told of what happened before. */
async function tellAll({ reader, committer }: FeedTestParts): Promise<void> {
  await until(() => expect(reader.position).toBe(committer.revisions.committed))
}

describe('a job', () => {
  it('is told with its attempts, whatever happens to it', async () => {
    const parts = await startFeed()
    const board = connectBoard(parts)
    const job = await submitPhoto(parts)
    const subject = { of: 'job', id: job.id } as const
    const first = await watch(parts, board, subject)
    expect(first).toMatchObject({ of: 'job', id: job.id, job: { status: 'QUEUED', history: [] } })
    await startJob(parts, job)
    await until(() =>
      expect(lastNews(board)).toMatchObject({ job: { status: 'RUNNING', history: [{ end: null }] } }),
    )
    await succeedJob(parts, job)
    await until(() =>
      expect(lastNews(board)).toMatchObject({
        id: job.id,
        job: { status: 'SUCCEEDED', history: [{ end: 'succeeded', worker: 'worker' }] },
      }),
    )
  })

  it('that is removed is null', async () => {
    const parts = await startFeed()
    const board = connectBoard(parts)
    const { id } = await submitPhoto(parts)
    await watch(parts, board, { of: 'job', id })
    await parts.jobs.delete(id)
    await until(() => expect(lastNews(board)).toEqual({ of: 'job', id, job: null }))
    await expect(watch(parts, connectBoard(parts), { of: 'job', id })).rejects.toMatchObject({
      code: 'job/not-found',
    })
  })

  it('that never was is refused, and not watched', async () => {
    const parts = await startFeed()
    const board = connectBoard(parts)
    for (let asked = 0; asked <= MAX_SUBJECTS; asked += 1) {
      await expect(watch(parts, board, { of: 'job', id: randomUUID() })).rejects.toMatchObject({
        code: 'job/not-found',
      })
    }
    expect(board.rooms.size).toBe(0)
  })

  it('is no news to who watches another one', async () => {
    const parts = await startFeed()
    const board = connectBoard(parts)
    const [job, other] = [await submitPhoto(parts, 'a.png'), await submitPhoto(parts, 'b.png')]
    await watch(parts, board, { of: 'job', id: job.id })
    await startJob(parts, other)
    await startJob(parts, job)
    await until(() => expect(lastNews(board)).toMatchObject({ job: { status: 'RUNNING' } }))
    expect(new Set(board.news.map((news) => ('id' in news ? news.id : null)))).toEqual(new Set([job.id]))
  })
})

describe('a batch', () => {
  it('is told with its classes, as they come, and is null once it is deleted', async () => {
    const parts = await startFeed()
    const board = connectBoard(parts)
    const { batch } = await parts.batches.create({ name: 'Rome', owner: 'ann' })
    const subject = { of: 'batch', id: batch.id } as const
    expect(await watch(parts, board, subject)).toMatchObject({
      of: 'batch',
      id: batch.id,
      batch: { name: 'Rome', total: 0 },
      classes: { classes: [], others: 0, confusions: [] },
    })
    const job = await submitPhoto(parts, 'a.png', { batch: batch.id, truth: 7 })
    await startJob(parts, job)
    await succeedJob(parts, job)
    await vi.waitFor(
      () =>
        expect(lastNews(board)).toMatchObject({
          batch: { total: 1, counts: { SUCCEEDED: 1 }, progress: 1 },
          classes: {
            classes: [{ index: 417, jobs: 1 }],
            confusions: [{ truth: { index: 7 }, taken: { index: 417 }, jobs: 1 }],
          },
        }),
      4000,
    )
    await parts.batches.delete(batch.id)
    await vi.waitFor(
      () => expect(lastNews(board)).toEqual({ of: 'batch', id: batch.id, batch: null, classes: null }),
      4000,
    )
  })

  it('that is cancelled is told though it has no job', async () => {
    const parts = await startFeed()
    const board = connectBoard(parts)
    const { batch } = await parts.batches.create({ name: null, owner: 'ann' })
    await watch(parts, board, { of: 'batch', id: batch.id })
    await parts.batches.cancel(batch.id)
    await vi.waitFor(
      () => expect(lastNews(board)).toMatchObject({ batch: { cancelledAt: expect.any(String) } }),
      3000,
    )
  })

  it('whose count was an older one is told again', async () => {
    const parts = await startFeed()
    const board = connectBoard(parts)
    const { batch } = await parts.batches.create({ name: null, owner: 'ann' })
    const { batch: counted } = await parts.batches.look(batch.id)
    await watch(parts, board, { of: 'batch', id: batch.id })
    // As of a large one, which is not counted at each change.
    vi.spyOn(parts.batches, 'look').mockResolvedValueOnce({ batch: counted, isCurrent: false })
    await submitPhoto(parts, 'a.png', { batch: batch.id })
    await vi.waitFor(() => expect(lastNews(board)).toMatchObject({ batch: { total: 1 } }), 4000)
  })

  it('that never was is refused', async () => {
    const parts = await startFeed()
    const board = connectBoard(parts)
    await expect(watch(parts, board, { of: 'batch', id: randomUUID() })).rejects.toMatchObject({
      code: 'batch/not-found',
    })
    expect(board.rooms.size).toBe(0)
  })
})

describe('what changes all the time', () => {
  it('the machines are told every two seconds, made once for all', async () => {
    const parts = await startFeed()
    parts.workers.add(aWorker())
    stopTime()
    const boards = [connectBoard(parts), connectBoard(parts)]
    const figures = vi.spyOn(parts.masterFigures, 'read')
    for (const board of boards) {
      expect(await watch(parts, board, MACHINES)).toMatchObject({
        of: 'machines',
        workers: [{ name: 'worker', recognised: 0, recent: new Array(30).fill(0) }],
      })
    }
    expect(figures).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(10_001)
    for (const board of boards) expect(board.news).toHaveLength(5)
    expect(figures).toHaveBeenCalledTimes(6)
  })

  it.each([
    [15, 2000, 15],
    [60, 5000, 60],
    [1440, 15_000, 96],
  ] as const)('the activity of %i minutes is told every %i ms', async (minutes, rest, steps) => {
    const parts = await startFeed()
    stopTime()
    const board = connectBoard(parts)
    const first = await watch(parts, board, { of: 'activity', minutes })
    expect(first).toMatchObject({ of: 'activity', minutes, whole: { counts: { submitted: 0 } } })
    if (first.of === 'activity') expect(first.series).toHaveLength(steps)
    for (let round = 1; round <= 3; round += 1) {
      await passAndAnswer(rest - 1)
      expect(board.news).toHaveLength(round - 1)
      await passAndAnswer(1)
      expect(board.news).toHaveLength(round)
    }
  })

  it('the activity counts what has happened', async () => {
    const parts = await startFeed()
    const board = connectBoard(parts)
    const job = await submitPhoto(parts)
    await startJob(parts, job)
    await succeedJob(parts, job)
    await tellAll(parts)
    expect(await watch(parts, board, { of: 'activity', minutes: 15 })).toMatchObject({
      whole: { counts: { submitted: 1, succeeded: 1 } },
    })
  })
})

describe('who watches', () => {
  it('no more is told no more, and leaves no timer behind', async () => {
    const parts = await startFeed()
    stopTime()
    const board = connectBoard(parts)
    await watch(parts, board, MACHINES)
    expect(vi.getTimerCount()).toBe(1)
    parts.feed.unwatch(board, MACHINES)
    expect(vi.getTimerCount()).toBe(0)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(board.news).toEqual([])
    expect(board.rooms.size).toBe(0)
  })

  it('and goes leaves no timer behind', async () => {
    const parts = await startFeed()
    const job = await submitPhoto(parts)
    stopTime()
    const [board, other] = [connectBoard(parts), connectBoard(parts)]
    for (const subject of [MACHINES, { of: 'activity', minutes: 15 }, { of: 'job', id: job.id }] as const) {
      await watch(parts, board, subject)
    }
    await watch(parts, other, MACHINES)
    parts.feed.close(board)
    expect(board.rooms.size).toBe(0)
    await vi.advanceTimersByTimeAsync(2001)
    expect(board.news).toEqual([])
    expect(other.news).toHaveLength(1)
    parts.feed.close(other)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('and goes before the answer is told no more', async () => {
    const parts = await startFeed()
    stopTime()
    const board = connectBoard(parts)
    const answer = watch(parts, board, MACHINES)
    parts.feed.close(board)
    await answer
    expect(board.rooms.size).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('too much is refused, until it watches less', async () => {
    const parts = await startFeed()
    const board = connectBoard(parts)
    const subjects: Subject[] = []
    for (let number = 0; number <= MAX_SUBJECTS; number += 1) {
      const { id } = await submitPhoto(parts, `photo ${number}.png`)
      subjects.push({ of: 'job', id })
    }
    const [first, ...others] = subjects
    if (!first) throw new Error('There is one')
    for (const subject of others) await watch(parts, board, subject)
    await expect(watch(parts, board, first)).rejects.toMatchObject({ code: 'board/too-many-subjects' })
    // What it watches already it may ask for again.
    for (const subject of others.slice(0, 2)) await watch(parts, board, subject)
    expect(board.rooms.size).toBe(MAX_SUBJECTS)
    if (others[0]) parts.feed.unwatch(board, others[0])
    await watch(parts, board, first)
    await parts.jobs.cancel(first.of === 'job' ? first.id : '')
    await until(() => expect(lastNews(board)).toMatchObject({ job: { status: 'CANCELLED' } }))
  })

  it('what it is told does not hang on what another one has stopped to watch', async () => {
    const parts = await startFeed()
    const [board, other] = [connectBoard(parts), connectBoard(parts)]
    const job = await submitPhoto(parts)
    const subject = { of: 'job', id: job.id } as const
    await tellAll(parts)
    await watch(parts, board, subject)
    await watch(parts, other, subject)
    parts.feed.unwatch(other, subject)
    await startJob(parts, job)
    await until(() => expect(lastNews(board)).toMatchObject({ job: { status: 'RUNNING' } }))
    expect(other.news).toEqual([])
  })

  it('and lags is told the latest state once it has caught up', async () => {
    const parts = await startFeed()
    const [slow, other] = [connectBoard(parts), connectBoard(parts)]
    const job = await submitPhoto(parts)
    const subject = { of: 'job', id: job.id } as const
    await tellAll(parts)
    for (const board of [slow, other]) await watch(parts, board, subject)
    slow.isLagging = true
    await startJob(parts, job)
    await until(() => expect(lastNews(other)).toMatchObject({ job: { status: 'RUNNING' } }))
    await succeedJob(parts, job)
    await until(() => expect(lastNews(other)).toMatchObject({ job: { status: 'SUCCEEDED' } }))
    expect(slow.news).toEqual([])
    slow.drain()
    expect(slow.news).toMatchObject([{ job: { status: 'SUCCEEDED' } }])
    expect(slow.faults).toEqual([])
  })

  it('is told no more once the feed has stopped', async () => {
    const parts = await startFeed()
    stopTime()
    const board = connectBoard(parts)
    await watch(parts, board, MACHINES)
    parts.feed.stop()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(board.news).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })
})
