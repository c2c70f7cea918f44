import type { Knex } from 'knex'
import { beforeEach, describe, expect, it } from 'vitest'
import { Random, SEED } from '../../testing/random.ts'
import { type MakeTarget, newJob, onEachDatabase, openUntilEnd } from '../../testing/store.ts'
import { ChangeLog, type ChangeScope, changeOf, type JobChange } from './change-log.ts'
import { JobStore } from './job-store.ts'
import { JobTransitions } from './job-transitions.ts'
import { Revisions } from './revisions.ts'

const NOW = 1_700_000_000_000
/** Higher than any that these tests give out. */
const ALL = 1_000_000

const BATCHES = ['batch-1', 'batch-2']

/** A change without the rest of the job. */
type Brief = readonly [revision: number, id: string, isThere: boolean]

function brief(changes: readonly JobChange[]): Brief[] {
  return changes.map(({ revision, id, job }) => [revision, id, job !== null])
}

/** What the log must know of a job. */
interface Truth {
  readonly id: string
  readonly batch: string | null
  revision: number
  isThere: boolean
}

function contract(makeTarget: MakeTarget): void {
  let database: Knex
  let jobs: JobStore
  let changes: ChangeLog
  let revisions: Revisions

  beforeEach(async () => {
    database = await openUntilEnd(await makeTarget())
    jobs = new JobStore(database)
    changes = new ChangeLog(database)
    revisions = new Revisions()
  })

  async function insert(id: string, batch: string | null = null): Promise<void> {
    await jobs.insert(newJob(id, { batch, revision: revisions.next() }))
  }

  /** Changes a job that has been inserted once: cancels it, or has it wait again. */
  async function change(id: string): Promise<void> {
    const transitions = new JobTransitions(database, revisions)
    const job = await jobs.find(id)
    if (job?.status === 'QUEUED') await transitions.cancel(id, NOW)
    else await transitions.retry(id, 1, NOW)
  }

  async function remove(id: string, now = NOW): Promise<void> {
    await jobs.remove([id], revisions, now, ['QUEUED', 'CANCELLED'])
  }

  /** Reads until the end; each page must go on and keep its limit. */
  async function readAll(
    after: number,
    upTo: number,
    limit: () => number,
    scope?: ChangeScope,
    betweenPages: () => Promise<void> = async () => undefined,
  ): Promise<JobChange[]> {
    const read: JobChange[] = []
    let position = after
    while (position < upTo) {
      const most = limit()
      const page = await changes.read(position, upTo, most, scope)
      expect(page.upTo).toBeGreaterThan(position)
      expect(page.upTo).toBeLessThanOrEqual(upTo)
      expect(page.changes.length).toBeLessThanOrEqual(2 * most)
      for (const { revision } of page.changes) {
        expect(revision).toBeGreaterThan(position)
        expect(revision).toBeLessThanOrEqual(page.upTo)
      }
      read.push(...page.changes)
      position = page.upTo
      await betweenPages()
    }
    return read
  }

  it('tells each job as it is now, in the order of their last changes', async () => {
    for (const id of ['a', 'b', 'c']) await insert(id)
    await change('a')
    const page = await changes.read(0, ALL, 10)
    expect(brief(page.changes)).toEqual([
      [2, 'b', true],
      [3, 'c', true],
      [4, 'a', true],
    ])
    expect(page.upTo).toBe(ALL)
    const a = await jobs.find('a')
    expect(page.changes[2]).toEqual({ revision: 4, id: 'a', batch: null, job: a })
    expect(a?.status).toBe('CANCELLED')
    expect(page.changes[2]).toEqual(a && changeOf(a))
  })

  it('tells a job that has changed twice once, with the later revision', async () => {
    await insert('a')
    await insert('b')
    await change('a')
    await change('a')
    expect(brief((await changes.read(0, ALL, 10)).changes)).toEqual([
      [2, 'b', true],
      [4, 'a', true],
    ])
    // Who has seen the first two is told of the last alone.
    expect(brief((await changes.read(2, ALL, 10)).changes)).toEqual([[4, 'a', true]])
    // And who looks no further than the one before is told nothing: there is no such state any more.
    expect(await changes.read(2, 3, 10)).toEqual({ changes: [], upTo: 3 })
  })

  it('tells of a job that was removed, once, and no more as it was', async () => {
    await insert('a', 'batch-1')
    await insert('b')
    await change('a')
    await remove('a')
    expect((await changes.read(0, ALL, 10)).changes).toEqual([
      expect.objectContaining({ revision: 2, id: 'b' }),
      { revision: 4, id: 'a', batch: 'batch-1', job: null },
    ])
  })

  it('tells of several that were removed at once by revisions of their own', async () => {
    for (const id of ['a', 'b', 'c', 'd']) await insert(id)
    await jobs.remove(['c', 'a', 'd'], revisions, NOW, ['QUEUED'])
    const { changes: read } = await changes.read(4, ALL, 10)
    expect(read.map(({ revision }) => revision)).toEqual([5, 6, 7])
    expect(read.map(({ id }) => id).toSorted()).toEqual(['a', 'c', 'd'])
    expect(read.every(({ job }) => job === null)).toBe(true)
  })

  it('begins behind one revision and ends with another', async () => {
    for (const id of ['a', 'b', 'c', 'd']) await insert(id)
    expect(brief((await changes.read(1, 3, 10)).changes)).toEqual([
      [2, 'b', true],
      [3, 'c', true],
    ])
    expect(await changes.read(4, 4, 10)).toEqual({ changes: [], upTo: 4 })
    expect(await changes.read(4, ALL, 10)).toEqual({ changes: [], upTo: ALL })
  })

  it('ends a page where there may be more, of jobs or of removals', async () => {
    for (const id of ['a', 'b', 'c', 'd']) await insert(id)
    const page = await changes.read(0, ALL, 2)
    expect([brief(page.changes), page.upTo]).toEqual([
      [
        [1, 'a', true],
        [2, 'b', true],
      ],
      2,
    ])
    for (const id of ['a', 'b', 'c']) await remove(id)
    await change('d')
    // The last job is behind removals that do not fit.
    const removals = await changes.read(0, ALL, 2)
    expect([brief(removals.changes), removals.upTo]).toEqual([
      [
        [5, 'a', false],
        [6, 'b', false],
      ],
      6,
    ])
    expect(brief((await changes.read(6, ALL, 2)).changes)).toEqual([
      [7, 'c', false],
      [8, 'd', true],
    ])
  })

  it('is of a batch, or of one job, where that is asked for', async () => {
    await insert('a', 'batch-1')
    await insert('b', 'batch-2')
    await insert('c')
    await insert('d', 'batch-1')
    await insert('e', 'batch-2')
    await remove('d')
    await remove('e')
    const of = async (scope: ChangeScope) => brief((await changes.read(0, ALL, 10, scope)).changes)
    expect(await of({ batch: 'batch-1' })).toEqual([
      [1, 'a', true],
      [6, 'd', false],
    ])
    expect(await of({ job: 'c' })).toEqual([[3, 'c', true]])
    expect(await of({ job: 'd' })).toEqual([[6, 'd', false]])
    expect(await of({ job: 'none' })).toEqual([])
    expect(await of({ batch: 'none' })).toEqual([])
    // Others fill no page of it.
    expect(await changes.read(0, ALL, 2, { job: 'c' })).toMatchObject({ upTo: ALL })
  })

  describe(`of jobs that come, change and go at random (seed ${SEED})`, () => {
    let random: Random
    let truths: Map<string, Truth>

    beforeEach(() => {
      random = new Random(SEED)
      truths = new Map()
    })

    async function step(): Promise<void> {
      const there = [...truths.values()].filter(({ isThere }) => isThere)
      const kind = there.length === 0 ? 0 : random.next()
      if (kind < 0.4) {
        const id = `job-${truths.size}`
        const batch = random.pick([null, ...BATCHES])
        await insert(id, batch)
        truths.set(id, { id, batch, revision: last(), isThere: true })
        return
      }
      const truth = random.pick(there)
      if (kind < 0.7) await change(truth.id)
      else await remove(truth.id)
      truth.isThere = kind < 0.7
      truth.revision = last()
    }

    function last(): number {
      revisions.settle()
      return revisions.committed
    }

    function expected(after: number, upTo: number, { batch, job }: ChangeScope = {}): Brief[] {
      return [...truths.values()]
        .filter(({ revision }) => revision > after && revision <= upTo)
        .filter((truth) => batch === undefined || truth.batch === batch)
        .filter((truth) => job === undefined || truth.id === job)
        .toSorted((one, other) => one.revision - other.revision)
        .map(({ revision, id, isThere }) => [revision, id, isThere])
    }

    it('pages, however long, make up all that has changed, once each', async () => {
      for (let count = 0; count < 250; count += 1) await step()
      const scopes: Array<() => ChangeScope> = [
        () => ({}),
        () => ({}),
        () => ({ batch: random.pick(BATCHES) }),
        () => ({ job: random.pick([...truths.keys()]) }),
      ]
      for (let round = 0; round < 40; round += 1) {
        const after = random.pick([0, random.below(last())])
        const upTo = random.pick([last(), after + 1 + random.below(last() - after)])
        const scope = random.pick(scopes)()
        const most = 1 + random.below(8)
        const read = await readAll(after, upTo, () => 1 + random.below(most), scope)
        expect(brief(read)).toEqual(expected(after, upTo, scope))
        expect(read.map(({ batch }) => batch)).toEqual(read.map(({ id }) => truths.get(id)?.batch))
      }
    })

    it('who reads while they change hears of each change that lasts', async () => {
      for (let count = 0; count < 60; count += 1) await step()
      const heard: JobChange[] = []
      let position = 0
      for (let round = 0; round < 25; round += 1) {
        const upTo = last()
        const between = async () => {
          for (let count = random.below(4); count > 0; count -= 1) await step()
        }
        heard.push(...(await readAll(position, upTo, () => 1 + random.below(6), {}, between)))
        position = upTo
        await step()
      }
      heard.push(...(await readAll(position, last(), () => 5)))
      const order = heard.map(({ revision }) => revision)
      expect(order).toEqual([...new Set(order)].toSorted((one, other) => one - other))
      const latest = new Map(brief(heard).map((change) => [change[1], change]))
      const all = [...latest.values()].toSorted((one, other) => one[0] - other[0])
      expect(all).toEqual(expected(0, last()))
    })
  })

  describe('the last revision', () => {
    it('is 0 where there was none', async () => {
      expect(await changes.last()).toBe(0)
    })

    it('is that of a job, of a removal, or of where a reader has come', async () => {
      await insert('a')
      await insert('b')
      expect(await changes.last()).toBe(2)
      await change('a')
      expect(await changes.last()).toBe(3)
      await remove('a')
      expect(await changes.last()).toBe(4)
      await database('positions').insert({ name: 'reader', revision: 3, writes: 1 })
      expect(await changes.last()).toBe(4)
      await database('positions').insert({ name: 'another', revision: 9_000_000_000_000, writes: 1 })
      expect(await changes.last()).toBe(9_000_000_000_000)
    })
  })

  it('forgets the removals before a time', async () => {
    for (const id of ['a', 'b', 'c', 'd']) await insert(id)
    for (const [number, id] of ['a', 'b', 'c'].entries()) await remove(id, NOW + number)
    expect(await changes.forgetRemovals(NOW, 100)).toBe(0)
    expect(await changes.forgetRemovals(NOW + 2, 100)).toBe(2)
    expect(brief((await changes.read(0, ALL, 10)).changes)).toEqual([
      [4, 'd', true],
      [7, 'c', false],
    ])
  })
}

describe('the log of changes', () => onEachDatabase(contract))
