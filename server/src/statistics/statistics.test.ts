import type { Knex } from 'knex'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Random } from '../../testing/random.ts'
import { type MakeTarget, newJob, onEachDatabase, openUntilEnd } from '../../testing/store.ts'
import { silentLog } from '../../testing/unit.ts'
import { changeOf, type JobChange } from '../store/change-log.ts'
import { Committer, type UnitOfWork } from '../store/committer.ts'
import { type JobRecord, toRecord, toRow } from '../store/job-record.ts'
import { Statistics } from './statistics.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** A whole hour. */
const BEGIN = 1_700_000_000_000 - (1_700_000_000_000 % HOUR_MS)

function at(time: number): string {
  return new Date(time).toISOString()
}

function job(revision: number, changes: Partial<JobRecord>): JobRecord {
  const { submittedAt = BEGIN } = changes
  const fresh = toRecord(toRow(newJob(`job-${revision}`, { revision, truth: null, submittedAt })))
  return { ...fresh, ...changes }
}

/** A job that was submitted, begun and ended at these times. */
function ended(
  revision: number,
  submittedAt: number,
  queued: number,
  running: number,
  changes: Partial<JobRecord> = {},
) {
  const startedAt = submittedAt + queued
  const times = { submittedAt, queuedAt: submittedAt, startedAt, endedAt: startedAt + running }
  return job(revision, { status: 'SUCCEEDED', ...times, ...changes })
}

interface Parts {
  readonly database: Knex
  readonly committer: Committer
}

async function openParts(makeTarget: MakeTarget): Promise<Parts> {
  const database = await openUntilEnd(await makeTarget())
  const committer = new Committer(database, silentLog)
  onTestFinished(() => committer.stop())
  return { database, committer }
}

function open(parts: Parts): Promise<Statistics> {
  return Statistics.open({ ...parts, queued: () => 0, log: silentLog })
}

/** Tells of changes, each with its own revision. */
function tell(statistics: Statistics, jobs: readonly JobRecord[]): void {
  const changes: JobChange[] = jobs.map(changeOf)
  statistics.count(changes, Math.max(...jobs.map(({ revision }) => revision)))
}

const DAY = { from: at(BEGIN), to: at(BEGIN + 24 * HOUR_MS) }

function contract(makeTarget: MakeTarget): void {
  it('count each submit and each end once', async () => {
    const statistics = await open(await openParts(makeTarget))
    tell(statistics, [
      job(1, { submittedAt: BEGIN }),
      job(2, { submittedAt: BEGIN }),
      ended(3, BEGIN, 10, 100),
      ended(4, BEGIN, 0, 0, { isReused: true, startedAt: null, endedAt: BEGIN }),
    ])
    const first = { submittedAt: BEGIN, createdRevision: 1 }
    tell(statistics, [
      job(5, { ...first, status: 'RUNNING', startedAt: BEGIN + 1 }),
      job(6, { ...first, status: 'FAILED', startedAt: BEGIN + 1, endedAt: BEGIN + 9 }),
      job(7, { submittedAt: BEGIN, createdRevision: 2, status: 'CANCELLED', endedAt: BEGIN + 9 }),
    ])
    const { counts, latency } = await statistics.report(DAY)
    expect(counts).toEqual({ submitted: 4, reused: 1, succeeded: 1, failed: 1, cancelled: 1 })
    expect(latency.whole).toMatchObject({ jobs: 1, max: 110 })
    expect(latency.queued).toMatchObject({ jobs: 1, max: 10 })
    expect(latency.running).toMatchObject({ jobs: 1, max: 100 })
  })

  it('put what happens into the minute in which it does', async () => {
    const statistics = await open(await openParts(makeTarget))
    tell(statistics, [ended(1, BEGIN + MINUTE_MS - 1, 0, MINUTE_MS + 1)])
    const minutes = await statistics.report({ from: at(BEGIN), to: at(BEGIN + 4 * MINUTE_MS), step: 1 })
    expect(minutes.series?.map(({ counts }) => [counts.submitted, counts.succeeded])).toEqual([
      [1, 0],
      [0, 0],
      [0, 1],
      [0, 0],
    ])
  })

  it('give rates over the window, and accuracy where the truth is known', async () => {
    const statistics = await open(await openParts(makeTarget))
    const places = [1, 1, 1, 2, 5, 0, null]
    tell(statistics, [
      ...places.map((truthPlace, index) => ended(index + 1, BEGIN, 0, 50, { truth: 3, truthPlace })),
      job(20, { status: 'FAILED', endedAt: BEGIN }),
    ])
    const report = await statistics.report({ from: at(BEGIN), to: at(BEGIN + 10 * MINUTE_MS) })
    expect(report.throughput).toBeCloseTo(8 / 600)
    expect(report.goodput).toBeCloseTo(7 / 600)
    expect(report.accuracy).toEqual({ jobs: 6, top1: 3 / 6, top5: 5 / 6 })
  })

  it('are the same of any window, by the minute and by the hour', async () => {
    const statistics = await open(await openParts(makeTarget))
    const random = new Random(5)
    const jobs = Array.from({ length: 3000 }, (_none, index) =>
      ended(
        index + 1,
        BEGIN + random.below(50 * 60) * MINUTE_MS,
        random.below(500),
        10 ** (random.next() * 5),
      ),
    )
    for (let from = 0; from < jobs.length; from += 500) {
      tell(statistics, jobs.slice(from, from + 500))
      await statistics.flush()
    }
    for (let round = 0; round < 20; round += 1) {
      const from = BEGIN + random.below(30 * 60) * MINUTE_MS
      const to = from + (1 + random.below(20 * 60)) * MINUTE_MS
      const inside = jobs.filter(({ endedAt }) => endedAt !== null && endedAt >= from && endedAt < to)
      const whole = inside.map(({ queuedAt, endedAt }) => (endedAt ?? 0) - queuedAt).sort((a, b) => a - b)
      const { counts, latency, series } = await statistics.report({ from: at(from), to: at(to), step: 60 })
      expect(counts.submitted).toBe(
        jobs.filter(({ submittedAt }) => submittedAt >= from && submittedAt < to).length,
      )
      expect(counts.succeeded).toBe(inside.length)
      for (const [share, told] of [
        [0.5, latency.whole?.p50],
        [0.9, latency.whole?.p90],
        [0.99, latency.whole?.p99],
      ] as const) {
        const exact = whole[Math.ceil(share * whole.length) - 1] ?? 0
        expect(Math.abs((told ?? 0) - exact)).toBeLessThanOrEqual(exact / 100)
      }
      const sum = (series ?? []).reduce((total, point) => total + point.counts.succeeded, 0)
      expect(sum).toBe(inside.length)
    }
  })

  it('go on behind what was written down, and lose nothing and count nothing twice', async () => {
    const parts = await openParts(makeTarget)
    const jobs = [1, 2, 3, 4, 5, 6].map((revision) => ended(revision, BEGIN, 5, 5))
    const first = await open(parts)
    tell(first, jobs.slice(0, 2))
    await first.flush()
    // Told, and not written down when the master was killed.
    tell(first, jobs.slice(2, 4))

    const next = await open(parts)
    expect(next.position).toBe(2)
    tell(next, jobs.slice(next.position))
    const { counts, latency } = await next.report(DAY)
    expect([counts.submitted, counts.succeeded, latency.whole?.jobs]).toEqual([6, 6, 6])
    expect((await open(parts)).position).toBe(6)
  })

  it('are added once where the answer to a commit was lost', async () => {
    const parts = await openParts(makeTarget)
    /** As the committer does then: it runs the work once more, behind the commit of which it did not hear. */
    class Repeating extends Committer {
      override async commit<T>(unit: UnitOfWork<T>): Promise<T> {
        await super.commit(unit)
        return super.commit(unit)
      }
    }
    const repeating = new Repeating(parts.database, silentLog)
    onTestFinished(() => repeating.stop())
    const statistics = await open({ ...parts, committer: repeating })
    tell(statistics, [ended(1, BEGIN, 5, 5)])
    await statistics.flush()
    tell(statistics, [ended(2, BEGIN, 5, 5)])
    expect((await statistics.report(DAY)).counts.succeeded).toBe(2)
  })

  it('look at the queue every five seconds', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const queue = [7, 4, 0]
    const parts = await openParts(makeTarget)
    const statistics = await Statistics.open({ ...parts, queued: () => queue.shift() ?? 0, log: silentLog })
    statistics.start()
    vi.advanceTimersByTime(15_000)
    const report = await statistics.report({})
    await statistics.stop()
    const seconds = (Math.min(Date.parse(report.to), Date.now()) - Date.parse(report.from)) / 1000
    expect(report.queue?.max).toBe(7)
    expect(report.queue?.mean).toBeCloseTo(((7 + 4) * 5) / seconds, 3)
  })

  it('refuse windows that are none, and more points than anyone can see', async () => {
    const statistics = await open(await openParts(makeTarget))
    const code = 'request/invalid'
    const week = { from: at(BEGIN), to: at(BEGIN + 7 * 24 * HOUR_MS) }
    await expect(statistics.report({ from: at(BEGIN), to: at(BEGIN) })).rejects.toMatchObject({ code })
    await expect(statistics.report({ ...week, step: 1 })).rejects.toMatchObject({ code })
    const year = { from: at(BEGIN), to: at(BEGIN + 365 * 24 * HOUR_MS) }
    await expect(statistics.report({ ...year, step: 1001 })).rejects.toMatchObject({ code })
    expect((await statistics.report({ ...year, step: 24 * 60 })).series).toHaveLength(365)
  })
}

describe('statistics', () => onEachDatabase(contract))
