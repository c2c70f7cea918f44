/**
 * What the job board costs while jobs change all the time: its page in Chromium, with a hundred thousand jobs in the
 * table, and the master, with fifty boards open on ten different views. Each for a minute.
 *
 * `npm run bench:board [SECONDS]`, after a build.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { jobPageSchema, MAX_VIEW_ROWS, NO_ROWS, statisticsSchema, type View } from '@argus/shared'
import { launchBrowser } from '../../client/e2e/chromium.ts'
import { dataPaths } from '../../server/src/config.ts'
import { TestCluster } from '../../server/testing/cluster.ts'
import { SEED } from '../../server/testing/random.ts'
import { machine } from '../kit/machine.ts'
import { BoardLoad } from './board-load.ts'
import { BrowserMeter } from './browser-meter.ts'
import { fillTable } from './million-jobs.ts'
import { Watcher } from './watcher.ts'

const SECONDS = Number(process.argv[2] ?? 60)
const JOBS = 100_000
const CHANGES = 500
/** Some that are asked for are refused, or become one; and where a browser takes its share of the cores, all come later. */
const DEMAND = { page: 1.7 * CHANGES, boards: 1.2 * CHANGES }
const BOARDS = 50
const BARS = { task: 100, heapMb: 20, bytes: 64_000, lag: 50 }
/** The page has drawn all that it began with. */
const SETTLE_MS = 5000
const QUIET_MS = 60_000

const ALL: View = { ...NO_ROWS, limit: MAX_VIEW_ROWS }
const VIEWS: readonly View[] = [
  ALL,
  { ...ALL, sort: '-ended' },
  { ...ALL, sort: 'submitted' },
  { ...ALL, filter: { status: ['SUCCEEDED'] }, sort: '-ended' },
  { ...ALL, filter: { status: ['QUEUED', 'RUNNING'] } },
  { ...ALL, filter: { status: ['FAILED'] } },
  { ...ALL, filter: { class: 'dog' } },
  { ...ALL, filter: { owner: '127.0.0.1' } },
  { ...ALL, filter: { worker: 'instant-1' } },
  { ...ALL, filter: { fileName: 'IMG_00' } },
]

let isWithin = true
const cluster = await TestCluster.start({
  workers: 0,
  instant: true,
  masterEnv: { LOG_LEVEL: 'error' },
  prepare: (dataDir) => fillTable({ target: { file: dataPaths(dataDir).database }, jobs: JOBS, seed: SEED }),
})
try {
  for (const name of ['instant-1', 'instant-2']) {
    cluster.startWorker({ WORKER_NAME: name, THREADS: '8', INSTANT_MS: '5' })
  }
  await cluster.ready()
  console.log('| what | measured | bar |\n| --- | --- | --- |')
  await measurePage()
  await measureMaster()
  console.log(`\n${JOBS.toLocaleString('en')} jobs, ${SECONDS} s each. On ${machine()}; seed ${SEED}.`)
} finally {
  await cluster.stop()
}
if (!isWithin) process.exitCode = 1

/** One board in a real browser: half of the time at the top of the list, then scrolled through it. */
async function measurePage(): Promise<void> {
  const browser = await launchBrowser()
  try {
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage()
    const meter = await BrowserMeter.attach(browser, page)
    await page.goto(cluster.url)
    await page.locator('[data-connection=live]').waitFor()
    await page.locator('tr[data-job-id]').first().waitFor()
    const load = await BoardLoad.start(cluster.url, DEMAND.page)
    await sleep(SETTLE_MS)
    await meter.start()
    await sleep(SECONDS * 500)
    await page.mouse.move(640, 600)
    for (let until = performance.now() + SECONDS * 500; performance.now() < until; ) {
      await page.mouse.wheel(0, 400)
      await sleep(500)
    }
    const cost = await meter.stop()
    const changes = await load.stop()
    const rows = await page.locator('tr[data-job-id]').count()
    report('page: changes a second', changes.toFixed(0), `${CHANGES}`, changes >= CHANGES)
    report(
      'page: longest task, thread time',
      `${cost.longestTask.toFixed(1)} ms of ${cost.tasks} tasks`,
      `${BARS.task} ms`,
      cost.longestTask <= BARS.task,
    )
    report('page: main thread busy', `${(cost.busy * 100).toFixed(0)} %, ${rows} rows drawn`, '', true)
    const growth = cost.heapGrowth / 1e6
    report(
      'page: heap growth',
      `${growth.toFixed(1)} MB, to ${(cost.heap / 1e6).toFixed(1)} MB`,
      `${BARS.heapMb} MB`,
      growth < BARS.heapMb,
    )
    report(
      'page: sent by the feed in any second',
      `${kilobytes(cost.maxBytesPerSecond)}, ${kilobytes(cost.bytesPerSecond)} on average`,
      kilobytes(BARS.bytes),
      cost.maxBytesPerSecond <= BARS.bytes,
    )
  } finally {
    await browser.close()
  }
}

/** Fifty boards, five on each view. */
async function measureMaster(): Promise<void> {
  const watchers = Array.from({ length: BOARDS }, (_, number) => {
    const view = VIEWS[number % VIEWS.length] ?? ALL
    return new Watcher(cluster.url, view)
  })
  await Promise.all(watchers.map((watcher) => watcher.open()))
  const load = await BoardLoad.start(cluster.url, DEMAND.boards)
  // The figures are those of the last minute.
  await sleep(SETTLE_MS + SECONDS * 1000)
  const answer = await fetch(`${cluster.url}/api/v1/stats`)
  const { master } = statisticsSchema.parse(await answer.json())
  const changes = await load.stop()
  const seconds = SECONDS + SETTLE_MS / 1000
  const most = Math.max(...watchers.map(({ bytes }) => bytes)) / seconds
  const lag = master.eventLoopLag
  report('50 boards: changes a second', changes.toFixed(0), `${CHANGES}`, changes >= CHANGES)
  report(
    '50 boards: event-loop lag of the master',
    `p99 ${lag.p99.toFixed(1)} ms, max ${lag.max} ms`,
    `p99 ${BARS.lag} ms`,
    lag.p99 < BARS.lag,
  )
  report(
    '50 boards: CPU of the master',
    `${master.cpu.toFixed(2)} cores, ${(master.rssBytes / 1e6).toFixed(0)} MB`,
    '',
    true,
  )
  report(
    '50 boards: sent to one a second, at most',
    kilobytes(most),
    kilobytes(BARS.bytes),
    most <= BARS.bytes,
  )
  const gaps = watchers.reduce((sum, watcher) => sum + watcher.gaps, 0)
  report('50 boards: missing frames', `${gaps}`, '0', gaps === 0)
  await untilQuiet()
  const wrong = await countWrong(watchers)
  report('50 boards: that differ from the REST list afterwards', `${wrong}`, '0', wrong === 0)
  for (const watcher of watchers) watcher.close()
}

/** Returns when no job waits or runs, and boards have had the time to hear of it. */
async function untilQuiet(): Promise<void> {
  for (const until = performance.now() + QUIET_MS; ; await sleep(500)) {
    const answer = await fetch(`${cluster.url}/api/v1/jobs?status=QUEUED&status=RUNNING&limit=1`)
    if (jobPageSchema.parse(await answer.json()).total === 0) break
    if (performance.now() > until) throw new Error('Jobs still wait long after the last one was submitted')
  }
  await sleep(3000)
}

async function countWrong(watchers: readonly Watcher[]): Promise<number> {
  let wrong = 0
  for (const [number, watcher] of watchers.entries()) {
    const listed = await restList(VIEWS[number % VIEWS.length] ?? ALL)
    if (watcher.ids.join() !== listed.join()) wrong += 1
  }
  return wrong
}

/** As the watcher has it. */
async function restList({ filter, sort }: View): Promise<string[]> {
  const query = new URLSearchParams({ sort, limit: `${MAX_VIEW_ROWS}` })
  for (const [name, value] of Object.entries(filter)) {
    for (const each of [value].flat()) if (each !== undefined) query.append(name, each)
  }
  const answer = await fetch(`${cluster.url}/api/v1/jobs?${query}`)
  return jobPageSchema.parse(await answer.json()).jobs.map(({ id, revision }) => `${id} ${revision}`)
}

function report(what: string, measured: string, bar: string, isMet: boolean): void {
  isWithin &&= isMet
  console.log(`| ${what} | ${measured}${isMet ? '' : ' **not met**'} | ${bar} |`)
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} KB`
}
