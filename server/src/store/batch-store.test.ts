import type { JobStatus } from '@argus/shared'
import type { Knex } from 'knex'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  attemptId,
  LONG_OWNER,
  type MakeTarget,
  NO_CHARGES,
  newJob,
  onEachDatabase,
  openUntilEnd,
  revisions,
  workerNamed,
} from '../../testing/store.ts'
import { RESULT } from '../../testing/unit.ts'
import { type BatchRecord, BatchStore } from './batch-store.ts'
import { classify } from './database-errors.ts'
import type { NewJob } from './job-record.ts'
import { JobStore } from './job-store.ts'
import { JobTransitions } from './job-transitions.ts'
import { KeyStore } from './key-store.ts'

const NOW = 1_700_000_000_000

function newBatch(id: string, changes: Partial<BatchRecord> = {}): BatchRecord {
  return { id, name: null, owner: 'ann', createdAt: NOW, cancelledAt: null, ...changes }
}

function ids(records: ReadonlyArray<{ id: string }>): string[] {
  return records.map(({ id }) => id)
}

function contract(makeTarget: MakeTarget): void {
  let database: Knex
  let batches: BatchStore
  let jobs: JobStore
  let transitions: JobTransitions

  beforeEach(async () => {
    database = await openUntilEnd(await makeTarget())
    batches = new BatchStore(database)
    jobs = new JobStore(database)
    transitions = new JobTransitions(database, revisions)
  })

  /** Inserts a job and brings it into a state. */
  async function insertAs(status: JobStatus, job: NewJob, endedAt = NOW): Promise<void> {
    const attempt = attemptId(job.id, 1)
    await jobs.insert(job)
    if (status === 'CANCELLED') await transitions.cancel(job.id, endedAt)
    if (status === 'QUEUED' || status === 'CANCELLED') return
    await transitions.start(attempt, workerNamed('w'), NO_CHARGES, NOW)
    if (status === 'SUCCEEDED') {
      const classes = [0, 1, 2, 3, 4].map((index) => ({ index, probability: 0.1 }))
      const success = { result: { ...RESULT, classes }, thumbnailType: null, worker: workerNamed('w') }
      await transitions.succeed(attempt, success, endedAt)
    } else if (status === 'FAILED') {
      const error = { code: 'image/unreadable', detail: '' } as const
      await transitions.settle(attempt, { ...NO_CHARGES, status, why: 'failed', error }, endedAt)
    }
  }

  describe('a batch', () => {
    it('is kept as it was given', async () => {
      const full = newBatch('a', { name: '🏖'.repeat(200), owner: LONG_OWNER, cancelledAt: NOW + 5 })
      await batches.insert(full)
      await batches.insert(newBatch('b'))
      expect(await batches.find('a')).toEqual(full)
      expect(await batches.find('b')).toEqual(newBatch('b'))
      expect(await batches.find('c')).toBeNull()
    })

    it('takes an id only once', async () => {
      await batches.insert(newBatch('a'))
      const error = await batches.insert(newBatch('a', { owner: 'bob' })).catch((thrown) => thrown)
      expect(classify(error)).toBe('constraint')
      expect(await batches.find('a')).toEqual(newBatch('a'))
    })

    it('is open until it is cancelled', async () => {
      await batches.insert(newBatch('a'))
      expect(await batches.refusal('a')).toBeNull()
      await batches.cancel('a', NOW + 1)
      expect(await batches.refusal('a')).toMatchObject({ code: 'batch/cancelled' })
      expect(await batches.refusal('none')).toMatchObject({ code: 'batch/not-found' })
    })

    it('keeps the time of its first cancellation, and is alone in it', async () => {
      for (const id of ['a', 'b']) await batches.insert(newBatch(id))
      await batches.cancel('a', NOW + 1)
      await batches.cancel('a', NOW + 2)
      await batches.cancel('none', NOW + 3)
      expect(await batches.find('a')).toEqual(newBatch('a', { cancelledAt: NOW + 1 }))
      expect(await batches.find('b')).toEqual(newBatch('b'))
    })
  })

  describe('the list', () => {
    const all = Array.from({ length: 30 }, (_, number) =>
      newBatch(`batch-${String((number * 7) % 30).padStart(2, '0')}`, {
        // Ten of each time.
        createdAt: NOW + (number % 3),
        owner: number % 4 === 0 ? 'bob' : 'ann',
      }),
    )
    const newestFirst = all.toSorted(
      (one, other) => other.createdAt - one.createdAt || (one.id < other.id ? 1 : -1),
    )

    beforeEach(async () => {
      for (const batch of all) await batches.insert(batch)
    })

    async function pages(owner: string | undefined, limit: number): Promise<BatchRecord[][]> {
      const read: BatchRecord[][] = []
      let page = await batches.list(owner, null, limit)
      // Bounded, as a page that comes again would go on for ever.
      while (page.length > 0 && read.length <= all.length) {
        read.push(page)
        page = await batches.list(owner, page.at(-1) ?? null, limit)
      }
      return read
    }

    it('has the newest first, and of those of one time those of the higher id', async () => {
      expect(await batches.list(undefined, null, 100)).toEqual(newestFirst)
    })

    it.each([1, 4, 10, 29])('can be read %i at a time', async (limit) => {
      const read = await pages(undefined, limit)
      expect(read.flat()).toEqual(newestFirst)
      expect(read.slice(0, -1).every(({ length }) => length === limit)).toBe(true)
    })

    it.each(['ann', 'bob'])('can be of one owner alone (%s)', async (owner) => {
      const mine = newestFirst.filter((batch) => batch.owner === owner)
      expect(mine.length).toBeGreaterThan(5)
      expect((await pages(owner, 3)).flat()).toEqual(mine)
    })

    it('is empty where an owner has none', async () => {
      expect(await batches.list('Ann', null, 10)).toEqual([])
    })
  })

  describe('its jobs', () => {
    /** All but the last two are in the batch. */
    async function fill(): Promise<void> {
      const batch = 'batch'
      await insertAs('QUEUED', newJob('q1', { batch }))
      await insertAs('QUEUED', newJob('q2', { batch, truth: 3 }))
      await insertAs('RUNNING', newJob('r1', { batch }))
      await insertAs('SUCCEEDED', newJob('s1', { batch }), NOW + 1)
      await insertAs('SUCCEEDED', newJob('s2', { batch, truth: 0 }), NOW + 2)
      await insertAs('SUCCEEDED', newJob('s3', { batch, truth: 0 }), NOW + 3)
      await insertAs('SUCCEEDED', newJob('s4', { batch, truth: 4 }), NOW + 4)
      await insertAs('SUCCEEDED', newJob('s5', { batch, truth: 900 }), NOW + 5)
      await insertAs('FAILED', newJob('f1', { batch, truth: 1 }), NOW + 6)
      await insertAs('CANCELLED', newJob('c1', { batch }), NOW + 7)
      await insertAs('SUCCEEDED', newJob('x1', { batch: 'other', truth: 0 }), NOW + 8)
      await insertAs('CANCELLED', newJob('x2'), NOW + 9)
    }

    it('are counted by their state and the place of their truth', async () => {
      await fill()
      const tally = await batches.tally('batch')
      const expected = [
        { status: 'QUEUED', truthPlace: null, jobs: 2 },
        { status: 'RUNNING', truthPlace: null, jobs: 1 },
        { status: 'SUCCEEDED', truthPlace: null, jobs: 1 },
        { status: 'SUCCEEDED', truthPlace: 0, jobs: 1 },
        { status: 'SUCCEEDED', truthPlace: 1, jobs: 2 },
        { status: 'SUCCEEDED', truthPlace: 5, jobs: 1 },
        { status: 'FAILED', truthPlace: null, jobs: 1 },
        { status: 'CANCELLED', truthPlace: null, jobs: 1 },
      ]
      expect(tally).toHaveLength(expected.length)
      expect(tally).toEqual(expect.arrayContaining(expected))
      expect(await batches.tally('none')).toEqual([])
    })

    it('tell when those ended that changed last, of so many at most', async () => {
      await fill()
      expect(await batches.latestEnds('batch', 3)).toEqual([NOW + 7, NOW + 6, NOW + 5])
      expect(await batches.latestEnds('batch', 100)).toEqual([7, 6, 5, 4, 3, 2, 1].map((at) => NOW + at))
      // One that waits again has changed last, and has no end.
      await transitions.retry('s5', 1, NOW + 10)
      const [first, second] = await batches.latestEnds('batch', 2)
      expect([first, second]).toEqual([NOW + 7, NOW + 6])
      expect(await batches.latestEnds('batch', 100)).toHaveLength(6)
      expect(await batches.latestEnds('none', 3)).toEqual([])
    })

    it('can be found by their states', async () => {
      await fill()
      const inStates = async (statuses: JobStatus[], limit = 100) =>
        (await batches.jobsIn('batch', statuses, limit)).toSorted()
      expect(await inStates(['QUEUED', 'RUNNING'])).toEqual(['q1', 'q2', 'r1'])
      expect(await inStates(['SUCCEEDED'])).toEqual(['s1', 's2', 's3', 's4', 's5'])
      expect(await inStates(['FAILED', 'CANCELLED'])).toEqual(['c1', 'f1'])
      expect(await inStates(['SUCCEEDED'], 2)).toHaveLength(2)
      expect(await batches.jobsIn('none', ['QUEUED'], 10)).toEqual([])
    })

    it('can be found among those that have not changed since a revision', async () => {
      const batch = 'batch'
      for (const id of ['a', 'b', 'c']) await jobs.insert(newJob(id, { batch }))
      const { revision: upTo = 0 } = (await jobs.find('b')) ?? {}
      expect((await batches.jobsIn(batch, ['QUEUED'], 10, upTo)).toSorted()).toEqual(['a', 'b'])
      await transitions.cancel('a', NOW)
      await transitions.retry('a', 1, NOW)
      expect(await batches.jobsIn(batch, ['QUEUED'], 10, upTo)).toEqual(['b'])
      expect((await batches.jobsIn(batch, ['QUEUED'], 10)).toSorted()).toEqual(['a', 'b', 'c'])
    })

    it.each([1, 4, 10, 100])('are read in the order of their submit, %i at a time', async (limit) => {
      const all = Array.from({ length: 30 }, (_, number) =>
        newJob(`job-${String((number * 7) % 30).padStart(2, '0')}`, {
          batch: number % 6 === 5 ? 'other' : 'batch',
          submittedAt: NOW + (number % 3),
        }),
      )
      for (const job of all) await jobs.insert(job)
      const expected = all
        .filter(({ batch }) => batch === 'batch')
        .toSorted((one, other) => one.submittedAt - other.submittedAt || (one.id < other.id ? -1 : 1))
      const read: string[] = []
      let page = await batches.jobs('batch', null, limit)
      while (page.length > 0 && read.length < all.length) {
        expect(page.length).toBeLessThanOrEqual(limit)
        read.push(...ids(page))
        page = await batches.jobs('batch', page.at(-1) ?? null, limit)
      }
      expect(page).toEqual([])
      expect(read).toEqual(ids(expected))
    })

    it('are read as they are', async () => {
      await insertAs('SUCCEEDED', newJob('a', { batch: 'batch', truth: 2 }))
      expect(await batches.jobs('batch', null, 10)).toEqual([await jobs.find('a')])
    })
  })

  describe('an empty batch', () => {
    it('has no job, and was made before a time', async () => {
      for (const [number, id] of ['a', 'b', 'c', 'd'].entries()) {
        await batches.insert(newBatch(id, { createdAt: NOW + number }))
      }
      await insertAs('SUCCEEDED', newJob('job', { batch: 'b' }))
      expect(await batches.empty(NOW + 3, 10)).toHaveLength(2)
      expect((await batches.empty(NOW + 3, 10)).toSorted()).toEqual(['a', 'c'])
      expect(await batches.empty(NOW + 3, 1)).toHaveLength(1)
      expect(await batches.empty(NOW, 10)).toEqual([])
      await jobs.remove(['job'], revisions, NOW)
      expect((await batches.empty(NOW + 3, 10)).toSorted()).toEqual(['a', 'b', 'c'])
    })

    it('is removed with the key that made it, and no other', async () => {
      const keys = new KeyStore(database)
      for (const id of ['a', 'b', 'c']) {
        await batches.insert(newBatch(id))
        await keys.insert({ owner: 'ann', key: `key of ${id}`, fingerprint: '', madeId: id }, NOW)
      }
      expect(await batches.remove(['a', 'c', 'none'])).toBe(2)
      expect(ids(await batches.list(undefined, null, 10))).toEqual(['b'])
      const kept = await Promise.all(['a', 'b', 'c'].map((id) => keys.find('ann', `key of ${id}`, NOW + 1)))
      expect(kept.map((key) => key?.madeId)).toEqual([undefined, 'b', undefined])
      expect(await batches.remove(['a'])).toBe(0)
      expect(await batches.remove([])).toBe(0)
    })
  })
}

describe('the batch store', () => onEachDatabase(contract))
