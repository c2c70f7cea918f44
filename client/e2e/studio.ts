/** One board on each kind of screen, light and dark, of which pictures are taken together. */
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

/** Where a picture is; `kind` is a width and a scheme, e.g. `1280-dark`. */
export function picturePath(state: string, kind: string): string {
  return join(TARGET, `${state}-${kind}.png`)
}

export class Studio {
  readonly #pages: ReadonlyMap<string, Page>
  readonly #contexts: readonly BrowserContext[]

  private constructor(pages: ReadonlyMap<string, Page>) {
    this.#pages = pages
    this.#contexts = [...pages.values()].map((page) => page.context())
  }

  static async open(browser: Browser, url: string): Promise<Studio> {
    await mkdir(TARGET, { recursive: true })
    const pages = new Map<string, Page>()
    for (const viewport of SCREENS) {
      for (const colorScheme of SCHEMES) {
        const touch = viewport.width < 600
        const context = await browser.newContext({ viewport, colorScheme, hasTouch: touch, isMobile: touch })
        const page = await context.newPage()
        await page.goto(url)
        pages.set(`${viewport.width}-${colorScheme}`, page)
      }
    }
    return new Studio(pages)
  }

  async each(act: (page: Page) => Promise<unknown>): Promise<void> {
    await Promise.all([...this.#pages.values()].map(act))
  }

  async take(state: string): Promise<void> {
    await this.each((page) => page.waitForLoadState('networkidle'))
    // What has just arrived is tinted for a moment, and a drawer slides in. What turns, turns for ever.
    await this.each((page) =>
      page.evaluate(() => {
        const passing = document
          .getAnimations()
          .filter(({ effect }) => effect?.getTiming().iterations !== Infinity)
        return Promise.all(passing.map(({ finished }) => finished)).then(() => undefined)
      }),
    )
    await Promise.all(
      [...this.#pages].map(([kind, page]) => page.screenshot({ path: picturePath(state, kind) })),
    )
  }

  async close(): Promise<void> {
    await Promise.all(this.#contexts.map((context) => context.close()))
  }
}
