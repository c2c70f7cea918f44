/**
 * Every page with content and without, light and dark, on a desk and on a phone: by axe's rules, by the keyboard, and
 * for who wants nothing to move.
 */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from '../../server/testing/cluster.ts'
import { text } from '../src/text/index.ts'
import { broken, photos } from './album.ts'
import { violations } from './axe.ts'
import { findChromium, launchBrowser } from './chromium.ts'
import { loseWay, PAGES } from './pages.ts'
import { createBatch, post, settled, submit } from './stage.ts'
import { Visit } from './visit.ts'

const DESK = { viewport: { width: 1280, height: 800 } }
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }
const DEVICES = [DESK, PHONE]

describe.skipIf(findChromium() === null)('the pages', () => {
  let cluster: TestCluster
  let browser: Browser
  let visit: Visit
  /** The titles of all pages by their addresses. */
  const titles = new Map<string, string>()

  beforeAll(async () => {
    cluster = await TestCluster.start({ workers: 0, workerEnv: { THREADS: '1' } })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await cluster?.stop()
  })
  afterEach(() => visit.end())

  async function open(path: string, device: typeof DESK): Promise<Page> {
    visit = await Visit.begin(browser, cluster.url, device.viewport, { ...device, reducedMotion: 'reduce' })
    return openPage(path)
  }

  async function openPage(path: string): Promise<Page> {
    const page = await visit.openBoard(path)
    await page.locator('h1').first().waitFor()
    await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' })
    return page
  }

  /** What is asked of every page, at whatever address, on each screen and in both schemes. */
  async function expectAccessible(page: Page): Promise<void> {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await violations(page), colorScheme).toEqual([])
    }
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
    expect(await overhang(page)).toBeLessThanOrEqual(0)
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0)
  }

  async function expectAccessibleAt(path: string): Promise<void> {
    for (const device of DEVICES) {
      const page = await open(path, device)
      await expectAccessible(page)
      titles.set(path, await page.title())
      if (device === DESK) await expectSkipLink(page)
      // The last one is ended after the test.
      if (device !== PHONE) await visit.end()
    }
  }

  describe('without content', () => {
    it.each(Object.entries(PAGES))('%s', (_, path) => expectAccessibleAt(path))

    it('no page', async () => {
      const page = await open('', PHONE)
      await loseWay(page)
      await expectAccessible(page)
      titles.set('nowhere', await page.title())
    })
  })

  describe('with content', () => {
    let done: string
    let failed: string
    let batch: string

    beforeAll(async () => {
      const [first, second, third] = await photos(3)
      if (!first || !second || !third) throw new Error('There are no photos')
      cluster.startWorker({ WORKER_NAME: `${'a-rather-long-name-'.repeat(4)}in-the-cellar` })
      await cluster.ready()
      batch = await createBatch(cluster, 'At the harbour', 'Ada')
      done = await submit(
        cluster,
        { ...first, name: `${'long-'.repeat(40)}.jpg` },
        { tag: ['place=harbour'] },
      )
      failed = await submit(cluster, broken(second))
      await submit(cluster, first, { batch, tag: [`truth=${first.truth}`] })
      await submit(cluster, second, { batch, tag: [`truth=${first.truth}`] })
      await settled(cluster)
      await post(cluster, `jobs/${done}/retry`)
      await settled(cluster)
      const [worker] = cluster.workers
      worker?.kill('SIGKILL')
      await submit(cluster, third, { batch })
      await post(cluster, `jobs/${await submit(cluster, third)}/cancel`)
    })

    it.each(['board', 'submit', 'batches', 'cluster', 'dashboard'] as const)('%s', (name) =>
      expectAccessibleAt(PAGES[name]),
    )
    it('a job that succeeded', () => expectAccessibleAt(`jobs/${done}`))
    it('a job that failed', () => expectAccessibleAt(`jobs/${failed}`))
    it('a batch', () => expectAccessibleAt(`batches/${batch}`))

    it('the board with all that can be opened on it', async () => {
      const page = await open('?class=beacon', DESK)
      await page.getByRole('button', { name: text.filters.button }).click()
      await page.locator('tr[data-job-id] input').first().click()
      await expectAccessible(page)
      await page.locator('[data-action=delete]').click()
      await expectAccessible(page)
      await page.keyboard.press('Escape')
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
      await expectAccessible(page)
    })

    it('the options of a submission', async () => {
      const page = await open('submit', PHONE)
      await page.getByText(text.submitOptions.more, { exact: true }).click()
      await page.getByRole('switch', { name: text.submitOptions.downscale }).click()
      await expectAccessible(page)
    })

    it('have each a title of its own', async () => {
      await open('', DESK)
      expect(new Set(titles.values()).size).toBe(titles.size)
      for (const title of titles.values()) expect(title).toMatch(new RegExp(`^.+ · ${text.name}$`))
    })
  })
})

/** The first Tab leads to a link that is then seen, and Enter on it behind the header. */
async function expectSkipLink(page: Page): Promise<void> {
  await page.keyboard.press('Tab')
  const link = page.getByRole('link', { name: text.nav.skip })
  expect(await link.evaluate((element) => element === document.activeElement)).toBe(true)
  expect((await link.boundingBox())?.height).toBeGreaterThan(24)
  await page.keyboard.press('Enter')
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN')
}

/** How many pixels of the page are beyond its right edge. */
function overhang(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
}
