import { join } from 'node:path'
import type { Knex } from 'knex'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { newJob, openUntilEnd } from '../../testing/store.ts'
import { tempFolder } from '../../testing/unit.ts'
import { until } from '../../testing/until.ts'
import { type BatchRecord, BatchStore, type BatchTally } from '../store/batch-store.ts'
import { BatchProgress } from './batch-progress.ts'

const BATCH: BatchRecord = { id: newJob('one').id, name: 'a', owner: 'Ada', createdAt: 0, cancelledAt: null }
const NOW = 1_000_000

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** What the database would say, at a time of its own. */
async function progressOf(
  tally: readonly BatchTally[],
  ends: readonly number[],
): Promise<{ progress: BatchProgress; counts: () => number; changeTo: (revision: number) => void }> {
  const database: Knex = await openUntilEnd({ file: join(await tempFolder(), 'argus.sqlite') })
  vi.useFakeTimers({ now: NOW, toFake: ['Date', 'performance'] })
  const counted = vi.spyOn(BatchStore.prototype, 'tally').mockImplementation(async () => [...tally])
  vi.spyOn(BatchStore.prototype, 'latestEnds').mockImplementation(async () => [...ends])
  const revision = vi.spyOn(BatchStore.prototype, 'revision').mockResolvedValue(1)
  return {
    progress: new BatchProgress(database),
    counts: () => counted.mock.calls.length,
    changeTo: (now) => void revision.mockResolvedValue(now),
  }
}

describe('the rate', () => {
  it('is that of all ends while they are few: since the batch was made', async () => {
    const tally = [
      { status: 'SUCCEEDED', truthPlace: null, jobs: 10 },
      { status: 'QUEUED', truthPlace: null, jobs: 30 },
    ] as const
    const { progress } = await progressOf(tally, Array(10).fill(NOW - 500))
    const { batch } = await progress.of({ ...BATCH, createdAt: NOW - 5000 })
    expect(batch).toMatchObject({ total: 40, progress: 0.25, rate: 2, secondsLeft: 15 })
  })

  it('is that of the latest hundred where there are more', async () => {
    const tally = [
      { status: 'SUCCEEDED', truthPlace: null, jobs: 900 },
      { status: 'RUNNING', truthPlace: null, jobs: 100 },
    ] as const
    const ends = Array.from({ length: 100 }, (_, at) => NOW - 10_000 + at)
    const { progress } = await progressOf(tally, ends)
    expect((await progress.of(BATCH)).batch).toMatchObject({ rate: 10, secondsLeft: 10 })
  })

  it('is that of the last ones when it is over', async () => {
    const tally = [{ status: 'FAILED', truthPlace: null, jobs: 100 }] as const
    const ends = Array.from({ length: 100 }, (_, at) => 1000 + (at * 10_000) / 99)
    const { progress } = await progressOf(tally, ends)
    const { rate, secondsLeft } = (await progress.of(BATCH)).batch
    expect(rate).toBeCloseTo(10)
    expect(secondsLeft).toBe(0)
  })

  it('is a number where all ended in one moment', async () => {
    const tally = [{ status: 'CANCELLED', truthPlace: null, jobs: 100 }] as const
    const { progress } = await progressOf(tally, Array(100).fill(NOW))
    expect((await progress.of(BATCH)).batch.rate).toBe(100_000)
  })

  it('is not known while none has ended', async () => {
    const { progress } = await progressOf([{ status: 'RUNNING', truthPlace: null, jobs: 3 }], [])
    expect((await progress.of(BATCH)).batch).toMatchObject({ rate: null, secondsLeft: null, progress: 0 })
  })
})

describe('the accuracy', () => {
  it('is of recognised jobs with a truth', async () => {
    const tally = [
      { status: 'SUCCEEDED', truthPlace: 1, jobs: 6 },
      { status: 'SUCCEEDED', truthPlace: 3, jobs: 2 },
      { status: 'SUCCEEDED', truthPlace: 0, jobs: 2 },
      { status: 'SUCCEEDED', truthPlace: null, jobs: 50 },
      { status: 'FAILED', truthPlace: 0, jobs: 50 },
    ] as const
    const { progress } = await progressOf(tally, [])
    expect((await progress.of(BATCH)).batch.accuracy).toEqual({ jobs: 10, top1: 0.6, top5: 0.8 })
  })
})

describe('counting', () => {
  it('is done once for those who ask at the same time, and anew when the batch has changed', async () => {
    const { progress, counts, changeTo } = await progressOf(
      [{ status: 'QUEUED', truthPlace: null, jobs: 5 }],
      [],
    )
    await Promise.all([progress.of(BATCH), progress.of(BATCH), progress.of(BATCH)])
    expect((await progress.of(BATCH)).isCurrent).toBe(true)
    expect(counts()).toBe(1)
    changeTo(2)
    expect((await progress.of(BATCH)).isCurrent).toBe(true)
    expect(counts()).toBe(2)
  })

  it('that began before a change is told to be so, and none is who asks for an exact one', async () => {
    const { progress, counts, changeTo } = await progressOf(
      [{ status: 'QUEUED', truthPlace: null, jobs: 5 }],
      [],
    )
    const first = progress.of(BATCH)
    await until(() => expect(counts()).toBe(1))
    vi.mocked(BatchStore.prototype.latestEnds).mockResolvedValue([])
    let goOn: () => void = () => undefined
    vi.mocked(BatchStore.prototype.tally).mockImplementationOnce(async () => {
      await new Promise<void>((resolve) => {
        goOn = resolve
      })
      return []
    })
    await first
    changeTo(2)
    const slow = progress.of(BATCH)
    await until(() => expect(counts()).toBe(2))
    changeTo(3)
    const late = progress.of(BATCH)
    const exact = progress.of(BATCH, true)
    expect(await exact).toMatchObject({ isCurrent: true, batch: { total: 5 } })
    goOn()
    expect((await slow).isCurrent).toBe(true)
    expect((await late).isCurrent).toBe(false)
  })

  it('of a large batch is done anew after a rest only', async () => {
    const tally = [{ status: 'QUEUED', truthPlace: null, jobs: 10_001 }] as const
    const { progress, counts, changeTo } = await progressOf(tally, [])
    vi.mocked(BatchStore.prototype.tally).mockImplementation(async () => {
      vi.advanceTimersByTime(100)
      return [...tally]
    })
    await progress.of(BATCH)
    changeTo(2)
    vi.advanceTimersByTime(1999)
    expect(await progress.of(BATCH)).toMatchObject({ isCurrent: false, batch: { total: 10_001 } })
    expect(counts()).toBe(1)
    vi.advanceTimersByTime(1)
    expect((await progress.of(BATCH)).isCurrent).toBe(true)
    expect(counts()).toBe(2)
  })

  it('that fails is told, and done anew', async () => {
    const { progress, counts } = await progressOf([], [])
    vi.mocked(BatchStore.prototype.tally).mockRejectedValueOnce(new Error('gone'))
    await expect(progress.of(BATCH)).rejects.toThrow('gone')
    expect((await progress.of(BATCH)).batch).toMatchObject({ total: 0, progress: 0 })
    expect(counts()).toBe(2)
  })
})
