/** What a page asks for over HTTP, and when it has had its answers. */
import type { Page, Request } from 'playwright-core'
import { expect } from 'vitest'

const QUIET_MS = 500

export class Traffic {
  readonly #pending = new Set<Request>()
  #askedAt = performance.now()

  /** @param page has asked for nothing yet */
  constructor(page: Page) {
    page.on('request', (request) => {
      this.#pending.add(request)
      this.#askedAt = performance.now()
    })
    page.on('requestfinished', (request) => this.#pending.delete(request))
    page.on('requestfailed', (request) => this.#pending.delete(request))
  }

  /**
   * Returns when all has been answered and nothing was asked for in a while. Unlike the page's own state `networkidle`,
   * which is reached once, and may be for a script that is slow to begin.
   */
  async quiet(): Promise<void> {
    const since = performance.now()
    const isQuiet = () =>
      this.#pending.size === 0 && performance.now() - Math.max(since, this.#askedAt) > QUIET_MS
    await expect.poll(isQuiet, { timeout: 60_000, interval: 50 }).toBe(true)
  }
}
