/** Pages of a list against the same list by a filter and a sort in plain JavaScript. */
import { JOB_STATUSES, type JobStatus } from '@argus/shared'
import type { Knex } from 'knex'
import { beforeEach, describe, expect, it } from 'vitest'
import { Random, SEED } from '../../testing/random.ts'
import { type MakeTarget, newJob, onEachDatabase, openUntilEnd, revisions } from '../../testing/store.ts'
import type { JobConditions, Order, TimeRange } from './job-filters.ts'
import { FEW_JOBS, JobList, SCAN_JOBS } from './job-list.ts'
import { type JobRow, toRow } from './job-record.ts'
import { JobStore } from './job-store.ts'

/** What a list looks at in a job. */
interface Listed {
  readonly id: string
  readonly status: JobStatus
  readonly owner: string
  readonly worker: string | null
  readonly batch: string | null
  readonly topClass: number | null
  readonly fileName: string
  readonly tags: Readonly<Record<string, string>>
  readonly submittedAt: number
  readonly endedAt: number | null
}

interface Direction {
  readonly order: Order
  readonly isDescending: boolean
}

const DIRECTIONS: readonly Direction[] = (['submitted_at', 'ended_at'] as const).flatMap((order) => [
  { order, isDescending: true },
  { order, isDescending: false },
])

const SOME_JOBS = 300
const RANDOM_LISTS = 150
/** So few that most jobs share theirs with others: the order then hangs on their ids. */
const TIMES = 12
const NOW = 1_700_000_000_000

const OWNERS = ['ann', 'Ann', 'bob', 'é']
const WORKERS = ['one', 'two', 'ONE']
const BATCHES = ['batch-1', 'batch-2']
const CLASSES = [0, 7, 417, 999]
const TAGS = [
  ['trip', 'rome'],
  ['trip', 'Rome'],
  ['trip', ''],
  ['Trip', 'rome'],
  ['camera', '📷'],
] as const
/** Capitals, signs of LIKE, characters of two and four bytes, and the last ones before a gap and of all. */
const NAMES = [
  'A',
  'a',
  'ab',
  'a%b',
  'a%bc',
  'a_b',
  'axb',
  'a\\b',
  'b',
  'é',
  'éa',
  'e',
  '🏖',
  '🏖🏖',
  '🏗',
  'x\ud7ff',
  'x\ud7ffy',
  'x\ue000',
  'x\u{10ffff}',
  'x\u{10ffff}y',
  'y',
  '\u{10ffff}',
  '\u{10ffff}\u{10ffff}z',
]
const PREFIXES = [...NAMES, 'x', 'a%', '\u{10ffff}\u{10ffff}', 'nothing begins so']

function idOf(number: number): string {
  return `job-${String(number).padStart(6, '0')}`
}

function randomJob(random: Random, id: string): Listed {
  const status = random.pick(JOB_STATUSES)
  const submittedAt = NOW + random.below(TIMES)
  const hasEnded = status !== 'QUEUED' && status !== 'RUNNING'
  // Of one name there is one value at most.
  const tags = Object.fromEntries(TAGS.filter(() => random.chance(0.4)))
  return {
    id,
    status,
    owner: random.pick(OWNERS),
    worker: random.pick([null, ...WORKERS]),
    batch: random.pick([null, ...BATCHES]),
    topClass: status === 'SUCCEEDED' ? random.pick(CLASSES) : null,
    fileName: random.pick(NAMES),
    tags,
    submittedAt,
    endedAt: hasEnded ? NOW + random.below(TIMES) : null,
  }
}

function randomRange(random: Random): TimeRange {
  const [from, before] = [NOW + random.below(TIMES), NOW + random.below(TIMES + 1)]
  return random.pick<TimeRange>([{ from }, { before }, { from, before }])
}

function randomConditions(random: Random): JobConditions {
  // One filter alone is a case of its own, and several of them are rarely met by any job.
  const chance = random.pick([0, 0.1, 0.2, 0.3])
  const maybe = <T>(make: () => T): T | undefined => (random.chance(chance) ? make() : undefined)
  const some = <T>(items: readonly T[]): T[] => {
    const most = 1 + random.below(items.length)
    return [...new Set(Array.from({ length: most }, () => random.pick(items)))]
  }
  return {
    status: maybe(() => some(JOB_STATUSES)),
    // As many as of a word that is in many labels: more than are walked side by side.
    classes: maybe(() =>
      random.pick([some(CLASSES), some(CLASSES), Array.from({ length: 60 }, (_, at) => at)]),
    ),
    fileNamePrefix: maybe(() => random.pick(PREFIXES)),
    batch: maybe(() => random.pick(BATCHES)),
    worker: maybe(() => random.pick(WORKERS)),
    owner: maybe(() => random.pick(OWNERS)),
    tags: maybe(() => some(TAGS)),
    submitted: maybe(() => randomRange(random)),
    ended: maybe(() => randomRange(random)),
  }
}

function isWithin(time: number | null, range: TimeRange | undefined): boolean {
  if (!range) return true
  const { from = Number.NEGATIVE_INFINITY, before = Number.POSITIVE_INFINITY } = range
  return time !== null && time >= from && time < before
}

function matches(job: Listed, conditions: JobConditions): boolean {
  const { status, classes, fileNamePrefix, batch, worker, owner, tags = [] } = conditions
  return (
    (!status || status.includes(job.status)) &&
    (!classes || (job.topClass !== null && classes.includes(job.topClass))) &&
    (fileNamePrefix === undefined || job.fileName.startsWith(fileNamePrefix)) &&
    (batch === undefined || job.batch === batch) &&
    (worker === undefined || job.worker === worker) &&
    (owner === undefined || job.owner === owner) &&
    tags.every(([name, value]) => job.tags[name] === value) &&
    isWithin(job.submittedAt, conditions.submitted) &&
    isWithin(job.endedAt, conditions.ended)
  )
}

/** The ids of the whole list. */
function expectedIds(jobs: readonly Listed[], conditions: JobConditions, direction: Direction): string[] {
  const timeOf = (job: Listed) => (direction.order === 'submitted_at' ? job.submittedAt : job.endedAt)
  const listed = jobs.flatMap((job) => {
    const time = timeOf(job)
    return time !== null && matches(job, conditions) ? [{ time, id: job.id }] : []
  })
  listed.sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1))
  const ids = listed.map(({ id }) => id)
  return direction.isDescending ? ids.reverse() : ids
}

/** Nothing to pick by: no more than tags and times, and not what is read off one index. */
function mayBeUncounted({ tags = [], ...others }: JobConditions, order: Order): boolean {
  const { submitted, ended, ...filters } = others
  if (Object.values(filters).some((filter) => filter !== undefined)) return false
  const isOutside = (order === 'submitted_at' ? ended : submitted) !== undefined
  return tags.length > 1 || isOutside || (tags.length === 1 && order === 'ended_at')
}

async function insert(database: Knex, jobs: readonly Listed[]): Promise<void> {
  const rows = jobs.map((job): JobRow => {
    const { id, owner, batch, fileName, tags, submittedAt, status, worker, endedAt, topClass } = job
    const row = toRow(newJob(id, { owner, batch, fileName, tags, submittedAt }))
    return { ...row, status, worker, ended_at: endedAt, top_class: topClass }
  })
  const tags = jobs.flatMap(({ id, submittedAt, tags }) =>
    Object.entries(tags).map(([name, value]) => ({ job_id: id, name, value, submitted_at: submittedAt })),
  )
  await database.batchInsert('jobs', rows, 400)
  await database.batchInsert('job_tags', tags, 400)
}

/** All pages of a list, with what is done between two of them. */
async function pagesOf(
  list: JobList,
  direction: Direction,
  limit: number,
  between: () => Promise<void> = async () => undefined,
): Promise<Array<readonly string[]>> {
  const pages: Array<readonly string[]> = []
  let page = await list.page({ ...direction, after: null, limit })
  pages.push(page.ids)
  while (page.next) {
    // Each page has a job, or is the end of a scan.
    if (pages.length > 1000) throw new Error('The list does not end')
    await between()
    page = await list.page({ ...direction, after: page.next, limit })
    pages.push(page.ids)
  }
  return pages
}

function contract(makeTarget: MakeTarget): void {
  let database: Knex

  beforeEach(async () => {
    database = await openUntilEnd(await makeTarget())
  })

  it(`are those of a filter and a sort, whatever is listed (seed ${SEED})`, async () => {
    const random = new Random(SEED)
    const jobs = Array.from({ length: SOME_JOBS }, (_, number) => randomJob(random, idOf(number)))
    await insert(database, jobs)
    for (let round = 0; round < RANDOM_LISTS; round += 1) {
      const conditions = randomConditions(random)
      const direction = random.pick(DIRECTIONS)
      const limit = random.pick([3, 10, 50, 100, SOME_JOBS])
      const list = new JobList(database, conditions)
      const expected = expectedIds(jobs, conditions, direction)
      const what = JSON.stringify({ conditions, direction, limit })

      const pages = await pagesOf(list, direction, limit)
      expect(pages.flat(), what).toEqual(expected)
      // Nothing here is so long that a page would be short before the last one.
      expect(
        pages.map((ids) => ids.length),
        what,
      ).toEqual(pages.map((_, at) => Math.min(limit, expected.length - at * limit)))

      const total = await list.count(direction.order, SOME_JOBS)
      if (total !== null || !mayBeUncounted(conditions, direction.order)) {
        expect(total, what).toBe(expected.length)
        expect(await list.count(direction.order, 10), what).toBe(Math.min(10, expected.length))
      }
    }
  })

  it.each<[string, JobConditions]>([
    ['no filter', {}],
    ['one filter', { owner: 'ann' }],
    ['one filter of several values', { status: ['SUCCEEDED', 'FAILED', 'CANCELLED'] }],
    ['a tag', { tags: [['trip', 'rome']] }],
    ['several filters', { status: ['SUCCEEDED', 'FAILED'], worker: 'one' }],
    [
      'several tags',
      {
        tags: [
          ['trip', 'rome'],
          ['camera', '📷'],
        ],
      },
    ],
    ['the beginning of a name', { fileNamePrefix: 'a' }],
  ])('neither repeat nor leave out a job where others come and go, with %s', async (_what, conditions) => {
    const random = new Random(SEED)
    const before = Array.from({ length: SOME_JOBS }, (_, number) => randomJob(random, idOf(number * 10)))
    await insert(database, before)
    const store = new JobStore(database)
    for (const direction of DIRECTIONS) {
      const there = new Map(before.map((job) => [job.id, job]))
      const all = new Map(there)
      const list = new JobList(database, conditions)
      const pages = await pagesOf(list, direction, 7, async () => {
        const come = Array.from({ length: 3 }, () => randomJob(random, idOf(random.below(SOME_JOBS * 10))))
        const isNew = come.filter(
          ({ id }, at) => !all.has(id) && come.findIndex((job) => job.id === id) === at,
        )
        await insert(database, isNew)
        for (const job of isNew) all.set(job.id, job)
        const gone = [random.pick([...there.keys()]), ...isNew.slice(1).map(({ id }) => id)]
        await store.remove(gone, revisions, NOW, JOB_STATUSES)
        for (const id of gone) there.delete(id)
      })
      const ids = pages.flat()
      const listed = new Set(ids)
      expect(listed.size).toBe(ids.length)
      const stayed = expectedIds([...there.values()], conditions, direction)
      expect(stayed.filter((id) => !listed.has(id))).toEqual([])
      // In their order, with those that came in between.
      const known = expectedIds([...all.values()], conditions, direction)
      expect(ids).toEqual(known.filter((id) => listed.has(id)))

      await database('jobs').delete()
      await database('job_tags').delete()
      await insert(database, before)
    }
  })

  it('are empty where there are no jobs', async () => {
    for (const direction of DIRECTIONS) {
      for (const conditions of [{}, { owner: 'ann' }, { owner: 'ann', worker: 'one' }]) {
        const list = new JobList(database, conditions)
        expect(await list.page({ ...direction, after: null, limit: 10 })).toEqual({ ids: [], next: null })
        expect(await list.count(direction.order, 10)).toBe(0)
      }
    }
  })

  it.each<[string, JobConditions]>([
    ['alone', {}],
    ['beside another filter', { owner: 'ann' }],
    ['beside a tag', { tags: [['trip', 'rome']] }],
  ])('are empty where nothing is of the class that is asked for, %s', async (_what, others) => {
    const random = new Random(SEED)
    await insert(
      database,
      Array.from({ length: 50 }, (_, number) => randomJob(random, idOf(number))),
    )
    for (const direction of DIRECTIONS) {
      const list = new JobList(database, { ...others, classes: [] })
      expect(await list.page({ ...direction, after: null, limit: 10 })).toEqual({ ids: [], next: null })
      expect(await list.count(direction.order, 10)).toBe(0)
    }
  })

  it('end with a full page where there is no further job', async () => {
    const random = new Random(SEED)
    const jobs = Array.from({ length: 20 }, (_, number) => randomJob(random, idOf(number)))
    await insert(database, jobs)
    const page = await new JobList(database, {}).page({
      order: 'submitted_at',
      isDescending: true,
      after: null,
      limit: 20,
    })
    expect(page.ids).toHaveLength(20)
    expect(page.next).toBeNull()
  })

  it('come in bounded time of many jobs of which few match two filters that many match', async () => {
    // All that match are among the first, so that who comes from the last finds nothing at first.
    const isBoth = (number: number) => number < 1000 && number % 20 === 0
    const jobs = Array.from({ length: 12_000 }, (_, number): Listed => {
      const [isEven, isOther] = [number % 2 === 0, number % 2 === 1 || isBoth(number)]
      return {
        id: idOf(number),
        status: 'SUCCEEDED',
        owner: isEven ? 'ann' : 'bob',
        worker: isOther ? 'one' : 'two',
        batch: null,
        topClass: isOther ? 417 : 7,
        fileName: isEven ? 'even.jpg' : 'odd.jpg',
        tags: { ...(isOther && { trip: 'rome' }), ...(isEven && { camera: '📷' }) },
        submittedAt: NOW + Math.floor(number / 7),
        endedAt: NOW + Math.floor(number / 5),
      }
    })
    await insert(database, jobs)
    const rome = ['trip', 'rome'] as const
    const lists: readonly JobConditions[] = [
      { owner: 'ann', worker: 'one' },
      { owner: 'ann', classes: [417, 7], worker: 'one' },
      { owner: 'ann', classes: [417] },
      { fileNamePrefix: 'even', worker: 'one' },
      { tags: [rome], owner: 'ann' },
      { tags: [rome], fileNamePrefix: 'even' },
      { tags: [rome, ['camera', '📷']] },
      { tags: [rome], ended: { before: NOW + 200 } },
    ]
    for (const conditions of lists) {
      for (const direction of DIRECTIONS) {
        const what = JSON.stringify({ conditions, direction })
        const expected = expectedIds(jobs, conditions, direction)
        expect(expected.length, what).toBeLessThan(FEW_JOBS)
        const pages = await pagesOf(new JobList(database, conditions), direction, 20)
        expect(pages.flat(), what).toEqual(expected)
        // One more for each scan of all of them.
        const scans = Math.ceil(jobs.length / SCAN_JOBS)
        expect(pages.length, what).toBeLessThanOrEqual(Math.ceil(expected.length / 20) + scans)
        if (direction.isDescending && !conditions.ended) expect(pages[0], what).toEqual([])
        if (!conditions.ended)
          expect(await new JobList(database, conditions).count(direction.order, 10_000), what).toBeNull()
      }
    }
  }, 60_000)
}

describe('the pages of a list', () => onEachDatabase(contract))
