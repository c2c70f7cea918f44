/** The page of one job in a real browser: all that is on it is pushed by a real master. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Job, jobDetailSchema, jobSchema } from '@argus/shared'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TestCluster } from '../../server/testing/cluster.ts'
import { SAMPLES_DIR } from '../../server/testing/test-data.ts'
import { text } from '../src/text/index.ts'
import { findChromium, launchBrowser } from './chromium.ts'
import { SOON, Visit } from './visit.ts'

const LIGHTHOUSE = join(SAMPLES_DIR, 'lighthouse.png')
const UNKNOWN = '00000000-0000-4000-8000-000000000000'

describe.skipIf(findChromium() === null)('the page of a job', () => {
  let cluster: TestCluster
  let browser: Browser
  let visit: Visit

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

  /** Opens the page of a job; what it asks for after that is noted. */
  async function open(id: string): Promise<Page> {
    const page = await visit.openBoard(`jobs/${id}`)
    visit.requests.length = 0
    return page
  }

  async function submit(tags: readonly string[] = []): Promise<Job> {
    const query = new URLSearchParams([['fresh', 'true'], ...tags.map((tag) => ['tag', tag])])
    const form = new FormData()
    form.append('image', new Blob([await readFile(LIGHTHOUSE)]), 'lighthouse.png')
    const answer = await fetch(`${cluster.url}/api/v1/jobs?${query}`, { method: 'POST', body: form })
    return jobSchema.parse(await answer.json())
  }

  it('shows a job from the queue to its result, without asking for it', async () => {
    const { id } = await submit()
    const page = await open(id)
    expect(await page.getByRole('heading', { level: 1 }).allTextContents()).toEqual(['lighthouse.png'])
    await status(page, 'QUEUED')
    await page.getByText(text.attempts.noneYet).waitFor()
    expect(await knownSteps(page)).toEqual(['queued'])
    // It counts the seconds by itself.
    const seen = await page.getByText(/^waiting /).textContent()
    await expect.poll(() => page.getByText(/^waiting /).textContent(), SOON).not.toBe(seen)
    const statuses = await recordStatus(page)

    cluster.startWorker()
    await cluster.ready()

    await status(page, 'SUCCEEDED')
    expect(await statuses()).toEqual(['RUNNING', 'SUCCEEDED'])
    await page.locator('[data-class=n02814860]').getByText('beacon', { exact: true }).waitFor()
    expect(await page.locator('[data-class]').count()).toBe(5)
    expect(await knownSteps(page)).toHaveLength(7)
    expect(await page.locator('[data-step=classified]').textContent()).toMatch(
      /^Classifiedafter [\d.]+ m?s[\d.]+ m?s$/,
    )
    expect(await ends(page, 1)).toEqual(['succeeded'])
    await sleep(1_500)
    expect(visit.requests).toEqual([])
  })

  it('adds a run when it is retried', async () => {
    const { id } = await cluster.recognise(LIGHTHOUSE)
    const page = await open(id)
    await page.getByText(text.actions.retry, { exact: true }).click()

    await expect.poll(() => ends(page, 2), SOON).toEqual(['succeeded'])
    expect(await ends(page, 1)).toEqual(['succeeded'])
    await status(page, 'SUCCEEDED')
    expect(visit.requests).toEqual([`POST /api/v1/jobs/${id}/retry`])
  })

  it('tells whether it was right, whose it is, and all of it as JSON', async () => {
    const { id } = await submit(['truth=402', 'camera=A7'])
    const page = await open(id)
    await status(page, 'SUCCEEDED')
    await page.getByText(text.truth.wrong('acoustic guitar')).waitFor()
    await page.getByText('camera=A7', { exact: true }).waitFor()
    await page.getByText(`curl ${cluster.url}/api/v1/jobs/${id}`).waitFor()

    expect(await page.locator('pre').count()).toBe(0)
    await page.getByText(text.details.showJson).click()

    const shown: unknown = JSON.parse((await page.locator('pre').textContent()) ?? '')
    expect(shown).toEqual(await cluster.detail(id))
    expect(jobDetailSchema.parse(shown).id).toBe(id)
  })

  it('says why a damaged photo was not recognised', async () => {
    const bytes = (await readFile(LIGHTHOUSE)).subarray(0, 5_000)
    const answer = await cluster.submit({ name: 'damaged.png', bytes })
    const { id } = jobSchema.parse(await answer.json())
    const page = await open(id)
    await status(page, 'FAILED')
    await page.getByText(/^The image is damaged and cannot be read\. \w/).waitFor()
    expect(await ends(page, 1)).toEqual(['failed'])
    expect(await page.locator('[data-attempt]').textContent()).toContain(
      text.attempts.reason('image/unreadable'),
    )
    await page.getByText(text.details.nothing).waitFor()
  })

  it('keeps what was known of a job that someone else deletes', async () => {
    const { id } = await cluster.recognise(LIGHTHOUSE)
    const page = await open(id)
    await page.getByText('beacon', { exact: true }).waitFor()

    await fetch(`${cluster.url}/api/v1/jobs/${id}`, { method: 'DELETE' })

    await page.getByText(text.details.removed).waitFor()
    expect(await page.getByText('beacon', { exact: true }).count()).toBe(1)
    expect(await page.getByText(text.actions.retry, { exact: true }).count()).toBe(0)
    expect(visit.requests).toEqual([])
  })

  it('asks before it deletes a job', async () => {
    const { id } = await cluster.recognise(LIGHTHOUSE)
    const page = await open(id)
    const dialog = page.getByRole('dialog', { name: text.actions.confirmDelete('lighthouse.png') })
    const deleteButton = page.getByText(text.actions.delete, { exact: true })
    await deleteButton.click()
    await dialog.waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    // The Escape was for the dialog alone.
    expect(new URL(page.url()).pathname).toBe(`/jobs/${id}`)
    expect((await cluster.job(id)).id).toBe(id)

    await deleteButton.click()
    await dialog.getByText(text.actions.delete, { exact: true }).click()

    await page.getByText(text.details.removed).waitFor()
    expect((await fetch(`${cluster.url}/api/v1/jobs/${id}`)).status).toBe(404)
  })

  it.each([UNKNOWN, 'nonsense'])('says that there is no job %s, and leads back', async (id) => {
    const page = await open(id)
    await page.getByRole('heading', { level: 1, name: text.details.missing }).waitFor()
    await page.getByRole('main').getByRole('link', { name: text.details.board }).last().click()
    await expect.poll(() => new URL(page.url()).pathname).toBe('/')
  })
})

/** Returns when the job has this status. */
function status(page: Page, name: Job['status']): Promise<void> {
  return page.locator(`[data-job-status=${name}]`).waitFor()
}

/** Starts to record which statuses are shown; what it returns tells them. */
async function recordStatus(page: Page): Promise<() => Promise<(string | undefined)[]>> {
  const record = await page.evaluateHandle(() => {
    const seen: (string | undefined)[] = []
    const shown = document.querySelector<HTMLElement>('[data-job-status]')
    if (shown === null) throw new Error('There is no job on the page')
    new MutationObserver(() => seen.push(shown.dataset.jobStatus)).observe(shown, {
      attributeFilter: ['data-job-status'],
    })
    return seen
  })
  return () => record.jsonValue()
}

/** How the attempts of a run ended. */
function ends(page: Page, run: number): Promise<(string | null)[]> {
  return page
    .locator(`[data-run="${run}"] [data-attempt]`)
    .evaluateAll((attempts) => attempts.map((attempt) => attempt.getAttribute('data-attempt')))
}

/** The steps of which it is known how long they took. */
function knownSteps(page: Page): Promise<(string | null)[]> {
  return page
    .locator('[data-step][data-known=true]')
    .evaluateAll((steps) => steps.map((step) => step.getAttribute('data-step')))
}
