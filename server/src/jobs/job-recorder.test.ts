import { readFile } from 'node:fs/promises'
import { ProblemError } from '@argus/shared'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import {
  attemptOf,
  inPlaceOf,
  type JobParts,
  openJobs,
  RESULT,
  startJob,
  submitPhoto,
  succeedJob,
  THUMBNAIL,
} from '../../testing/unit.ts'
import { until } from '../../testing/until.ts'
import type { JobRecord } from '../store/job-record.ts'

const LOST = Object.assign(new Error('connection lost'), { code: 'ECONNRESET' })
const FULL = new ProblemError('store/disk-full')
const SETTLEMENT = {
  isSuspect: true,
  losses: 0,
  failures: 0,
  status: 'QUEUED',
  why: 'lost',
  error: null,
} as const

let parts: JobParts
let job: JobRecord
/** Statuses and ends that listeners heard of. */
let heard: string[]

beforeEach(async () => {
  parts = await openJobs()
  job = await submitPhoto(parts)
  heard = []
  parts.jobs.changes.onChange((_id, status) => heard.push(status))
  parts.jobs.changes.onEnd((_id, run) => heard.push(`run ${run} has ended`))
})

describe('what becomes of an attempt', () => {
  it('is written down, and told', async () => {
    expect(await startJob(parts, job)).toEqual({ run: 1, from: 'QUEUED', to: 'RUNNING' })
    expect(await parts.recorder.settle(attemptOf(job), SETTLEMENT)).toMatchObject({ to: 'QUEUED' })
    expect(await parts.jobs.find(job.id)).toMatchObject({ status: 'QUEUED', isSuspect: true, attempts: 1 })
    await startJob(parts, job, 2)
    expect(await succeedJob(parts, job, 2)).toMatchObject({ to: 'SUCCEEDED' })
    expect(await parts.jobs.find(job.id)).toMatchObject({ status: 'SUCCEEDED', result: RESULT })
    expect(heard).toEqual(['RUNNING', 'QUEUED', 'RUNNING', 'SUCCEEDED', 'run 1 has ended'])
  })

  it('is told to nobody where it changes nothing', async () => {
    await startJob(parts, job)
    await parts.jobs.cancel(job.id)
    heard.length = 0
    expect(await startJob(parts, job)).toBeNull()
    expect(await parts.recorder.settle(attemptOf(job), SETTLEMENT)).toBeNull()
    expect(await succeedJob(parts, job)).toBeNull()
    expect(heard).toEqual([])
  })

  it('waits for a database that is away', async () => {
    const comeBack = inPlaceOf(parts.database, 'BEGIN;', async () => {
      throw LOST
    })
    const written = startJob(parts, job)
    await vi.waitFor(() => expect(parts.committer.available).toBe(false), 5000)
    expect(heard).toEqual([])
    comeBack()
    expect(await written).toMatchObject({ to: 'RUNNING' })
    expect(heard).toEqual(['RUNNING'])
  })

  it('is told when its commit went through although the answer was lost', async () => {
    await startJob(parts, job)
    const comeBack = inPlaceOf(parts.database, 'COMMIT;', async (run) => {
      await run('COMMIT;')
      comeBack()
      throw LOST
    })
    expect(await succeedJob(parts, job)).toBe('repeated')
    await vi.waitFor(
      () => expect(parts.jobs.changes.counts).toMatchObject({ RUNNING: 0, SUCCEEDED: 1 }),
      5000,
    )
    expect(heard).toEqual(['RUNNING', 'SUCCEEDED', 'run 1 has ended'])
  })
})

describe('the thumbnail', () => {
  const path = () => parts.images.thumbnailPath(job.sha256, THUMBNAIL.type)

  it('is there before anyone hears of the success', async () => {
    await startJob(parts, job)
    const found = new Promise((resolve) => parts.jobs.changes.onEnd(() => resolve(readFile(path()))))
    await succeedJob(parts, job)
    expect(await found).toEqual(Buffer.from(THUMBNAIL.bytes))
    expect(await parts.jobs.find(job.id)).toMatchObject({ thumbnailType: THUMBNAIL.type })
  })

  it('waits for room on the disk', async () => {
    await startJob(parts, job)
    const keep = vi.spyOn(parts.images, 'keepThumbnail').mockRejectedValueOnce(FULL)
    expect(await succeedJob(parts, job)).toMatchObject({ to: 'SUCCEEDED' })
    expect(keep).toHaveBeenCalledTimes(2)
    expect(await readFile(path())).toEqual(Buffer.from(THUMBNAIL.bytes))
  })

  it('waits no longer than the master', async () => {
    await startJob(parts, job)
    const keep = vi.spyOn(parts.images, 'keepThumbnail').mockRejectedValue(FULL)
    const written = succeedJob(parts, job)
    const refused = expect(written).rejects.toBe(FULL)
    await until(() => expect(keep).toHaveBeenCalled())
    parts.recorder.stop()
    await refused
    expect(await parts.jobs.find(job.id)).toMatchObject({ status: 'RUNNING' })
  })

  it('that cannot be kept costs a placeholder, and no result', async () => {
    await startJob(parts, job)
    const keep = vi.spyOn(parts.images, 'keepThumbnail').mockRejectedValue(new Error('EIO'))
    await succeedJob(parts, job)
    expect(keep).toHaveBeenCalledTimes(1)
    expect(await parts.jobs.find(job.id)).toMatchObject({ status: 'SUCCEEDED', thumbnailType: null })
  })
})
