import { join } from 'node:path'
import type { JobStatus } from '@argus/shared'
import type { Knex } from 'knex'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { RESULT, silentLog, tempFolder } from '../../testing/unit.ts'
import { openDatabase } from './database.ts'
import { type JobRecord, JobStore, type NewJob } from './job-store.ts'

/** A change of one job's state, as one of its attempts asks for it. */
type Change = 'start' | 'requeue' | 'succeed' | 'fail'

const CHANGES: readonly Change[] = ['start', 'requeue', 'succeed', 'fail']

/** How a job comes into a state, and what may happen to it there: nothing else may. */
const STATES: ReadonlyArray<{
  readonly what: string
  readonly before: ReadonlyArray<readonly [Change, number]>
  readonly allowed: ReadonlyArray<readonly [Change, number, JobStatus]>
}> = [
  { what: 'that waits', before: [], allowed: [['start', 1, 'RUNNING']] },
  {
    what: 'that runs',
    before: [['start', 1]],
    allowed: [
      ['requeue', 1, 'QUEUED'],
      ['succeed', 1, 'SUCCEEDED'],
      ['fail', 1, 'FAILED'],
    ],
  },
  {
    what: 'that waits again',
    before: [
      ['start', 1],
      ['requeue', 1],
    ],
    allowed: [['start', 2, 'RUNNING']],
  },
  {
    what: 'that runs again',
    before: [
      ['start', 1],
      ['requeue', 1],
      ['start', 2],
    ],
    allowed: [
      ['requeue', 2, 'QUEUED'],
      ['succeed', 2, 'SUCCEEDED'],
      ['fail', 2, 'FAILED'],
    ],
  },
  {
    what: 'that succeeded',
    before: [
      ['start', 1],
      ['succeed', 1],
    ],
    allowed: [],
  },
  {
    what: 'that failed',
    before: [
      ['start', 1],
      ['fail', 1],
    ],
    allowed: [],
  },
]

function newJob(id: string, submittedAt = 1_700_000_000_000): NewJob {
  const photo = { sha256: 'a'.repeat(64), imageType: 'image/jpeg', bytes: 5_000_000_000 } as const
  return {
    id,
    fileName: 'beach 😀.jpg',
    owner: '127.0.0.1',
    ...photo,
    width: 4000,
    height: 3000,
    submittedAt,
  }
}

function change(store: JobStore, id: string, what: Change, attempt: number): Promise<boolean> {
  switch (what) {
    case 'start':
      return store.start(id, attempt, `worker-${attempt}`, 1000 + attempt)
    case 'requeue':
      return store.requeue(id, attempt)
    case 'succeed':
      return store.succeed(id, attempt, RESULT, 'image/webp', 2000 + attempt)
    case 'fail':
      return store.fail(id, attempt, 'image/unreadable', 'It is cut off', 2000 + attempt)
  }
}

async function mustFind(store: JobStore, id: string): Promise<JobRecord> {
  const job = await store.find(id)
  if (!job) throw new Error(`There is no job ${id}`)
  return job
}

function ids(jobs: JobRecord[]): string[] {
  return jobs.map(({ id }) => id)
}

/**
 * What every database must do.
 *
 * @param open opens an empty one, which the contract closes
 */
function contract(open: () => Promise<Knex>): void {
  let store: JobStore

  beforeEach(async () => {
    const database = await open()
    onTestFinished(() => database.destroy())
    store = new JobStore(database)
  })

  it('keeps a new job as it was given, waiting', async () => {
    await store.insert(newJob('a'))
    expect(await store.find('a')).toEqual({
      ...newJob('a'),
      status: 'QUEUED',
      thumbnailType: null,
      startedAt: null,
      endedAt: null,
      attempts: 0,
      worker: null,
      result: null,
      errorCode: null,
      errorDetail: null,
    })
  })

  it('finds no job that there is not', async () => {
    expect(await store.find('a')).toBeNull()
  })

  it('takes an id only once', async () => {
    await store.insert(newJob('a'))
    await expect(store.insert(newJob('a'))).rejects.toThrow()
    expect(ids(await store.newest(10))).toEqual(['a'])
  })

  it('knows the worker and the time of a start', async () => {
    await store.insert(newJob('a'))
    await change(store, 'a', 'start', 1)
    expect(await store.find('a')).toMatchObject({ worker: 'worker-1', startedAt: 1001, attempts: 1 })
  })

  it('forgets the worker of a job that waits again, but not the attempt', async () => {
    await store.insert(newJob('a'))
    await change(store, 'a', 'start', 1)
    await change(store, 'a', 'requeue', 1)
    expect(await store.find('a')).toMatchObject({ worker: null, startedAt: null, attempts: 1 })
  })

  it('keeps a result', async () => {
    await store.insert(newJob('a'))
    await change(store, 'a', 'start', 1)
    await change(store, 'a', 'succeed', 1)
    expect(await store.find('a')).toMatchObject({
      result: RESULT,
      thumbnailType: 'image/webp',
      worker: 'worker-1',
      startedAt: 1001,
      endedAt: 2001,
      errorCode: null,
    })
  })

  it('keeps an error', async () => {
    await store.insert(newJob('a'))
    await change(store, 'a', 'start', 1)
    await change(store, 'a', 'fail', 1)
    expect(await store.find('a')).toMatchObject({
      errorCode: 'image/unreadable',
      errorDetail: 'It is cut off',
      endedAt: 2001,
      result: null,
    })
  })

  describe.each(STATES)('a job $what', ({ before, allowed }) => {
    beforeEach(async () => {
      await store.insert(newJob('a'))
      for (const [what, attempt] of before) expect(await change(store, 'a', what, attempt)).toBe(true)
    })

    it.each(CHANGES.flatMap((what) => [1, 2, 3].map((attempt) => ({ what, attempt }))))(
      'can $what as attempt $attempt where it may, and not otherwise',
      async ({ what, attempt }) => {
        await store.insert(newJob('b'))
        const found = await mustFind(store, 'a')
        const becomes = allowed.find((each) => each[0] === what && each[1] === attempt)?.[2]
        expect(await change(store, 'a', what, attempt)).toBe(becomes !== undefined)
        const now = await mustFind(store, 'a')
        if (becomes === undefined) expect(now).toEqual(found)
        else expect(now).toMatchObject({ status: becomes, attempts: attempt })
        expect((await mustFind(store, 'b')).status).toBe('QUEUED')
      },
    )
  })

  it('changes no job that there is not', async () => {
    for (const what of CHANGES) expect(await change(store, 'a', what, 1)).toBe(false)
    expect(await store.newest(10)).toEqual([])
  })

  it('lets only one of several starts that race happen', async () => {
    await store.insert(newJob('a'))
    const starts = await Promise.all(
      ['w1', 'w2', 'w3', 'w4'].map((worker) => store.start('a', 1, worker, 1000)),
    )
    expect(starts.filter((started) => started)).toHaveLength(1)
    expect((await mustFind(store, 'a')).worker).toBe(`w${starts.indexOf(true) + 1}`)
  })

  it('queues all jobs that run, and no other', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e']) await store.insert(newJob(id))
    for (const id of ['a', 'b', 'c', 'd']) await change(store, id, 'start', 1)
    await change(store, 'c', 'succeed', 1)
    await change(store, 'd', 'fail', 1)
    expect(await store.requeueAllRunning()).toBe(2)
    expect(await store.countByStatus()).toMatchObject({ QUEUED: 3, RUNNING: 0, SUCCEEDED: 1, FAILED: 1 })
    expect(await store.find('a')).toMatchObject({ worker: null, startedAt: null, attempts: 1 })
  })

  describe('with jobs of three times, two of them at once', () => {
    beforeEach(async () => {
      for (const [id, at] of Object.entries({ c: 30, b: 20, a: 20, d: 10 }))
        await store.insert(newJob(id, at))
    })

    it('deals the oldest first, and of those of one time the lower id', async () => {
      expect(ids(await store.nextQueued(10))).toEqual(['d', 'a', 'b', 'c'])
      expect(ids(await store.nextQueued(2))).toEqual(['d', 'a'])
    })

    it('deals only those that wait', async () => {
      await change(store, 'a', 'start', 1)
      expect(ids(await store.nextQueued(10))).toEqual(['d', 'b', 'c'])
    })

    it('keeps the place of a job that waits again', async () => {
      await change(store, 'd', 'start', 1)
      await change(store, 'd', 'requeue', 1)
      expect(ids(await store.nextQueued(10))).toEqual(['d', 'a', 'b', 'c'])
    })

    it('lists the newest first, whatever their states', async () => {
      await change(store, 'c', 'start', 1)
      expect(ids(await store.newest(10))).toEqual(['c', 'b', 'a', 'd'])
      expect(ids(await store.newest(2))).toEqual(['c', 'b'])
    })
  })

  it('counts every state, those without jobs too', async () => {
    expect(await store.countByStatus()).toEqual({
      QUEUED: 0,
      RUNNING: 0,
      SUCCEEDED: 0,
      FAILED: 0,
      CANCELLED: 0,
    })
    for (const id of ['a', 'b', 'c']) await store.insert(newJob(id))
    await change(store, 'a', 'start', 1)
    expect(await store.countByStatus()).toMatchObject({ QUEUED: 2, RUNNING: 1, SUCCEEDED: 0 })
  })
}

describe('the job store on SQLite', () => {
  contract(async () => openDatabase({ file: join(await tempFolder(), 'argus.sqlite') }, silentLog))

  it('is of one process alone, so that two masters cannot deal the same jobs', async () => {
    const file = join(await tempFolder(), 'argus.sqlite')
    const first = await openDatabase({ file }, silentLog)
    onTestFinished(() => first.destroy())
    await expect(openDatabase({ file }, silentLog)).rejects.toThrow('in use by another master')
    await new JobStore(first).insert(newJob('a'))
  })
})
