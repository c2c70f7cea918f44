/** Jobs that take more than one attempt, or none, as their pages show them while it happens. */
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { jobSchema } from '@argus/shared'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TestCluster } from '../../server/testing/cluster.ts'
import { SAMPLES_DIR } from '../../server/testing/test-data.ts'
import { text } from '../src/text/index.ts'
import { findChromium, launchBrowser } from './chromium.ts'
import { SOON, Visit } from './visit.ts'

const LIGHTHOUSE = join(SAMPLES_DIR, 'lighthouse.png')

describe.skipIf(findChromium() === null)('the attempts of a job', () => {
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

  async function submit(): Promise<string> {
    const answer = await cluster.submit(LIGHTHOUSE)
    return jobSchema.parse(await answer.json()).id
  }

  it('are none of a job that is cancelled while it waits; retried, it has a run that is recognised', async () => {
    const id = await submit()
    const page = await visit.openBoard(`jobs/${id}`)
    const watcher = await visit.openBoard(`jobs/${id}`)
    await status(page, 'QUEUED')

    await page.getByText(text.actions.cancel, { exact: true }).click()
    for (const each of [page, watcher]) await status(each, 'CANCELLED')
    await page.getByText(text.jobs.cancelled).waitFor()
    await page.getByText(text.attempts.none).waitFor()
    // It waits no more.
    const waited = page.getByText(/^waited /)
    const seen = await waited.textContent()
    await sleep(2_100)
    expect(await waited.textContent()).toBe(seen)

    await page.getByText(text.actions.retry, { exact: true }).click()
    await status(page, 'QUEUED')
    await page.getByText(text.jobs.queued).waitFor()
    cluster.startWorker()
    await cluster.ready()
    for (const each of [page, watcher]) {
      await status(each, 'SUCCEEDED')
      expect(await ends(each, 1)).toEqual([])
      expect(await ends(each, 2)).toEqual(['succeeded'])
    }
    expect(await page.locator('[data-run="1"]').textContent()).toContain(text.attempts.none)
    await page.getByText('beacon', { exact: true }).waitFor()
  })

  it('go on without what was not done, which is said', async () => {
    const { id } = await cluster.recognise(LIGHTHOUSE)
    const page = await visit.openBoard(`jobs/${id}`)
    await status(page, 'SUCCEEDED')
    // Someone else is faster, and no worker is: it is stopped.
    const [worker] = cluster.workers
    worker?.kill('SIGSTOP')
    await page.route('**/retry', async (route) => {
      await fetch(`${cluster.url}/api/v1/jobs/${id}/retry`, { method: 'POST' })
      await route.continue()
    })

    await page.getByText(text.actions.retry, { exact: true }).click()

    await page.getByText('That was not done. The job has not ended yet.').waitFor()
    worker?.kill('SIGCONT')
    await status(page, 'SUCCEEDED')
    expect(visit.complaints.splice(0)).toEqual([expect.stringContaining('409')])
  })

  it('are two of a job that was lost with its worker, and recognised by the next one', async () => {
    await cluster.ready()
    const [worker] = cluster.workers
    if (!worker) throw new Error('There is no worker')
    // It is missed some seconds after it was stopped: the page is there before that.
    const page = await cluster.whileDrained(async () => {
      const opened = await visit.openBoard(`jobs/${await submit()}`)
      await status(opened, 'QUEUED')
      worker.kill('SIGSTOP')
      return opened
    })
    await status(page, 'RUNNING')
    await expect.poll(() => ends(page, 1), SOON).toEqual(['running'])

    const exited = once(worker, 'exit')
    worker.kill('SIGKILL')
    await exited
    await status(page, 'QUEUED')
    await expect.poll(() => ends(page, 1), SOON).toEqual(['lost'])
    cluster.startWorker()
    await cluster.ready()
    await status(page, 'SUCCEEDED')

    await expect.poll(() => ends(page, 1), SOON).toEqual(['lost', 'succeeded'])
    const [lost, succeeded] = await page.locator('[data-attempt]').allTextContents()
    expect(lost).toContain(text.attempts.ends.lost)
    expect(lost).toContain('Attempt 1 · worker-1')
    expect(succeeded).toContain('Attempt 2 · worker-2')
  })
})

/** Returns when the job has this status. */
function status(page: Page, name: string): Promise<void> {
  return page.locator(`[data-job-status=${name}]`).waitFor()
}

/** How the attempts of a run ended. */
function ends(page: Page, run: number): Promise<(string | null)[]> {
  return page
    .locator(`[data-run="${run}"] [data-attempt]`)
    .evaluateAll((attempts) => attempts.map((attempt) => attempt.getAttribute('data-attempt')))
}
