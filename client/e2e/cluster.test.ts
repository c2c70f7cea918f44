/** The page about the machines in a real browser, with a real master and real workers that come and go. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TestCluster } from '../../server/testing/cluster.ts'
import { SAMPLES_DIR } from '../../server/testing/test-data.ts'
import { text } from '../src/text/index.ts'
import { findChromium, launchBrowser } from './chromium.ts'
import { SOON, Visit } from './visit.ts'

const GUITAR = join(SAMPLES_DIR, 'guitar.png')
const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
/** A worker whose process has ended is gone within this. */
const GONE_MS = 5_000

describe.skipIf(findChromium() === null)('the page about the cluster', () => {
  let cluster: TestCluster
  let browser: Browser
  let visit: Visit
  let page: Page

  beforeAll(async () => {
    cluster = await TestCluster.start({ workers: 2, workerEnv: { THREADS: '1' } })
    browser = await launchBrowser()
    await cluster.ready()
  })
  afterAll(async () => {
    await browser?.close()
    await cluster?.stop()
  })

  beforeEach(async () => {
    visit = await Visit.begin(browser, cluster.url)
    await visit.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    page = await visit.openBoard('cluster')
  })
  afterEach(() => visit.end())

  function card(name: string, state?: string): Locator {
    const isIn = state === undefined ? '' : `[data-worker-state=${state}]`
    return page.locator(`[data-worker-name="${name}"]${isIn}`)
  }

  function needed(): Locator {
    return page.locator('[data-urgent=true]')
  }

  it('shows the master and each worker, with figures that are pushed', async () => {
    for (const name of ['worker-1', 'worker-2']) {
      await card(name, 'ready').waitFor()
      await expect.poll(() => card(name).textContent(), SOON).toMatch(/tfjs-(node|wasm) · [\d.,]+ photos\/s/)
      await card(name).getByText(text.workers.busy(0, 1)).waitFor()
    }
    const model = page.locator('[data-model-state=serving]')
    await model.waitFor()
    await cluster.recognise(GUITAR)
    visit.requests.length = 0
    await page.getByRole('img', { name: text.workers.recent(1, 1) }).waitFor()
    expect(visit.requests).toEqual([])
    expect(await needed().count()).toBe(0)
  })

  it('drains a worker and takes it back', async () => {
    await card('worker-1').getByText(text.workers.drain, { exact: true }).click()
    await card('worker-1', 'drained').waitFor()
    await card('worker-2', 'ready').waitFor()

    await card('worker-1').getByText(text.workers.resume, { exact: true }).click()
    await card('worker-1', 'ready').waitFor()
  })

  it('drops a worker that was killed, within seconds', async () => {
    const [, second] = cluster.workers
    second?.kill('SIGKILL')
    await card('worker-2').waitFor({ state: 'detached', timeout: GONE_MS })
    await card('worker-1', 'ready').waitFor()
  })

  it('asks before the last worker is drained while photos wait', async () => {
    const [first] = cluster.workers
    // It is missed some seconds after it was stopped: the photos are there, and known to the page, before that.
    await cluster.whileDrained(async () => {
      await Promise.all([1, 2, 3, 4].map(() => cluster.submit(GUITAR)))
      await needed().getByText(text.join.needed(4)).waitFor()
      first?.kill('SIGSTOP')
    })
    const jobs = card('worker-1').getByRole('link', { name: text.workers.holdsOf('worker-1', 2) })
    expect(await jobs.getAttribute('href')).toBe('/?worker=worker-1&status=RUNNING')
    await card('worker-1').getByText(text.workers.drain, { exact: true }).click()
    const dialog = page.getByRole('dialog', { name: text.workers.lastTitle })
    await dialog.getByText(text.workers.lastDetail('worker-1', 2)).waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    first?.kill('SIGCONT')
    await card('worker-1', 'ready').getByText(text.workers.holdsNone, { exact: true }).waitFor()
  })

  it('says that photos wait and no worker takes them, and how one is added', async () => {
    await card('worker-1').getByText(text.workers.drain, { exact: true }).click()
    await card('worker-1', 'drained').waitFor()
    expect(await needed().count()).toBe(0)
    await cluster.submit(GUITAR)
    await needed().getByText(text.join.needed(1)).waitFor()
    await needed().getByText(text.join.neededOrResume).waitFor()

    const token = await cluster.workerToken()
    const command = needed().locator('[data-command]')
    expect(await command.textContent()).not.toContain(token)
    await needed().getByRole('button', { name: text.join.copy }).click()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    expect(copied).toBe(`WORKER_TOKEN=${token} npx argus worker --master ${cluster.url}`)
    await needed().getByRole('button', { name: text.join.reveal }).click()
    expect((await command.textContent())?.trim()).toBe(copied)

    const joined = run(copied)
    try {
      await card('joined', 'ready').waitFor()
      await needed().waitFor({ state: 'detached' })
      await page.getByRole('img', { name: text.workers.recent(1, 1) }).waitFor()
    } finally {
      await end(joined)
    }
    await card('joined').waitFor({ state: 'detached', timeout: GONE_MS })
  })

  /** Runs a command line as a person does who has pasted it, on a machine of that name. */
  function run(command: string): ChildProcess {
    return spawn(command, {
      shell: true,
      cwd: PROJECT,
      env: {
        ...process.env,
        WORKER_NAME: 'joined',
        THREADS: '1',
        // What the other workers have fetched and measured there needs no second time.
        CACHE_DIR: join(cluster.dataDir, 'worker-cache'),
      },
      stdio: 'ignore',
      // A group of its own: beneath the shell npx starts the worker.
      detached: true,
    })
  }
})

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
  await exited
}
