/** One page of the web app on each kind of screen, light and dark, of which pictures are taken together. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContext, Page } from 'playwright-core'

const TARGET = fileURLToPath(new URL('../../.cache/screenshots/', import.meta.url))
const SCREENS = [
  { width: 390, height: 844 },
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
]
export const SCHEMES = ['light', 'dark'] as const
/** Below it a screen is a phone's, whose pictures show more than fits on it at once. */
const PHONE_BELOW = 600
const TALLEST_PX = 2_400
/** Three workers that load their model at once take a while. */
const PATIENCE_MS = 90_000

/** Where a picture is; `kind` is a width and a scheme, e.g. `1280-dark`. */
export function picturePath(name: string, kind: string): string {
  return join(TARGET, `${name}-${kind}.png`)
}

export class Studio {
  readonly #url: string
  readonly #pages: ReadonlyMap<string, Page>
  readonly #contexts: readonly BrowserContext[]

  private constructor(url: string, pages: ReadonlyMap<string, Page>) {
    this.#url = url
    this.#pages = pages
    this.#contexts = [...pages.values()].map((page) => page.context())
  }

  static async open(browser: Browser, url: string): Promise<Studio> {
    await mkdir(TARGET, { recursive: true })
    const pages = new Map<string, Page>()
    for (const viewport of SCREENS) {
      for (const colorScheme of SCHEMES) {
        const touch = viewport.width < PHONE_BELOW
        const context = await browser.newContext({ viewport, colorScheme, hasTouch: touch, isMobile: touch })
        context.setDefaultTimeout(PATIENCE_MS)
        pages.set(`${viewport.width}-${colorScheme}`, await context.newPage())
      }
    }
    return new Studio(url, pages)
  }

  async each(act: (page: Page) => Promise<unknown>): Promise<void> {
    await Promise.all([...this.#pages.values()].map(act))
  }

  /** Opens a page of the app; returns when it is live and shows what it is about. */
  async go(path: string): Promise<void> {
    await this.each(async (page) => {
      await page.goto(new URL(path, this.#url).href)
      await page.locator('[data-connection=live]').waitFor()
      await page.locator('h1').waitFor()
      await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' })
      await page.waitForLoadState('networkidle')
    })
  }

  /**
   * @param name of the page and its state, e.g. `board-full`
   * @param isTall the phone shows what is below as well; not where only what is on the screen is drawn
   */
  async take(name: string, isTall = true): Promise<void> {
    await Promise.all(
      [...this.#pages].map(async ([kind, page]) => {
        await settle(page)
        const path = picturePath(name, kind)
        const { width, height } = page.viewportSize() ?? { width: 0, height: 0 }
        if (width >= PHONE_BELOW || !isTall) return page.screenshot({ path })
        const whole = await page.evaluate(() => document.documentElement.scrollHeight)
        const clip = { x: 0, y: 0, width, height: Math.min(Math.max(whole, height), TALLEST_PX) }
        return page.screenshot({ path, fullPage: true, clip })
      }),
    )
  }

  async close(): Promise<void> {
    await Promise.all(this.#contexts.map((context) => context.close()))
  }
}

/** What has just arrived is tinted for a moment, and colours fade. What turns, turns for ever. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(() => {
    const passing = document
      .getAnimations()
      .filter(({ effect }) => effect?.getTiming().iterations !== Infinity)
    return Promise.allSettled(passing.map(({ finished }) => finished)).then(() => undefined)
  })
}
