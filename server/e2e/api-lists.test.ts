/** Lists of jobs over REST: each filter, both orders in both directions, cursors and totals. */
import { randomUUID } from 'node:crypto'
import { JOB_SORTS, type Job, type JobSort } from '@argus/shared'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ApiUser, idsOf, type Query } from '../testing/api-user.ts'
import { TestCluster } from '../testing/cluster.ts'

/** All instant workers see this in whatever they get. */
const SEEN = { wordnetId: 'n02099601', label: 'golden retriever' }
const WAIT = { prefer: 'wait=30' }

/** One that has some of the jobs, and one that has the others. */
let batches: readonly [string, string]
let cluster: TestCluster
let user: ApiUser
let jobs: Job[]

/** The options of every so-many-th job differ from the others'. */
function optionsOf(at: number): Query {
  return {
    owner: at % 3 === 0 ? 'Ada' : 'Bob',
    fileName: at % 4 === 0 ? `100%_${at}.png` : `photo-${at}.png`,
    tag: [`camera=${at % 2 === 0 ? 'A7' : 'X100'}`, ...(at % 5 === 0 ? ['place=Rome'] : [])],
    batch: batches[at % 7 === 0 ? 0 : 1],
  }
}

function submitMany(from: number, count: number, headers = {}): Promise<Job[]> {
  // Together, so that some are submitted in the same millisecond.
  return Promise.all(
    Array.from({ length: count }, (_, at) => user.submitPhoto(optionsOf(from + at), headers)),
  )
}

beforeAll(async () => {
  cluster = await TestCluster.start({ instant: true })
  user = await ApiUser.of(cluster.url)
  await cluster.ready()
  batches = [await user.emptyBatch(), await user.emptyBatch()]
  const ended = await submitMany(0, 20, WAIT)
  await user.drain()
  const waiting = await submitMany(20, 15)
  for (const { id } of waiting.filter((_job, at) => at % 3 === 0)) await user.act('cancelJob', id)
  jobs = await Promise.all([...ended, ...waiting].map(({ id }) => user.get(id)))
})
afterAll(() => cluster.stop())

/** A moment with jobs before, at and after it. */
function middle(times: ReadonlyArray<string | null>): string {
  const sorted = times.filter((time) => time !== null).sort()
  return sorted[Math.floor(sorted.length / 2)] ?? ''
}

const middleSubmit = () => middle(jobs.map(({ submittedAt }) => submittedAt))
const middleEnd = () => middle(jobs.map(({ endedAt }) => endedAt))
const at = (time: string | null) => (time === null ? Number.NaN : Date.parse(time))
/** The same moment, as another part of the world writes it. */
const elsewhere = (time: string) =>
  new Date(Date.parse(time) + 3_600_000).toISOString().replace('Z', '+01:00')

interface FilterCase {
  readonly what: string
  readonly query: () => Query
  readonly isMeant: (job: Job) => boolean
}

const byStatus: readonly FilterCase[] = [
  {
    what: 'a status',
    query: () => ({ status: ['SUCCEEDED'] }),
    isMeant: ({ status }) => status === 'SUCCEEDED',
  },
  {
    what: 'two statuses',
    query: () => ({ status: ['CANCELLED', 'QUEUED'] }),
    isMeant: ({ status }) => status === 'CANCELLED' || status === 'QUEUED',
  },
]

const byClass: readonly FilterCase[] = [
  ['the label of a class', SEEN.label],
  ['how words of a label begin', 'retr Gold'],
  ['a WordNet id', SEEN.wordnetId],
].map(([what = '', name = '']) => ({
  what,
  query: () => ({ class: name }),
  isMeant: ({ result }) => result !== null,
}))

const byOptions: readonly FilterCase[] = [
  {
    what: 'how a name begins',
    query: () => ({ fileName: 'photo-1' }),
    isMeant: ({ fileName }) => fileName.startsWith('photo-1'),
  },
  {
    what: 'a name with signs',
    query: () => ({ fileName: '100%_' }),
    isMeant: ({ fileName }) => fileName.startsWith('100%_'),
  },
  {
    what: 'a batch',
    query: () => ({ batch: batches[0] }),
    isMeant: ({ batch }) => batch === batches[0],
  },
  { what: 'an owner', query: () => ({ owner: 'Ada' }), isMeant: ({ owner }) => owner === 'Ada' },
  {
    what: 'a worker',
    query: () => ({ worker: 'worker-1' }),
    isMeant: ({ worker }) => worker === 'worker-1',
  },
  {
    what: 'a tag',
    query: () => ({ tag: ['camera=A7'] }),
    isMeant: ({ tags }) => tags.camera === 'A7',
  },
  {
    what: 'two tags',
    query: () => ({ tag: ['camera=A7', 'place=Rome'] }),
    isMeant: ({ tags }) => tags.camera === 'A7' && tags.place === 'Rome',
  },
]

const byTime: readonly FilterCase[] = [
  {
    what: 'the time of submit, from',
    query: () => ({ submittedAfter: middleSubmit() }),
    isMeant: ({ submittedAt }) => at(submittedAt) >= at(middleSubmit()),
  },
  {
    what: 'the time of submit, until',
    query: () => ({ submittedBefore: elsewhere(middleSubmit()) }),
    isMeant: ({ submittedAt }) => at(submittedAt) < at(middleSubmit()),
  },
  {
    what: 'the time of the end, from',
    query: () => ({ endedAfter: elsewhere(middleEnd()) }),
    isMeant: ({ endedAt }) => at(endedAt) >= at(middleEnd()),
  },
  {
    what: 'the time of the end, until',
    query: () => ({ endedBefore: middleEnd() }),
    isMeant: ({ endedAt }) => at(endedAt) < at(middleEnd()),
  },
]

const byAll: FilterCase = {
  what: 'all of it together',
  query: () => ({
    status: ['SUCCEEDED', 'FAILED'],
    class: SEEN.label,
    fileName: 'photo-',
    batch: batches[1],
    worker: 'worker-1',
    owner: 'Bob',
    tag: ['camera=A7'],
    submittedBefore: middleSubmit(),
    endedBefore: '2100-01-01T00:00:00Z',
  }),
  isMeant: (job) =>
    job.status === 'SUCCEEDED' &&
    job.fileName.startsWith('photo-') &&
    job.batch === batches[1] &&
    job.owner === 'Bob' &&
    job.tags.camera === 'A7' &&
    at(job.submittedAt) < at(middleSubmit()),
}

it.each([...byStatus, ...byClass, ...byOptions, ...byTime, byAll])(
  'has the jobs of $what, in any order, and counts them',
  async ({ query, isMeant }) => {
    const meant = jobs.filter(isMeant)
    // Otherwise the filter would not be seen to work.
    expect(meant.length).toBeGreaterThan(0)
    expect(meant.length).toBeLessThan(jobs.length)
    for (const sort of JOB_SORTS) {
      const listed = sort.endsWith('ended') ? meant.filter(({ endedAt }) => endedAt !== null) : meant
      const found = await user.pages({ ...query(), sort, limit: 4 })
      expect([sort, idsOf(found.flatMap((each) => each.jobs))]).toEqual([sort, idsOf(listed)])
      const totals = new Set(found.map(({ total }) => total))
      expect([sort, totals]).toEqual([sort, new Set([listed.length])])
    }
  },
)

it.each<[Query]>([
  [{ class: 'acoustic guitar' }],
  [{ class: 'nothing is called so' }],
  [{ batch: randomUUID() }],
  [{ tag: ['camera=A8'] }],
  [{ status: ['FAILED'] }],
  [{ fileName: 'Photo-1' }],
  [{ submittedAfter: '2100-01-01T00:00:00Z' }],
])('is empty where nothing is as %j', async (query) => {
  expect(await user.page(query)).toEqual({ jobs: [], next: null, total: 0 })
})

it('is empty where a job would have to have a tag twice', async () => {
  expect(await user.page({ tag: ['camera=A7', 'camera=X100'] })).toMatchObject({ jobs: [], next: null })
})

it.each<[JobSort]>(JOB_SORTS.map((sort) => [sort]))(
  'has, by %s, each job once and in its order, page by page',
  async (sort) => {
    const listed = sort.endsWith('ended') ? jobs.filter(({ endedAt }) => endedAt !== null) : jobs
    const found = await user.pages({ sort, limit: 6 })
    expect(found.slice(0, -1).map((each) => each.jobs.length)).toEqual(
      Array.from({ length: Math.ceil(listed.length / 6) - 1 }, () => 6),
    )
    const all = found.flatMap((each) => each.jobs)
    expect(idsOf(all)).toEqual(idsOf(listed))
    expect(found.map(({ total }) => total)).toEqual(found.map(() => listed.length))
    const times = all.map((job) => at(sort.endsWith('ended') ? job.endedAt : job.submittedAt))
    expect(times).toEqual([...times].sort((a, b) => (sort.startsWith('-') ? b - a : a - b)))
  },
)

it('has the latest 20 where nothing is said about it', async () => {
  const latest = await user.page()
  expect(latest.jobs).toHaveLength(20)
  expect(latest.jobs).toEqual((await user.page({ sort: '-submitted', limit: 20 })).jobs)
})

it('shows jobs as they are when looked at one by one', async () => {
  const { jobs: listed } = await user.page({ limit: 100 })
  for (const job of listed) {
    const { history: _history, ...alone } = await user.get(job.id)
    expect(job).toEqual(alone)
  }
})

it('neither repeats nor leaves out a job when others come and go between its pages', async () => {
  const first = await user.page({ limit: 10 })
  const [gone, ...kept] = first.jobs
  const added = await user.submitPhoto()
  await user.act('cancelJob', gone?.id ?? '')
  await user.api.call('deleteJob', { params: { id: gone?.id ?? '' } })
  const rest = (await user.pages({ limit: 10 }, first.next)).flatMap((each) => each.jobs)
  await user.api.call('deleteJob', { params: { id: added.id } })
  jobs = jobs.filter(({ id }) => id !== gone?.id)
  expect(idsOf([...kept, ...rest])).toEqual(idsOf(jobs))
})

it('goes on from a cursor of its own order only', async () => {
  for (const [sort, other] of [
    ['submitted', '-submitted'],
    ['-submitted', '-ended'],
    ['ended', 'submitted'],
  ] as const) {
    const { next } = await user.page({ sort, limit: 1 })
    const { code } = await user.api.callRefused('listJobs', { query: { sort: other, cursor: next ?? '' } })
    expect(code).toBe('request/invalid')
  }
})

it.each([
  'nonsense',
  '',
  '%',
  Buffer.from('[]').toString('base64url'),
  Buffer.from('["-submitted",null,1]').toString('base64url'),
])('goes on from no cursor such as %j', async (cursor) => {
  expect((await user.api.callRefused('listJobs', { query: { cursor } })).code).toBe('request/invalid')
})

it.each<[Query]>([
  [{ status: ['DONE'] }],
  [{ status: ['SUCCEEDED', 'DONE'] }],
  [{ class: '' }],
  [{ fileName: '' }],
  [{ batch: 'one' }],
  [{ owner: '' }],
  [{ tag: ['camera'] }],
  [{ tag: ['a=1', 'b=1', 'c=1', 'd=1', 'e=1', 'f=1'] }],
  [{ submittedAfter: 'yesterday' }],
  [{ submittedBefore: '2026-02-30T00:00:00Z' }],
  [{ endedAfter: '2026-01-01' }],
  [{ endedBefore: '2026-01-01T00:00:00' }],
  [{ sort: 'name' }],
  [{ limit: 0 }],
  [{ limit: 101 }],
  [{ limit: 1.5 }],
  [{ limit: '' }],
  [{ limit: '0x10' }],
  [{ limit: ['1', '2'] }],
  [{ cursor: 'a'.repeat(501) }],
])('cannot be asked for %j', async (query) => {
  expect((await user.api.callInvalid('listJobs', { query })).code).toBe('request/invalid')
})
