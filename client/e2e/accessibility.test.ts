/**
 * Every page with content and without, light and dark, on a desk and on a phone: by axe's rules, by the keyboard, and
 * for who wants nothing to move.
 */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from '../../server/testing/cluster.ts'
import { text } from '../src/text/index.ts'
import { broken, photos } from './album.ts'
import { violations } from './axe.ts'
import { findChromium, launchBrowser } from './chromium.ts'
import { loseWay, PAGES } from './pages.ts'
import { createBatch, post, settled, submit } from './stage.ts'
import { Visit } from './visit.ts'

const DEVICES = {
  desk: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
}
type Device = keyof typeof DEVICES

describe.skipIf(findChromium() === null)('the pages', () => {
  let cluster: TestCluster
  let browser: Browser
  let visits: Record<Device, Visit>
  /** The titles of all pages by their addresses. */
  const titles = new Map<string, string>()

  beforeAll(async () => {
    cluster = await TestCluster.start({ workers: 0, workerEnv: { THREADS: '1' } })
    browser = await launchBrowser()
    visits = { desk: await begin('desk'), phone: await begin('phone') }
  })
  afterAll(async () => {
    await visits?.desk.end()
    await visits?.phone.end()
    await browser?.close()
    await cluster?.stop()
  })
  function begin(device: Device): Promise<Visit> {
    const { viewport, ...others } = DEVICES[device]
    return Visit.begin(browser, cluster.url, viewport, { ...others, reducedMotion: 'reduce' })
  }

  /** Opens a page; returns when it shows what it is about. */
  async function open(path: string, device: Device): Promise<Page> {
    const page = await visits[device].openBoard(path)
    await page.locator('h1').first().waitFor()
    await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' })
    return page
  }

  /** What is asked of every page, at whatever address, on each screen and in both schemes. */
  async function expectAccessible(page: Page): Promise<void> {
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await violations(page, 'colours')).toEqual([])
    await page.emulateMedia({ colorScheme: 'light' })
    expect(await violations(page, 'all')).toEqual([])
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
    expect(await overhang(page)).toBeLessThanOrEqual(0)
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0)
  }

  async function onDesk(path: string): Promise<void> {
    const page = await open(path, 'desk')
    await expectAccessible(page)
    await expectSkipLink(page)
    titles.set(path, await page.title())
    await page.close()
  }

  async function onPhone(path: string): Promise<void> {
    const page = await open(path, 'phone')
    await expectAccessible(page)
    await page.close()
  }

  async function expectAccessibleAt(path: string): Promise<void> {
    await Promise.all([onDesk(path), onPhone(path)])
  }

  describe('without content', () => {
    it.each(Object.entries(PAGES))('%s', (_, path) => expectAccessibleAt(path))

    it('no page', async () => {
      const page = await open('', 'phone')
      await loseWay(page)
      await page.getByRole('heading', { name: text.notFound.heading }).waitFor()
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
      const page = await open('?class=beacon', 'desk')
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
      const page = await open('submit', 'phone')
      await page.getByText(text.submitOptions.more, { exact: true }).click()
      await page.getByRole('switch', { name: text.submitOptions.downscale }).click()
      await expectAccessible(page)
    })

    it('have each a title of its own', () => {
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
  expect((await link.boundingBox())?.height).toBeGreaterThanOrEqual(24)
  await page.keyboard.press('Enter')
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN')
}

/** How many pixels of the page are beyond its right edge. */
function overhang(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
}
