/** Submitting photos in a real browser: many at once, as a batch, made smaller, broken off, and refused. */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Batch, batchSchema, type Job, jobSchema } from '@argus/shared'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { TestCluster } from '../../server/testing/cluster.ts'
import { SAMPLES_DIR } from '../../server/testing/test-data.ts'
import { text } from '../src/text/index.ts'
import { AnswerCutter } from './answer-cutter.ts'
import { dropFiles } from './browser.ts'
import { findChromium, launchBrowser } from './chromium.ts'
import { unseen } from './unseen.ts'
import { SOON, Visit } from './visit.ts'

const LIGHTHOUSE = join(SAMPLES_DIR, 'lighthouse.png')
const GUITAR = join(SAMPLES_DIR, 'guitar.png')
/** A file that is no photo. */
const NO_PHOTO = join(SAMPLES_DIR, 'index.json')

describe.skipIf(findChromium() === null)('submitting photos', () => {
  let browser: Browser
  let cluster: TestCluster
  let visit: Visit
  let page: Page

  beforeAll(async () => {
    browser = await launchBrowser()
    cluster = await TestCluster.start({ workerEnv: { THREADS: '1' } })
    await cluster.ready()
  })
  afterAll(async () => {
    await browser?.close()
    await cluster?.stop()
  })
  beforeEach(() => open(cluster.url))
  afterEach(() => visit.end())

  async function open(url: string): Promise<void> {
    visit = await Visit.begin(browser, url)
    page = await visit.openBoard('submit')
  }

  const inState = (state: string) => page.locator(`[data-upload=${state}]`)
  const posts = () => visit.requests.filter((request) => request.startsWith('POST '))

  async function choose(...files: string[]): Promise<void> {
    await page.getByLabel(text.submit.choose, { exact: true }).setInputFiles(files)
  }

  /** The batch that the page leads to, when all is sent. */
  async function batch(of = cluster): Promise<Batch> {
    const link = page.getByRole('link', { name: text.uploads.showBatch })
    await link.waitFor()
    const id = basename((await link.getAttribute('href')) ?? '')
    const response = await fetch(`${of.url}/api/v1/batches/${id}`)
    return batchSchema.parse(await response.json())
  }

  async function jobs(of = cluster): Promise<Job[]> {
    const response = await fetch(`${of.url}/api/v1/jobs?limit=100`)
    const { jobs: listed }: { jobs: unknown } = await response.json()
    return jobSchema.array().parse(listed)
  }

  it('has twelve photos recognised as a batch', async () => {
    await page.getByLabel(text.submitOptions.batchName).fill('Twelve')
    const files = Array.from({ length: 12 }, (_, at) => unseen(at % 2 === 0 ? LIGHTHOUSE : GUITAR))

    await choose(...(await Promise.all(files)))

    const { id, name, total } = await batch()
    expect({ name, total }).toEqual({ name: 'Twelve', total: 12 })
    await expect.poll(async () => (await batch()).counts.SUCCEEDED, SOON).toBe(12)
    expect((await jobs()).filter((job) => job.batch === id)).toHaveLength(12)
    expect(await inState('sent').count()).toBe(12)
    // Each leads to its job.
    const link = page.getByRole('link', { name: text.uploads.job('guitar.png') }).first()
    expect(await link.getAttribute('href')).toMatch(/^\/jobs\/[\w-]{36}$/)
  })

  it('sends nothing while it is paused, and the rest when it is resumed', async () => {
    const photos = await Promise.all(Array.from({ length: 6 }, () => photoOf(900, 700)))
    const devtools = await slowDown(page, 250_000)

    await choose(...photos)
    await inState('sent').first().waitFor()
    await page.getByRole('button', { name: text.uploads.pause }).click()

    await expect.poll(() => inState('sending').count(), SOON).toBe(0)
    const [sent, requests] = [await inState('sent').count(), posts().length]
    expect(sent).toBeLessThan(6)
    await sleep(700)
    expect(await inState('waiting').count()).toBe(6 - sent)
    expect(posts()).toHaveLength(requests)
    // Whoever leaves is asked first.
    const asked = page.waitForEvent('dialog')
    await page.close({ runBeforeUnload: true })
    const dialog = await asked
    expect(dialog.type()).toBe('beforeunload')
    await dialog.dismiss()
    await devtools.send('Network.disable')
    await page.getByRole('button', { name: text.uploads.resume }).click()
    await expect.poll(() => inState('sent').count(), SOON).toBe(6)
    expect((await batch()).total).toBe(6)
  })

  it('tells which file is no photo, and sends the others', async () => {
    await choose(await unseen(LIGHTHOUSE), NO_PHOTO, await unseen(GUITAR))

    await expect.poll(() => inState('sent').count(), SOON).toBe(2)
    expect(await inState('failed').textContent()).toContain('index.json')
    expect(await inState('failed').textContent()).toContain(text.refusals.noPhoto)
    expect((await batch()).total).toBe(2)
    // On the other pages the tray tells it, and leads back.
    await page.getByRole('link', { name: text.nav.board, exact: true }).click()
    const tray = page.getByRole('region', { name: text.uploads.heading })
    await tray.getByText(text.refusals.noPhoto).waitFor()
    await tray.getByRole('link', { name: text.uploads.showAll }).click()
    await page.getByRole('button', { name: text.uploads.dismissAll }).click()
    await inState('failed').waitFor({ state: 'detached' })
  })

  it('takes a whole folder, chosen or dropped, and names the batch after it', async () => {
    const folder = join(await temporaryFolder(), 'Rome 2026')
    await mkdir(join(folder, 'day 1', 'morning'), { recursive: true })
    await cp(LIGHTHOUSE, join(folder, 'a.png'))
    await cp(GUITAR, join(folder, 'day 1', 'b.png'))
    await cp(GUITAR, join(folder, 'day 1', 'morning', 'c.png'))
    await writeFile(join(folder, 'day 1', '.hidden'), 'nothing to see')

    await page.getByLabel(text.submit.chooseFolder).setInputFiles(folder)
    expect(await batch()).toMatchObject({ name: 'Rome 2026', total: 3 })
    const chosen = await batch()

    await dropFiles(page, folder)
    await expect.poll(async () => (await batch()).id, SOON).not.toBe(chosen.id)
    expect(await batch()).toMatchObject({ name: 'Rome 2026', total: 3 })
  })

  it('makes photos smaller before they are sent, and tells how many bytes that saved', async () => {
    await page.getByRole('switch', { name: text.submitOptions.downscale }).click()
    const large = await photoOf(1_600, 1_200)
    // Its camera was held upright: it is shown, and sent, with 1200 by 1600.
    const upright = await photoOf(1_600, 1_200, 6)
    const small = await photoOf(300, 200)
    const before = new Set((await jobs()).map(({ id }) => id))

    await choose(large, upright, small)

    await expect.poll(() => inState('sent').count(), SOON).toBe(3)
    const sizes = (await jobs()).filter(({ id }) => !before.has(id)).map(({ image }) => image.width)
    expect(sizes.sort((a, b) => a - b)).toEqual([300, 512, 683])
    await page.getByText(/ [kM]B saved by downscaling 2 photos$/).waitFor()
    expect(await inState('sent').first().textContent()).toMatch(/[\d.]+ MB → \d+ kB/)
    // It is remembered.
    await page.reload()
    expect(await page.getByRole('switch', { name: text.submitOptions.downscale }).isChecked()).toBe(true)
  })

  it('says what was noted about the photos', async () => {
    await page.getByText(text.submitOptions.more, { exact: true }).click()
    await page.getByLabel(text.submitOptions.owner).fill('Ada')
    await page.getByLabel(text.submitOptions.priority).fill('7')
    const tags = page.getByLabel(text.submitOptions.tags)
    await tags.fill('no tag')
    await tags.press('Enter')
    await page.getByText(text.submitOptions.tagProblems.form).waitFor()
    for (const tag of ['camera=A7', 'place=the sea']) {
      await tags.fill(tag)
      await tags.press('Enter')
    }
    await page.getByRole('switch', { name: text.submitOptions.fresh }).click()

    await page.getByRole('button', { name: text.submit.sample('Lighthouse') }).click()

    await inState('sent').waitFor()
    const job = (await jobs()).find(({ owner }) => owner === 'Ada')
    expect(job).toMatchObject({ priority: 7, batch: null, reused: false })
    expect(job?.tags).toEqual({ camera: 'A7', place: 'the sea' })
    await page.reload()
    await page.getByText(text.submitOptions.chosen(5)).waitFor()
  })

  it('stops at a batch that was cancelled, and says so', async () => {
    const name = page.getByLabel(text.submitOptions.batchName)
    await name.fill('Cancelled')
    await choose(await unseen(LIGHTHOUSE))
    const { id } = await batch()
    await fetch(`${cluster.url}/api/v1/batches/${id}/cancel`, { method: 'POST' })

    await choose(...(await Promise.all([1, 2, 3, 4, 5].map(() => unseen(GUITAR)))))

    await expect.poll(() => inState('failed').count(), SOON).toBe(5)
    const title = 'The batch was cancelled, and takes no more photos.'
    expect(await inState('failed').last().textContent()).toContain(title)
    await page.getByRole('button', { name: text.uploads.dismissAll }).click()
    await choose(await unseen(GUITAR))
    await expect.poll(async () => (await batch()).id, SOON).not.toBe(id)
    expect(await batch()).toMatchObject({ name: 'Cancelled', total: 1 })
    const complaints = visit.complaints.splice(0)
    expect(complaints.length).toBeLessThanOrEqual(3)
    for (const complaint of complaints) expect(complaint).toContain('409')
  })

  describe('with another master', () => {
    async function start(masterEnv: NodeJS.ProcessEnv = {}): Promise<TestCluster> {
      await visit.end()
      const other = await TestCluster.start({ workers: 0, masterEnv })
      onTestFinished(() => other.stop())
      return other
    }

    it('makes one batch and one job of each photo where answers were lost', async () => {
      const other = await start()
      const cutter = await AnswerCutter.start(other.url)
      onTestFinished(() => cutter.stop())
      await open(cutter.url)

      for (const path of ['POST /api/v1/batches', 'POST /api/v1/jobs']) {
        cutter.cut(path)
        await choose(LIGHTHOUSE, GUITAR)
        await inState('postponed').first().getByText(text.failures.unreachable).waitFor()
        // While answers are cut: later it is tried again by itself, and the button is gone.
        await page.getByRole('button', { name: text.uploads.retryOf('lighthouse.png') }).click()
        cutter.cut(null)
        await expect.poll(() => inState('sent').count(), SOON).toBe(2)
        expect(await batch(other)).toMatchObject({ total: 2 })
      }

      expect(await jobs(other)).toHaveLength(4)
      const response = await fetch(`${other.url}/api/v1/batches`)
      expect((await response.json()).batches).toHaveLength(2)
      const others = visit.complaints.splice(0).filter((complaint) => !complaint.includes('net::ERR_'))
      expect(others).toEqual([])
    })

    it('tells of a photo that is too large before it is sent, and offers to make it smaller', async () => {
      const other = await start({ MAX_UPLOAD_BYTES: '300000', MAX_PIXELS: '4000000' })
      await open(other.url)
      await page.getByText(text.submit.limits(300_000, 4_000_000)).waitFor()
      const plain = sharp({ create: { width: 3_000, height: 2_000, channels: 3, background: '#876' } })
      const wide = join(await temporaryFolder(), 'wide.png')
      await plain.png().toFile(wide)
      await page.getByRole('switch', { name: text.submitOptions.asBatch }).click()

      await choose(await photoOf(1_600, 1_200), wide)

      await expect.poll(() => inState('failed').count(), SOON).toBe(2)
      expect(await inState('failed').first().textContent()).toContain(text.refusals.tooLarge)
      expect(await inState('failed').last().textContent()).toContain('It has 3000 × 2000')
      expect(posts()).toEqual([])

      await page.getByRole('button', { name: text.uploads.shrinkAll(2, 512) }).click()
      await expect.poll(() => inState('sent').count(), SOON).toBe(2)
      const widths = (await jobs(other)).map(({ image }) => image.width)
      expect(widths.sort((a, b) => a - b)).toEqual([683, 768])
      expect(posts()).toEqual(['POST /api/v1/jobs', 'POST /api/v1/jobs'])
    })
  })
})

/** A folder that is there until the test ends. */
async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'argus-photos-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

/**
 * A photo of noise, which no format makes small: one of 1600 by 1200 has more than a megabyte.
 *
 * @param orientation of EXIF: how its camera was held
 */
async function photoOf(width: number, height: number, orientation = 1): Promise<string> {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const
  const path = join(await temporaryFolder(), `noise-${width}.jpg`)
  await sharp({ create: { width, height, channels: 3, background: '#888', noise } })
    .withMetadata({ orientation })
    .jpeg({ quality: 90 })
    .toFile(path)
  return path
}

/** Makes the page's uploads slow, in bytes a second. */
async function slowDown(page: Page, uploadThroughput: number) {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Network.enable')
  const conditions = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput }
  await devtools.send('Network.emulateNetworkConditions', conditions)
  return devtools
}
