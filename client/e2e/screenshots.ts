/**
 * Takes pictures of every page of the web app, as the build has it, with real masters and real workers: empty,
 * full and failing, on three widths of screen, light and dark. They land in `.cache/screenshots/`, each as
 * `<page>-<state>-<width>-<scheme>.png`.
 *
 * `npm run screenshots --workspace client [-- FOLDER]`; the board at work is also written to that folder, for the
 * README. All photos in the pictures are drawn from the project's own samples.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { TestCluster } from '../../server/testing/cluster.ts'
import { findMariaDb, TestMariaDb } from '../../server/testing/mariadb.ts'
import { SAMPLES_DIR } from '../../server/testing/test-data.ts'
import { text } from '../src/text/index.ts'
import { broken, type Photo, photos } from './album.ts'
import { dragAway, dragFiles, dropFiles } from './browser.ts'
import { launchBrowser } from './chromium.ts'
import { loseWay, PAGES } from './pages.ts'
import { createBatch, loseOnce, post, settled, submit, submitAll, type Words, whileHeld } from './stage.ts'
import { picturePath, SCHEMES, Studio } from './studio.ts'

const LONG_NAME = `a-very-long-name-${'that-someone-gave-to-a-photo-'.repeat(5)}of-a-lighthouse.png`
const LONG_WORKER = `${'a-rather-long-name-'.repeat(4)}in-the-cellar`
/** A file that the master refuses. */
const NO_PHOTO = join(SAMPLES_DIR, 'index.json')
/** More than any disk has. */
const WHOLE_DISK = '1000000000000000'
/** In bytes a second, so that uploads are seen on their way. */
const SLOW_LINE = 60_000
/** Photos that wait or are being recognised in the pictures of work under way. */
const UNFINISHED = 12

const album = await photos(48)
const browser = await launchBrowser()
try {
  await takeStorage()
  await takeCluster()
} finally {
  await browser.close()
}

/** Without room on the disk, and without a database that answers. */
async function takeStorage(): Promise<void> {
  if (findMariaDb() === null) return
  const database = await TestMariaDb.start()
  const masterEnv = { DATABASE_URL: database.url, MIN_FREE_BYTES: WHOLE_DISK }
  const cluster = await TestCluster.start({ workers: 0, masterEnv })
  try {
    const studio = await Studio.open(browser, cluster.url)
    await studio.go(PAGES.submit)
    await studio.each((page) => page.getByRole('region', { name: text.readiness.diskFull }).waitFor())
    await studio.each((page) => dropFiles(page, samplePath('lighthouse'), samplePath('guitar')))
    await studio.each((page) => page.locator('[data-upload=postponed]').nth(1).waitFor())
    await studio.take('submit-disk-full')
    await studio.go(PAGES.board)
    await studio.take('board-disk-full')
    await studio.go(PAGES.batches)
    await database.kill()
    // What finds out is a write.
    await post(cluster, `jobs/${randomUUID()}/cancel`)
    await studio.each((page) => page.getByRole('region', { name: text.readiness.noDatabase }).waitFor())
    await studio.take('batches-no-database')
    for (const page of ['board', 'job', 'dashboard'] as const) {
      await studio.each((each) => each.goto(`${cluster.url}/${PAGES[page]}`))
      await studio.each((each) => each.getByRole('region', { name: text.readiness.noDatabase }).waitFor())
      await studio.take(`${page}-no-database`)
    }
    await studio.close()
  } finally {
    await cluster.stop()
    await database.stop()
  }
}

async function takeCluster(): Promise<void> {
  const cluster = await TestCluster.start({ workers: 0, workerEnv: { THREADS: '1' } })
  const folder = await mkdtemp(join(tmpdir(), 'argus-album-'))
  try {
    const studio = await Studio.open(browser, cluster.url)
    await takeEmpty(studio)
    const jobs = await prepare(cluster, studio)
    await takeUploads(studio, folder)
    await settled(cluster)
    await takeFull(cluster, studio, jobs)
    const readme = process.argv[2]
    if (readme !== undefined) await keepForReadme(resolve(process.env.INIT_CWD ?? '', readme))
    await takeFailing(cluster, studio, jobs)
    await studio.close()
  } finally {
    await cluster.stop()
    await rm(folder, { recursive: true })
  }
}

async function takeEmpty(studio: Studio): Promise<void> {
  for (const [page, path] of Object.entries(PAGES)) {
    await studio.go(path)
    await studio.take(`${page}-empty`)
  }
  await studio.each(loseWay)
  await studio.take('not-found-empty')
}

interface Jobs {
  /** Lost with a worker once, and recognised twice. */
  readonly rerun: string
  readonly failed: string
  readonly batch: string
}

/** Jobs in all states, some two hundred; before there is a worker for them, that is shown. */
async function prepare(cluster: TestCluster, studio: Studio): Promise<Jobs> {
  const [first, second] = album
  if (first === undefined || second === undefined) throw new Error('There are no photos')
  const batch = await createBatch(cluster, 'Everything that stands at the harbour', 'Ada')
  const cancelled = await createBatch(cluster, 'Front door, second half of August', 'door-camera')
  const atDoor = { batch: cancelled, owner: 'door-camera', tag: ['place=front door'] }
  await submitAll(cluster, album.slice(0, 6), () => atDoor)
  await post(cluster, `batches/${cancelled}/cancel`)
  await submitAll(cluster, album.slice(0, 3), () => ({ owner: 'Grace' }))
  await studio.go(PAGES.cluster)
  await studio.take('cluster-failing')
  await studio.go(PAGES.board)
  await studio.take('board-no-worker', false)

  const long = { ...first, name: LONG_NAME }
  const rerun = await loseOnce(cluster, long, { owner: 'Ada', priority: 5, tag: tagsOf(first) })
  for (const name of ['attic', 'workshop', LONG_WORKER]) cluster.startWorker({ WORKER_NAME: name })
  await studio.go(PAGES.cluster)
  await studio.each((page) => page.locator('[data-worker-state=ready]').nth(2).waitFor())
  await settled(cluster)
  await post(cluster, `jobs/${rerun}/retry`)
  await submitAll(cluster, album, (photo) => ({ batch, owner: 'Ada', tag: tagsOf(photo) }))
  await submit(cluster, broken(second), { batch, owner: 'Ada' })
  const failed = await submit(cluster, broken(first), { owner: 'Grace', tag: ['place=attic'] })
  await submitAll(cluster, album.slice(0, 24), (_, at) => ({ owner: at % 3 === 0 ? 'Grace' : 'door-camera' }))
  await settled(cluster)
  return { rerun, failed, batch }
}

function tagsOf({ truth }: Photo): string[] {
  return [`truth=${truth}`, 'place=harbour', 'camera=A7']
}

/** Photos on their way over a slow line. */
async function takeUploads(studio: Studio, folder: string): Promise<void> {
  const sent = album.slice(0, 14)
  await Promise.all(sent.map(({ name, bytes }) => writeFile(join(folder, name), bytes)))
  await studio.go(PAGES.submit)
  const lines: Line[] = []
  await studio.each(async (page) => lines.push(await lineOf(page)))
  await Promise.all(lines.map((line) => line(SLOW_LINE)))
  await studio.each((page) => dropFiles(page, ...sent.map(({ name }) => join(folder, name))))
  await studio.each((page) => page.locator('[data-upload=sent]').nth(1).waitFor())
  await studio.take('submit-full')
  await Promise.all(lines.map((line) => line(-1)))
  const pending = ':is([data-upload=waiting], [data-upload=sending])'
  await studio.each((page) => page.locator(pending).first().waitFor({ state: 'detached' }))
}

async function takeFull(cluster: TestCluster, studio: Studio, { rerun, batch }: Jobs): Promise<void> {
  const takeHeld = (name: string, words: Words) =>
    whileHeld(cluster, album.slice(0, UNFINISHED), words, () => studio.take(name))

  await studio.go(PAGES.board)
  await mixNewest(cluster)
  await whileHeld(cluster, album.slice(8, 11), { owner: 'Grace' }, () => studio.take('board-full', false))
  for (const row of [1, 2]) {
    await studio.each((page) => page.locator('tr[data-job-id] input').nth(row).click())
  }
  await studio.take('board-selected', false)
  await studio.each((page) => dragFiles(page, samplePath('lighthouse')))
  await studio.take('board-dragging', false)
  await studio.each((page) => dragAway(page))
  await studio.go('?class=beacon&status=SUCCEEDED&owner=Ada')
  await studio.take('board-filtered', false)

  await studio.go(`jobs/${rerun}`)
  await studio.take('job-full')
  await studio.go(PAGES.batches)
  await studio.take('batches-full')
  await studio.go(`batches/${batch}`)
  await studio.take('batch-full')
  await takeHeld('batch-working', { batch, owner: 'Ada' })
  await studio.go(PAGES.cluster)
  await takeHeld('cluster-full', { owner: 'Grace' })
  await studio.go(PAGES.dashboard)
  await studio.take('dashboard-full')
  await studio.each(loseWay)
  await studio.take('not-found-full')
}

/** The newest jobs, which are seen first, are in all states that last. */
async function mixNewest(cluster: TestCluster): Promise<void> {
  const owners = ['Ada', 'Grace', 'door-camera']
  const ownerOf = (at: number) => ({ owner: owners[at % owners.length] })
  await submitAll(cluster, album.slice(0, 6), (_, at) => ownerOf(at))
  await submitAll(cluster, album.slice(9, 10).map(broken), () => ownerOf(0))
  await settled(cluster)
  await whileHeld(cluster, [], {}, async () => {
    const [id] = await submitAll(cluster, album.slice(6, 7), () => ownerOf(1))
    await post(cluster, `jobs/${id}/cancel`)
  })
  await submitAll(cluster, album.slice(7, 8), () => ownerOf(2))
  await settled(cluster)
}

/** What was refused, what failed, and each page when its master is killed. */
async function takeFailing(cluster: TestCluster, studio: Studio, { failed, batch }: Jobs): Promise<void> {
  await studio.go(`jobs/${failed}`)
  await studio.take('job-failing')
  await studio.go('?class=nothing-of-the-kind')
  await studio.take('board-no-match', false)
  await studio.go(PAGES.submit)
  await studio.each((page) => dropFiles(page, NO_PHOTO, samplePath('lighthouse')))
  for (const state of ['failed', 'sent']) {
    await studio.each((page) => page.locator(`[data-upload=${state}]`).waitFor())
  }
  await takeOffline(cluster, studio, 'submit-failing', async () => {
    await studio.each((page) => dropFiles(page, samplePath('umbrella')))
    await studio.each((page) => page.locator('[data-upload=postponed]').waitFor())
  })
  for (const [name, path] of [
    ['board-failing', PAGES.board],
    ['job-offline', `jobs/${failed}`],
    ['batches-failing', PAGES.batches],
    ['batch-failing', `batches/${batch}`],
    ['cluster-offline', PAGES.cluster],
    ['dashboard-failing', PAGES.dashboard],
  ] as const) {
    await studio.go(path)
    await takeOffline(cluster, studio, name)
  }
  await studio.each(loseWay)
  await takeOffline(cluster, studio, 'not-found-failing')
}

/** Kills the master while the pages are open, and starts it again. */
async function takeOffline(
  cluster: TestCluster,
  studio: Studio,
  name: string,
  act = () => Promise.resolve(),
): Promise<void> {
  const ended = once(cluster.master, 'exit')
  cluster.master.kill('SIGKILL')
  await ended
  await act()
  await studio.each((page) => page.locator('[data-connection=offline]').waitFor())
  await studio.take(name, !name.startsWith('board'))
  await cluster.startMaster()
}

/** Sets how fast a page's uploads are, in bytes a second; -1 for no limit. */
type Line = (uploadThroughput: number) => Promise<unknown>

async function lineOf(page: Page): Promise<Line> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Network.enable')
  return (uploadThroughput) =>
    devtools.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput,
    })
}

function samplePath(name: string): string {
  return join(SAMPLES_DIR, `${name}.png`)
}

async function keepForReadme(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const scheme of SCHEMES) {
    await copyFile(picturePath('board-full', `1280-${scheme}`), join(folder, `board-${scheme}.png`))
  }
}
