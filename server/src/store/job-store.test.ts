import type { JobStatus } from '@argus/shared'
import type { Knex } from 'knex'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import {
  attemptId,
  LONG_NAME,
  LONG_OWNER,
  lastRevision,
  type MakeTarget,
  NO_CHARGES,
  newJob,
  onEachDatabase,
  openUntilEnd,
  revisions,
  workerNamed,
} from '../../testing/store.ts'
import { RESULT, silentLog, tempFolder } from '../../testing/unit.ts'
import { compare } from '../jobs/window.ts'
import { AttemptStore } from './attempt-store.ts'
import { openDatabase } from './database.ts'
import { classify } from './database-errors.ts'
import type { NewJob } from './job-record.ts'
import { JobStore } from './job-store.ts'
import { JobTransitions } from './job-transitions.ts'
import { KeyStore } from './key-store.ts'

function ids(jobs: ReadonlyArray<{ id: string }>): string[] {
  return jobs.map(({ id }) => id)
}

/** Another order, the same each time, and none in which a database could happen to hand rows out. */
function shuffled<T>(items: readonly T[]): T[] {
  return items.map((_, at) => items[(at * 29 + 7) % items.length]).filter((item) => item !== undefined)
}

function contract(makeTarget: MakeTarget): void {
  let database: Knex
  let store: JobStore

  beforeEach(async () => {
    database = await openUntilEnd(await makeTarget())
    store = new JobStore(database)
  })

  /** Brings a job, which is inserted first, into a state. */
  async function insertAs(status: JobStatus, job: NewJob, endedAt = 2000): Promise<void> {
    const jobs = new JobTransitions(database, revisions)
    const attempt = attemptId(job.id, 1)
    await store.insert(job)
    if (status === 'QUEUED') return
    await jobs.start(attempt, workerNamed('w'), NO_CHARGES, 1000)
    if (status === 'SUCCEEDED') {
      const success = { result: RESULT, thumbnailType: 'image/webp', worker: workerNamed('w') } as const
      await jobs.succeed(attempt, success, endedAt)
    } else if (status === 'FAILED') {
      const error = { code: 'image/unreadable', detail: 'cut off' } as const
      await jobs.settle(attempt, { ...NO_CHARGES, status, why: 'failed', error }, endedAt)
    } else if (status === 'CANCELLED') {
      await jobs.cancel(job.id, endedAt)
    }
  }

  describe('a new job', () => {
    it('is kept as it was given, waiting', async () => {
      const job = newJob('a', {
        fileName: LONG_NAME,
        owner: LONG_OWNER,
        priority: -100,
        rank: 0.1 + 0.2,
        sha256: 'b'.repeat(64),
        imageType: 'image/avif',
        tags: { trip: 'Straße 東京', camera: '' },
        batch: 'c'.repeat(36),
        truth: 999,
        revision: 9_000_000_000,
      })
      const inserted = await store.insert(job)
      expect(await store.find('a')).toEqual({
        ...job,
        createdRevision: job.revision,
        truthPlace: null,
        status: 'QUEUED',
        queuedAt: job.submittedAt,
        thumbnailType: null,
        startedAt: null,
        endedAt: null,
        run: 1,
        attempts: 0,
        worker: null,
        holder: null,
        isSuspect: false,
        losses: 0,
        failures: 0,
        result: null,
        isReused: false,
        errorCode: null,
        errorDetail: null,
      })
      expect(inserted).toEqual(await store.find('a'))
    })

    it('takes an id only once', async () => {
      await store.insert(newJob('a'))
      const error = await store.insert(newJob('a', { owner: 'other' })).catch((thrown) => thrown)
      expect(classify(error)).toBe('constraint')
      expect(await store.find('a')).toMatchObject({ owner: '127.0.0.1' })
    })
  })

  it('finds jobs by their ids, and none that there is not', async () => {
    for (const id of ['a', 'b', 'c']) await store.insert(newJob(id))
    expect(await store.find('d')).toBeNull()
    expect(ids(await store.findAll(['c', 'd', 'a'])).sort()).toEqual(['a', 'c'])
    expect(await store.findAll([])).toEqual([])
  })

  describe('the newest jobs', () => {
    it('come first, and of those of one time those of the higher id', async () => {
      const jobs = Array.from({ length: 30 }, (_, number) =>
        newJob(`job-${String(number).padStart(2, '0')}`, { submittedAt: 1000 + Math.floor(number / 10) }),
      )
      for (const job of shuffled(jobs)) await store.insert(job)
      const newest = ids(jobs).toReversed()
      expect(ids(await store.newest(100))).toEqual(newest)
      expect(ids(await store.newest(15))).toEqual(newest.slice(0, 15))
    })

    it('may be in any state', async () => {
      await insertAs('RUNNING', newJob('a'))
      await insertAs('SUCCEEDED', newJob('b'))
      await insertAs('CANCELLED', newJob('c'))
      await insertAs('QUEUED', newJob('d'))
      expect(ids(await store.newest(10))).toEqual(['d', 'c', 'b', 'a'])
    })
  })

  describe('the queue', () => {
    /** Three priorities, and ranks that are fractions and come several times. */
    const jobs = Array.from({ length: 60 }, (_, number) =>
      newJob(`job-${String(number).padStart(2, '0')}`, {
        priority: [5, 0, -3][number % 3],
        rank: Math.floor(number / 9) / 10,
      }),
    )
    const order = ids(jobs.toSorted(compare))

    beforeEach(async () => {
      for (const job of shuffled(jobs)) await store.insert(job)
    })

    it('is in the order of priority, rank and id', async () => {
      expect(ids(await store.queued(null, 100))).toEqual(order)
      expect(ids(await store.queued(null, 7))).toEqual(order.slice(0, 7))
    })

    it.each([1, 7, 20])(
      'can be read %i at a time, each page after the last job of the one before',
      async (limit) => {
        const read: string[] = []
        let page = await store.queued(null, limit)
        // Bounded, as a page that comes again would go on for ever.
        while (page.length > 0 && read.length < jobs.length) {
          read.push(...ids(page))
          page = await store.queued(page.at(-1) ?? null, limit)
        }
        expect(page).toEqual([])
        expect(read).toEqual(order)
      },
    )

    it('can be read after a place where no job is', async () => {
      expect(ids(await store.queued({ priority: 100, rank: 0, id: '' }, 100))).toEqual(order)
      expect(ids(await store.queued({ priority: 3, rank: 0, id: '' }, 100))).toEqual(order.slice(20))
      expect(ids(await store.queued({ priority: 0, rank: 99, id: '' }, 100))).toEqual(order.slice(40))
      expect(await store.queued({ priority: -4, rank: 0, id: '' }, 100)).toEqual([])
    })

    it('has only jobs that wait, and gives back its place to one that waits again', async () => {
      const [first = '', second = '', third = ''] = order
      const transitions = new JobTransitions(database, revisions)
      const lost = { ...NO_CHARGES, status: 'QUEUED', why: 'lost', error: null } as const
      await transitions.start(attemptId(first, 1), workerNamed('w'), NO_CHARGES, 1000)
      await transitions.start(attemptId(second, 1), workerNamed('w'), NO_CHARGES, 1000)
      await transitions.cancel(third, 1000)
      expect(ids(await store.queued(null, 2))).toEqual(order.slice(3, 5))
      await transitions.settle(attemptId(second, 1), lost, 2000)
      expect(ids(await store.queued(null, 2))).toEqual([second, order[3]])
    })
  })

  describe('the ranks', () => {
    it('are the lowest of a priority, and the highest of an owner in it, of jobs that wait', async () => {
      await store.insert(newJob('a', { owner: 'ann', rank: 3 }))
      await store.insert(newJob('b', { owner: 'ann', rank: 7.5 }))
      await store.insert(newJob('c', { owner: 'bob', rank: 2.25 }))
      await store.insert(newJob('d', { owner: 'ann', rank: 99, priority: 1 }))
      await insertAs('RUNNING', newJob('e', { owner: 'ann', rank: 1 }))
      await insertAs('CANCELLED', newJob('f', { owner: 'ann', rank: 98 }))
      expect(await store.ranks(0, 'ann')).toEqual({ lowest: 2.25, last: 7.5 })
      expect(await store.ranks(0, 'bob')).toEqual({ lowest: 2.25, last: 2.25 })
      expect(await store.ranks(1, 'ann')).toEqual({ lowest: 99, last: 99 })
    })

    it('are null where there are none', async () => {
      await store.insert(newJob('a', { owner: 'ann', rank: 3 }))
      expect(await store.ranks(0, 'Ann')).toEqual({ lowest: 3, last: null })
      expect(await store.ranks(-1, 'ann')).toEqual({ lowest: null, last: null })
    })
  })

  it('counts every state, those without jobs too', async () => {
    const none = { QUEUED: 0, RUNNING: 0, SUCCEEDED: 0, FAILED: 0, CANCELLED: 0 }
    expect(await store.countByStatus()).toEqual(none)
    const statuses = ['RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'QUEUED', 'QUEUED', 'FAILED'] as const
    for (const [number, status] of statuses.entries()) await insertAs(status, newJob(`job-${number}`))
    expect(await store.countByStatus()).toEqual({
      QUEUED: 2,
      RUNNING: 1,
      SUCCEEDED: 1,
      FAILED: 2,
      CANCELLED: 1,
    })
  })

  it('tells which photos a job refers to', async () => {
    await store.insert(newJob('a', { sha256: 'a'.repeat(64) }))
    await store.insert(newJob('b', { sha256: 'a'.repeat(64) }))
    await insertAs('FAILED', newJob('c', { sha256: 'c'.repeat(64) }))
    const asked = ['a', 'b', 'c'].map((letter) => letter.repeat(64))
    expect(await store.referenced(asked)).toEqual(new Set(['a'.repeat(64), 'c'.repeat(64)]))
    expect(await store.referenced([])).toEqual(new Set())
  })

  describe('jobs that have ended', () => {
    beforeEach(async () => {
      await insertAs('SUCCEEDED', newJob('d'), 1_700_000_000_300)
      await insertAs('FAILED', newJob('c'), 1_700_000_000_200)
      await insertAs('CANCELLED', newJob('a'), 1_700_000_000_300)
      await insertAs('SUCCEEDED', newJob('b', { bytes: 7, sha256: 'b'.repeat(64) }), 1_700_000_000_100)
      await insertAs('QUEUED', newJob('e'))
      await insertAs('RUNNING', newJob('f'))
    })

    it('are told before a time, those that ended first first, and of one time by id', async () => {
      expect(ids(await store.endedBefore(1_700_000_000_301, 10))).toEqual(['b', 'c', 'a', 'd'])
      expect(ids(await store.endedBefore(1_700_000_000_300, 10))).toEqual(['b', 'c'])
      expect(ids(await store.endedBefore(1_700_000_000_301, 3))).toEqual(['b', 'c', 'a'])
      expect(await store.endedBefore(0, 10)).toEqual([])
    })

    it('are told with what retention needs to know', async () => {
      expect(await store.oldestEnded(2)).toEqual([
        { id: 'b', sha256: 'b'.repeat(64), bytes: 7, endedAt: 1_700_000_000_100 },
        { id: 'c', sha256: 'a'.repeat(64), bytes: 5_000_000_000, endedAt: 1_700_000_000_200 },
      ])
      expect(ids(await store.oldestEnded(10))).toEqual(['b', 'c', 'a', 'd'])
    })

    it('are removed, with their attempts and keys, and no others', async () => {
      const attempts = new AttemptStore(database)
      const keys = new KeyStore(database)
      for (const madeId of ['b', 'c', 'f']) {
        await keys.insert({ owner: 'ann', key: `key of ${madeId}`, fingerprint: '', madeId }, 1000)
      }
      const removed = await store.remove(['a', 'b', 'e', 'f', 'none'], revisions, 5000)
      expect(removed.toSorted((one, other) => (one.id < other.id ? -1 : 1))).toEqual([
        { id: 'a', status: 'CANCELLED', run: 1 },
        { id: 'b', status: 'SUCCEEDED', run: 1 },
      ])
      expect(ids(await store.newest(10))).toEqual(['f', 'e', 'd', 'c'])
      const left = await Promise.all(['a', 'b', 'c', 'f'].map((id) => attempts.ofJob(id)))
      expect(left.map(({ length }) => length)).toEqual([0, 0, 1, 1])
      const kept = await Promise.all(['b', 'c', 'f'].map((id) => keys.find('ann', `key of ${id}`, 1001)))
      expect(kept.map((key) => key?.madeId)).toEqual([undefined, 'c', 'f'])
    })

    it('leave word where they were removed, each with a revision of its own', async () => {
      await insertAs('FAILED', newJob('in batch', { batch: 'batch' }))
      const last = lastRevision()
      await store.remove(['a', 'in batch', 'e', 'none'], revisions, 1_700_000_000_900)
      const rows = await database('removed_jobs').orderBy('job_id')
      expect(rows).toMatchObject([
        { job_id: 'a', batch_id: null, removed_at: 1_700_000_000_900 },
        { job_id: 'in batch', batch_id: 'batch', removed_at: 1_700_000_000_900 },
      ])
      expect(rows.map(({ revision }) => revision).toSorted()).toEqual([last + 1, last + 2])
      expect(lastRevision()).toBe(last + 2)
    })

    it('are removed in whatever state is named', async () => {
      const removed = await store.remove(['d', 'e', 'f'], revisions, 5000, ['QUEUED', 'RUNNING'])
      expect(removed.toSorted((one, other) => (one.id < other.id ? -1 : 1))).toEqual([
        { id: 'e', status: 'QUEUED', run: 1 },
        { id: 'f', status: 'RUNNING', run: 1 },
      ])
      expect(ids(await store.newest(10))).toEqual(['d', 'c', 'b', 'a'])
    })

    it('are removed once', async () => {
      expect(await store.remove(['a'], revisions, 5000)).toHaveLength(1)
      expect(await store.remove(['a'], revisions, 5000)).toEqual([])
      expect(await store.remove([], revisions, 5000)).toEqual([])
      expect(await database('removed_jobs')).toHaveLength(1)
    })
  })
}

describe('the job store', () => {
  onEachDatabase(contract)

  it('is of one process alone on SQLite, so that two masters cannot deal the same jobs', async () => {
    const file = `${await tempFolder()}/argus.sqlite`
    const first = await openDatabase({ file }, silentLog)
    onTestFinished(() => first.destroy())
    await expect(openDatabase({ file }, silentLog)).rejects.toThrow('in use by another master')
    await new JobStore(first).insert(newJob('a'))
  })
})
