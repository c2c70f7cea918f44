import { type AttemptEnd, problemCodeSchema } from '@argus/shared'
import type { Knex } from 'knex'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  attemptId,
  LONG_DETAIL,
  lastRevision,
  type MakeTarget,
  NO_CHARGES,
  newJob,
  onEachDatabase,
  openUntilEnd,
  revisions,
  workerNamed,
} from '../../testing/store.ts'
import { DIGEST, RESULT } from '../../testing/unit.ts'
import { type AttemptRecord, AttemptStore } from './attempt-store.ts'
import type { JobRecord } from './job-record.ts'
import { JobStore } from './job-store.ts'
import { type Change, JobTransitions, type Settlement, type Success } from './job-transitions.ts'

const FIRST = attemptId('a', 1)
const SECOND = attemptId('a', 2, 'two')
/** It has the number of the first, since a master that died had not written that one down. */
const TWIN = attemptId('a', 1, 'two')

const WORKER = workerNamed('worker one')
const OTHER = workerNamed('worker two')

const LOST: Settlement = { ...NO_CHARGES, isSuspect: true, status: 'QUEUED', why: 'lost', error: null }
const FAILED: Settlement = {
  isSuspect: true,
  losses: 2,
  failures: 1,
  status: 'FAILED',
  why: 'failed',
  error: { code: 'image/unreadable', detail: LONG_DETAIL },
}
const SUCCESS: Success = { result: RESULT, thumbnailType: 'image/webp', worker: WORKER }

const ENDED = ['SUCCEEDED', 'FAILED', 'CANCELLED'] as const

function contract(makeTarget: MakeTarget): void {
  let store: JobStore
  let attempts: AttemptStore
  let jobs: JobTransitions

  beforeEach(async () => {
    const database: Knex = await openUntilEnd(await makeTarget())
    store = new JobStore(database)
    attempts = new AttemptStore(database)
    jobs = new JobTransitions(database, revisions)
    await store.insert(newJob('a', { rank: 5, submittedAt: 500 }))
  })

  /** All that is known of the job. */
  async function known(id = 'a'): Promise<{ job: JobRecord; history: AttemptRecord[] }> {
    const job = await store.find(id)
    if (!job) throw new Error(`There is no job ${id}`)
    return { job, history: await attempts.ofJob(id) }
  }

  const job = async () => (await known()).job

  /** How its attempts ended, by worker. */
  async function ends(): Promise<Array<[worker: string, number: number, end: AttemptEnd | null]>> {
    return (await attempts.ofJob('a')).map(({ worker, number, end }) => [worker, number, end])
  }

  /** Expects that the transition answers so and changes nothing. */
  async function expectNoChange(transition: () => Promise<Change>, answer: 'repeated' | null): Promise<void> {
    const before = await known()
    expect(await transition()).toBe(answer)
    expect(await known()).toEqual(before)
  }

  const start = (id = FIRST, now = 1000) =>
    jobs.start(id, id.worker === 'one' ? WORKER : OTHER, NO_CHARGES, now)

  async function end(as: (typeof ENDED)[number]): Promise<void> {
    await start()
    if (as === 'SUCCEEDED') await jobs.succeed(FIRST, SUCCESS, 2000)
    else if (as === 'FAILED') await jobs.settle(FIRST, FAILED, 2000)
    else await jobs.cancel('a', 2000)
  }

  describe('of one job', () => {
    let other: unknown

    // It is like the job in everything but its id.
    beforeEach(async () => {
      await store.insert(newJob('b', { rank: 5, submittedAt: 500 }))
      await jobs.start({ ...FIRST, jobId: 'b' }, WORKER, NO_CHARGES, 1000)
      other = await known('b')
    })

    afterEach(async () => {
      expect(await known('b')).toEqual(other)
    })

    describe('start', () => {
      it('has the attempt hold the job', async () => {
        const charges = { isSuspect: true, losses: 1, failures: 2 }
        const before = await job()
        expect(await jobs.start(FIRST, WORKER, charges, 1000)).toEqual({
          run: 1,
          from: 'QUEUED',
          to: 'RUNNING',
        })
        expect(await known()).toEqual({
          job: {
            ...before,
            ...charges,
            revision: lastRevision(),
            status: 'RUNNING',
            worker: 'worker one',
            startedAt: 1000,
            attempts: 1,
            holder: { attempt: 1, worker: 'one' },
          },
          history: [
            {
              run: 1,
              number: 1,
              worker: 'worker one',
              engine: 'tfjs-wasm',
              model: DIGEST,
              startedAt: 1000,
              endedAt: null,
              end: null,
              errorCode: null,
              errorDetail: null,
            },
          ],
        })
      })

      it('has happened before where the attempt holds the job', async () => {
        await start()
        await expectNoChange(() => start(FIRST, 1500), 'repeated')
      })

      it('has happened before where a later attempt holds the job', async () => {
        await start()
        await jobs.settle(FIRST, { ...NO_CHARGES, status: 'QUEUED', why: 'lost', error: null }, 2000)
        await start(SECOND, 3000)
        await expectNoChange(() => start(FIRST, 4000), 'repeated')
      })

      it('is too late where another attempt holds the job, be it of the same number or worker', async () => {
        await start()
        await expectNoChange(() => start(SECOND), null)
        await expectNoChange(() => start(TWIN), null)
        await expectNoChange(() => start(attemptId('a', 2)), null)
      })

      it.each(ENDED)('is too late where the job has %s', async (status) => {
        await end(status)
        await expectNoChange(() => start(), null)
        await expectNoChange(() => start(SECOND), null)
      })

      it('is of the present run alone', async () => {
        await expectNoChange(() => start({ ...FIRST, run: 2 }), null)
        await end('FAILED')
        await jobs.retry('a', 9, 3000)
        await expectNoChange(() => start(), null)
        expect(await start({ ...FIRST, run: 2 })).toEqual({ run: 2, from: 'QUEUED', to: 'RUNNING' })
      })

      it('lets an attempt go on that seemed lost, since its first start and with its number', async () => {
        await start(FIRST, 1000)
        await jobs.settle(FIRST, LOST, 1100)
        await start(SECOND, 1200)
        await jobs.settle(SECOND, LOST, 1300)
        expect(await start(FIRST, 1400)).toEqual({ run: 1, from: 'QUEUED', to: 'RUNNING' })
        expect(await job()).toMatchObject({
          attempts: 2,
          holder: { attempt: 1, worker: 'one' },
          worker: 'worker one',
          startedAt: 1000,
        })
        expect(await ends()).toEqual([
          ['worker one', 1, null],
          ['worker two', 2, 'lost'],
        ])
      })

      it('takes another worker’s attempt of the same number for another one', async () => {
        await start(FIRST)
        await jobs.settle(FIRST, LOST, 1100)
        await start(TWIN, 1200)
        expect(await job()).toMatchObject({
          attempts: 1,
          holder: { attempt: 1, worker: 'two' },
          startedAt: 1200,
        })
        expect(await ends()).toEqual([
          ['worker one', 1, 'lost'],
          ['worker two', 1, null],
        ])
      })
    })

    describe('settle', () => {
      it('has the job wait again, in its place, with what it is charged with', async () => {
        const before = await job()
        await start()
        const charges = { isSuspect: true, losses: 2, failures: 1 }
        const error = { code: 'worker/timeout', detail: LONG_DETAIL } as const
        const settlement: Settlement = { ...charges, status: 'QUEUED', why: 'failed', error }
        expect(await jobs.settle(FIRST, settlement, 2000)).toEqual({ run: 1, from: 'RUNNING', to: 'QUEUED' })
        const after = await known()
        // Only that it was tried once is left on it.
        expect(after.job).toEqual({ ...before, ...charges, attempts: 1, revision: lastRevision() })
        expect(after.history).toMatchObject([
          { endedAt: 2000, end: 'failed', errorCode: 'worker/timeout', errorDetail: LONG_DETAIL },
        ])
      })

      it.each(['lost', 'expired', 'returned'] as const)('keeps that the attempt was %s', async (why) => {
        await start()
        await jobs.settle(FIRST, { ...NO_CHARGES, status: 'QUEUED', why, error: null }, 2000)
        expect((await known()).history).toMatchObject([{ endedAt: 2000, end: why, errorCode: null }])
      })

      it('fails the job', async () => {
        await start()
        const before = await job()
        expect(await jobs.settle(FIRST, FAILED, 2000)).toEqual({ run: 1, from: 'RUNNING', to: 'FAILED' })
        expect(await job()).toEqual({
          ...before,
          revision: lastRevision(),
          status: 'FAILED',
          holder: null,
          isSuspect: true,
          losses: 2,
          failures: 1,
          endedAt: 2000,
          errorCode: 'image/unreadable',
          errorDetail: LONG_DETAIL,
        })
        expect(await ends()).toEqual([['worker one', 1, 'failed']])
      })

      it('has room for the longest of all codes', async () => {
        const [code = 'image/unreadable'] = problemCodeSchema.options.toSorted(
          (one, other) => other.length - one.length,
        )
        await start()
        await jobs.settle(FIRST, { ...FAILED, error: { code, detail: '' } }, 2000)
        expect(await job()).toMatchObject({ errorCode: code, errorDetail: '' })
        expect((await known()).history).toMatchObject([{ errorCode: code, errorDetail: '' }])
      })

      it('is only the holder’s', async () => {
        await start()
        for (const id of [SECOND, TWIN, attemptId('a', 2), { ...FIRST, run: 2 }]) {
          await expectNoChange(() => jobs.settle(id, LOST, 2000), null)
          await expectNoChange(() => jobs.settle(id, FAILED, 2000), null)
        }
      })

      it('is too late for an attempt that lost the job, even one of the holder’s number', async () => {
        await start()
        await jobs.settle(FIRST, LOST, 2000)
        await expectNoChange(() => jobs.settle(FIRST, FAILED, 2100), null)
        await start(TWIN)
        await expectNoChange(() => jobs.settle(FIRST, FAILED, 2200), null)
      })

      it.each(ENDED)('is too late where the job has %s', async (status) => {
        await end(status)
        await expectNoChange(() => jobs.settle(FIRST, LOST, 3000), null)
        await expectNoChange(() => jobs.settle(SECOND, FAILED, 3000), null)
      })

      it('is too late for an attempt of an earlier run', async () => {
        await end('CANCELLED')
        await jobs.retry('a', 9, 3000)
        await start({ ...FIRST, run: 2 })
        await expectNoChange(() => jobs.settle(FIRST, LOST, 4000), null)
      })

      it.each([LOST, FAILED])('has happened before where the attempt ended so (%#)', async (settlement) => {
        await start()
        await jobs.settle(FIRST, settlement, 2000)
        await expectNoChange(() => jobs.settle(FIRST, settlement, 2100), 'repeated')
        await start(SECOND, 2200)
        await expectNoChange(() => jobs.settle(FIRST, settlement, 2300), 'repeated')
      })
    })

    describe('succeed', () => {
      const ended = { status: 'SUCCEEDED', holder: null, endedAt: 2000, thumbnailType: 'image/webp' } as const

      it('ends the job with its result', async () => {
        await start()
        const before = await job()
        expect(await jobs.succeed(FIRST, SUCCESS, 2000)).toEqual({ run: 1, from: 'RUNNING', to: 'SUCCEEDED' })
        expect(await job()).toEqual({ ...before, ...ended, revision: lastRevision(), result: RESULT })
        expect((await known()).history).toMatchObject([{ startedAt: 1000, endedAt: 2000, end: 'succeeded' }])
      })

      it('comes from an attempt that lost the job, which waits', async () => {
        await start(FIRST, 1000)
        const error = { code: 'worker/failed', detail: 'late' } as const
        await jobs.settle(FIRST, { ...LOST, why: 'failed', error }, 1100)
        expect(await jobs.succeed(FIRST, SUCCESS, 2000)).toEqual({ run: 1, from: 'QUEUED', to: 'SUCCEEDED' })
        expect(await job()).toMatchObject({ ...ended, worker: 'worker one', startedAt: 1000, attempts: 1 })
        expect((await known()).history).toMatchObject([
          { startedAt: 1000, endedAt: 2000, end: 'succeeded', errorCode: null, errorDetail: null },
        ])
      })

      it('comes from an attempt that was never written down', async () => {
        expect(await jobs.succeed(FIRST, SUCCESS, 2000)).toEqual({ run: 1, from: 'QUEUED', to: 'SUCCEEDED' })
        expect(await job()).toMatchObject({ ...ended, worker: 'worker one', startedAt: 2000, result: RESULT })
        expect((await known()).history).toMatchObject([
          {
            run: 1,
            number: 1,
            worker: 'worker one',
            engine: 'tfjs-wasm',
            model: DIGEST,
            startedAt: 2000,
            endedAt: 2000,
            end: 'succeeded',
          },
        ])
      })

      it.each([
        ['another number', attemptId('a', 2)],
        ['another worker', TWIN],
        ['another number and worker', SECOND],
      ])('comes from an attempt that lost the job to one of %s, which is revoked', async (_what, holder) => {
        await start(FIRST, 1000)
        await jobs.settle(FIRST, LOST, 1100)
        await start(holder, 1200)
        expect(await jobs.succeed(FIRST, SUCCESS, 2000)).toEqual({ run: 1, from: 'RUNNING', to: 'SUCCEEDED' })
        expect(await job()).toMatchObject({ ...ended, worker: 'worker one', startedAt: 1000 })
        expect(await attempts.find(FIRST)).toMatchObject({ end: 'succeeded', endedAt: 2000 })
        expect(await attempts.find(holder)).toMatchObject({ end: 'revoked', endedAt: 2000 })
      })

      it('comes from an attempt that was never written down while its twin holds the job', async () => {
        await start(TWIN, 1200)
        expect(await jobs.succeed(FIRST, SUCCESS, 2000)).toEqual({ run: 1, from: 'RUNNING', to: 'SUCCEEDED' })
        expect(await job()).toMatchObject({ ...ended, worker: 'worker one', startedAt: 2000 })
        expect(await ends()).toEqual([
          ['worker two', 1, 'revoked'],
          ['worker one', 1, 'succeeded'],
        ])
      })

      it.each(ENDED)('is too late for all others where the job has %s', async (status) => {
        await end(status)
        await expectNoChange(() => jobs.succeed(SECOND, SUCCESS, 3000), null)
        await expectNoChange(() => jobs.succeed(TWIN, SUCCESS, 3000), null)
        if (status !== 'SUCCEEDED') await expectNoChange(() => jobs.succeed(FIRST, SUCCESS, 3000), null)
      })

      it('is of the present run alone', async () => {
        await expectNoChange(() => jobs.succeed({ ...FIRST, run: 2 }, SUCCESS, 2000), null)
        await end('CANCELLED')
        await jobs.retry('a', 9, 3000)
        await expectNoChange(() => jobs.succeed(FIRST, SUCCESS, 4000), null)
      })

      it('has happened before where the attempt succeeded', async () => {
        await end('SUCCEEDED')
        await expectNoChange(() => jobs.succeed(FIRST, SUCCESS, 3000), 'repeated')
        await jobs.retry('a', 9, 4000)
        await expectNoChange(() => jobs.succeed(FIRST, SUCCESS, 5000), 'repeated')
      })
    })

    describe('cancel', () => {
      it('ends a job that waits', async () => {
        const before = await job()
        expect(await jobs.cancel('a', 2000)).toEqual({ run: 1, from: 'QUEUED', to: 'CANCELLED' })
        expect(await known()).toEqual({
          job: { ...before, revision: lastRevision(), status: 'CANCELLED', endedAt: 2000 },
          history: [],
        })
      })

      it('ends a job that runs, and revokes the attempt', async () => {
        await start(FIRST)
        await jobs.settle(FIRST, LOST, 1100)
        await start(SECOND, 1200)
        const before = await job()
        expect(await jobs.cancel('a', 2000)).toEqual({ run: 1, from: 'RUNNING', to: 'CANCELLED' })
        const revision = lastRevision()
        expect(await job()).toEqual({ ...before, revision, status: 'CANCELLED', endedAt: 2000, holder: null })
        expect(await ends()).toEqual([
          ['worker one', 1, 'lost'],
          ['worker two', 2, 'revoked'],
        ])
        expect(await attempts.find(SECOND)).toMatchObject({ endedAt: 2000 })
      })

      it('has happened before where the job is cancelled', async () => {
        await end('CANCELLED')
        await expectNoChange(() => jobs.cancel('a', 3000), 'repeated')
      })

      it.each(['SUCCEEDED', 'FAILED'] as const)('is too late where the job has %s', async (status) => {
        await end(status)
        await expectNoChange(() => jobs.cancel('a', 3000), null)
      })

      it('reaches the present run', async () => {
        await end('FAILED')
        await jobs.retry('a', 9, 3000)
        await start({ ...FIRST, run: 2 })
        expect(await jobs.cancel('a', 4000)).toEqual({ run: 2, from: 'RUNNING', to: 'CANCELLED' })
        expect(await ends()).toEqual([
          ['worker one', 1, 'failed'],
          ['worker one', 1, 'revoked'],
        ])
      })
    })

    describe('retry', () => {
      it.each(ENDED)('starts the next run of a job that has %s, at a new place', async (status) => {
        const submitted = await job()
        await end(status)
        const { history } = await known()
        const { thumbnailType } = await job()
        expect(await jobs.retry('a', 77.5, 3000)).toEqual({ run: 2, from: status, to: 'QUEUED' })
        // The thumbnail is the photo's, whichever run made it.
        const revision = lastRevision()
        const fresh = { ...submitted, revision, thumbnailType, run: 2, rank: 77.5, queuedAt: 3000 }
        expect(await known()).toEqual({ job: fresh, history })
      })

      it('is not for a job that has not ended', async () => {
        await expectNoChange(() => jobs.retry('a', 9, 3000), null)
        await start()
        await expectNoChange(() => jobs.retry('a', 9, 3000), null)
      })

      it('starts one run at a time', async () => {
        await end('FAILED')
        await jobs.retry('a', 9, 3000)
        await expectNoChange(() => jobs.retry('a', 10, 3100), null)
        await jobs.cancel('a', 3200)
        expect(await jobs.retry('a', 11, 3300)).toEqual({ run: 3, from: 'CANCELLED', to: 'QUEUED' })
      })
    })
  })

  it('change no job that there is not', async () => {
    const none = attemptId('none', 1)
    expect(await jobs.start(none, WORKER, NO_CHARGES, 1000)).toBeNull()
    expect(await jobs.settle(none, LOST, 1000)).toBeNull()
    expect(await jobs.succeed(none, SUCCESS, 1000)).toBeNull()
    expect(await jobs.cancel('none', 1000)).toBeNull()
    expect(await jobs.retry('none', 1, 1000)).toBeNull()
    expect(await store.find('none')).toBeNull()
    expect(await attempts.ofJob('none')).toEqual([])
  })

  it('queue all jobs that run at a restart, with what they are charged with, and no others', async () => {
    for (const id of ['b', 'c', 'd', 'e']) await store.insert(newJob(id))
    const charges = { isSuspect: true, losses: 1, failures: 2 }
    const before = await job()
    await jobs.start(FIRST, WORKER, charges, 1000)
    for (const jobId of ['b', 'c', 'd']) await jobs.start({ ...FIRST, jobId }, WORKER, NO_CHARGES, 1000)
    await jobs.succeed({ ...FIRST, jobId: 'c' }, SUCCESS, 1100)
    await jobs.cancel('d', 1100)
    const others = await Promise.all(['c', 'd', 'e'].map(known))

    await jobs.restart(2000)
    const { revision } = await job()
    expect(revision).toBeGreaterThan(before.revision)
    expect(await job()).toEqual({ ...before, ...charges, revision, attempts: 1 })
    expect((await known()).history).toMatchObject([{ endedAt: 2000, end: 'restarted' }])
    expect(await store.find('b')).toMatchObject({ status: 'QUEUED', holder: null })
    expect(await Promise.all(['c', 'd', 'e'].map(known))).toEqual(others)

    // A worker that comes back goes on.
    expect(await start(FIRST, 2100)).toMatchObject({ to: 'RUNNING' })
    expect(await ends()).toEqual([['worker one', 1, null]])
  })

  it('give each job that they change a revision of its own, the next one, and no other', async () => {
    await store.insert(newJob('b'))
    const other = await known('b')
    const steps: Array<() => Promise<Change>> = [
      () => start(FIRST),
      () => jobs.settle(FIRST, LOST, 1100),
      () => start(SECOND, 1200),
      () => jobs.settle(SECOND, FAILED, 1300),
      () => jobs.retry('a', 9, 1400),
      () => start({ ...FIRST, run: 2 }, 1500),
      () => jobs.succeed({ ...FIRST, run: 2 }, SUCCESS, 1600),
      () => jobs.retry('a', 10, 1700),
      () => jobs.succeed({ ...FIRST, run: 3 }, SUCCESS, 1800),
      () => jobs.retry('a', 11, 1900),
      () => jobs.cancel('a', 2000),
    ]
    const { createdRevision } = await job()
    for (const step of steps) {
      const last = lastRevision()
      expect(await step()).toMatchObject({ to: expect.any(String) })
      const { revision, ...rest } = await job()
      expect(revision).toBe(lastRevision())
      expect(revision).toBeGreaterThan(last)
      expect(rest.createdRevision).toBe(createdRevision)
    }
    expect(await known('b')).toEqual(other)
  })

  it('give each job that a restart queues again a revision of its own, and no other', async () => {
    const ids = ['b', 'c', 'd', 'e']
    for (const id of ids) await store.insert(newJob(id))
    for (const jobId of ['a', 'b', 'd', 'e']) await jobs.start({ ...FIRST, jobId }, WORKER, NO_CHARGES, 1000)
    await jobs.cancel('e', 1100)
    const [c, e] = [await known('c'), await known('e')]
    const last = lastRevision()
    await jobs.restart(2000)
    const restarted = (await store.findAll(['a', 'b', 'd'])).map(({ revision }) => revision)
    expect(restarted.toSorted((one, next) => one - next)).toEqual([last + 1, last + 2, last + 3])
    expect(lastRevision()).toBe(last + 3)
    expect([await known('c'), await known('e')]).toEqual([c, e])
  })

  describe('note the place of the truth', () => {
    const classes = [8, 3, 0, 999, 417].map((index, at) => ({ index, probability: 0.5 - at / 10 }))
    const result = { ...RESULT, classes }
    const five: Success = { ...SUCCESS, result }

    it.each<[string, number | null, number | null]>([
      ['the first', 8, 1],
      ['the second', 3, 2],
      ['the third, whose index is 0', 0, 3],
      ['the fourth', 999, 4],
      ['the fifth', 417, 5],
      ['none of the five', 7, 0],
      ['not known', null, null],
    ])('where it is %s', async (_what, truth, truthPlace) => {
      await store.insert(newJob('t', { truth }))
      const id = attemptId('t', 1)
      expect(await store.find('t')).toMatchObject({ truth, truthPlace: null })
      await jobs.start(id, WORKER, NO_CHARGES, 1000)
      expect(await store.find('t')).toMatchObject({ truth, truthPlace: null })
      await jobs.succeed(id, five, 2000)
      expect(await store.find('t')).toMatchObject({ truth, truthPlace, result })
      // A result that was there before is looked at alike.
      const known = { result, thumbnailType: 'image/webp' } as const
      const inserted = await store.insert(newJob('known', { truth }), known)
      expect(inserted).toMatchObject({ status: 'SUCCEEDED', truth, truthPlace, isReused: true })
      expect(await store.find('known')).toEqual(inserted)
      // The next run has no result yet.
      await jobs.retry('t', 5, 3000)
      expect(await store.find('t')).toMatchObject({ truth, truthPlace: null })
      const next = { ...id, run: 2 }
      await jobs.start(next, WORKER, NO_CHARGES, 4000)
      await jobs.succeed(next, { ...five, result: { ...RESULT, classes: classes.slice(1, 2) } }, 5000)
      const second = truth === null ? null : truth === 3 ? 1 : 0
      expect(await store.find('t')).toMatchObject({ truth, truthPlace: second })
    })

    it('by a success without a start too', async () => {
      await store.insert(newJob('t', { truth: 0 }))
      await jobs.succeed(attemptId('t', 1), five, 2000)
      expect(await store.find('t')).toMatchObject({ status: 'SUCCEEDED', truthPlace: 3 })
    })

    it('not where the job fails or is cancelled', async () => {
      for (const id of ['t', 'u']) await store.insert(newJob(id, { truth: 8 }))
      await jobs.start(attemptId('t', 1), WORKER, NO_CHARGES, 1000)
      await jobs.settle(attemptId('t', 1), FAILED, 2000)
      await jobs.cancel('u', 2000)
      expect(await store.find('t')).toMatchObject({ status: 'FAILED', truthPlace: null })
      expect(await store.find('u')).toMatchObject({ status: 'CANCELLED', truthPlace: null })
    })
  })
}

describe('transitions', () => onEachDatabase(contract))
