/** The dashboard in a real browser: it agrees with the statistics, and outlasts a reload and a new master. */
import { once } from 'node:events'
import { join } from 'node:path'
import { type Statistics, statisticsSchema } from '@argus/shared'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TestCluster } from '../../server/testing/cluster.ts'
import { SAMPLES_DIR } from '../../server/testing/test-data.ts'
import { formatDuration } from '../src/format.ts'
import { text } from '../src/text/index.ts'
import { findChromium, launchBrowser } from './chromium.ts'
import { connection, SOON, Visit } from './visit.ts'

const LIGHTHOUSE = join(SAMPLES_DIR, 'lighthouse.png')
const PHOTOS = 5

describe.skipIf(findChromium() === null)('the dashboard', () => {
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
    visit = await Visit.begin(browser, cluster.url)
    page = await visit.openBoard('dashboard')
  })
  afterEach(() => visit.end())

  function figure(name: string): Locator {
    return page.locator(`[data-figure=${name}]`)
  }

  async function shows(name: string, words: string): Promise<void> {
    await expect.poll(() => figure(name).textContent(), SOON).toBe(words)
  }

  async function statistics(): Promise<Statistics> {
    return statisticsSchema.parse(await (await fetch(`${cluster.url}/api/v1/stats`)).json())
  }

  it('teaches what it is for while there is nothing to tell', async () => {
    await page.getByRole('heading', { name: text.dashboard.noneYet }).waitFor()
    await shows('recognised', '0')
    expect(await page.locator('.recharts-surface').count()).toBe(0)
  })

  it('shows what was recognised the moment it was, without asking for it', async () => {
    await shows('recognised', '0')
    visit.requests.length = 0
    for (let photo = 0; photo < PHOTOS; photo += 1) await cluster.recognise(LIGHTHOUSE)

    await shows('recognised', String(PHOTOS))
    await shows('submitted', String(PHOTOS))
    await shows('waiting', '0')
    expect(visit.requests).toEqual([])
    const { counts, latency } = await statistics()
    expect(counts).toMatchObject({ submitted: PHOTOS, succeeded: PHOTOS, failed: 0 })
    expect(await figure('latency').textContent()).toContain(
      `${formatDuration(latency.whole?.p50 ?? 0)} ${text.charts.latency.p50}`,
    )
    expect(await figure('accuracy').textContent()).toBe(text.figures.noTruths)
  })

  it('draws how it went, and has the numbers of each chart', async () => {
    const { charts } = text
    for (const { title } of [charts.rate, charts.queue, charts.latency, charts.ended]) {
      await page.getByRole('application', { name: charts.describe(title) }).waitFor()
    }
    const ended = page.getByRole('region', { name: charts.ended.title, exact: true })
    await ended.getByText(charts.numbers, { exact: true }).click()
    const cells = ended.locator('tbody td:nth-child(2)')
    await expect.poll(() => cells.count(), SOON).toBe(15)
    const recognised = (await cells.allTextContents()).reduce((sum, words) => sum + Number(words), 0)
    expect(recognised).toBe(PHOTOS)

    await ended.getByRole('application').focus()
    await page.keyboard.press('ArrowLeft')
    await ended.locator('.recharts-tooltip-wrapper').getByText(charts.ended.succeeded).waitFor()
  })

  it('keeps the window in the address, and the numbers over a reload', async () => {
    await page.getByText(text.dashboard.windows['24h']).click()
    await shows('recognised', String(PHOTOS))
    expect(new URL(page.url()).search).toBe('?window=24h')

    await page.reload()
    await shows('recognised', String(PHOTOS))
    expect(await page.getByRole('radio', { name: text.dashboard.windows['24h'] }).isChecked()).toBe(true)
  })

  it('says that it may be out of date while the master is gone, and has the numbers of before after', async () => {
    await shows('recognised', String(PHOTOS))
    const ended = once(cluster.master, 'exit')
    cluster.master.kill('SIGKILL')
    await ended
    await page.getByText(text.connection.stale).waitFor()
    await shows('recognised', String(PHOTOS))

    await cluster.startMaster()
    await connection(page, 'live').waitFor()
    await shows('recognised', String(PHOTOS))
    expect(await page.getByText(text.connection.stale).count()).toBe(0)
    await cluster.ready()
    await cluster.recognise(LIGHTHOUSE)
    await shows('recognised', String(PHOTOS + 1))
    expect((await statistics()).counts.succeeded).toBe(PHOTOS + 1)
    // The browser itself notes every connection that was refused.
    const others = visit.complaints
      .splice(0)
      .filter((complaint) => !complaint.includes('ERR_CONNECTION_REFUSED'))
    expect(others).toEqual([])
  })
})
