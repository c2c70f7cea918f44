/** The job board in a real browser, with a real master and a worker that works on one photo at a time. */
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { type Job, jobSchema, MAX_VIEW_ROWS } from '@argus/shared'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TestCluster } from '../../server/testing/cluster.ts'
import { SAMPLES_DIR } from '../../server/testing/test-data.ts'
import { text } from '../src/text/index.ts'
import { dropFiles } from './browser.ts'
import { findChromium, launchBrowser } from './chromium.ts'
import { recordStatuses, statusesSeen } from './status-record.ts'
import { unseen } from './unseen.ts'
import { becomes, connection, rows, SOON, states, unfinished, Visit } from './visit.ts'

const LIGHTHOUSE = join(SAMPLES_DIR, 'lighthouse.png')
const GUITAR = join(SAMPLES_DIR, 'guitar.png')
/** A file that is no photo. */
const NO_PHOTO = join(SAMPLES_DIR, 'index.json')
const MAX_FIRST_LOAD_BYTES = 250_000
/** High enough for all rows of a window. */
const TALL = { width: 1280, height: 4_000 }

describe.skipIf(findChromium() === null)('the job board', () => {
  let cluster: TestCluster
  let browser: Browser
  let visit: Visit
  let page: Page

  beforeAll(async () => {
    cluster = await TestCluster.start({ workerEnv: { THREADS: '1' } })
    browser = await launchBrowser()
    await cluster.ready()
  })
  afterAll(async () => {
    await browser?.close()
    await cluster?.stop()
  })

  beforeEach(async () => {
    visit = await Visit.begin(browser, cluster.url, TALL)
    page = await visit.openBoard()
  })
  afterEach(() => visit.end())

  async function listed(): Promise<Job[]> {
    const response = await fetch(`${cluster.url}/api/v1/jobs?limit=${MAX_VIEW_ROWS}`)
    const { jobs }: { jobs: unknown } = await response.json()
    return jobSchema.array().parse(jobs)
  }

  it('teaches what to do as long as it is empty, and submits a sample by a click', async () => {
    await page.getByText(text.empty.heading).waitFor()
    expect(await rows(page).count()).toBe(0)

    await page.getByRole('button', { name: text.submit.sample('Lighthouse') }).click()

    const row = rows(page).first()
    await becomes(row, 'SUCCEEDED')
    expect(await row.textContent()).toContain('lighthouse.png')
    expect(await page.getByText(text.empty.heading).count()).toBe(0)
  })

  it('shows how a dropped photo is run and recognised, without asking the master for it', async () => {
    await recordStatuses(page)
    const before = await rows(page).count()
    visit.requests.length = 0

    await dropFiles(page, await unseen(LIGHTHOUSE))

    await expect.poll(() => rows(page).count(), SOON).toBe(before + 1)
    const row = rows(page).first()
    await becomes(row, 'SUCCEEDED')
    expect(await row.textContent()).toContain('lighthouse.png')
    expect(await row.textContent()).toMatch(/beacon\d{2,3}\.\d%/)
    const id = await row.getAttribute('data-job-id')
    const seen = (await statusesSeen(page)).get(id ?? '') ?? []
    expect(seen).toEqual(['QUEUED', 'RUNNING', 'SUCCEEDED'])
    await visit.quiet(page)
    expectPushedOnly()
  })

  it('tells that a photo was recognised before', async () => {
    const photo = await unseen(LIGHTHOUSE)
    for (const isKnown of [false, true]) {
      const before = await rows(page).count()
      await dropFiles(page, photo)
      await expect.poll(() => rows(page).count(), SOON).toBe(before + 1)
      const row = rows(page).first()
      await becomes(row, 'SUCCEEDED')
      expect(await row.textContent()).toMatch(/beacon\d{2,3}\.\d%/)
      expect(await row.getByText(text.jobs.reused).count()).toBe(isKnown ? 1 : 0)
    }
  })

  it('shows of several photos how each waits for its turn', async () => {
    await recordStatuses(page)
    const photos = (await readdir(SAMPLES_DIR)).filter((file) => file.endsWith('.png'))
    const files = photos.map((file) => join(SAMPLES_DIR, file))
    const before = await rows(page).count()
    visit.requests.length = 0

    await dropFiles(page, ...files, ...files)

    await expect.poll(() => rows(page).count(), SOON).toBe(before + 2 * files.length)
    await expect.poll(() => unfinished(page).count(), SOON).toBe(0)
    const seen = await statusesSeen(page)
    expect(seen.size).toBe(2 * files.length)
    for (const statuses of seen.values()) expect(inOrder(statuses)).toBe(true)
    expect([...seen.values()]).toContainEqual(['QUEUED', 'RUNNING', 'SUCCEEDED'])
    await visit.quiet(page)
    expectPushedOnly()
    expect(visit.requests.filter((request) => request === 'POST /api/v1/jobs')).toHaveLength(2 * files.length)
  })

  it('asks for nothing while nothing happens', async () => {
    visit.requests.length = 0
    await sleep(5_000)
    expect(visit.requests).toEqual([])
  })

  it('sends little code for a first look', async () => {
    const fresh = await visit.context.newPage()
    const scripts: Promise<Buffer>[] = []
    fresh.on('response', (response) => {
      if (response.request().resourceType() === 'script') scripts.push(response.body())
    })
    await fresh.goto(cluster.url)
    await connection(fresh, 'live').waitFor()
    const sizes = (await Promise.all(scripts)).map((script) => gzipSync(script).byteLength)
    expect(sizes.length).toBeGreaterThan(0)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_FIRST_LOAD_BYTES)
  })

  it('pushes the same rows to everyone who watches', async () => {
    const second = await visit.openBoard()
    const before = await rows(second).count()

    await dropFiles(page, GUITAR)

    for (const board of [page, second]) {
      await expect.poll(() => rows(board).count(), SOON).toBe(before + 1)
      await becomes(rows(board).first(), 'SUCCEEDED')
      expect(await states(board)).toEqual((await listed()).map(({ id, status }) => [id, status]))
    }
    expect(await rows(second).first().textContent()).toContain('guitar.png')
  })

  it('says in words why a file was not taken', async () => {
    const before = await states(page)

    await dropFiles(page, NO_PHOTO)

    const refused = page.locator('[data-upload=failed]')
    await refused.waitFor()
    expect(await refused.textContent()).toContain('index.json')
    expect(await refused.textContent()).toContain('The file is not an image of a supported type')
    expect(await states(page)).toEqual(before)
    await refused.getByRole('button', { name: text.uploads.dismiss('index.json') }).click()
    await refused.waitFor({ state: 'detached' })
  })

  it('tells that the master is gone, and goes on by itself when it is back', async () => {
    await page.evaluate(() => document.body.setAttribute('data-not-reloaded', ''))
    for (let photo = 0; photo < 6; photo += 1) await cluster.submit(GUITAR)

    const ended = once(cluster.master, 'exit')
    cluster.master.kill('SIGKILL')
    await ended
    await page.locator('[data-connection=lost], [data-connection=offline]').waitFor({ timeout: 5_000 })
    await connection(page, 'offline').waitFor()
    await page.getByText(text.connection.stale).waitFor()
    await cluster.startMaster()
    await connection(page, 'live').waitFor()

    await expect.poll(() => unfinished(page).count(), SOON).toBe(0)
    expect(await states(page)).toEqual((await listed()).map(({ id, status }) => [id, status]))
    expect(await page.locator('body[data-not-reloaded]').count()).toBe(1)
    expect(await page.getByText(text.connection.stale).count()).toBe(0)
    // The browser itself notes every connection that was refused or broke off: of the socket, and of a thumbnail.
    const others = visit.complaints.splice(0).filter((complaint) => !complaint.includes('net::ERR_'))
    expect(others).toEqual([])
    const broken = rows(page)
      .locator('img')
      .evaluateAll((images) =>
        images.filter(
          (image) => image instanceof HTMLImageElement && image.complete && image.naturalWidth === 0,
        ),
      )
    expect(await broken).toEqual([])
  })

  /** Since `requests` was emptied, the browser has submitted photos and fetched their pictures, nothing else. */
  function expectPushedOnly(): void {
    const expected = /^(POST \/api\/v1\/(jobs|batches)|GET \/api\/v1\/jobs\/[\w-]+\/thumbnail)$/
    expect(visit.requests.filter((request) => !expected.test(request))).toEqual([])
  }
})

/** Whether a job went its way without a step back. */
function inOrder(statuses: readonly string[]): boolean {
  const way = ['QUEUED', 'RUNNING', 'SUCCEEDED']
  const steps = statuses.map((status) => way.indexOf(status))
  return steps.every((step, position) => step > (steps[position - 1] ?? -1))
}
