import { JOB_SORTS, type JobFilter, type JobQuery, jobQuerySchema, MAX_TOTAL } from '@argus/shared'
import type { Knex } from 'knex'
import { beforeEach, describe, expect, it } from 'vitest'
import { newJob, openUntilEnd } from '../../testing/store.ts'
import { tempFolder } from '../../testing/unit.ts'
import { type JobRow, toRow } from '../store/job-record.ts'
import {
  conditionsOf,
  countJobs,
  listJobs,
  placeOf,
  readWindow,
  toCursor,
  type WindowQuery,
} from './job-search.ts'

const COUNTS = { QUEUED: 20_000, RUNNING: 3, SUCCEEDED: 500, FAILED: 40, CANCELLED: 7 }

function query(changes: Partial<JobQuery> = {}): JobQuery {
  return { ...jobQuerySchema.parse({}), ...changes }
}

/** What is left of an object without what is undefined. */
function given(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined))
}

describe('the conditions of a filter', () => {
  it.each<[string, JobFilter, object]>([
    ['nothing', {}, {}],
    ['states, each once', { status: ['FAILED', 'QUEUED', 'FAILED'] }, { status: ['FAILED', 'QUEUED'] }],
    ['a class by its label', { class: 'acoustic guitar' }, { classes: [402] }],
    ['a class by its WordNet id', { class: 'n02676566' }, { classes: [402] }],
    ['no class where nothing is called so', { class: 'no such thing' }, { classes: [] }],
    ['the beginning of a name', { fileName: 'a%' }, { fileNamePrefix: 'a%' }],
    [
      'a batch, a worker and an owner',
      { batch: 'b', worker: 'w', owner: 'o' },
      { batch: 'b', worker: 'w', owner: 'o' },
    ],
    [
      'tags, up to their first sign of equality',
      { tag: ['trip=rome', 'sum=1+1=2'] },
      {
        tags: [
          ['trip', 'rome'],
          ['sum', '1+1=2'],
        ],
      },
    ],
    ['the time of submit from', { submittedAfter: '1970-01-01T00:00:01Z' }, { submitted: { from: 1000 } }],
    [
      'the time of submit before',
      { submittedBefore: '1970-01-01T01:00:00.002+01:00' },
      { submitted: { before: 2 } },
    ],
    [
      'the time of the end, both ways',
      { endedAfter: '1970-01-01T00:00:00Z', endedBefore: '1970-01-01T00:00:02Z' },
      { ended: { from: 0, before: 2000 } },
    ],
  ])('are %s', (_what, filter, expected) => {
    expect(given(conditionsOf(filter))).toEqual(expected)
  })
})

describe('a list', () => {
  let database: Knex

  beforeEach(async () => {
    database = await openUntilEnd({ file: `${await tempFolder()}/argus.sqlite` })
  })

  /** Jobs of one time, and of these owners and workers in turn. */
  async function insert(
    count: number,
    changes: (number: number) => Partial<JobRow> = () => ({}),
  ): Promise<void> {
    const rows = Array.from({ length: count }, (_, number): JobRow => {
      const id = `job-${String(number).padStart(6, '0')}`
      return { ...toRow(newJob(id)), ...changes(number) }
    })
    await database.batchInsert('jobs', rows, 400)
  }

  async function total(filter: Partial<JobQuery>): Promise<unknown> {
    return (await listJobs(database, query({ ...filter, limit: 1 }), COUNTS)).total
  }

  describe('has a cursor', () => {
    it.each(['-submitted', 'submitted', '-ended', 'ended'] as const)(
      'that leads through all pages in the order %s',
      async (sort) => {
        await insert(25, (number) => ({ status: 'FAILED', ended_at: 1000 + (number % 3) }))
        const ids: string[] = []
        let cursor: string | undefined
        for (let pages = 0; pages < 4; pages += 1) {
          const page = await listJobs(database, query({ sort, limit: 7, cursor }), COUNTS)
          ids.push(...page.ids)
          cursor = page.next ?? undefined
          // As it is part of an address.
          if (cursor !== undefined) expect(cursor).toMatch(/^[\w-]{1,500}$/)
        }
        expect(cursor).toBeUndefined()
        expect(ids).toHaveLength(25)
        expect(new Set(ids).size).toBe(25)
      },
    )

    it.each(['submitted', '-ended', 'ended'] as const)('that is of no use in the order %s', async (sort) => {
      await insert(3)
      const { next } = await listJobs(database, query({ limit: 1 }), COUNTS)
      if (next === null) throw new Error('There is a next page')
      await expect(listJobs(database, query({ sort, cursor: next }), COUNTS)).rejects.toMatchObject({
        code: 'request/invalid',
        message: expect.stringContaining('cursor'),
      })
    })

    it('that is refused where it is cut off or changed', async () => {
      await insert(3)
      const { next } = await listJobs(database, query({ limit: 1 }), COUNTS)
      if (next === null) throw new Error('There is a next page')
      const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
      const cursors = [
        '',
        'x',
        '!!! no base64 !!!',
        next.slice(0, -4),
        next.slice(4),
        `x${next}`,
        encode(null),
        encode('-submitted'),
        encode({ sort: '-submitted', time: 1, id: 'a' }),
        encode(['-submitted', 1]),
        encode(['-submitted', 1, 'a', 'more']),
        encode(['-submitted', '1', 'a']),
        encode(['-submitted', null, 'a']),
        encode(['-submitted', 1, 2]),
        encode(['-other', 1, 'a']),
        encode(['-submitted', 1, { toString: 'a' }]),
      ]
      for (const cursor of cursors) {
        await expect(listJobs(database, query({ cursor }), COUNTS), cursor).rejects.toMatchObject({
          code: 'request/invalid',
        })
      }
    })

    it('that needs no job at its place', async () => {
      await insert(3)
      const { next } = await listJobs(database, query({ limit: 2 }), COUNTS)
      await database('jobs').where({ id: 'job-000001' }).delete()
      const { ids } = await listJobs(database, query({ cursor: next ?? '' }), COUNTS)
      expect(ids).toEqual(['job-000000'])
    })
  })

  describe('has a total', () => {
    it('from the counters where there is no filter but the state, however many they are', async () => {
      // The counters are believed, as nobody could count that many: there is no job in this database.
      expect(await total({})).toBe(20_550)
      expect(await total({ status: ['QUEUED'] })).toBe(20_000)
      expect(await total({ status: ['RUNNING', 'FAILED', 'RUNNING'] })).toBe(43)
      // Only those that have ended are in such a list.
      expect(await total({ sort: 'ended' })).toBe(547)
      expect(await total({ sort: '-ended', status: ['QUEUED', 'CANCELLED'] })).toBe(7)
      expect(await total({ sort: '-ended', status: ['QUEUED'] })).toBe(0)
    })

    it('that is counted with any other filter', async () => {
      await insert(30, (number) => ({ owner: number < 12 ? 'ann' : 'bob' }))
      expect(await total({ owner: 'ann' })).toBe(12)
      expect(await total({ owner: 'ann', status: ['QUEUED'] })).toBe(12)
      expect(await total({ owner: 'ann', status: ['FAILED'] })).toBe(0)
      expect(await total({ owner: 'eve' })).toBe(0)
      expect(await total({ submittedBefore: '1970-01-01T00:00:00Z' })).toBe(0)
      expect(await total({ owner: 'ann', sort: 'ended' })).toBe(0)
    })

    it('that ends at some number, and is none where counting would take too long', async () => {
      await insert(MAX_TOTAL, (number) => ({ owner: 'ann', worker: number % 2 === 0 ? 'one' : 'two' }))
      expect(await total({ owner: 'ann' })).toBe(MAX_TOTAL)
      await database('jobs').insert({ ...toRow(newJob('one more', { owner: 'ann' })), worker: 'one' })
      expect(await total({ owner: 'ann' })).toBe(`${MAX_TOTAL}+`)
      expect(await total({ owner: 'ann', worker: 'one' })).toBeNull()
      expect(await total({ owner: 'ann', worker: 'three' })).toBe(0)
    })
  })

  describe('has a window', () => {
    const ALL: WindowQuery = {
      filter: {},
      sort: '-submitted',
      after: null,
      limit: 10,
      top: null,
      maxAhead: 100,
    }

    function windowOf(changes: Partial<WindowQuery>) {
      return readWindow(database, { ...ALL, ...changes }, COUNTS)
    }

    it('that is a page of the list, whatever its order and its place', async () => {
      await insert(40, (number) => ({ status: 'FAILED', ended_at: 1000 + (number % 3) }))
      for (const sort of JOB_SORTS) {
        const whole = await listJobs(database, query({ sort, limit: 100 }), COUNTS)
        const half = await listJobs(database, query({ sort, limit: 15 }), COUNTS)
        const after = half.next === null ? null : placeOf(half.next, sort)
        const window = await windowOf({ sort, after, top: after })
        expect(window.ids).toEqual(whole.ids.slice(15, 25))
        // It ends where the next page begins.
        const next = await listJobs(
          database,
          query({ sort, limit: 100, cursor: window.horizon ? toCursor(window.horizon, sort) : 'none' }),
          COUNTS,
        )
        expect(next.ids).toEqual(whole.ids.slice(25))
        expect(window.total).toBe(whole.total)
        // The nearest first, and not the job at the place itself.
        expect(window.ahead).toEqual(whole.ids.slice(0, 14).reverse())
        expect((await windowOf({ sort, top: after, maxAhead: 3 })).ahead).toEqual(
          whole.ids.slice(11, 14).reverse(),
        )
      }
    })

    it('that has no horizon where the list ends with it', async () => {
      await insert(10)
      expect(await windowOf({})).toMatchObject({ horizon: null, ahead: [] })
      expect((await windowOf({})).ids).toHaveLength(10)
      expect((await windowOf({ limit: 9 })).horizon).toEqual({ time: 1_700_000_000_000, id: 'job-000001' })
      const after = { time: 1, id: 'nothing' }
      expect(await windowOf({ after })).toMatchObject({ ids: [], horizon: null })
    })

    it('with the jobs that come before a place, of those that the filter means, where anyone asks', async () => {
      await insert(20, (number) => ({ owner: number % 2 === 0 ? 'ann' : 'bob' }))
      const top = { time: 1_700_000_000_000, id: 'job-000010' }
      const filter = { owner: 'ann' }
      expect((await windowOf({ filter, top })).ahead).toEqual([
        'job-000012',
        'job-000014',
        'job-000016',
        'job-000018',
      ])
      expect((await windowOf({ filter })).ahead).toEqual([])
      // Wherever it begins.
      expect((await windowOf({ filter, top, after: { ...top, id: 'job-000004' } })).ahead).toHaveLength(4)
    })

    it('that is searched for over several looks, where few of many jobs match', async () => {
      // Those that match both are the oldest.
      await insert(16_000, (number) => ({
        owner: number % 2 === 0 ? 'ann' : 'bob',
        worker: number % 2 === 1 || number < 40 ? 'one' : 'two',
      }))
      const filter = { owner: 'ann', worker: 'one' }
      const page = await listJobs(database, query({ ...filter, limit: 10 }), COUNTS)
      expect(page.ids).toEqual([])
      const window = await windowOf({ filter })
      expect(window.ids).toHaveLength(10)
      expect(window.ids[0]).toBe('job-000038')
      expect(window.horizon?.id).toBe('job-000020')
      const rest = await windowOf({ filter, after: window.horizon })
      expect(rest.ids).toHaveLength(10)
      expect(rest.horizon).toBeNull()
    })
  })

  describe('is counted', () => {
    it('as a page of it tells', async () => {
      await insert(30, (number) => ({ owner: number < 12 ? 'ann' : 'bob' }))
      const filters: JobFilter[] = [{}, { status: ['QUEUED'] }, { owner: 'ann' }, { owner: 'eve' }]
      for (const filter of filters) {
        for (const sort of JOB_SORTS) {
          const { total } = await listJobs(database, query({ ...filter, sort, limit: 1 }), COUNTS)
          expect(await countJobs(database, filter, sort, COUNTS)).toBe(total)
        }
      }
    })
  })
})
