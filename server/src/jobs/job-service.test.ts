import { readdir, readFile, writeFile } from 'node:fs/promises'
import { type JobFilter, type JobStatus, jobQuerySchema } from '@argus/shared'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { newJob, onEachDatabase } from '../../testing/store.ts'
import {
  attemptOf,
  DIGEST,
  imageFolders,
  inPlaceOf,
  type JobParts,
  openJobs,
  RESULT,
  silentLog,
  startJob,
  submitPhoto,
  succeedJob,
  uploadPhoto,
} from '../../testing/unit.ts'
import { BatchStore } from '../store/batch-store.ts'
import { ChangeLog } from '../store/change-log.ts'
import { Committer } from '../store/committer.ts'
import { FEW_JOBS, SCAN_JOBS } from '../store/job-list.ts'
import { type JobRecord, toRow } from '../store/job-record.ts'
import { JobStore } from '../store/job-store.ts'
import type { Settlement } from '../store/job-transitions.ts'
import { JobService, type Submission } from './job-service.ts'
import { toWindowJob } from './job-view.ts'

const NONE = { QUEUED: 0, RUNNING: 0, SUCCEEDED: 0, FAILED: 0, CANCELLED: 0 }

const CHARGES = { isSuspect: false, losses: 0, failures: 0 }
const RETURNED: Settlement = { ...CHARGES, status: 'QUEUED', why: 'returned', error: null }
const FAILED: Settlement = {
  ...CHARGES,
  status: 'FAILED',
  why: 'failed',
  error: { code: 'image/unreadable', detail: 'cut off' },
}

/** What the service's listeners have heard, in its order. */
function listen({ jobs: { changes } }: JobParts): string[] {
  const heard: string[] = []
  changes.onChange((id, status) => heard.push(`${id} is ${status}`))
  changes.onQueued(({ id, run }) => heard.push(`${id} waits in run ${run}`))
  changes.onEnd((id, run) => heard.push(`${id} has ended in run ${run}`))
  changes.onRemoved((ids) => heard.push(`${ids} removed`))
  return heard
}

/** A batch that takes photos, or was cancelled. */
async function makeBatch({ database }: JobParts, id: string, cancelledAt: number | null = null) {
  await new BatchStore(database).insert({ id, name: null, owner: 'ann', createdAt: 1000, cancelledAt })
}

async function submitAndStart(parts: JobParts, fileName?: string): Promise<JobRecord> {
  const job = await submitPhoto(parts, fileName)
  await startJob(parts, job)
  return job
}

/** The service as after a start of the master, on the same database. */
function reopen(
  { database, committer, images }: JobParts,
  model: string | null = DIGEST,
): Promise<JobService> {
  return JobService.open({
    database,
    committer,
    images,
    maxPixels: 50_000_000,
    servingModel: () => model,
  })
}

describe('a photo that is submitted', () => {
  it('waits, and lies on disk under its hash', async () => {
    const parts = await openJobs()
    const heard = listen(parts)
    const submission = await uploadPhoto(parts, 'beach.png', { owner: 'ann', priority: 7 })
    const { job, isReplay } = await parts.jobs.submit(submission)
    expect(isReplay).toBe(false)
    expect(job).toMatchObject({
      status: 'QUEUED',
      fileName: 'beach.png',
      owner: 'ann',
      priority: 7,
      sha256: submission.sha256,
      imageType: 'image/png',
      bytes: submission.bytes,
      width: 8,
      height: 8,
      run: 1,
    })
    expect(await parts.jobs.find(job.id)).toEqual(job)
    expect((await readFile(parts.images.imagePath(job.sha256))).length).toBe(job.bytes)
    expect(heard).toEqual([`${job.id} is QUEUED`, `${job.id} waits in run 1`])
  })

  it('becomes no job where it is refused, and leaves nothing', async () => {
    const parts = await openJobs()
    const heard = listen(parts)
    const submission = await uploadPhoto(parts, 'a.txt', { idempotencyKey: 'key' })
    await writeFile(submission.uploadPath, 'text')
    await expect(parts.jobs.submit(submission)).rejects.toMatchObject({ code: 'image/unsupported-type' })
    expect(parts.jobs.changes.counts).toEqual(NONE)
    expect(heard).toEqual([])
    expect(await parts.store.newest(10)).toEqual([])
    expect(await readdir(imageFolders(parts.folder).images)).toEqual([])
    // The key is free.
    const good = await uploadPhoto(parts, 'other.png', { idempotencyKey: 'key' })
    expect(await parts.jobs.submit(good)).toMatchObject({ isReplay: false })
  })

  it('may come twice, as two jobs with one file', async () => {
    const parts = await openJobs()
    const [first, second] = [await submitPhoto(parts, 'same.png'), await submitPhoto(parts, 'same.png')]
    expect(first.id).not.toBe(second.id)
    expect(first.sha256).toBe(second.sha256)
    expect(parts.jobs.changes.counts.QUEUED).toBe(2)
  })

  it('belongs to a batch that there is and that takes photos, or is no job and leaves its key free', async () => {
    const parts = await openJobs()
    await makeBatch(parts, 'open')
    await makeBatch(parts, 'cancelled', 2000)
    const send = async (batch: string) =>
      parts.jobs.submit(await uploadPhoto(parts, 'photo.png', { batch, idempotencyKey: 'key' }))
    await expect(send('none')).rejects.toMatchObject({ code: 'batch/not-found' })
    await expect(send('cancelled')).rejects.toMatchObject({ code: 'batch/cancelled' })
    expect(parts.jobs.changes.counts).toEqual(NONE)
    expect(await parts.store.newest(10)).toEqual([])
    const { job, isReplay } = await send('open')
    expect(isReplay).toBe(false)
    expect(job.batch).toBe('open')
  })

  it('gets the same job by its key also when its batch was cancelled meanwhile', async () => {
    const parts = await openJobs()
    await makeBatch(parts, 'batch')
    const send = async () =>
      parts.jobs.submit(await uploadPhoto(parts, 'photo.png', { batch: 'batch', idempotencyKey: 'key' }))
    const { job } = await send()
    await new BatchStore(parts.database).cancel('batch', 2000)
    expect(await send()).toEqual({ job, isReplay: true })
  })

  it('keeps what it truly shows, and whether a known result has it', async () => {
    const parts = await openJobs()
    const first = await submitPhoto(parts, 'photo', { truth: 7 })
    expect(first).toMatchObject({ truth: 7, truthPlace: null })
    await startJob(parts, first)
    await succeedJob(parts, first)
    expect(await parts.jobs.find(first.id)).toMatchObject({ truth: 7, truthPlace: 0 })
    // Its result is known now, whatever is said of its truth.
    const truths = await Promise.all([417, 8, null].map((truth) => submitPhoto(parts, 'photo', { truth })))
    expect(truths.map(({ isReused }) => isReused)).toEqual([true, true, true])
    expect(truths.map(({ truth, truthPlace }) => [truth, truthPlace])).toEqual([
      [417, 1],
      [8, 0],
      [null, null],
    ])
  })

  it('is told to the scheduler as the database has it', async () => {
    const parts = await openJobs()
    const queued = vi.fn()
    parts.jobs.changes.onQueued(queued)
    const job = await submitPhoto(parts)
    expect(queued.mock.calls).toEqual([[toWindowJob(job)]])
  })

  it('is the newest in the order of its coming, also within a millisecond', async () => {
    const parts = await openJobs()
    const submitted: string[] = []
    for (let number = 0; number < 30; number += 1) {
      submitted.push((await submitPhoto(parts, `photo ${number}`)).id)
    }
    expect((await parts.store.newest(30)).map(({ id }) => id)).toEqual(submitted.toReversed())
  })
})

describe('the queue', () => {
  /** File names in the order in which the jobs are to be dealt. */
  async function order({ store }: JobParts): Promise<string> {
    return (await store.queued(null, 100)).map(({ fileName }) => fileName).join(' ')
  }

  /** Submits photos of an owner, named by the owner and a number that goes on. */
  async function submit(
    parts: Pick<JobParts, 'images' | 'jobs'>,
    owner: string,
    names: string,
    priority = 0,
  ) {
    for (const name of names.split(' ')) await submitPhoto(parts, name, { owner, priority })
  }

  /** Deals so many jobs from the head of the queue, as the dispatcher does. */
  async function deal(parts: JobParts, count: number, jobs = parts.jobs): Promise<void> {
    for (const job of await parts.store.queued(null, count)) {
      jobs.dealt(job.priority, job.rank)
      await startJob(parts, job)
    }
  }

  it('lets owners take turns, who come later behind the first that is not dealt', async () => {
    const parts = await openJobs()
    await submit(parts, 'a', 'a1 a2 a3 a4 a5')
    await submit(parts, 'b', 'b1')
    expect(await order(parts)).toBe('a1 b1 a2 a3 a4 a5')
    await deal(parts, 3)
    await submit(parts, 'c', 'c1 c2')
    expect(await order(parts)).toBe('a3 c1 a4 c2 a5')
    await submit(parts, 'a', 'a6')
    await submit(parts, 'b', 'b2')
    expect(await order(parts)).toBe('a3 c1 b2 a4 c2 a5 a6')
  })

  it('keeps the order of one owner, whose photos come at once', async () => {
    const parts = await openJobs()
    const ranks = await Promise.all(
      Array.from({ length: 10 }, (_, number) => submitPhoto(parts, `photo ${number}`)),
    )
    expect(ranks.map(({ rank }) => rank).sort((one, other) => one - other)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ])
  })

  it('has all of a higher priority first, in which owners take turns by themselves', async () => {
    const parts = await openJobs()
    await submit(parts, 'a', 'a1 a2 a3')
    await submit(parts, 'b', 'b1', -1)
    await submit(parts, 'a', 'a4 a5', 5)
    await submit(parts, 'b', 'b2', 5)
    expect(await order(parts)).toBe('a4 b2 a5 a1 a2 a3 b1')
  })

  it('goes on after a restart as before', async () => {
    const parts = await openJobs()
    await submit(parts, 'a', 'a1 a2 a3 a4 a5')
    await deal(parts, 2)
    for (const { id } of await parts.store.newest(10)) {
      if ((await parts.jobs.find(id))?.status === 'RUNNING') await parts.jobs.cancel(id)
    }
    const jobs = await reopen(parts)
    await submit({ ...parts, jobs }, 'b', 'b1')
    await submit({ ...parts, jobs }, 'a', 'a6')
    await submit({ ...parts, jobs }, 'b', 'b2')
    expect(await order(parts)).toBe('a3 a4 b1 a5 b2 a6')
  })

  it('has no two places for one owner whose photos come at once after a restart', async () => {
    const parts = await openJobs()
    await submit(parts, 'a', 'a1 a2 a3')
    const jobs = await reopen(parts)
    const names = ['a4', 'a5', 'a6', 'a7']
    const submitted = await Promise.all(
      names.map((name) => submitPhoto({ ...parts, jobs }, name, { owner: 'a' })),
    )
    expect(submitted.map(({ rank }) => rank).sort()).toEqual([4, 5, 6, 7])
  })

  it('begins anew after a restart where it is empty', async () => {
    const parts = await openJobs()
    await submit(parts, 'a', 'a1 a2 a3')
    await deal(parts, 3)
    for (const { id } of await parts.store.newest(10)) await parts.jobs.cancel(id)
    const jobs = await reopen(parts)
    await submit({ ...parts, jobs }, 'a', 'a4 a5')
    await submit({ ...parts, jobs }, 'b', 'b1')
    expect(await order(parts)).toBe('a4 b1 a5')
  })
})

describe('an idempotency key', () => {
  onEachDatabase((makeTarget) => {
    const open = async () => openJobs(await makeTarget())

    /** Submits a photo of this name with a key. */
    async function send(parts: JobParts, fileName: string, options: Partial<Submission> = {}) {
      return parts.jobs.submit(await uploadPhoto(parts, fileName, { idempotencyKey: 'key', ...options }))
    }

    it('makes one job, however often the photo is sent', async () => {
      const parts = await open()
      const first = await send(parts, 'photo')
      const heard = listen(parts)
      const again = await send(parts, 'photo')
      expect(first.isReplay).toBe(false)
      expect(again).toEqual({ job: first.job, isReplay: true })
      expect(heard).toEqual([])
      expect(parts.jobs.changes.counts).toEqual({ ...NONE, QUEUED: 1 })
      // Nor does it cost its owner a turn.
      expect((await submitPhoto(parts, 'next')).rank).toBe(first.job.rank + 1)
    })

    it('tells how the job stands by now', async () => {
      const parts = await open()
      const { job } = await send(parts, 'photo')
      await parts.jobs.cancel(job.id)
      expect(await send(parts, 'photo')).toMatchObject({ job: { id: job.id, status: 'CANCELLED' } })
    })

    it('is no key for another photo or priority', async () => {
      const parts = await open()
      await send(parts, 'photo')
      const mismatch = { code: 'request/idempotency-mismatch' }
      await expect(send(parts, 'another photo')).rejects.toMatchObject(mismatch)
      await expect(send(parts, 'photo', { priority: 1 })).rejects.toMatchObject(mismatch)
      expect(parts.jobs.changes.counts).toEqual({ ...NONE, QUEUED: 1 })
      expect(await send(parts, 'photo')).toMatchObject({ isReplay: true })
    })

    it.each<[string, Partial<Submission>]>([
      ['another tag', { tags: { trip: 'rome', camera: 'B' } }],
      ['a tag less', { tags: { trip: 'rome' } }],
      ['another name', { fileName: 'another name' }],
      ['another batch', { batch: 'another batch' }],
      ['no batch', { batch: null }],
      ['another wish for a fresh result', { fresh: true }],
    ])('is no key for the same photo with %s', async (_what, changes) => {
      const parts = await open()
      const options = { tags: { trip: 'rome', camera: 'A' }, batch: 'batch' }
      await makeBatch(parts, 'batch')
      const { job } = await send(parts, 'photo', options)
      await expect(send(parts, 'photo', { ...options, ...changes })).rejects.toMatchObject({
        code: 'request/idempotency-mismatch',
      })
      expect(parts.jobs.changes.counts).toEqual({ ...NONE, QUEUED: 1 })
      // The order of tags means nothing.
      const again = { ...options, tags: { camera: 'A', trip: 'rome' } }
      expect(await send(parts, 'photo', again)).toEqual({ job, isReplay: true })
    })

    it('is its owner’s', async () => {
      const parts = await open()
      const { job: first } = await send(parts, 'photo', { owner: 'ann' })
      const { job: second, isReplay } = await send(parts, 'photo', { owner: 'bob' })
      expect(isReplay).toBe(false)
      expect(second.id).not.toBe(first.id)
    })

    it('makes one job of ten requests at once, and all get it', async () => {
      const parts = await open()
      const heard = listen(parts)
      const results = await Promise.all(Array.from({ length: 10 }, () => send(parts, 'photo')))
      expect(new Set(results.map(({ job }) => job.id)).size).toBe(1)
      expect(results.filter(({ isReplay }) => !isReplay)).toHaveLength(1)
      expect(parts.jobs.changes.counts).toEqual({ ...NONE, QUEUED: 1 })
      expect(await parts.store.countByStatus()).toEqual({ ...NONE, QUEUED: 1 })
      expect(heard).toHaveLength(2)
    })

    it('makes one job of requests at once with several photos, and refuses the others', async () => {
      const parts = await open()
      const results = await Promise.allSettled(
        Array.from({ length: 10 }, (_, number) => send(parts, `photo ${number % 2}`)),
      )
      const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []))
      expect(refused).toEqual(Array(5).fill('request/idempotency-mismatch'))
      expect(await parts.store.countByStatus()).toEqual({ ...NONE, QUEUED: 1 })
    })

    it('is free again when the job is removed', async () => {
      const parts = await open()
      const { job } = await send(parts, 'photo')
      await parts.jobs.cancel(job.id)
      await parts.jobs.removeEnded([job.id])
      const next = await send(parts, 'another photo')
      expect(next.isReplay).toBe(false)
      expect(next.job.id).not.toBe(job.id)
    })

    it('is free again after 24 hours', async () => {
      const parts = await open()
      vi.useFakeTimers({ toFake: ['Date'] })
      onTestFinished(() => void vi.useRealTimers())
      const { job } = await send(parts, 'photo')
      const day = 24 * 60 * 60 * 1000
      vi.setSystemTime(job.submittedAt + day - 1000)
      expect(await send(parts, 'photo')).toMatchObject({ isReplay: true })
      vi.setSystemTime(job.submittedAt + day)
      const next = await send(parts, 'another photo')
      expect(next.isReplay).toBe(false)
      expect(next.job.id).not.toBe(job.id)
      expect(await send(parts, 'another photo')).toEqual({ job: next.job, isReplay: true })
    })

    it('is forgotten on demand', async () => {
      const parts = await open()
      const { job } = await send(parts, 'photo')
      expect(await parts.jobs.forgetKeys(job.submittedAt)).toBe(0)
      expect(await parts.jobs.forgetKeys(job.submittedAt + 1)).toBe(1)
      expect(await send(parts, 'photo')).toMatchObject({ isReplay: false })
    })
  })
})

describe('a result that is known', () => {
  onEachDatabase((makeTarget) => {
    const open = async () => openJobs(await makeTarget())

    /** A job of a photo that has succeeded, and was begun by hand. */
    async function recognise(parts: JobParts, options: Partial<Submission> = {}): Promise<JobRecord> {
      const job = await submitPhoto(parts, 'photo', options)
      await startJob(parts, job)
      await succeedJob(parts, job)
      return job
    }

    it('is that of the same photo when it comes again, at once', async () => {
      const parts = await open()
      const first = await recognise(parts)
      const heard = listen(parts)
      const tags = { trip: 'rome' }
      const again = await submitPhoto(parts, 'photo', { fileName: 'again.png', priority: 3, tags })
      expect(again).toMatchObject({
        status: 'SUCCEEDED',
        isReused: true,
        result: RESULT,
        thumbnailType: 'image/webp',
        fileName: 'again.png',
        priority: 3,
        tags,
        run: 1,
        attempts: 0,
        worker: null,
        startedAt: null,
        endedAt: again.submittedAt,
      })
      expect(again.id).not.toBe(first.id)
      expect(await parts.jobs.find(again.id)).toEqual(again)
      expect(await parts.jobs.history(again.id)).toEqual([])
      // Nobody is to deal it, and no run of it was there to end.
      expect(heard).toEqual([`${again.id} is SUCCEEDED`])
      expect(parts.jobs.changes.counts).toEqual({ ...NONE, SUCCEEDED: 2 })
      expect(await parts.store.countByStatus()).toEqual({ ...NONE, SUCCEEDED: 2 })
      expect(await parts.jobs.waitForEnd(again.id, 60_000)).toEqual(again)
      // Nor does it cost its owner a turn.
      expect((await submitPhoto(parts, 'next')).rank).toBe(first.rank + 1)
    })

    it('is there for everyone who comes at once, and while one job has it', async () => {
      const parts = await open()
      const first = await recognise(parts)
      const several = await Promise.all(Array.from({ length: 5 }, () => submitPhoto(parts, 'photo')))
      expect(several.map(({ isReused }) => isReused)).toEqual(Array(5).fill(true))
      await parts.jobs.delete(first.id)
      expect(await submitPhoto(parts, 'photo')).toMatchObject({ status: 'SUCCEEDED', result: RESULT })
      expect(parts.jobs.changes.counts).toEqual({ ...NONE, SUCCEEDED: 6 })
    })

    it.each<[string, string, Partial<Submission>]>([
      ['by whoever wants a fresh one', 'photo', { fresh: true }],
      ['by another owner', 'photo', { owner: 'bob' }],
      ['for another photo', 'another photo', {}],
    ])('is not taken %s', async (_who, fileName, options) => {
      const parts = await open()
      await recognise(parts)
      const job = await submitPhoto(parts, fileName, options)
      expect(job).toMatchObject({ status: 'QUEUED', isReused: false, result: null, thumbnailType: null })
      expect(parts.jobs.changes.counts).toEqual({ ...NONE, SUCCEEDED: 1, QUEUED: 1 })
    })

    it.each([
      ['another model serves', 'e'.repeat(64)],
      ['no model serves', null],
    ])('is not taken while %s', async (_what, model) => {
      const parts = await open()
      await recognise(parts)
      const jobs = await reopen(parts, model)
      expect(await submitPhoto({ ...parts, jobs })).toMatchObject({ status: 'QUEUED', isReused: false })
      expect(await submitPhoto({ ...parts, jobs }, 'photo')).toMatchObject({
        status: 'QUEUED',
        isReused: false,
        result: null,
      })
    })

    it.each<[string, (parts: JobParts, job: JobRecord) => Promise<unknown>]>([
      ['waits', async () => undefined],
      ['runs', startJob],
      [
        'has failed',
        async (parts, job) => {
          await startJob(parts, job)
          await parts.recorder.settle(attemptOf(job), FAILED)
        },
      ],
      ['was cancelled', (parts, job) => parts.jobs.cancel(job.id)],
      [
        'was deleted',
        async (parts, job) => {
          await startJob(parts, job)
          await succeedJob(parts, job)
          await parts.jobs.delete(job.id)
        },
      ],
      [
        'waits once more',
        async (parts, job) => {
          await startJob(parts, job)
          await succeedJob(parts, job)
          await parts.jobs.retry(job.id)
        },
      ],
    ])('is none where the earlier job %s', async (_what, make) => {
      const parts = await open()
      await make(parts, await submitPhoto(parts, 'photo'))
      expect(await submitPhoto(parts, 'photo')).toMatchObject({ status: 'QUEUED', isReused: false })
    })

    it('is forgotten by a job that is retried', async () => {
      const parts = await open()
      await recognise(parts)
      const again = await submitPhoto(parts, 'photo')
      const heard = listen(parts)
      const retried = await parts.jobs.retry(again.id)
      expect(retried).toMatchObject({
        status: 'QUEUED',
        run: 2,
        isReused: false,
        result: null,
        endedAt: null,
      })
      expect(heard).toEqual([`${again.id} is QUEUED`, `${again.id} waits in run 2`])
      expect(parts.jobs.changes.counts).toEqual({ ...NONE, SUCCEEDED: 1, QUEUED: 1 })
      await startJob(parts, retried)
      await succeedJob(parts, retried)
      expect(await parts.jobs.find(again.id)).toMatchObject({
        status: 'SUCCEEDED',
        isReused: false,
        attempts: 1,
      })
      expect(await parts.jobs.history(again.id)).toMatchObject([{ run: 2, end: 'succeeded' }])
    })

    it('makes one job of a key that comes twice', async () => {
      const parts = await open()
      await recognise(parts)
      const send = async () => parts.jobs.submit(await uploadPhoto(parts, 'photo', { idempotencyKey: 'key' }))
      const { job } = await send()
      expect(job).toMatchObject({ status: 'SUCCEEDED', isReused: true })
      expect(await send()).toEqual({ job, isReplay: true })
    })
  })
})

describe('cancel', () => {
  it('ends a job that waits, and one that runs', async () => {
    const parts = await openJobs()
    const [waiting, running] = [await submitPhoto(parts), await submitAndStart(parts)]
    const heard = listen(parts)
    expect(await parts.jobs.cancel(waiting.id)).toMatchObject({ id: waiting.id, status: 'CANCELLED' })
    expect(await parts.jobs.cancel(running.id)).toMatchObject({ id: running.id, status: 'CANCELLED' })
    expect(heard).toEqual(
      [waiting, running].flatMap(({ id }) => [`${id} is CANCELLED`, `${id} has ended in run 1`]),
    )
    expect(parts.jobs.changes.counts).toEqual({ ...NONE, CANCELLED: 2 })
    expect(await parts.jobs.history(running.id)).toMatchObject([{ end: 'revoked' }])
  })

  it('is no error for a job that is cancelled, and told again: maybe nobody heard of it', async () => {
    const parts = await openJobs()
    const { id } = await submitPhoto(parts)
    const cancelled = await parts.jobs.cancel(id)
    const heard = listen(parts)
    expect(await parts.jobs.cancel(id)).toEqual(cancelled)
    expect(heard).toEqual([`${id} is CANCELLED`, `${id} has ended in run 1`])
    expect(parts.jobs.changes.counts).toEqual({ ...NONE, CANCELLED: 1 })
  })

  it('is refused for a job that has ended otherwise, or is not there', async () => {
    const parts = await openJobs()
    const job = await submitAndStart(parts)
    await succeedJob(parts, job)
    await expect(parts.jobs.cancel(job.id)).rejects.toMatchObject({
      code: 'job/ended',
      message: expect.stringContaining('SUCCEEDED'),
    })
    await expect(parts.jobs.cancel('none')).rejects.toMatchObject({ code: 'job/not-found' })
    expect(parts.jobs.changes.counts).toEqual({ ...NONE, SUCCEEDED: 1 })
  })
})

describe('retry', () => {
  it('queues a job that has ended as its next run, at a new place', async () => {
    const parts = await openJobs()
    const job = await submitAndStart(parts)
    const other = await submitPhoto(parts, 'other.png')
    await parts.recorder.settle(attemptOf(job), FAILED)
    const heard = listen(parts)
    const retried = await parts.jobs.retry(job.id)
    expect(retried).toMatchObject({ id: job.id, status: 'QUEUED', run: 2, attempts: 0, errorCode: null })
    expect(retried.rank).toBeGreaterThan(other.rank)
    expect(heard).toEqual([`${job.id} is QUEUED`, `${job.id} waits in run 2`])
    expect(parts.jobs.changes.counts).toEqual({ ...NONE, QUEUED: 2 })
    expect(await parts.jobs.history(job.id)).toMatchObject([{ run: 1, end: 'failed' }])

    await startJob(parts, retried)
    await succeedJob(parts, retried)
    expect(heard.slice(2)).toEqual([
      `${job.id} is RUNNING`,
      `${job.id} is SUCCEEDED`,
      `${job.id} has ended in run 2`,
    ])
  })

  it('is refused for a job that has not ended, or is not there', async () => {
    const parts = await openJobs()
    const [waiting, running] = [await submitPhoto(parts), await submitAndStart(parts)]
    const heard = listen(parts)
    for (const [id, status] of Object.entries({ [waiting.id]: 'QUEUED', [running.id]: 'RUNNING' })) {
      await expect(parts.jobs.retry(id)).rejects.toMatchObject({
        code: 'job/not-ended',
        message: expect.stringContaining(status),
      })
    }
    await expect(parts.jobs.retry('none')).rejects.toMatchObject({ code: 'job/not-found' })
    expect(heard).toEqual([])
  })

  it('starts one run for two who want it at once', async () => {
    const parts = await openJobs()
    const { id } = await submitPhoto(parts)
    await parts.jobs.cancel(id)
    const results = await Promise.allSettled([parts.jobs.retry(id), parts.jobs.retry(id)])
    expect(results).toMatchObject([{ value: { run: 2 } }, { reason: { code: 'job/not-ended' } }])
    expect(parts.jobs.changes.counts).toEqual({ ...NONE, QUEUED: 1 })
  })
})

describe('remove', () => {
  it('removes those that have ended, with their history', async () => {
    const parts = await openJobs()
    const [waiting, ended, kept] = [
      await submitPhoto(parts),
      await submitAndStart(parts),
      await submitAndStart(parts),
    ]
    await succeedJob(parts, ended)
    await parts.jobs.cancel(kept.id)
    const heard = listen(parts)
    expect(await parts.jobs.removeEnded([waiting.id, ended.id, 'none'])).toBe(1)
    expect(await parts.jobs.find(ended.id)).toBeNull()
    expect(await parts.jobs.history(ended.id)).toEqual([])
    expect(heard).toEqual([`${ended.id} removed`])
    expect(parts.jobs.changes.counts).toEqual({ ...NONE, QUEUED: 1, CANCELLED: 1 })
  })
})

describe('delete', () => {
  it('removes a job that has ended, with its history', async () => {
    const parts = await openJobs()
    const job = await submitAndStart(parts)
    await succeedJob(parts, job)
    const heard = listen(parts)
    await parts.jobs.delete(job.id)
    expect(await parts.jobs.find(job.id)).toBeNull()
    expect(await parts.jobs.history(job.id)).toEqual([])
    expect(heard).toEqual([`${job.id} removed`])
    expect(parts.jobs.changes.counts).toEqual(NONE)
  })

  it('ends a job that has not ended, so that its worker is told', async () => {
    const parts = await openJobs()
    const [waiting, running] = [await submitPhoto(parts, 'waiting'), await submitAndStart(parts, 'running')]
    const heard = listen(parts)
    await parts.jobs.delete(waiting.id)
    await parts.jobs.delete(running.id)
    expect(heard).toEqual(
      [waiting, running].flatMap(({ id }) => [`${id} has ended in run 1`, `${id} removed`]),
    )
    expect(parts.jobs.changes.counts).toEqual(NONE)
    expect(await parts.store.countByStatus()).toEqual(NONE)
    // What its worker sends all the same is of no use.
    expect(await succeedJob(parts, running)).toBeNull()
    expect(parts.jobs.changes.counts).toEqual(NONE)
  })

  it('fails for a job that there is not, and for one that is deleted already', async () => {
    const parts = await openJobs()
    const { id } = await submitPhoto(parts)
    await expect(parts.jobs.delete('none')).rejects.toMatchObject({ code: 'job/not-found' })
    await parts.jobs.delete(id)
    const heard = listen(parts)
    await expect(parts.jobs.delete(id)).rejects.toMatchObject({ code: 'job/not-found' })
    expect(heard).toEqual([])
    expect(parts.jobs.changes.counts).toEqual(NONE)
  })

  it('lets those go who wait for its end', async () => {
    const parts = await openJobs()
    const { id } = await submitPhoto(parts)
    const waiting = parts.jobs.waitForEnd(id, 60_000)
    // Handled before it is looked at.
    waiting.catch(() => undefined)
    await parts.jobs.delete(id)
    await expect(waiting).rejects.toMatchObject({ code: 'job/not-found' })
  })
})

describe('deleteAll', () => {
  /** More than two requests to the database remove. */
  const MANY = 250

  /** A service that has so many jobs that wait. */
  async function openMany(target?: Parameters<typeof openJobs>[0]): Promise<JobParts> {
    const parts = await openJobs(target)
    await parts.committer.commit(async (transaction) => {
      const store = new JobStore(transaction)
      for (let number = 0; number < MANY; number += 1) {
        await store.insert(newJob(`job-${number}`, { owner: number % 2 === 0 ? 'ann' : 'bob' }))
      }
    })
    return { ...parts, jobs: await reopen(parts) }
  }

  /** The clock by which a request ends. */
  function setClock(now: () => number): void {
    const clock = vi.spyOn(performance, 'now').mockImplementation(now)
    onTestFinished(() => clock.mockRestore())
  }

  it.each<[string, JobFilter, string[]]>([
    ['the owner', { owner: 'ann' }, ['ann failed', 'ann waits']],
    ['the state', { status: ['QUEUED', 'RUNNING'] }, ['ann waits', 'bob runs']],
    ['the state and the owner', { status: ['QUEUED', 'RUNNING'], owner: 'ann' }, ['ann waits']],
    ['a tag', { tag: ['trip=rome'] }, ['bob runs']],
    ['the beginning of the name', { fileName: 'bob' }, ['bob runs']],
    ['nothing', {}, ['ann failed', 'ann waits', 'bob runs']],
    ['what no job has', { owner: 'eve' }, []],
  ])('removes jobs by %s, and no others', async (_what, filter, gone) => {
    const parts = await openJobs()
    const jobs = [
      await submitPhoto(parts, 'ann failed', { owner: 'ann' }),
      await submitPhoto(parts, 'ann waits', { owner: 'ann' }),
      await submitPhoto(parts, 'bob runs', { owner: 'bob', tags: { trip: 'rome' } }),
    ]
    const [failed, , running] = jobs
    for (const job of [failed, running]) if (job) await startJob(parts, job)
    if (failed) await parts.recorder.settle(attemptOf(failed), FAILED)
    const heard = listen(parts)

    expect(await parts.jobs.deleteAll(filter)).toEqual({ deleted: gone.length, next: null })

    const left = (await parts.store.newest(10)).map(({ fileName }) => fileName)
    expect(left.sort()).toEqual(jobs.map(({ fileName }) => fileName).filter((name) => !gone.includes(name)))
    expect(parts.jobs.changes.counts).toEqual(await parts.store.countByStatus())
    // Those that have ended end no more.
    const ended = jobs.filter(({ fileName }) => gone.includes(fileName) && fileName !== 'ann failed')
    expect(heard.filter((line) => line.includes('has ended')).sort()).toEqual(
      ended.map(({ id }) => `${id} has ended in run 1`).sort(),
    )
  })

  onEachDatabase((makeTarget) => {
    it('goes on behind the first hundred', async () => {
      setClock(() => 0)
      const parts = await openMany(await makeTarget())
      const removed: string[] = []
      parts.jobs.changes.onRemoved((ids) => removed.push(...ids))
      expect(await parts.jobs.deleteAll({ owner: 'ann' })).toEqual({ deleted: MANY / 2, next: null })
      expect(new Set(removed).size).toBe(MANY / 2)
      expect(parts.jobs.changes.counts).toEqual({ ...NONE, QUEUED: MANY / 2 })
      expect(await parts.store.countByStatus()).toEqual({ ...NONE, QUEUED: MANY / 2 })
      expect(await parts.jobs.deleteAll({})).toEqual({ deleted: MANY / 2, next: null })
      expect(parts.jobs.changes.counts).toEqual(NONE)
    })
  })

  it('stops when its time is over, and says so, until it is sent often enough', async () => {
    let now = 0
    setClock(() => {
      now += 1000
      return now
    })
    const parts = await openMany()
    const first = await parts.jobs.deleteAll({})
    expect(first).toEqual({ deleted: 50, next: expect.any(String) })
    expect(parts.jobs.changes.counts).toEqual({ ...NONE, QUEUED: MANY - 50 })
    let { deleted, next } = first
    while (next !== null) {
      const more = await parts.jobs.deleteAll({ cursor: next })
      expect(more.deleted).toBe(Math.min(50, MANY - deleted))
      deleted += more.deleted
      next = more.next
    }
    expect(deleted).toBe(MANY)
    expect(await parts.jobs.deleteAll({})).toEqual({ deleted: 0, next: null })
    expect(await parts.store.countByStatus()).toEqual(NONE)
  })

  it('comes behind jobs that do not match, however many there are', async () => {
    const parts = await openJobs()
    // More than one look finds, and each of the two filters alone means more than can be picked.
    const count = SCAN_JOBS + 2 * FEW_JOBS
    await parts.database.transaction(async (transaction) => {
      for (let from = 0; from < count; from += 500) {
        const rows = Array.from({ length: 500 }, (_, at) => {
          const number = from + at
          const isLast = number === count - 1
          const owner = number > SCAN_JOBS || isLast ? 'ann' : 'bob'
          const status = number <= SCAN_JOBS || isLast ? ('FAILED' as const) : ('QUEUED' as const)
          return { ...toRow(newJob(`job-${number}`, { owner, submittedAt: number })), status }
        })
        await transaction('jobs').insert(rows)
      }
    })
    const jobs = await reopen(parts)
    let now = 0
    setClock(() => {
      now += 1000
      return now
    })
    const filter = { owner: 'bob', status: ['QUEUED' as const] }
    expect(await jobs.deleteAll(filter)).toEqual({ deleted: 0, next: expect.any(String) })
    let deleted = 0
    let cursor: string | undefined
    for (let request = 0; request < 10 && cursor !== ''; request += 1) {
      const answer = await jobs.deleteAll({ owner: 'ann', status: ['FAILED'], cursor })
      deleted += answer.deleted
      cursor = answer.next ?? ''
    }
    expect([deleted, cursor]).toEqual([1, ''])
    expect((await parts.store.find(`job-${count - 1}`))?.id).toBeUndefined()
  })

  it('takes a job off its worker, whose success then is of no use', async () => {
    const parts = await openJobs()
    const job = await submitAndStart(parts)
    const ended = vi.fn()
    parts.jobs.changes.onEnd(ended)
    expect(await parts.jobs.deleteAll({})).toEqual({ deleted: 1, next: null })
    expect(ended.mock.calls).toEqual([[job.id, 1]])
    expect(await succeedJob(parts, job)).toBeNull()
    expect(parts.jobs.changes.counts).toEqual(NONE)
    expect(await parts.jobs.find(job.id)).toBeNull()
  })
})

describe('list', () => {
  it('hands out jobs a page at a time, the newest first, with the next cursor and the total', async () => {
    const parts = await openJobs()
    const submitted: JobRecord[] = []
    for (const name of ['a', 'b', 'c', 'd', 'e']) submitted.push(await submitPhoto(parts, name))
    const newest = submitted.toReversed()
    const first = await parts.jobs.list(jobQuerySchema.parse({ limit: '2' }))
    expect(first).toMatchObject({ total: 5, next: expect.any(String) })
    expect(first.jobs).toEqual(newest.slice(0, 2))
    const second = await parts.jobs.list(jobQuerySchema.parse({ limit: '3', cursor: first.next }))
    expect(second).toEqual({ jobs: newest.slice(2), next: null, total: 5 })
  })

  it('filters, and is in the order that is asked for', async () => {
    const parts = await openJobs()
    const jobs = [
      await submitPhoto(parts, 'beach', { owner: 'ann', tags: { trip: 'rome' } }),
      await submitPhoto(parts, 'bird', { owner: 'bob' }),
      await submitPhoto(parts, 'bike', { owner: 'ann' }),
    ]
    const namesOf = async (query: object) =>
      (await parts.jobs.list(jobQuerySchema.parse(query))).jobs.map(({ fileName }) => fileName)
    expect(await namesOf({ owner: 'ann', sort: 'submitted' })).toEqual(['beach', 'bike'])
    expect(await namesOf({ owner: 'ann', tag: ['trip=rome'] })).toEqual(['beach'])
    expect(await namesOf({ fileName: 'bi' })).toEqual(['bike', 'bird'])
    // Those that have not ended are in no list by their end.
    expect(await namesOf({ sort: 'ended' })).toEqual([])
    for (const { id } of jobs) await parts.jobs.cancel(id)
    expect(await namesOf({ sort: 'ended', owner: 'bob' })).toEqual(['bird'])
    expect((await namesOf({ sort: '-ended' })).sort()).toEqual(['beach', 'bike', 'bird'])
  })

  it('refuses a cursor that is of another list', async () => {
    const parts = await openJobs()
    for (const name of ['a', 'b']) await submitPhoto(parts, name)
    const { next: cursor } = await parts.jobs.list(jobQuerySchema.parse({ limit: '1' }))
    await expect(parts.jobs.list(jobQuerySchema.parse({ sort: 'submitted', cursor }))).rejects.toMatchObject({
      code: 'request/invalid',
    })
  })
})

describe('the counters', () => {
  it('follow every change, and only those that happened', async () => {
    const parts = await openJobs()
    const { jobs, recorder } = parts
    const count = () => jobs.changes.counts
    expect(count()).toEqual(NONE)
    const job = await submitPhoto(parts)
    expect(count()).toEqual({ ...NONE, QUEUED: 1 })
    await startJob(parts, job)
    await startJob(parts, job)
    expect(count()).toEqual({ ...NONE, RUNNING: 1 })
    await recorder.settle(attemptOf(job), RETURNED)
    await recorder.settle(attemptOf(job), RETURNED)
    expect(count()).toEqual({ ...NONE, QUEUED: 1 })
    await startJob(parts, job, 2)
    await recorder.settle(attemptOf(job), FAILED)
    expect(count()).toEqual({ ...NONE, RUNNING: 1 })
    await succeedJob(parts, job)
    await succeedJob(parts, job, 2)
    await succeedJob(parts, job)
    expect(count()).toEqual({ ...NONE, SUCCEEDED: 1 })
    await jobs.retry(job.id)
    expect(count()).toEqual({ ...NONE, QUEUED: 1 })
    await jobs.cancel(job.id)
    await jobs.cancel(job.id)
    expect(count()).toEqual({ ...NONE, CANCELLED: 1 })
    await jobs.removeEnded([job.id])
    await jobs.removeEnded([job.id])
    expect(count()).toEqual(NONE)
  })

  it('are those of the store after a crowd of changes that race', async () => {
    const parts = await openJobs()
    const submitted = await Promise.all(
      Array.from({ length: 12 }, (_, number) => submitPhoto(parts, `photo ${number}`)),
    )
    await Promise.all(submitted.flatMap((job) => [startJob(parts, job), startJob(parts, job, 2)]))
    await Promise.all(
      submitted.flatMap((job, number) => {
        const ways = [
          () => succeedJob(parts, job),
          () => parts.recorder.settle(attemptOf(job), FAILED),
          () =>
            parts.jobs.cancel(job.id).catch((error) => expect(error).toMatchObject({ code: 'job/ended' })),
          () => parts.recorder.settle(attemptOf(job), RETURNED),
        ]
        return [0, 1, 2, 3].map((way) => ways[(way + number) % 4]?.())
      }),
    )
    expect(parts.jobs.changes.counts).toEqual(await parts.store.countByStatus())
    expect(parts.jobs.changes.counts.RUNNING).toBe(0)
  })

  it('begin with what the store holds, jobs that ran being queued again', async () => {
    const parts = await openJobs()
    const [running, ended] = [await submitAndStart(parts), await submitAndStart(parts)]
    await parts.recorder.settle(attemptOf(ended), FAILED)
    const reopened = await reopen(parts)
    expect(reopened.changes.counts).toEqual({ ...NONE, QUEUED: 1, FAILED: 1 })
    expect(await reopened.find(running.id)).toMatchObject({ status: 'QUEUED', attempts: 1 })
    expect(await reopened.history(running.id)).toMatchObject([{ end: 'restarted' }])
  })

  it('are right again after an outage in which a commit had an effect that nobody was told', async () => {
    const parts = await openJobs()
    await submitPhoto(parts)
    const comeBack = inPlaceOf(parts.database, 'COMMIT;', async (run) => {
      await run('COMMIT;')
      comeBack()
      throw Object.assign(new Error('connection lost'), { code: 'ECONNRESET' })
    })
    await expect(submitPhoto(parts)).rejects.toMatchObject({ code: 'store/unavailable' })
    expect(parts.jobs.changes.counts).toEqual({ ...NONE, QUEUED: 1 })
    await vi.waitFor(() => expect(parts.jobs.changes.counts).toEqual({ ...NONE, QUEUED: 2 }), 5000)
    expect(await parts.store.countByStatus()).toEqual({ ...NONE, QUEUED: 2 })
  })
})

describe('listeners', () => {
  it('hear of a change when it is on disk', async () => {
    const parts = await openJobs()
    const job = await submitAndStart(parts)
    const found = new Promise((resolve) => {
      parts.jobs.changes.onChange((id) => resolve(parts.store.find(id)))
    })
    await parts.recorder.settle(attemptOf(job), FAILED)
    expect(await found).toMatchObject({ status: 'FAILED', errorCode: 'image/unreadable' })
  })
})

describe('waitForEnd', () => {
  /** No test waits for so long. */
  const LONG_MS = 60_000

  it.each<[JobStatus, (parts: JobParts, job: JobRecord) => Promise<unknown>]>([
    ['SUCCEEDED', (parts, job) => succeedJob(parts, job)],
    ['FAILED', (parts, job) => parts.recorder.settle(attemptOf(job), FAILED)],
    ['CANCELLED', (parts, job) => parts.jobs.cancel(job.id)],
  ])('returns the job when it has %s', async (status, end) => {
    const parts = await openJobs()
    const job = await submitAndStart(parts)
    const waiting = parts.jobs.waitForEnd(job.id, LONG_MS)
    await end(parts, job)
    expect(await waiting).toMatchObject({ id: job.id, status })
  })

  it('returns at once a job that had ended before', async () => {
    const parts = await openJobs()
    const job = await submitAndStart(parts)
    await parts.recorder.settle(attemptOf(job), FAILED)
    expect(await parts.jobs.waitForEnd(job.id, LONG_MS)).toMatchObject({ status: 'FAILED' })
  })

  it('waits through all states that are no end, and for no other job', async () => {
    const parts = await openJobs()
    const [job, other] = [await submitPhoto(parts), await submitAndStart(parts)]
    let ended = false
    const waiting = parts.jobs.waitForEnd(job.id, LONG_MS).finally(() => {
      ended = true
    })
    await startJob(parts, job)
    await parts.recorder.settle(attemptOf(other), FAILED)
    await parts.recorder.settle(attemptOf(job), RETURNED)
    await startJob(parts, job, 2)
    expect(ended).toBe(false)
    await parts.recorder.settle(attemptOf(job, 2), FAILED)
    expect(await waiting).toMatchObject({ id: job.id, status: 'FAILED', attempts: 2 })
  })

  it('returns the job as it is when the time is over', async () => {
    const parts = await openJobs()
    const job = await submitPhoto(parts)
    expect(await parts.jobs.waitForEnd(job.id, 1)).toMatchObject({ status: 'QUEUED' })
  })

  it('fails for a job that there is not', async () => {
    const { jobs } = await openJobs()
    await expect(jobs.waitForEnd('none', 1000)).rejects.toThrow('none')
  })
})

describe('changes of jobs', () => {
  it('are numbered in their order, each job by its last one', async () => {
    const parts = await openJobs()
    const revisionOf = async (id: string) => (await parts.jobs.find(id))?.revision ?? 0
    const first = await submitPhoto(parts, 'first')
    const second = await submitPhoto(parts, 'second')
    expect(second.revision).toBeGreaterThan(first.revision)
    expect(second.createdRevision).toBe(second.revision)
    let last = second.revision
    const steps = [
      () => startJob(parts, first),
      () => succeedJob(parts, first),
      () => parts.jobs.retry(first.id),
      () => parts.jobs.cancel(first.id),
    ]
    for (const step of steps) {
      await step()
      const revision = await revisionOf(first.id)
      expect(revision).toBeGreaterThan(last)
      expect(parts.committer.revisions.committed).toBeGreaterThanOrEqual(revision)
      last = revision
    }
    expect(await parts.jobs.find(first.id)).toMatchObject({ createdRevision: first.revision })
    // Nor is the other one touched.
    expect(await revisionOf(second.id)).toBe(second.revision)
  })

  it('leave word of jobs that are removed, however that comes about', async () => {
    const parts = await openJobs()
    await makeBatch(parts, 'batch')
    const jobs = await Promise.all(
      ['a', 'b', 'c'].map((name) => submitPhoto(parts, name, { batch: 'batch' })),
    )
    const [a = '', b = '', c = ''] = jobs.map(({ id }) => id)
    const before = parts.committer.revisions.committed
    await parts.jobs.cancel(b)
    await parts.jobs.delete(a)
    await parts.jobs.removeEnded([b, c])
    await parts.jobs.deleteAll({})
    const { committed } = parts.committer.revisions
    const { changes } = await new ChangeLog(parts.database).read(before, committed, 10)
    expect(changes.map(({ id, batch, job }) => [id, batch, job])).toEqual([
      [a, 'batch', null],
      [b, 'batch', null],
      [c, 'batch', null],
    ])
    expect(await parts.jobs.forgetRemovals(Date.now() + 1)).toBe(3)
    expect(await parts.jobs.forgetRemovals(Date.now() + 1)).toBe(0)
    expect((await new ChangeLog(parts.database).read(before, committed, 10)).changes).toEqual([])
  })

  it('go on behind those of the master before', async () => {
    const parts = await openJobs()
    const kept = await submitAndStart(parts, 'kept')
    const gone = await submitPhoto(parts, 'gone')
    await parts.jobs.delete(gone.id)
    const { committed } = parts.committer.revisions
    await parts.committer.stop()

    const committer = new Committer(parts.database, silentLog)
    onTestFinished(() => committer.stop())
    const jobs = await reopen({ ...parts, committer })
    // It ran when the master went.
    const queued = await jobs.find(kept.id)
    expect(queued?.status).toBe('QUEUED')
    expect(queued?.revision).toBeGreaterThan(committed)
    expect(committer.revisions.committed).toBe(queued?.revision)
    const next = await submitPhoto({ ...parts, jobs }, 'next')
    expect(next.revision).toBeGreaterThan(queued?.revision ?? Number.POSITIVE_INFINITY)
  })
})
