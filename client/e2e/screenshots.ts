/**
 * Takes pictures of the board, as the build has it, with real masters and real workers: in each of its states,
 * on three widths of screen, light and dark. They land in `.cache/screenshots/`.
 *
 * `npm run screenshots --workspace client [-- FOLDER]`; the board at work is also written to that folder, for the
 * README.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type JobStatus, jobSchema, workerViewSchema } from '@argus/shared'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { TestCluster } from '../../server/testing/cluster.ts'
import { findMariaDb, TestMariaDb } from '../../server/testing/mariadb.ts'
import { SAMPLES_DIR } from '../../server/testing/test-data.ts'
import { text } from '../src/text.ts'
import { dragAway, dragFiles, dropFiles, launchBrowser } from './browser.ts'
import { picturePath, SCHEMES, Studio } from './studio.ts'

const LONG_NAME = `a-very-long-name-${'that-someone-gave-to-a-photo-'.repeat(5)}of-a-lighthouse.png`
const LONG_WORKER = `${'a-rather-long-name-'.repeat(4)}in-the-cellar`
/** A file that the master refuses. */
const NO_PHOTO = join(SAMPLES_DIR, 'index.json')
/** Rows that are still queued or being recognised in the picture of the board at work. */
const UNFINISHED = 3
/** More than any disk has. */
const WHOLE_DISK = '1000000000000000'
/** Longer than it takes to take the pictures of a worker that drains. */
const SLOW_MS = 15_000

const samples = (await readdir(SAMPLES_DIR)).filter((file) => file.endsWith('.png'))
const samplePath = (position: number) => join(SAMPLES_DIR, samples[position % samples.length] ?? '')

const browser = await launchBrowser()
try {
  await takeRefusals()
  await takeWorkers()
  await takeBoard()
} finally {
  await browser.close()
}

/** Without a database that answers, and without room on the disk. */
async function takeRefusals(): Promise<void> {
  if (findMariaDb() === null) return
  const database = await TestMariaDb.start()
  const masterEnv = { DATABASE_URL: database.url, MIN_FREE_BYTES: WHOLE_DISK }
  const cluster = await TestCluster.start({ workers: 0, masterEnv })
  try {
    const studio = await Studio.open(browser, cluster.url)
    await studio.each((page) => page.getByRole('region', { name: text.readiness.diskFull }).waitFor())
    await studio.each((page) => dropFiles(page, samplePath(0), samplePath(1)))
    await studio.each((page) => page.locator('[data-upload=postponed]').nth(1).waitFor())
    await studio.take('disk-full')
    await database.kill()
    // What finds out is a write.
    await post(cluster, `jobs/${randomUUID()}/cancel`)
    await studio.each((page) => page.getByRole('region', { name: text.readiness.noDatabase }).waitFor())
    await studio.take('no-database')
    await studio.close()
  } finally {
    await cluster.stop()
    await database.stop()
  }
}

/** Workers that drain while they hold jobs, and then hold none; one has a name for which there is no room. */
async function takeWorkers(): Promise<void> {
  const workerEnv = { THREADS: '2', INSTANT_MS: String(SLOW_MS) }
  const cluster = await TestCluster.start({ workers: 0, instant: true, workerEnv })
  try {
    const studio = await Studio.open(browser, cluster.url)
    for (const name of ['attic', 'workshop', LONG_WORKER]) cluster.startWorker({ WORKER_NAME: name })
    await readyWorkers(studio, 3)
    await studio.each((page) => page.locator('[popovertarget=workers]').click())
    for (let position = 0; position < 12; position += 1) await cluster.submit(samplePath(position))
    await post(cluster, `workers/${await workerId(cluster, 'workshop')}/drain`)
    await studio.each((page) => page.locator('[data-worker-state=draining]').waitFor())
    await studio.take('workers')
    await studio.each((page) => page.locator('[data-worker-state=drained]').waitFor())
    await studio.take('drained')
    await studio.close()
  } finally {
    await cluster.stop()
  }
}

async function takeBoard(): Promise<void> {
  const cluster = await TestCluster.start({ workers: 0 })
  try {
    const studio = await Studio.open(browser, cluster.url)
    await studio.each((page) => page.getByRole('region', { name: text.readiness.noWorker }).waitFor())
    await studio.take('no-worker')

    const cancelled = await submit(cluster, samplePath(1))
    await post(cluster, `jobs/${cancelled}/cancel`)
    const rerun = await submitToDyingWorker(cluster, studio)
    cluster.startWorker({ WORKER_NAME: 'attic' })
    cluster.startWorker({ WORKER_NAME: 'workshop' })
    await readyWorkers(studio, 2)
    await becomes(studio, rerun, 'SUCCEEDED')
    await post(cluster, `jobs/${rerun}/retry`)
    await becomes(studio, rerun, 'SUCCEEDED')

    await submitSamples(cluster)
    await takeAtWork(cluster, studio)
    const folder = process.argv[2]
    if (folder !== undefined) await keepForReadme(resolve(process.env.INIT_CWD ?? '', folder))

    await studio.each((page) => page.locator('tr[data-status=SUCCEEDED] button').first().click())
    await studio.take('details')
    await studio.each((page) => page.keyboard.press('Escape'))
    await studio.each((page) => page.locator('tr[data-status=FAILED] button').first().click())
    await studio.take('failure')
    await studio.each((page) => dropFiles(page, NO_PHOTO))
    await studio.each((page) => page.locator('[data-upload=failed]').waitFor())
    await studio.take('refused')
    await studio.each((page) => dragFiles(page, samplePath(0)))
    await studio.take('dragging')
    await studio.each((page) => dragAway(page))
    await studio.each((page) => page.locator('[data-upload=failed] button').last().click())
    await studio.each((page) => page.keyboard.press('Escape'))

    await takeDrawer(studio, 'cancelled', cancelled)
    await takeDrawer(studio, 'attempts', rerun)

    await studio.each((page) => page.evaluate(() => window.scrollTo(0, 0)))
    cluster.master.kill('SIGKILL')
    await studio.each((page) => page.locator('[data-connection=offline]').waitFor())
    await studio.take('offline')
    await studio.close()
  } finally {
    await cluster.stop()
  }
}

/** A job whose first worker dies with it; none is left then. */
async function submitToDyingWorker(cluster: TestCluster, studio: Studio): Promise<string> {
  const worker = cluster.startWorker({ WORKER_NAME: LONG_WORKER })
  await readyWorkers(studio, 1)
  await studio.take('empty')
  worker.kill('SIGSTOP')
  const id = await submit(cluster, { name: LONG_NAME, bytes: await readFile(samplePath(3)) })
  await becomes(studio, id, 'RUNNING')
  const exited = once(worker, 'exit')
  worker.kill('SIGKILL')
  await exited
  await becomes(studio, id, 'QUEUED')
  return id
}

/** Every sample twice, and a photo that breaks off in its middle. */
async function submitSamples(cluster: TestCluster): Promise<void> {
  for (let position = 0; position < samples.length; position += 1)
    await cluster.recognise(samplePath(position))
  const whole = await sharp(samplePath(0)).jpeg().toBuffer()
  const bytes = whole.subarray(0, whole.length / 3)
  await cluster.recognise({ name: 'broken-off.jpg', bytes })
  for (let position = samples.length - 1; position >= 0; position -= 1) {
    await cluster.recognise(samplePath(position))
  }
}

/** Holds the workers for a moment, shorter than the master waits for a sign of life, so that jobs are seen waiting. */
async function takeAtWork(cluster: TestCluster, studio: Studio): Promise<void> {
  const unfinished = (page: Page) => page.locator('tr:is([data-status=QUEUED], [data-status=RUNNING])')
  const release = hold(cluster)
  for (let position = 0; position < UNFINISHED; position += 1) await cluster.submit(samplePath(position))
  await studio.each((page) =>
    unfinished(page)
      .nth(UNFINISHED - 1)
      .waitFor(),
  )
  await studio.take('jobs')
  release()
  await studio.each((page) => unfinished(page).first().waitFor({ state: 'detached' }))
}

async function takeDrawer(studio: Studio, state: string, id: string): Promise<void> {
  await studio.each((page) => page.locator(`[data-job-id="${id}"] button`).click())
  await studio.each((page) => page.locator('[data-run]').first().waitFor())
  await studio.take(state)
  // What is below, too.
  await studio.each((page) => page.locator('[data-run]').last().scrollIntoViewIfNeeded())
  await studio.take(`${state}-below`)
  await studio.each((page) => page.keyboard.press('Escape'))
}

/** Stops all workers; returns what lets them go on. */
function hold({ workers }: TestCluster): () => void {
  for (const worker of workers) worker.kill('SIGSTOP')
  return () => {
    for (const worker of workers) worker.kill('SIGCONT')
  }
}

async function workerId({ url }: TestCluster, name: string): Promise<string> {
  const { workers }: { workers: unknown } = await (await fetch(`${url}/api/v1/workers`)).json()
  return (
    workerViewSchema
      .array()
      .parse(workers)
      .find((worker) => worker.name === name)?.id ?? ''
  )
}

function becomes(studio: Studio, id: string, status: JobStatus): Promise<void> {
  return studio.each((page) => page.locator(`[data-job-id="${id}"][data-status=${status}]`).waitFor())
}

function readyWorkers(studio: Studio, count: number): Promise<void> {
  const ready = (page: Page) => page.locator('[data-worker-state=ready]').nth(count - 1)
  return studio.each((page) => ready(page).waitFor({ state: 'attached' }))
}

async function submit(cluster: TestCluster, photo: Parameters<TestCluster['submit']>[0]): Promise<string> {
  return jobSchema.parse(await (await cluster.submit(photo)).json()).id
}

async function post(cluster: TestCluster, path: string): Promise<void> {
  await fetch(`${cluster.url}/api/v1/${path}`, { method: 'POST' })
}

async function keepForReadme(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const scheme of SCHEMES) {
    await copyFile(picturePath('jobs', `1280-${scheme}`), join(folder, `board-${scheme}.png`))
  }
}
