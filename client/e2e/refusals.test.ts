/** What the board says while the master takes no photos, and what becomes of those that are submitted then. */
import { join } from 'node:path'
import type { Browser, Page, Request } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { TestCluster } from '../../server/testing/cluster.ts'
import { findMariaDb, TestMariaDb } from '../../server/testing/mariadb.ts'
import { SAMPLES_DIR } from '../../server/testing/test-data.ts'
import { text } from '../src/text/index.ts'
import { AnswerCutter } from './answer-cutter.ts'
import { dropFiles } from './browser.ts'
import { findChromium, launchBrowser } from './chromium.ts'
import { rows, SOON, Visit } from './visit.ts'

const LIGHTHOUSE = join(SAMPLES_DIR, 'lighthouse.png')
/** More than any disk has. */
const WHOLE_DISK = '1000000000000000'

describe.skipIf(findChromium() === null)('a board whose master takes no photos', () => {
  let browser: Browser
  let visit: Visit

  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser?.close())
  afterEach(() => visit.end())

  /** Opens the board of a master without workers, which ends with the test. */
  async function start(masterEnv: NodeJS.ProcessEnv): Promise<{ cluster: TestCluster; page: Page }> {
    const cluster = await TestCluster.start({ workers: 0, masterEnv })
    onTestFinished(() => cluster.stop())
    return { cluster, page: await open(cluster.url) }
  }

  async function open(url: string): Promise<Page> {
    visit = await Visit.begin(browser, url)
    return visit.openBoard()
  }

  const postponed = (page: Page) => page.locator('[data-upload=postponed]')

  it('says that the disk is full', async () => {
    const { page } = await start({ MIN_FREE_BYTES: WHOLE_DISK })
    const banner = page.getByRole('status').getByRole('region', { name: text.readiness.diskFull })
    await banner.getByText(text.readiness.diskFullDetail).waitFor()
    expect(await page.getByText(text.readiness.waits).count()).toBe(0)

    await dropFiles(page, LIGHTHOUSE)

    await postponed(page).getByText("The master's disk is full.").waitFor()
    expect(await postponed(page).textContent()).toMatch(/Trying again in \d+ s\.$/)
    await postponed(page)
      .getByRole('button', { name: text.uploads.cancel('lighthouse.png') })
      .click()
    await postponed(page).waitFor({ state: 'detached' })
    expect(visit.complaints.splice(0)).toEqual([expect.stringContaining('507')])
  })

  it.skipIf(findMariaDb() === null)('submits photos by itself when the database is back', async () => {
    const database = await TestMariaDb.start()
    onTestFinished(() => database.stop())
    const { cluster, page } = await start({ DATABASE_URL: database.url })
    await page
      .getByRole('region', { name: text.readiness.noWorker })
      .getByText(text.readiness.waits)
      .waitFor()
    const keys = keysOf(page)

    await database.kill()
    await dropFiles(page, LIGHTHOUSE)

    await postponed(page).waitFor()
    await page
      .getByRole('status')
      .getByRole('region', { name: text.readiness.noDatabase })
      .getByText(text.readiness.noDatabaseDetail)
      .waitFor()
    expect(await page.getByText(text.readiness.waits).count()).toBe(0)
    await database.restart()

    await expect.poll(() => rows(page).count(), SOON).toBe(1)
    await page.getByText(text.readiness.noDatabase).waitFor({ state: 'detached' })
    expect(await page.locator('[data-upload=failed]').count()).toBe(0)
    expect(await rows(page).count()).toBe(1)
    expect(new Set(keys).size).toBe(1)
    const others = visit.complaints.splice(0).filter((complaint) => !complaint.includes('503'))
    expect(others).toEqual([])
    expect(cluster.master.exitCode).toBeNull()
  })

  it('makes one job of a photo whose answer was lost', async () => {
    const cluster = await TestCluster.start({ workers: 0 })
    onTestFinished(() => cluster.stop())
    const cutter = await AnswerCutter.start(cluster.url)
    onTestFinished(() => cutter.stop())
    const page = await open(cutter.url)
    const keys = keysOf(page)
    // The browser itself asks once more on each connection that it had used before.
    cutter.cut('POST /api/v1/jobs')

    await dropFiles(page, LIGHTHOUSE)

    await postponed(page).getByText(text.failures.unreachable).waitFor()
    cutter.cut(null)
    await page.locator('[data-upload]').waitFor({ state: 'detached' })
    expect(await rows(page).count()).toBe(1)
    // It is read once more before it is asked for.
    await expect.poll(() => keys.length, SOON).toBeGreaterThan(1)
    expect(new Set(keys).size).toBe(1)

    await dropFiles(page, LIGHTHOUSE)
    await expect.poll(() => rows(page).count(), SOON).toBe(2)
    await page.locator('[data-upload]').waitFor({ state: 'detached' })
    expect(await rows(page).count()).toBe(2)
    expect(new Set(keys).size).toBe(2)
    const others = visit.complaints.splice(0).filter((complaint) => !complaint.includes('net::ERR_'))
    expect(others).toEqual([])
  })
})

/** The Idempotency-Key of each photo that the page submits from now on. */
function keysOf(page: Page): (string | undefined)[] {
  const keys: (string | undefined)[] = []
  page.on('request', (request: Request) => {
    if (request.method() === 'POST') keys.push(request.headers()['idempotency-key'])
  })
  return keys
}
