/** A person's visit to the board: one profile of the browser, and all that it asked for and complained of. */
import type {
  Browser,
  BrowserContext,
  BrowserContextOptions,
  Locator,
  Page,
  Request,
  ViewportSize,
} from 'playwright-core'
import { expect } from 'vitest'
import { Traffic } from './traffic.ts'

export const SOON = { timeout: 60_000, interval: 100 }

export class Visit {
  readonly context: BrowserContext
  /** What the browser asked for over HTTP, e.g. `GET /api/v1/jobs`; a test may empty it. */
  readonly requests: string[] = []
  /** What the browser wrote to its console as an error; a test takes out what it expects. */
  readonly complaints: string[] = []
  readonly #foreign: string[] = []
  readonly #traffic = new WeakMap<Page, Traffic>()
  readonly #url: string

  private constructor(context: BrowserContext, url: string) {
    this.context = context
    this.#url = url
    context.setDefaultTimeout(SOON.timeout)
    context.on('request', (request) => this.#note(request))
    context.on('console', (message) => message.type() === 'error' && this.complaints.push(message.text()))
    context.on('weberror', (error) => this.complaints.push(error.error().message))
  }

  /**
   * @param url of the master
   * @param viewport by default 1280 by 720
   * @param device what else is special about the browser
   */
  static async begin(
    browser: Browser,
    url: string,
    viewport?: ViewportSize,
    device: BrowserContextOptions = {},
  ): Promise<Visit> {
    return new Visit(await browser.newContext({ viewport, ...device }), url)
  }

  /** Opens a board of its own, and returns when it is live: `?status=FAILED`. */
  async openBoard(query = ''): Promise<Page> {
    const opened = await this.context.newPage()
    this.#traffic.set(opened, new Traffic(opened))
    await opened.goto(`${this.#url}/${query}`)
    await connection(opened, 'live').waitFor()
    await expect.poll(() => opened.locator('[aria-busy=true]').count(), SOON).toBe(0)
    await this.quiet(opened)
    return opened
  }

  /** Returns when a page that was opened here has had all answers and asks for nothing more. */
  quiet(page: Page): Promise<void> | undefined {
    return this.#traffic.get(page)?.quiet()
  }

  /** Ends it. Nothing was asked of anyone but the master, and there was nothing to complain of. */
  async end(): Promise<void> {
    await this.context.close()
    expect(this.#foreign).toEqual([])
    expect(this.complaints).toEqual([])
  }

  #note(request: Request): void {
    const { origin, pathname } = new URL(request.url())
    this.requests.push(`${request.method()} ${pathname}`)
    if (origin !== this.#url) this.#foreign.push(request.url())
  }
}

export function connection(page: Page, phase: 'live' | 'offline'): Locator {
  return page.locator(`[data-connection=${phase}]`)
}

/** Those that are drawn: on the screen, or near to it. */
export function rows(page: Page): Locator {
  return page.locator('tr[data-job-id]')
}

export function unfinished(page: Page): Locator {
  return page.locator('tr:is([data-status=QUEUED], [data-status=RUNNING])')
}

/** Id and status of each row, from the top. */
export function states(page: Page): Promise<(string | null)[][]> {
  return rows(page).evaluateAll((elements) =>
    elements.map((row) => [row.getAttribute('data-job-id'), row.getAttribute('data-status')]),
  )
}

/** Returns when the row shows this status. */
export async function becomes(row: Locator, status: string): Promise<void> {
  await expect.poll(() => row.getAttribute('data-status'), SOON).toBe(status)
}
