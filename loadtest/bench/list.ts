/**
 * How fast a master with a million jobs lists them: each filter that has an index, in each order that it has one
 * for, at the beginning and deep inside, and beside them the requests that have none. Over HTTP, one after the
 * other, on SQLite and on MariaDB.
 */
import { LABELS } from '@argus/shared/labels'
import { dataPaths } from '../../server/src/config.ts'
import { TestCluster } from '../../server/testing/cluster.ts'
import { findMariaDb, TestMariaDb } from '../../server/testing/mariadb.ts'
import { Random, SEED } from '../../server/testing/random.ts'
import { type Call, call, keepAliveAgent } from '../kit/http.ts'
import { machine } from '../kit/machine.ts'
import { percentile } from '../kit/times.ts'
import { BEGIN, batchId, CAMERAS, END, fillTable, OWNERS, WORKERS } from './million-jobs.ts'

const JOBS = Number(process.argv[2] ?? 1_000_000)
const REQUESTS = 40
const LISTED_BAR_MS = 50
const ANY_BAR_MS = 500

/** Draws the value of a parameter, another one each time. */
type Draw = (random: Random) => Record<string, string>

const FILTERS: Readonly<Record<string, Draw>> = {
  none: () => ({}),
  status: (random) => ({ status: random.pick(['QUEUED', 'SUCCEEDED', 'FAILED', 'CANCELLED']) }),
  class: (random) => ({ class: random.pick(LABELS).wordnetId }),
  'class (label)': (random) => ({ class: random.pick(['dog', 'cat', 'guitar', 'shark', 'bus', 'pizza']) }),
  owner: (random) => ({ owner: random.pick(OWNERS) }),
  worker: (random) => ({ worker: random.pick(WORKERS) }),
  batch: (random) => ({ batch: batchId(random.below(JOBS / 1000)) }),
  tag: (random) => ({ tag: `camera=${random.pick(CAMERAS)}` }),
}

const LISTED: ReadonlyArray<readonly [sort: string, filters: readonly string[]]> = [
  ['submitted', Object.keys(FILTERS)],
  ['ended', ['none', 'status', 'class', 'class (label)']],
]

/** Requests of every other kind, which only must not take long. */
const OTHERS: Readonly<Record<string, Draw>> = {
  'file name': (random) => ({ fileName: `IMG_${String(random.below(10_000)).padStart(4, '0')}` }),
  'file name that many begin with': () => ({ fileName: 'IMG_' }),
  'file name that none begins with': () => ({ fileName: 'x' }),
  'owner and class': (random) => ({ ...draw('owner', random), ...draw('class', random) }),
  'status and worker': (random) => ({ ...draw('status', random), ...draw('worker', random) }),
  'tag and owner that seldom meet': (random) => ({ tag: 'camera=model 0', owner: random.pick(OWNERS) }),
  'a label that hundreds of classes have': () => ({ class: 's' }),
  'owner, by the end': (random) => ({ ...draw('owner', random), sort: '-ended' }),
  'tag, by the end': (random) => ({ ...draw('tag', random), sort: 'ended' }),
  'time of the end': () => ({ endedAfter: at(0.1), endedBefore: at(0.11) }),
  'all, a hundred': () => ({ limit: '100' }),
}

interface Measured {
  readonly name: string
  readonly times: readonly number[]
}

const agent = keepAliveAgent(1)
let isWithin = true
await measureOn('SQLite', null)
if (findMariaDb()) {
  // The defaults of a server that someone has installed, but a buffer for the table.
  const mariadb = await TestMariaDb.start('--innodb-buffer-pool-size=1G')
  try {
    await measureOn('MariaDB', mariadb.url)
  } finally {
    await mariadb.stop()
  }
} else console.log('MariaDB: not run, it is not here')
agent.destroy()
console.log(`On ${machine()}; seed ${SEED}.`)
if (!isWithin) process.exitCode = 1

async function measureOn(name: string, url: string | null): Promise<void> {
  const filledAt = performance.now()
  const cluster = await TestCluster.start({
    workers: 0,
    masterEnv: { LOG_LEVEL: 'error', ...(url !== null && { DATABASE_URL: url }) },
    prepare: (dataDir) =>
      fillTable({
        target: url === null ? { file: dataPaths(dataDir).database } : { url },
        jobs: JOBS,
        seed: SEED,
      }),
  })
  try {
    const seconds = (performance.now() - filledAt) / 1000
    console.log(
      `\n${name}: ${JOBS.toLocaleString('en')} jobs, filled and started in ${seconds.toFixed(0)} s\n`,
    )
    const listed = await measureListed(cluster.url)
    const others = await measureOthers(cluster.url)
    report([...listed, ...others])
    conclude(name, listed, [...listed, ...others])
  } finally {
    await cluster.stop()
  }
}

async function measureListed(url: string): Promise<Measured[]> {
  const measured: Measured[] = []
  for (const [sort, filters] of LISTED) {
    for (const direction of ['-', '']) {
      for (const filter of filters) {
        const drawn: Draw = (random) => ({ sort: `${direction}${sort}`, ...draw(filter, random) })
        const name = `${filter}, ${direction}${sort}`
        measured.push({ name, times: await pages(url, drawn) })
        const range: Draw = (random) => ({ ...drawn(random), ...within(sort, random) })
        measured.push({ name: `${name}, in a range of time`, times: await pages(url, range) })
      }
    }
  }
  return measured
}

async function measureOthers(url: string): Promise<Measured[]> {
  const measured: Measured[] = []
  for (const [name, drawn] of Object.entries(OTHERS)) {
    measured.push({ name, times: await pages(url, drawn) })
  }
  const random = new Random(SEED)
  const { times: deletions } = await timed(url, REQUESTS, () => ({
    path: `/api/v1/jobs?${new URLSearchParams(draw('batch', random))}`,
    method: 'DELETE',
  }))
  measured.push({ name: 'delete a batch', times: deletions })
  const failed = await timed(url, 1, () => ({ path: '/api/v1/jobs?status=FAILED&limit=100' }))
  const ids = (JSON.parse(failed.texts[0] ?? '{}') as { jobs: Array<{ id: string }> }).jobs.map(
    ({ id }) => id,
  )
  for (const [name, method, action] of [
    ['look at a job', 'GET', ''],
    ['retry a job', 'POST', '/retry'],
    ['cancel a job', 'POST', '/cancel'],
    ['delete a job', 'DELETE', ''],
  ] as const) {
    const { times } = await timed(url, REQUESTS, (number) => ({
      path: `/api/v1/jobs/${ids[number]}${action}`,
      method,
    }))
    measured.push({ name, times })
  }
  return measured
}

/** Of each drawn list the first page and the one after it. */
async function pages(url: string, drawn: Draw): Promise<number[]> {
  const random = new Random(SEED)
  const times: number[] = []
  for (let number = 0; number < REQUESTS / 2; number += 1) {
    const query = new URLSearchParams(drawn(random))
    const first = await timed(url, 1, () => ({ path: `/api/v1/jobs?${query}` }))
    times.push(...first.times)
    const { next } = JSON.parse(first.texts[0] ?? '{}') as { next: string | null }
    if (next === null) continue
    query.set('cursor', next)
    times.push(...(await timed(url, 1, () => ({ path: `/api/v1/jobs?${query}` }))).times)
  }
  return times
}

async function timed(
  url: string,
  count: number,
  request: (number: number) => { path: string; method?: Call['method'] },
): Promise<{ times: number[]; texts: string[] }> {
  const times: number[] = []
  const texts: string[] = []
  for (let number = 0; number < count; number += 1) {
    const { path, method } = request(number)
    const startedAt = performance.now()
    const { status, text } = await call(agent, `${url}${path}`, { method })
    times.push(performance.now() - startedAt)
    texts.push(text)
    if (status >= 300) throw new Error(`${method ?? 'GET'} ${path}: ${status} ${text}`)
  }
  return { times, texts }
}

function draw(filter: string, random: Random): Record<string, string> {
  return FILTERS[filter]?.(random) ?? {}
}

/** Ten minutes to a month. */
function within(sort: string, random: Random): Record<string, string> {
  const length = 10 ** (-3 * random.next())
  const from = random.next() * (1 - length)
  return { [`${sort}After`]: at(from), [`${sort}Before`]: at(from + length) }
}

/** A time of the month that the jobs are of. */
function at(share: number): string {
  return new Date(BEGIN + share * (END - BEGIN)).toISOString()
}

function report(measured: readonly Measured[]): void {
  console.log('| request | n | p50, ms | p95, ms | max, ms |\n| --- | --- | --- | --- | --- |')
  for (const { name, times } of measured) {
    const shares = [0.5, 0.95, 1].map((share) => percentile(times, share).toFixed(1))
    console.log(`| ${name} | ${times.length} | ${shares.join(' | ')} |`)
  }
}

function conclude(store: string, listed: readonly Measured[], all: readonly Measured[]): void {
  const p95 = Math.max(...listed.map(({ times }) => percentile(times, 0.95)))
  const max = Math.max(...all.flatMap(({ times }) => times))
  isWithin &&= p95 < LISTED_BAR_MS && max < ANY_BAR_MS
  console.log(`\n${store}: largest p95 of a listed combination ${p95.toFixed(1)} ms (bar ${LISTED_BAR_MS});`)
  console.log(`longest request of any kind ${max.toFixed(1)} ms (bar ${ANY_BAR_MS})`)
}
