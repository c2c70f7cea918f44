/** The pages of batches in a real browser: what becomes of many photos at once, pushed by a real master. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Batch, batchReceiptSchema, jobSchema } from '@argus/shared'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TestCluster } from '../../server/testing/cluster.ts'
import { SAMPLES_DIR } from '../../server/testing/test-data.ts'
import { text } from '../src/text/index.ts'
import { findChromium, launchBrowser } from './chromium.ts'
import { SOON, Visit } from './visit.ts'

const UNKNOWN = '00000000-0000-4000-8000-000000000000'
const LIGHTHOUSE = 'lighthouse.png'
const DAISY = 985
/** The sample pictures and what is said of them: of the last one not the truth. */
const TRUTHS = [
  [LIGHTHOUSE, 437],
  ['ladybug.png', 301],
  ['balloon.png', 417],
  ['guitar.png', 402],
  ['traffic-light.png', 920],
  ['strawberry.png', 949],
  ['hourglass.png', 604],
  ['umbrella.png', DAISY],
] as const

describe.skipIf(findChromium() === null)('the pages of batches', () => {
  let cluster: TestCluster
  let browser: Browser
  let visit: Visit
  /** All samples, with their truths. */
  let samples: Batch

  beforeAll(async () => {
    cluster = await TestCluster.start({ workers: 0, workerEnv: { THREADS: '1' } })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await cluster?.stop()
  })

  beforeEach(async () => {
    visit = await Visit.begin(browser, cluster.url)
  })
  afterEach(() => visit.end())

  async function create(name: string): Promise<Batch> {
    const query = new URLSearchParams({ name, owner: 'Ada' })
    const answer = await fetch(`${cluster.url}/api/v1/batches?${query}`, { method: 'POST' })
    return batchReceiptSchema.parse(await answer.json()).batch
  }

  /** Submits a sample picture for a batch, or only the begin of it, which cannot be read. */
  async function add(
    batch: Batch,
    file: string,
    tag?: string,
    bytes = Number.POSITIVE_INFINITY,
  ): Promise<string> {
    const query = new URLSearchParams({ fresh: 'true', batch: batch.id, ...(tag && { tag }) })
    const form = new FormData()
    const photo = (await readFile(join(SAMPLES_DIR, file))).subarray(0, bytes)
    form.append('image', new Blob([new Uint8Array(photo)]), file)
    const answer = await fetch(`${cluster.url}/api/v1/jobs?${query}`, { method: 'POST', body: form })
    return jobSchema.parse(await answer.json()).id
  }

  async function open(path: string): Promise<Page> {
    const page = await visit.openBoard(path)
    visit.requests.length = 0
    return page
  }

  /** Since `requests` was emptied the newest photos were read so often at most, and nothing else. */
  function expectPushed(readings: number): void {
    const isPicture = (request: string) => /^GET \/api\/v1\/jobs\/[\w-]+\/(thumbnail|image)$/.test(request)
    const others = visit.requests.filter((request) => !isPicture(request))
    expect(others.filter((request) => request !== 'GET /api/v1/jobs')).toEqual([])
    expect(others.length).toBeLessThanOrEqual(readings)
  }

  it('teach what a batch is as long as there is none', async () => {
    const page = await open('batches')
    await page.getByRole('heading', { name: text.batches.empty }).waitFor()
    expect(await page.getByRole('heading', { level: 1 }).allTextContents()).toEqual([text.batches.heading])
    await page.getByText('npx argus submit').waitFor()
    await page.getByText(`${cluster.url}/api/v1/batches`).waitFor()
  })

  it('show how far a batch is and what came of it, with its accuracy and what was taken for what', async () => {
    samples = await create('All samples')
    for (const [file, truth] of TRUTHS) await add(samples, file, `truth=${truth}`)
    const page = await open(`batches/${samples.id}`)
    expect(await page.getByRole('heading', { level: 1 }).allTextContents()).toEqual(['All samples'])
    await ended(page, 0)
    await page.getByText(text.batch.ended(0, 8)).waitFor()
    await page.getByText(text.batch.noTruthHow).waitFor()

    const begun = Date.now()
    cluster.startWorker()
    await cluster.ready()
    await ended(page, 8)
    await state(page, 'done')

    await page.getByText('87.5%').first().waitFor()
    await page.getByText(text.batch.ofKnown(8)).waitFor()
    expect(await page.locator('[data-confusion]').allTextContents()).toEqual(['daisyumbrella1'])
    expect(await page.locator('[data-class]').count()).toBe(8)
    const link = page.locator('[data-class="437"]').getByRole('link', { name: 'beacon' })
    expect(await link.getAttribute('href')).toBe(`/?batch=${samples.id}&class=beacon`)
    // Each of its photos has been looked at.
    await expect.poll(() => page.locator('li[data-job-id] img').count(), SOON).toBe(8)
    // Pictures are asked for a frame later, and what ended during a reading is read once more after its rest.
    await sleep(2_500)
    expectPushed(1 + (Date.now() - begun) / 2_000)
    visit.requests.length = 0
    await sleep(2_500)
    expect(visit.requests).toEqual([])
  })

  it('lead from a photo to its job, and by Escape back', async () => {
    const page = await open(`batches/${samples.id}`)
    await page.locator('li[data-job-id]').first().getByRole('link').click()
    await page.getByRole('heading', { level: 1, name: 'umbrella.png' }).waitFor()
    await page.getByText(text.truth.wrong('daisy')).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('heading', { level: 1, name: 'All samples' }).waitFor()
    await page.goForward()
    await page.getByRole('link', { name: text.details.showBatch }).click()
    await page.getByRole('heading', { level: 1, name: 'All samples' }).waitFor()
  })

  it('export the results', async () => {
    const page = await open(`batches/${samples.id}`)
    const download = async (name: string) => {
      const downloading = page.waitForEvent('download')
      await page.getByRole('link', { name }).click()
      const file = await downloading
      return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') }
    }
    const table = await download(text.batch.csv)
    const lines = await download(text.batch.ndjson)
    expect(table.name).toBe('All samples.csv')
    expect(table.text.trimEnd().split('\r\n')).toHaveLength(1 + 8)
    expect(lines.name).toBe('All samples.ndjson')
    expect(lines.text.trimEnd().split('\n')).toHaveLength(8)
  })

  it('list all batches, and those that come, as they go on', async () => {
    const page = await open('batches')
    expect(await row(page, samples).textContent()).toMatch(/All samples.*8 succeeded.*87.5% right/)
    const batch = await create('Came later')
    const reads = () => visit.requests.filter((request) => request === 'GET /api/v1/batches').length
    for (let photo = 0; photo < 3; photo += 1) await add(batch, LIGHTHOUSE)
    await row(page, batch).getByText(text.batch.count(3, 'SUCCEEDED')).waitFor()
    expect(await row(page, batch).locator('[data-state]').getAttribute('data-state')).toBe('done')
    expect(await page.locator('[data-batch-id]').count()).toBe(2)
    // Read when jobs came and ended, at most every five seconds.
    expect(reads()).toBeLessThanOrEqual(3)
    await sleep(5_500)
    const settled = reads()
    await sleep(5_500)
    expect(reads()).toBe(settled)

    await row(page, batch).getByRole('link').click()
    await page.getByRole('heading', { level: 1, name: 'Came later' }).waitFor()
  })

  it('cancel a batch half-way', async () => {
    const batch = await create('Half of it')
    const page = await open(`batches/${batch.id}`)
    await state(page, 'empty')
    for (let photo = 0; photo < 2; photo += 1) await add(batch, LIGHTHOUSE)
    await ended(page, 2)
    const [worker] = cluster.workers
    worker?.kill('SIGSTOP')
    for (let photo = 0; photo < 4; photo += 1) await add(batch, LIGHTHOUSE)
    await page.getByText(text.batch.ended(2, 6)).waitFor()

    await page.getByText(text.batchActions.cancel, { exact: true }).click()
    await page.getByText(text.batchActions.confirmCancelDetail(4)).waitFor()
    await page.getByRole('dialog').getByText(text.batchActions.cancelNow).click()

    await state(page, 'cancelled')
    worker?.kill('SIGCONT')
    await count(page, 'SUCCEEDED', 2)
    await count(page, 'CANCELLED', 4)
    await page.getByText(text.batch.cancelledDetail).waitFor()
    expect(await page.getByText(text.batchActions.cancel, { exact: true }).count()).toBe(0)
  })

  it('retry what has failed, and delete', async () => {
    const batch = await create('One is damaged')
    await add(batch, LIGHTHOUSE)
    const damaged = await add(batch, LIGHTHOUSE, undefined, 5_000)
    const page = await open(`batches/${batch.id}`)
    const list = await open('batches')
    await count(page, 'FAILED', 1)
    await state(page, 'done')

    const retry = page.getByText(text.batchActions.retryFailed, { exact: true })
    await retry.click()

    // It fails once more.
    await expect.poll(async () => (await cluster.detail(damaged)).run, SOON).toBe(2)
    await expect.poll(() => retry.getAttribute('aria-disabled'), SOON).toBe('false')
    await count(page, 'FAILED', 1)

    await row(list, batch).waitFor()
    await page.getByText(text.batchActions.delete, { exact: true }).click()
    await page.getByRole('dialog').getByText(text.batchActions.delete, { exact: true }).click()
    await page.getByText(text.batch.removed).waitFor()
    await row(list, batch).waitFor({ state: 'detached' })
  })

  it.each([UNKNOWN, 'nonsense'])('say that there is no batch %s, and lead back', async (id) => {
    const page = await open(`batches/${id}`)
    await page.getByRole('heading', { level: 1, name: text.batch.missing }).waitFor()
    await page.getByRole('main').getByRole('link', { name: text.batch.all }).last().click()
    await page.getByRole('heading', { level: 1, name: text.batches.heading }).waitFor()
  })
})

/** Returns when so many of the batch's jobs have ended. */
function ended(page: Page, jobs: number): Promise<void> {
  return page.locator(`[data-ended="${jobs}"]`).waitFor()
}

function state(page: Page, name: string): Promise<void> {
  return page.locator(`[data-state=${name}]`).waitFor()
}

/** Returns when so many of the batch's jobs have this status. */
async function count(page: Page, status: string, jobs: number): Promise<void> {
  await expect.poll(() => page.locator(`[data-count=${status}] dd`).textContent(), SOON).toBe(String(jobs))
}

/** A batch in the list of all. */
function row(page: Page, { id }: Batch): Locator {
  return page.locator(`[data-batch-id="${id}"]`)
}
