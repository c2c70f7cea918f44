/** Whether a job in memory meets conditions against what the database says of its row. */
import { JOB_STATUSES } from '@argus/shared'
import type { Knex } from 'knex'
import { beforeEach, describe, expect, it } from 'vitest'
import { Random, SEED } from '../../testing/random.ts'
import { type MakeTarget, newJob, onEachDatabase, openUntilEnd } from '../../testing/store.ts'
import { RESULT } from '../../testing/unit.ts'
import { conditionsOf } from '../jobs/job-search.ts'
import type { JobConditions, TimeRange } from './job-filters.ts'
import { JobList } from './job-list.ts'
import { matches } from './job-matches.ts'
import { type JobRecord, type JobRow, resultColumns, toRecord, toRow } from './job-record.ts'
import { JobStore } from './job-store.ts'

const SOME_JOBS = 300
const ROUNDS = 250
const TIMES = 12
const NOW = 1_700_000_000_000

/** They differ in case, in an accent or how it is written, and in spaces at their ends. */
const OWNERS = ['ann', 'Ann', 'ann ', ' ann', 'anń', 'ann\u0301', 'ß', 'ss', '🧑', '🧑🏽', 'İ', 'i']
const WORKERS = ['one', 'One', 'one ', 'ône', '1']
const BATCHES = ['batch-1', 'batch-2', 'BATCH-1', 'batch-1 ']
const CLASSES = [0, 7, 417, 999]
const TAGS = [
  ['trip', 'rome'],
  ['trip', 'Rome'],
  ['trip', 'rome '],
  ['trip', 'rôme'],
  ['Trip', 'rome'],
  ['camera', '📷'],
  ['constructor', 'Leica'],
  ['__proto__', 'x'],
] as const
const NAMES = [
  'a',
  'A',
  'a ',
  'a  b',
  ' a',
  'á',
  'a\u0301',
  'a\u0301b',
  'ab',
  'a%b',
  'a_b',
  'a\\b',
  "a'b",
  'ﬁ',
  'fi',
  'ß',
  'ss',
  'é',
  'É',
  '🏖',
  '🏖 ',
  '🏖🏖',
  '🏗',
  '👩‍🚀',
  '👩',
  'x\ud7ff',
  'x\ud7ffy',
  'x\ue000',
  'x\uffff',
  'x\u{10000}',
  'x\u{10ffff}y',
  '\u{10ffff}',
  '\u{10ffff}\u{10ffff}z',
  'NULL',
  '0',
  '00',
]
const PREFIXES = [...NAMES, 'x', 'a%', 'f', '👩‍', '\u{10ffff}\u{10ffff}', 'nothing begins so']

function randomRow(random: Random, number: number): { row: JobRow; tags: Array<readonly [string, string]> } {
  const status = random.pick(JOB_STATUSES)
  const hasEnded = status !== 'QUEUED' && status !== 'RUNNING'
  // Of one name there is one value at most.
  const tags = new Map(TAGS.filter(() => random.chance(0.25)))
  const job = newJob(`job-${String(number).padStart(6, '0')}`, {
    owner: random.pick(OWNERS),
    batch: random.pick([null, ...BATCHES]),
    fileName: random.pick(NAMES),
    tags: Object.fromEntries(tags),
    submittedAt: NOW + random.below(TIMES),
  })
  const [first, ...others] = [random.pick(CLASSES), random.pick(CLASSES)]
  const classes = [first, ...others].map((index) => ({ index, probability: 0.4 }))
  const result = status === 'SUCCEEDED' ? { ...RESULT, classes: random.pick([classes, classes, []]) } : null
  const row = {
    ...toRow(job),
    ...resultColumns(result),
    status,
    worker: random.pick([null, ...WORKERS]),
    ended_at: hasEnded ? NOW + random.below(TIMES) : null,
  }
  return { row, tags: [...tags] }
}

function randomRange(random: Random): TimeRange {
  const [from, before] = [NOW + random.below(TIMES), NOW + random.below(TIMES + 1)]
  return random.pick<TimeRange>([{ from }, { before }, { from, before }])
}

function randomConditions(random: Random): JobConditions {
  // One condition alone is a case of its own, and several of them are rarely met by any job.
  const chance = random.pick([0.1, 0.15, 0.3])
  const maybe = <T>(make: () => T): T | undefined => (random.chance(chance) ? make() : undefined)
  const some = <T>(items: readonly T[]): T[] => items.filter(() => random.chance(0.4))
  return {
    status: maybe(() => [...new Set([random.pick(JOB_STATUSES), random.pick(JOB_STATUSES)])]),
    classes: maybe(() => some(CLASSES)),
    fileNamePrefix: maybe(() => random.pick(PREFIXES)),
    batch: maybe(() => random.pick(BATCHES)),
    worker: maybe(() => random.pick(WORKERS)),
    owner: maybe(() => random.pick(OWNERS)),
    tags: maybe(() => [random.pick(TAGS), random.pick(TAGS)]),
    submitted: maybe(() => randomRange(random)),
    ended: maybe(() => randomRange(random)),
  }
}

async function listedBy(database: Knex, conditions: JobConditions): Promise<string[]> {
  const list = new JobList(database, conditions)
  const { ids } = await list.page({ order: 'submitted_at', isDescending: false, after: null, limit: 1000 })
  return [...ids].sort()
}

function matchedBy(jobs: readonly JobRecord[], conditions: JobConditions): string[] {
  const matching = jobs.filter((job) => matches(job, conditions))
  return matching.map(({ id }) => id).sort()
}

function contract(makeTarget: MakeTarget): void {
  let database: Knex
  let jobs: readonly JobRecord[]

  beforeEach(async () => {
    database = await openUntilEnd(await makeTarget())
    const random = new Random(SEED)
    const made = Array.from({ length: SOME_JOBS }, (_, number) => randomRow(random, number))
    await database.batchInsert(
      'jobs',
      made.map(({ row }) => row),
      100,
    )
    await database.batchInsert(
      'job_tags',
      made.flatMap(({ row, tags }) =>
        tags.map(([name, value]) => ({ job_id: row.id, name, value, submitted_at: row.submitted_at })),
      ),
      100,
    )
    jobs = await new JobStore(database).findAll(made.map(({ row }) => row.id))
  })

  it(`are those that the database lists (seed ${SEED})`, async () => {
    const random = new Random(SEED + 1)
    let found = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      const conditions = randomConditions(random)
      const expected = await listedBy(database, conditions)
      expect(matchedBy(jobs, conditions), JSON.stringify(conditions)).toEqual(expected)
      found += expected.length
    }
    expect(found).toBeGreaterThan(ROUNDS)
  })

  it.each<[string, readonly JobConditions[]]>([
    ['the beginning of a name', PREFIXES.map((fileNamePrefix) => ({ fileNamePrefix }))],
    ['an owner', OWNERS.map((owner) => ({ owner }))],
    ['a worker', WORKERS.map((worker) => ({ worker }))],
    ['a batch', BATCHES.map((batch) => ({ batch }))],
    ['a tag', TAGS.map((tag) => ({ tags: [tag] }))],
    ['a class', [...CLASSES.map((index) => ({ classes: [index] })), { classes: [] }]],
    ['a time', [{ ended: { from: 0 } }, { ended: { before: NOW + 3 } }, { submitted: { before: NOW + 1 } }]],
  ])('are those that the database lists by %s', async (_what, all) => {
    for (const conditions of all) {
      const expected = await listedBy(database, conditions)
      expect(matchedBy(jobs, conditions), JSON.stringify(conditions)).toEqual(expected)
    }
  })

  // As a filter is that was cut off by who counts in units of two bytes.
  it('are those that the database lists by half a character', async () => {
    for (const fileName of ['\ud83c', '🏖\ud83c', 'x\ud800']) {
      const conditions = conditionsOf({ fileName })
      const expected = await listedBy(database, conditions)
      expect(matchedBy(jobs, conditions), JSON.stringify(fileName)).toEqual(expected)
    }
  })

  it('are the same of a record as it was inserted and as it is read', async () => {
    const random = new Random(SEED + 2)
    for (const job of jobs.slice(0, 50)) {
      const row = await database<JobRow>('jobs').where({ id: job.id }).first()
      const conditions = randomConditions(random)
      if (row) expect(matches(toRecord(row), conditions)).toBe(matches(job, conditions))
    }
  })
}

describe('jobs that match', () => {
  onEachDatabase(contract)
})
