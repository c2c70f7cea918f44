import { randomUUID } from 'node:crypto'
import { type Batch, JOB_STATUSES, ProblemError } from '@argus/shared'
import { describe, expect, it } from 'vitest'
import { attemptOf, type JobParts, openJobs, startJob, submitPhoto, succeedJob } from '../../testing/unit.ts'
import { until } from '../../testing/until.ts'
import type { JobRecord } from '../store/job-record.ts'
import type { Settlement } from '../store/job-transitions.ts'
import { BatchService } from './batch-service.ts'

const FAILED: Settlement = {
  isSuspect: false,
  losses: 0,
  failures: 0,
  status: 'FAILED',
  why: 'failed',
  error: { code: 'image/unreadable', detail: 'cut off' },
}

interface Parts extends JobParts {
  readonly batches: BatchService
}

async function open(): Promise<Parts> {
  const parts = await openJobs()
  return { ...parts, batches: new BatchService(parts.database, parts.committer, parts.jobs) }
}

async function newBatch({ batches }: Parts, owner = 'Ada'): Promise<string> {
  return (await batches.create({ name: null, owner })).batch.id
}

/** Submits this many, one after the other. */
async function fill(parts: Parts, batch: string, count: number): Promise<JobRecord[]> {
  const made: JobRecord[] = []
  for (let number = 0; number < count; number += 1) {
    made.push(await submitPhoto(parts, `${batch}-${number}.png`, { batch }))
  }
  return made
}

async function failJob(parts: Parts, job: JobRecord): Promise<void> {
  await startJob(parts, job)
  await parts.recorder.settle(attemptOf(job), FAILED)
}

function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'done',
    (error) => (error instanceof ProblemError ? error.code : error),
  )
}

/** The counts that are not 0. */
function countsOf({ counts }: Batch) {
  return Object.fromEntries(JOB_STATUSES.flatMap((each) => (counts[each] > 0 ? [[each, counts[each]]] : [])))
}

async function jobsOf({ batches }: Parts, id: string): Promise<JobRecord[]> {
  const jobs: JobRecord[] = []
  for await (const job of batches.jobs(id)) jobs.push(job)
  return jobs
}

describe('making a batch', () => {
  it('is done twice without a key, and once with one', async () => {
    const { batches } = await open()
    const without = { name: 'a', owner: 'Ada' }
    const ids = [await batches.create(without), await batches.create(without)].map(({ batch }) => batch.id)
    expect(ids[0]).not.toBe(ids[1])
    const made = { ...without, idempotencyKey: 'one' }
    const first = await batches.create(made)
    expect(await batches.create(made)).toEqual({ batch: first.batch, isReplay: true })
    expect(first.isReplay).toBe(false)
  })

  it('is done once where the key comes several times at once', async () => {
    const { batches } = await open()
    const made = { name: 'a', owner: 'Ada', idempotencyKey: 'one' }
    const all = await Promise.all(Array.from({ length: 10 }, () => batches.create(made)))
    expect(new Set(all.map(({ batch }) => batch.id)).size).toBe(1)
    expect(all.filter(({ isReplay }) => !isReplay)).toHaveLength(1)
    expect((await batches.list({ limit: 100 })).batches).toHaveLength(1)
  })

  it('is refused where the key was for something else, of the same owner', async () => {
    const parts = await open()
    const { batches } = parts
    const key = { idempotencyKey: 'one' }
    await batches.create({ name: 'a', owner: 'Ada', ...key })
    expect(await codeOf(batches.create({ name: 'b', owner: 'Ada', ...key }))).toBe(
      'request/idempotency-mismatch',
    )
    expect(await codeOf(batches.create({ name: 'b', owner: 'Bob', ...key }))).toBe('done')
    expect(await codeOf(submitPhoto(parts, 'a.png', { owner: 'Ada', ...key }))).toBe(
      'request/idempotency-mismatch',
    )
  })
})

describe('a batch', () => {
  it('says how far it has come', async () => {
    const parts = await open()
    const id = await newBatch(parts)
    expect((await parts.batches.look(id)).batch).toMatchObject({
      total: 0,
      progress: 0,
      rate: null,
      secondsLeft: null,
    })
    const [done, failed, running, cancelled] = await fill(parts, id, 8)
    if (!done || !failed || !running || !cancelled) throw new Error('There are too few')
    expect((await parts.batches.look(id)).batch).toMatchObject({
      total: 8,
      progress: 0,
      rate: null,
      secondsLeft: null,
    })
    await startJob(parts, done)
    await succeedJob(parts, done)
    await failJob(parts, failed)
    await startJob(parts, running)
    await parts.jobs.cancel(cancelled.id)
    const { batch } = await parts.batches.look(id)
    expect(countsOf(batch)).toEqual({ QUEUED: 4, RUNNING: 1, SUCCEEDED: 1, FAILED: 1, CANCELLED: 1 })
    expect(batch).toMatchObject({ total: 8, progress: 3 / 8, rate: expect.any(Number) })
    expect(batch.rate).toBeGreaterThan(0)
    expect(batch.secondsLeft).toBeCloseTo(5 / (batch.rate ?? 0))
  })

  it('has the accuracy of those that were recognised and whose truth is known', async () => {
    const parts = await open()
    const id = await newBatch(parts)
    // RESULT is class 417.
    for (const [at, truth] of [417, 417, 1, null].entries()) {
      const job = await submitPhoto(parts, `${at}.png`, { batch: id, truth })
      await startJob(parts, job)
      await succeedJob(parts, job)
    }
    await failJob(parts, await submitPhoto(parts, 'failed.png', { batch: id, truth: 417 }))
    await submitPhoto(parts, 'waits.png', { batch: id, truth: 417 })
    expect((await parts.batches.look(id)).batch.accuracy).toEqual({ jobs: 3, top1: 2 / 3, top5: 2 / 3 })
  })

  it('has its jobs in the order of their submit, however many pages they are', async () => {
    const parts = await open()
    const id = await newBatch(parts)
    await fill(parts, await newBatch(parts), 3)
    // Some within the same millisecond.
    const made = await Promise.all(
      Array.from({ length: 401 }, (_, at) => submitPhoto(parts, `${at}.png`, { batch: id })),
    )
    const order = ({ submittedAt, id: job }: JobRecord) => `${submittedAt} ${job}`
    expect((await jobsOf(parts, id)).map(order)).toEqual(made.map(order).sort())
  })

  it('that there is not is told', async () => {
    const { batches } = await open()
    const id = randomUUID()
    for (const work of [batches.look(id), batches.cancel(id), batches.retryFailed(id), batches.delete(id)]) {
      expect(await codeOf(work)).toBe('batch/not-found')
    }
  })
})

describe('cancelling', () => {
  it('ends what has not ended, of this batch alone, and lets in no more', async () => {
    const parts = await open()
    const [id, other] = [await newBatch(parts), await newBatch(parts)]
    const [done, running] = await fill(parts, id, 150)
    await fill(parts, other, 2)
    if (!done || !running) throw new Error('There are too few')
    await startJob(parts, done)
    await succeedJob(parts, done)
    await startJob(parts, running)
    const batch = await parts.batches.cancel(id)
    expect(countsOf(batch)).toEqual({ SUCCEEDED: 1, CANCELLED: 149 })
    expect(batch).toMatchObject({ progress: 1, secondsLeft: 0, cancelledAt: expect.any(String) })
    expect(await codeOf(submitPhoto(parts, 'late.png', { batch: id }))).toBe('batch/cancelled')
    expect(countsOf((await parts.batches.look(other)).batch)).toEqual({ QUEUED: 2 })
    // Also with the time of the first.
    expect(await parts.batches.cancel(id)).toEqual(batch)
  })

  it('leaves none waiting that is submitted at the same time', async () => {
    const parts = await open()
    const id = await newBatch(parts)
    const submits = Array.from({ length: 60 }, (_, at) =>
      codeOf(submitPhoto(parts, `${at}.png`, { batch: id })),
    )
    await submits[10]
    await parts.batches.cancel(id)
    const codes = await Promise.all(submits)
    expect(new Set(codes)).toEqual(new Set(['done', ...codes.filter((code) => code === 'batch/cancelled')]))
    expect(countsOf((await parts.batches.look(id)).batch)).toEqual({
      CANCELLED: codes.filter((code) => code === 'done').length,
    })
  })
})

describe('retrying what failed', () => {
  it('has those wait again as their next run, and no others', async () => {
    const parts = await open()
    const id = await newBatch(parts)
    const [first, second, done, cancelled, waits] = await fill(parts, id, 5)
    if (!first || !second || !done || !cancelled || !waits) throw new Error('There are too few')
    await failJob(parts, first)
    await failJob(parts, second)
    await startJob(parts, done)
    await succeedJob(parts, done)
    await parts.jobs.cancel(cancelled.id)
    expect(countsOf(await parts.batches.retryFailed(id))).toEqual({ QUEUED: 3, SUCCEEDED: 1, CANCELLED: 1 })
    const runs = (await jobsOf(parts, id)).map((job) => [job.id, job.run])
    expect(runs).toEqual([
      [first.id, 2],
      [second.id, 2],
      [done.id, 1],
      [cancelled.id, 1],
      [waits.id, 1],
    ])
  })

  it('comes to its end where they fail again at once', async () => {
    const parts = await open()
    const id = await newBatch(parts)
    const jobs = await fill(parts, id, 3)
    for (const job of jobs) await failJob(parts, job)
    parts.jobs.changes.onQueued(({ id: job, run }) => {
      const held = { ...attemptOf({ id: job, run, sha256: 'a'.repeat(64) }) }
      void parts.jobs.find(job).then(async (record) => {
        if (!record) return
        await startJob(parts, record)
        await parts.recorder.settle(held, FAILED)
      })
    })
    await parts.batches.retryFailed(id)
    await until(async () => expect(countsOf((await parts.batches.look(id)).batch)).toEqual({ FAILED: 3 }))
    expect((await jobsOf(parts, id)).map(({ run }) => run)).toEqual([2, 2, 2])
  })
})

describe('deleting', () => {
  it('takes the jobs along, and the keys', async () => {
    const parts = await open()
    const made = { name: 'a', owner: 'Ada', idempotencyKey: 'one' }
    const { batch } = await parts.batches.create(made)
    const other = await newBatch(parts)
    const [done] = await fill(parts, batch.id, 130)
    await fill(parts, other, 2)
    if (!done) throw new Error('There are none')
    await startJob(parts, done)
    await succeedJob(parts, done)
    await parts.batches.delete(batch.id)
    expect(await codeOf(parts.batches.look(batch.id))).toBe('batch/not-found')
    expect(await parts.jobs.find(done.id)).toBeNull()
    expect(parts.jobs.changes.counts).toMatchObject({ QUEUED: 2, SUCCEEDED: 0 })
    expect((await parts.batches.look(other)).batch.total).toBe(2)
    expect((await parts.batches.create(made)).isReplay).toBe(false)
  })

  it('leaves no job of a batch that is gone, of submits at the same time', async () => {
    const parts = await open()
    const id = await newBatch(parts)
    const submits = Array.from({ length: 60 }, (_, at) =>
      codeOf(submitPhoto(parts, `${at}.png`, { batch: id })),
    )
    await submits[10]
    await parts.batches.delete(id)
    const codes = new Set(await Promise.all(submits))
    codes.delete('done')
    codes.delete('batch/cancelled')
    codes.delete('batch/not-found')
    expect([...codes]).toEqual([])
    expect(parts.jobs.changes.counts).toMatchObject({ QUEUED: 0, RUNNING: 0 })
    expect(await codeOf(parts.batches.look(id))).toBe('batch/not-found')
  })

  it('is done to batches that stay empty, when they are old', async () => {
    const parts = await open()
    const [empty, filled] = [await newBatch(parts), await newBatch(parts)]
    await fill(parts, filled, 1)
    expect(await parts.batches.removeEmpty(Date.now() - 60_000)).toBe(0)
    expect(await parts.batches.removeEmpty(Date.now() + 1)).toBe(1)
    expect(await codeOf(parts.batches.look(empty))).toBe('batch/not-found')
    expect((await parts.batches.look(filled)).batch.total).toBe(1)
  })
})
