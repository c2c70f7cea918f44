/** Jobs that take more than one attempt, or none, and workers that are taken out of service, as the board shows them. */
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TestCluster } from '../../server/testing/cluster.ts'
import { SAMPLES_DIR } from '../../server/testing/test-data.ts'
import { text } from '../src/text.ts'
import { dropFiles, launchBrowser } from './browser.ts'
import { findChromium } from './chromium.ts'
import { unseen } from './unseen.ts'
import { becomes, rows, SOON, Visit } from './visit.ts'

const LIGHTHOUSE = join(SAMPLES_DIR, 'lighthouse.png')

describe.skipIf(findChromium() === null)('attempts and workers on the job board', () => {
  let cluster: TestCluster
  let browser: Browser
  let visit: Visit
  let page: Page

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
    page = await visit.openBoard()
  })
  afterEach(() => visit.end())

  /** Drops a photo; returns its row. */
  async function submit(): Promise<Locator> {
    const before = await rows(page).count()
    await dropFiles(page, await unseen(LIGHTHOUSE))
    await expect.poll(() => rows(page).count(), SOON).toBe(before + 1)
    const id = await rows(page).first().getAttribute('data-job-id')
    return page.locator(`tr[data-job-id="${id}"]`)
  }

  /** How the attempts of a run ended, in the drawer. */
  function ends(run: number): Promise<(string | null)[]> {
    return page
      .locator(`[data-run="${run}"] [data-attempt]`)
      .evaluateAll((attempts) => attempts.map((attempt) => attempt.getAttribute('data-attempt')))
  }

  it('cancels a job that waits, and recognises it when it is retried', async () => {
    const watcher = await visit.openBoard()
    const row = await submit()
    await becomes(row, 'QUEUED')
    await row.click()
    const drawer = page.getByRole('dialog')
    await drawer.getByText(text.attempts.none).waitFor()

    await drawer.getByText(text.actions.cancel, { exact: true }).click()
    for (const board of [page, watcher]) await becomes(rows(board).first(), 'CANCELLED')
    await drawer.getByText(text.jobs.cancelled).waitFor()
    // It waits no more.
    const waited = drawer.getByText(/^waited /)
    const seen = await waited.textContent()
    await sleep(2_100)
    expect(await waited.textContent()).toBe(seen)

    await drawer.getByText(text.actions.retry, { exact: true }).click()
    await becomes(row, 'QUEUED')
    await drawer.getByText(text.jobs.queued).waitFor()
    cluster.startWorker()
    for (const board of [page, watcher]) await becomes(rows(board).first(), 'SUCCEEDED')
    await drawer.getByText(text.attempts.run(2)).waitFor()
    await expect.poll(() => ends(2), SOON).toEqual(['succeeded'])
    expect(await ends(1)).toEqual([])
    expect(await page.locator('[data-run="1"]').textContent()).toContain(text.attempts.none)
    await expect.poll(() => drawer.getByText('beacon').count(), SOON).toBe(1)
  })

  it('reads the history of an opened job when it changes, and not otherwise', async () => {
    await cluster.ready()
    const row = await submit()
    await becomes(row, 'SUCCEEDED')
    await page.waitForLoadState('networkidle')
    const path = `GET /api/v1/jobs/${await row.getAttribute('data-job-id')}`
    const reads = () => visit.requests.filter((request) => request === path).length
    expect(reads()).toBe(0)
    await row.click()
    await expect.poll(() => ends(1), SOON).toEqual(['succeeded'])
    expect(reads()).toBe(1)
    await sleep(2_000)
    expect(reads()).toBe(1)

    await page.getByRole('dialog').getByText(text.actions.retry, { exact: true }).click()
    await expect.poll(() => ends(2), SOON).toEqual(['succeeded'])
    await page.waitForLoadState('networkidle')
    // It was queued, run and recognised.
    expect(reads()).toBeLessThanOrEqual(4)
  })

  it('takes a worker out of service and back', async () => {
    await page.getByTitle(text.cluster.show).click()
    const worker = page.locator('[data-worker-state]')
    await worker.getByText(text.cluster.drain, { exact: true }).click()
    await page.locator('[data-worker-state=drained]').waitFor()
    await page.getByRole('region', { name: text.readiness.drained }).waitFor()
    const row = await submit()
    await sleep(1_000)
    await becomes(row, 'QUEUED')

    await worker.getByText(text.cluster.resume, { exact: true }).click()
    await page.locator('[data-worker-state=ready]').waitFor()
    await becomes(row, 'SUCCEEDED')
    expect(await page.getByRole('region', { name: text.readiness.drained }).count()).toBe(0)
  })

  it('says why something was not done', async () => {
    const row = rows(page).first()
    await becomes(row, 'SUCCEEDED')
    const id = await row.getAttribute('data-job-id')
    await row.click()
    // Someone else is faster, and no worker is: it is stopped.
    const [worker] = cluster.workers
    worker?.kill('SIGSTOP')
    await page.route('**/retry', async (route) => {
      await fetch(`${cluster.url}/api/v1/jobs/${id}/retry`, { method: 'POST' })
      await route.continue()
    })

    const drawer = page.getByRole('dialog')
    await drawer.getByText(text.actions.retry, { exact: true }).click()

    await drawer.getByText('That was not done. The job has not ended yet.').waitFor()
    worker?.kill('SIGCONT')
    await becomes(row, 'SUCCEEDED')
    expect(visit.complaints.splice(0)).toEqual([expect.stringContaining('409')])
  })

  it('shows that a job was lost with its worker, and recognised by the next one', async () => {
    await cluster.ready()
    const [worker] = cluster.workers
    if (!worker) throw new Error('There is no worker')
    worker.kill('SIGSTOP')
    const row = await submit()
    await becomes(row, 'RUNNING')
    await row.click()
    await expect.poll(() => ends(1), SOON).toEqual(['running'])

    const exited = once(worker, 'exit')
    worker.kill('SIGKILL')
    await exited
    await becomes(row, 'QUEUED')
    await expect.poll(() => ends(1), SOON).toEqual(['lost'])
    cluster.startWorker()
    await becomes(row, 'SUCCEEDED')

    await expect.poll(() => ends(1), SOON).toEqual(['lost', 'succeeded'])
    const [lost, succeeded] = await page.locator('[data-attempt]').allTextContents()
    expect(lost).toContain(text.attempts.ends.lost)
    expect(lost).toContain('Attempt 1 · worker-1')
    expect(succeeded).toContain('Attempt 2 · worker-2')
  })
})
