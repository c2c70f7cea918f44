import { Registry } from 'prom-client'
import { beforeEach, describe, expect, it } from 'vitest'
import { MetricsPage } from '../../testing/metrics-page.ts'
import { newJob } from '../../testing/store.ts'
import { RESULT } from '../../testing/unit.ts'
import { changeOf, type JobChange } from '../store/change-log.ts'
import { type JobRecord, toRecord, toRow } from '../store/job-record.ts'
import { JobMetrics } from './job-metrics.ts'

/** Of the last change before the master took anything in. */
const START = 100
const COUNTS = { QUEUED: 3, RUNNING: 2, SUCCEEDED: 5, FAILED: 1, CANCELLED: 0 }

let registry: Registry
let metrics: JobMetrics

beforeEach(() => {
  registry = new Registry()
  metrics = new JobMetrics(registry, () => COUNTS, START)
})

async function page(): Promise<MetricsPage> {
  return new MetricsPage(await registry.metrics())
}

/** A change of a job that was submitted by that very change, unless another revision is named. */
function change(revision: number, job: Partial<JobRecord> = {}): JobChange {
  const record = toRecord(toRow(newJob(`job ${revision}`, { revision })))
  return changeOf({ ...record, ...job })
}

/** As one that a worker has recognised: it waited 2 s and ran 0.3 s. */
const recognised = {
  status: 'SUCCEEDED',
  queuedAt: 10_000,
  startedAt: 12_000,
  endedAt: 12_300,
  result: RESULT,
} as const

async function endsNow(): Promise<Record<string, number>> {
  return (await page()).by('argus_jobs_ended_total', 'end')
}

describe('the metrics of jobs', () => {
  it('begin at 0, each end of them', async () => {
    expect(await endsNow()).toEqual({ succeeded: 0, failed: 0, cancelled: 0, reused: 0 })
    expect((await page()).value('argus_jobs_submitted_total')).toBe(0)
    expect((await page()).value('argus_job_whole_seconds_count')).toBe(0)
  })

  it('say how many there are now', async () => {
    expect((await page()).by('argus_jobs', 'status')).toEqual(COUNTS)
    expect((await page()).value('argus_queue_depth')).toBe(3)
  })

  it('count submits and ends', async () => {
    metrics.count([change(101), change(102, recognised)], 102)
    metrics.count([change(103, { status: 'FAILED', endedAt: 1 })], 103)
    metrics.count([change(104, { status: 'CANCELLED', endedAt: 1 })], 104)
    metrics.count([change(105, { ...recognised, isReused: true, startedAt: null })], 105)
    expect(await endsNow()).toEqual({ succeeded: 1, failed: 1, cancelled: 1, reused: 1 })
    expect((await page()).value('argus_jobs_submitted_total')).toBe(5)
  })

  it('count a submit once, whatever becomes of the job later', async () => {
    metrics.count([change(101)], 101)
    metrics.count([change(102, { status: 'RUNNING', createdRevision: 101 })], 102)
    metrics.count([change(103, { ...recognised, createdRevision: 101 })], 103)
    // Retried, it ends once more.
    metrics.count([change(104, { run: 2, createdRevision: 101 })], 104)
    metrics.count([change(105, { ...recognised, run: 2, createdRevision: 101 })], 105)
    expect((await page()).value('argus_jobs_submitted_total')).toBe(1)
    expect(await endsNow()).toMatchObject({ succeeded: 2 })
  })

  it('count nothing of what happened before the start', async () => {
    metrics.count(
      [change(50), change(60, recognised), change(START, { status: 'FAILED', endedAt: 1 })],
      START,
    )
    expect(await endsNow()).toEqual({ succeeded: 0, failed: 0, cancelled: 0, reused: 0 })
    expect((await page()).value('argus_jobs_submitted_total')).toBe(0)
  })

  it('count the end of a job that was submitted before the start, and not its submit', async () => {
    // One page of the reader may have both sides of the start.
    metrics.count([change(60, recognised), change(101, { ...recognised, createdRevision: 40 })], 101)
    expect(await endsNow()).toMatchObject({ succeeded: 1 })
    expect((await page()).value('argus_jobs_submitted_total')).toBe(0)
  })

  it('count nothing for a job that was removed', async () => {
    metrics.count([{ revision: 101, id: 'a', batch: null, job: null }], 101)
    expect((await page()).value('argus_jobs_submitted_total')).toBe(0)
  })

  it('measure those that a worker recognised, in seconds', async () => {
    metrics.count([change(101, recognised), change(102, { ...recognised, isReused: true })], 102)
    metrics.count([change(103, { ...recognised, status: 'FAILED' })], 103)
    const read = await page()
    for (const [name, seconds] of Object.entries({ queued: 2, running: 0.3, whole: 2.3 })) {
      expect(read.value(`argus_job_${name}_seconds_count`)).toBe(1)
      expect(read.value(`argus_job_${name}_seconds_sum`)).toBeCloseTo(seconds)
    }
    expect(read.value('argus_job_running_seconds_bucket', { le: '0.25' })).toBe(0)
    expect(read.value('argus_job_running_seconds_bucket', { le: '0.5' })).toBe(1)
  })

  it('measure nothing below 0 where the clock was set back', async () => {
    metrics.count([change(101, { ...recognised, endedAt: 0 })], 101)
    expect((await page()).value('argus_job_whole_seconds_sum')).toBe(0)
  })

  it('count how often the truth is the best class, and among the five best', async () => {
    const places = [1, 1, 5, 0, null]
    metrics.count(
      places.map((truthPlace, at) => change(101 + at, { ...recognised, truthPlace, isReused: at === 1 })),
      105,
    )
    // What was retried has none any more.
    metrics.count([change(106, { status: 'CANCELLED', endedAt: 1, truthPlace: 1 })], 106)
    const read = await page()
    expect(read.value('argus_truths_known_total')).toBe(4)
    expect(read.value('argus_truths_top1_total')).toBe(2)
    expect(read.value('argus_truths_top5_total')).toBe(3)
  })
})
