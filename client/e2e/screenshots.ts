/**
 * Takes pictures of the board, as the build has it, with a real master and real workers: in each of its states,
 * on three widths of screen, light and dark. They land in `.cache/screenshots/`.
 *
 * `npm run screenshots --workspace client [-- FOLDER]`; the board at work is also written to that folder, for the
 * README.
 */
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { TestCluster } from '../../server/testing/cluster.ts'
import { SAMPLES_DIR } from '../../server/testing/test-data.ts'
import { text } from '../src/text.ts'
import { dragAway, dragFiles, dropFiles, launchBrowser } from './browser.ts'

const TARGET = fileURLToPath(new URL('../../.cache/screenshots/', import.meta.url))
const SCREENS = [
  { width: 390, height: 844 },
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
]
const SCHEMES = ['light', 'dark'] as const
const LONG_NAME = `a-very-long-name-${'that-someone-gave-to-a-photo-'.repeat(5)}of-a-lighthouse.png`
/** A file that the master refuses. */
const NO_PHOTO = join(SAMPLES_DIR, 'index.json')
/** Rows that are still queued or being recognised in the picture of the board at work. */
const UNFINISHED = 3

interface Shot {
  readonly name: string
  readonly page: Page
}

const samples = (await readdir(SAMPLES_DIR)).filter((file) => file.endsWith('.png'))
const samplePath = (position: number) => join(SAMPLES_DIR, samples[position % samples.length] ?? '')
const pathOf = (state: string, name: string) => join(TARGET, `${state}-${name}.png`)

await mkdir(TARGET, { recursive: true })
const cluster = await TestCluster.start({ workers: 0 })
const browser = await launchBrowser()
try {
  const shots = await openPages()
  await each(shots, (page) => page.getByRole('region', { name: text.readiness.noWorker }).waitFor())
  await take('no-worker', shots)

  cluster.startWorker({ WORKER_NAME: 'attic' })
  cluster.startWorker({ WORKER_NAME: 'workshop' })
  await each(shots, (page) => page.locator('[data-worker-state=ready]').nth(1).waitFor({ state: 'attached' }))
  await take('empty', shots)

  await submitSamples()
  await takeAtWork(shots)
  const folder = process.argv[2]
  if (folder !== undefined) await keepForReadme(resolve(process.env.INIT_CWD ?? '', folder))

  await each(shots, (page) => page.locator('tr[data-status=SUCCEEDED] button').first().click())
  await take('details', shots)
  await each(shots, (page) => page.keyboard.press('Escape'))
  await each(shots, (page) => page.locator('tr[data-status=FAILED] button').first().click())
  await take('failure', shots)
  await each(shots, (page) => dropFiles(page, NO_PHOTO))
  await each(shots, (page) => page.locator('[data-upload=failed]').waitFor())
  await take('refused', shots)
  await each(shots, (page) => dragFiles(page, samplePath(0)))
  await take('dragging', shots)
  await each(shots, (page) => dragAway(page))
  await each(shots, (page) => page.locator('[data-upload=failed] button').last().click())
  await each(shots, (page) => page.keyboard.press('Escape'))
  await each(shots, (page) => page.locator('[popovertarget=workers]').click())
  await take('workers', shots)
  await each(shots, (page) => page.locator('[popovertarget=workers]').click())

  await each(shots, (page) => page.evaluate(() => window.scrollTo(0, 0)))
  cluster.master.kill('SIGKILL')
  await each(shots, (page) => page.locator('[data-connection=offline]').waitFor())
  await take('offline', shots)
} finally {
  await browser.close()
  await cluster.stop()
}

async function openPages(): Promise<Shot[]> {
  const kinds = SCREENS.flatMap((viewport) => SCHEMES.map((colorScheme) => ({ viewport, colorScheme })))
  return Promise.all(
    kinds.map(async ({ viewport, colorScheme }) => {
      const touch = viewport.width < 600
      const context = await browser.newContext({ viewport, colorScheme, hasTouch: touch, isMobile: touch })
      const page = await context.newPage()
      await page.goto(cluster.url)
      return { name: `${viewport.width}-${colorScheme}`, page }
    }),
  )
}

async function each(shots: Shot[], act: (page: Page) => Promise<unknown>): Promise<void> {
  await Promise.all(shots.map(({ page }) => act(page)))
}

async function take(state: string, shots: Shot[]): Promise<void> {
  await each(shots, (page) => page.waitForLoadState('networkidle'))
  // What has just arrived is tinted for a moment, and a drawer slides in.
  await each(shots, (page) =>
    page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished))),
  )
  await Promise.all(shots.map(({ name, page }) => page.screenshot({ path: pathOf(state, name) })))
}

/** Every sample twice, one under a very long name, and a photo that breaks off in its middle. */
async function submitSamples(): Promise<void> {
  for (let position = 0; position < samples.length; position += 1)
    await cluster.recognise(samplePath(position))
  await cluster.recognise({ name: LONG_NAME, bytes: await readFile(samplePath(3)) })
  const whole = await sharp(samplePath(0)).jpeg().toBuffer()
  const bytes = whole.subarray(0, whole.length / 3)
  await cluster.recognise({ name: 'broken-off.jpg', bytes })
  for (let position = samples.length - 1; position >= 0; position -= 1) {
    await cluster.recognise(samplePath(position))
  }
}

/** Holds the workers for a moment, shorter than the master waits for a sign of life, so that jobs are seen waiting. */
async function takeAtWork(shots: Shot[]): Promise<void> {
  for (const worker of cluster.workers) worker.kill('SIGSTOP')
  for (let position = 0; position < UNFINISHED; position += 1) await cluster.submit(samplePath(position))
  await each(shots, (page) =>
    page
      .locator('tr:is([data-status=QUEUED], [data-status=RUNNING])')
      .nth(UNFINISHED - 1)
      .waitFor(),
  )
  await take('jobs', shots)
  for (const worker of cluster.workers) worker.kill('SIGCONT')
  await each(shots, (page) =>
    page.locator('tr:is([data-status=QUEUED], [data-status=RUNNING])').first().waitFor({ state: 'detached' }),
  )
}

async function keepForReadme(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const scheme of SCHEMES) {
    await copyFile(pathOf('jobs', `1280-${scheme}`), join(folder, `board-${scheme}.png`))
  }
}
