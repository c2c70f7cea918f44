import { readdir, readFile, writeFile } from 'node:fs/promises'
import type { JobStatus } from '@argus/shared'
import { describe, expect, it } from 'vitest'
import { imageFolders, type JobParts, openJobs, RESULT, submitPhoto, THUMBNAIL } from '../../testing/unit.ts'
import { JobService } from './job-service.ts'

const NONE = { QUEUED: 0, RUNNING: 0, SUCCEEDED: 0, FAILED: 0, CANCELLED: 0 }

/** What the service's listeners have heard, in its order. */
function listen(jobs: JobService): Array<[string, JobStatus]> {
  const heard: Array<[string, JobStatus]> = []
  jobs.onChange((id, status) => heard.push([id, status]))
  return heard
}

async function submitAndStart(parts: JobParts) {
  const job = await submitPhoto(parts)
  await parts.jobs.start(job, 1, 'worker')
  return job
}

describe('a photo that is submitted', () => {
  it('waits, and lies on disk under its hash', async () => {
    const parts = await openJobs()
    const heard = listen(parts.jobs)
    const job = await submitPhoto(parts, 'beach.png')
    expect(job).toMatchObject({
      status: 'QUEUED',
      fileName: 'beach.png',
      imageType: 'image/png',
      width: 8,
      height: 8,
    })
    expect(await parts.jobs.find(job.id)).toEqual(job)
    expect((await readFile(parts.images.imagePath(job.sha256))).length).toBe(job.bytes)
    expect(heard).toEqual([[job.id, 'QUEUED']])
  })

  it('becomes no job where it is refused', async () => {
    const parts = await openJobs()
    const heard = listen(parts.jobs)
    const uploadPath = parts.images.newUploadPath()
    await writeFile(uploadPath, 'text')
    const submission = { uploadPath, fileName: 'a.txt', owner: '::1', bytes: 4, sha256: 'a'.repeat(64) }
    await expect(parts.jobs.submit(submission)).rejects.toMatchObject({ code: 'image/unsupported-type' })
    expect(parts.jobs.counts).toEqual(NONE)
    expect(heard).toEqual([])
    expect(await readdir(imageFolders(parts.folder).images)).toEqual([])
  })

  it('may come twice, as two jobs with one file', async () => {
    const parts = await openJobs()
    const [first, second] = [await submitPhoto(parts, 'same.png'), await submitPhoto(parts, 'same.png')]
    expect(first.id).not.toBe(second.id)
    expect(first.sha256).toBe(second.sha256)
    expect(parts.jobs.counts.QUEUED).toBe(2)
  })

  it('is dealt in the order of its coming, also within a millisecond', async () => {
    const parts = await openJobs()
    const submitted: string[] = []
    for (let number = 0; number < 30; number += 1) {
      submitted.push((await submitPhoto(parts, `photo ${number}`)).id)
    }
    expect((await parts.jobs.nextQueued(30)).map(({ id }) => id)).toEqual(submitted)
    expect((await parts.jobs.newest(30)).map(({ id }) => id)).toEqual(submitted.toReversed())
  })
})

describe('the counters', () => {
  it('follow every change, and only those that happened', async () => {
    const parts = await openJobs()
    const { jobs } = parts
    expect(jobs.counts).toEqual(NONE)
    const job = await submitPhoto(parts)
    expect(jobs.counts).toEqual({ ...NONE, QUEUED: 1 })
    expect(await jobs.start(job, 1, 'worker')).toBe(true)
    expect(await jobs.start(job, 1, 'worker')).toBe(false)
    expect(jobs.counts).toEqual({ ...NONE, RUNNING: 1 })
    await jobs.requeue(job.id, 1)
    await jobs.requeue(job.id, 1)
    expect(jobs.counts).toEqual({ ...NONE, QUEUED: 1 })
    await jobs.start(job, 2, 'worker')
    expect(await jobs.succeed(job.id, 1, RESULT, THUMBNAIL)).toBe(false)
    expect(await jobs.fail(job.id, 1, 'worker/failed', 'too late')).toBe(false)
    expect(jobs.counts).toEqual({ ...NONE, RUNNING: 1 })
    expect(await jobs.succeed(job.id, 2, RESULT, THUMBNAIL)).toBe(true)
    expect(await jobs.succeed(job.id, 2, RESULT, THUMBNAIL)).toBe(false)
    expect(jobs.counts).toEqual({ ...NONE, SUCCEEDED: 1 })
  })

  it('are those of the store after a crowd of changes that race', async () => {
    const parts = await openJobs()
    const submitted = await Promise.all(
      Array.from({ length: 12 }, (_, number) => submitPhoto(parts, `photo ${number}`)),
    )
    await Promise.all(
      submitted.flatMap((job) => [parts.jobs.start(job, 1, 'a'), parts.jobs.start(job, 1, 'b')]),
    )
    await Promise.all(
      submitted.flatMap(({ id }) => [
        parts.jobs.succeed(id, 1, RESULT, THUMBNAIL),
        parts.jobs.fail(id, 1, 'worker/failed', 'it failed'),
        parts.jobs.requeue(id, 1),
      ]),
    )
    expect(parts.jobs.counts).toEqual(await parts.store.countByStatus())
    expect(parts.jobs.counts.RUNNING).toBe(0)
  })

  it('begin with what the store holds, jobs that ran being queued again', async () => {
    const parts = await openJobs()
    const running = await submitAndStart(parts)
    const ended = await submitAndStart(parts)
    await parts.jobs.fail(ended.id, 1, 'image/unreadable', 'cut off')
    const reopened = await JobService.open(parts.store, parts.images, 1)
    expect(reopened.counts).toEqual({ ...NONE, QUEUED: 1, FAILED: 1 })
    expect(await reopened.find(running.id)).toMatchObject({ status: 'QUEUED', attempts: 1 })
  })
})

describe('an end of a job', () => {
  it('brings its thumbnail to disk, with success', async () => {
    const parts = await openJobs()
    const job = await submitAndStart(parts)
    await parts.jobs.succeed(job.id, 1, RESULT, THUMBNAIL)
    expect(new Uint8Array(await readFile(parts.images.thumbnailPath(job.sha256, THUMBNAIL.type)))).toEqual(
      THUMBNAIL.bytes,
    )
    expect(await parts.jobs.find(job.id)).toMatchObject({ status: 'SUCCEEDED', result: RESULT })
  })

  it('writes no thumbnail for an attempt that is too late', async () => {
    const parts = await openJobs()
    const job = await submitAndStart(parts)
    await parts.jobs.requeue(job.id, 1)
    expect(await parts.jobs.succeed(job.id, 1, RESULT, THUMBNAIL)).toBe(false)
    await expect(readFile(parts.images.thumbnailPath(job.sha256, THUMBNAIL.type))).rejects.toThrow('ENOENT')
  })

  it('is on disk when the listeners hear of it', async () => {
    const parts = await openJobs()
    const job = await submitAndStart(parts)
    const found = new Promise((resolve) => parts.jobs.onChange((id) => resolve(parts.store.find(id))))
    await parts.jobs.fail(job.id, 1, 'image/unreadable', 'cut off')
    expect(await found).toMatchObject({ status: 'FAILED', errorCode: 'image/unreadable' })
  })

  it('is not told to those who stopped listening', async () => {
    const parts = await openJobs()
    const heard: JobStatus[] = []
    const stop = parts.jobs.onChange((_id, status) => heard.push(status))
    const job = await submitPhoto(parts)
    stop()
    await parts.jobs.start(job, 1, 'worker')
    expect(heard).toEqual(['QUEUED'])
  })
})

describe('waitForEnd', () => {
  /** No test waits for so long. */
  const LONG_MS = 60_000

  it('returns the job when it has ended', async () => {
    const parts = await openJobs()
    const job = await submitAndStart(parts)
    const waiting = parts.jobs.waitForEnd(job.id, LONG_MS)
    await parts.jobs.succeed(job.id, 1, RESULT, THUMBNAIL)
    expect(await waiting).toMatchObject({ id: job.id, status: 'SUCCEEDED' })
  })

  it('returns at once a job that had ended before', async () => {
    const parts = await openJobs()
    const job = await submitAndStart(parts)
    await parts.jobs.fail(job.id, 1, 'image/unreadable', 'cut off')
    expect(await parts.jobs.waitForEnd(job.id, LONG_MS)).toMatchObject({ status: 'FAILED' })
  })

  it('waits through all states that are no end, and for no other job', async () => {
    const parts = await openJobs()
    const job = await submitPhoto(parts)
    const other = await submitAndStart(parts)
    let ended = false
    const waiting = parts.jobs.waitForEnd(job.id, LONG_MS).finally(() => {
      ended = true
    })
    await parts.jobs.start(job, 1, 'worker')
    await parts.jobs.fail(other.id, 1, 'worker/failed', 'it failed')
    await parts.jobs.requeue(job.id, 1)
    await parts.jobs.start(job, 2, 'worker')
    expect(ended).toBe(false)
    await parts.jobs.fail(job.id, 2, 'image/unreadable', 'cut off')
    expect(await waiting).toMatchObject({ id: job.id, status: 'FAILED', attempts: 2 })
  })

  it('returns the job as it is when the time is over', async () => {
    const parts = await openJobs()
    const job = await submitPhoto(parts)
    expect(await parts.jobs.waitForEnd(job.id, 1)).toMatchObject({ status: 'QUEUED' })
  })

  it('fails for a job that there is not', async () => {
    const { jobs } = await openJobs()
    await expect(jobs.waitForEnd('none', 1000)).rejects.toThrow('Job none has no row')
  })
})
