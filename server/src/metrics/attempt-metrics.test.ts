import type { AttemptEnd } from '@argus/shared'
import { Registry } from 'prom-client'
import { beforeEach, describe, expect, it } from 'vitest'
import { MetricsPage } from '../../testing/metrics-page.ts'
import {
  attemptOf,
  inPlaceOf,
  type JobParts,
  openJobs,
  startJob,
  submitPhoto,
  succeedJob,
} from '../../testing/unit.ts'
import { toWindowJob } from '../jobs/job-view.ts'
import type { JobRecord } from '../store/job-record.ts'
import { AttemptMetrics } from './attempt-metrics.ts'

const OTHER_WORKER = '22222222-2222-4222-8222-222222222222'

let parts: JobParts
let job: JobRecord
let registry: Registry

beforeEach(async () => {
  parts = await openJobs()
  registry = new Registry()
  new AttemptMetrics(registry, { recorder: parts.recorder, changes: parts.jobs.changes })
  job = await submitPhoto(parts)
})

/** How often attempts ended, without the ends that none had. */
async function ends(): Promise<Record<string, number>> {
  const page = new MetricsPage(await registry.metrics())
  const counts = page.by('argus_attempts_ended_total', 'end')
  return Object.fromEntries(Object.entries(counts).filter(([_end, count]) => count > 0))
}

function settle(why: AttemptEnd, attempt = 1, status: 'QUEUED' | 'FAILED' = 'QUEUED') {
  const charges = { isSuspect: false, losses: 0, failures: 0 }
  const error = status === 'FAILED' ? ({ code: 'image/unreadable', detail: '' } as const) : null
  return parts.recorder.settle(attemptOf(job, attempt), { ...charges, status, why, error })
}

describe('the ends of attempts', () => {
  it('are there with 0 before the first, but for those that a start of the master makes', async () => {
    const page = new MetricsPage(await registry.metrics())
    expect(page.by('argus_attempts_ended_total', 'end')).toEqual({
      succeeded: 0,
      failed: 0,
      lost: 0,
      expired: 0,
      returned: 0,
      revoked: 0,
    })
  })

  it('are none while an attempt goes on', async () => {
    await startJob(parts, job)
    expect(await ends()).toEqual({})
  })

  it('are counted by how they came', async () => {
    for (const [at, why] of (['lost', 'expired', 'returned', 'failed'] as const).entries()) {
      await startJob(parts, job, at + 1)
      await settle(why, at + 1)
    }
    await startJob(parts, job, 5)
    await succeedJob(parts, job, 5)
    expect(await ends()).toEqual({ lost: 1, expired: 1, returned: 1, failed: 1, succeeded: 1 })
  })

  it('count one that ends its job for good once', async () => {
    await startJob(parts, job)
    await settle('failed', 1, 'FAILED')
    expect(await ends()).toEqual({ failed: 1 })
  })

  it('are counted once where the outcome is sent twice', async () => {
    await startJob(parts, job)
    await succeedJob(parts, job)
    expect(await succeedJob(parts, job)).toBe('repeated')
    expect(await ends()).toEqual({ succeeded: 1 })
  })

  it('are counted where the commit went through although its answer was lost', async () => {
    await startJob(parts, job)
    const comeBack = inPlaceOf(parts.database, 'COMMIT;', async (run) => {
      await run('COMMIT;')
      comeBack()
      throw Object.assign(new Error('connection lost'), { code: 'ECONNRESET' })
    })
    expect(await succeedJob(parts, job)).toBe('repeated')
    expect(await ends()).toEqual({ succeeded: 1 })
  })

  it('are revoked where the job is cancelled or deleted', async () => {
    await startJob(parts, job)
    await parts.jobs.cancel(job.id)
    // What the worker had is of no use to anyone.
    expect(await succeedJob(parts, job)).toBeNull()
    expect(await ends()).toEqual({ revoked: 1 })
    const other = await submitPhoto(parts, 'other.png')
    await startJob(parts, other)
    await parts.jobs.delete(other.id)
    expect(await ends()).toEqual({ revoked: 2 })
  })

  it('are none where a job is cancelled that waits', async () => {
    await parts.jobs.cancel(job.id)
    expect(await startJob(parts, job)).toBeNull()
    expect(await ends()).toEqual({})
  })

  it('are revoked where another attempt succeeds, which had seemed lost', async () => {
    await startJob(parts, job)
    await settle('lost')
    await parts.recorder.start(
      attemptOf(job, 2, OTHER_WORKER),
      { name: 'other', engine: null, model: null },
      toWindowJob(job),
    )
    await succeedJob(parts, job)
    expect(await ends()).toEqual({ lost: 1, succeeded: 1, revoked: 1 })
  })

  it('are counted of an attempt whose begin an earlier master did not write down', async () => {
    await succeedJob(parts, job)
    expect(await ends()).toEqual({ succeeded: 1 })
  })

  it('are counted of each run', async () => {
    await startJob(parts, job)
    await parts.jobs.cancel(job.id)
    job = await parts.jobs.retry(job.id)
    await startJob(parts, job)
    expect(await ends()).toEqual({ revoked: 1 })
    await succeedJob(parts, job)
    expect(await ends()).toEqual({ revoked: 1, succeeded: 1 })
  })
})
