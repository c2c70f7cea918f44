/** What a page costs its browser, over Chromium's own protocol: tasks of its main thread, heap, bytes it is sent. */
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, CDPSession, Page } from 'playwright-core'

const SECOND_MS = 1000

/** As Chromium writes it. */
interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  /** Microseconds on the thread, not on the clock. */
  readonly tdur?: number
  readonly args?: { readonly name?: unknown }
}

export interface PageCost {
  /** Milliseconds of thread time of the longest task. */
  readonly longestTask: number
  readonly tasks: number
  /** Share of the time in which the main thread worked. */
  readonly busy: number
  /** Bytes, after a forced collection. */
  readonly heapGrowth: number
  readonly heap: number
  /** The most bytes that the socket brought in any second, and on average. */
  readonly maxBytesPerSecond: number
  readonly bytesPerSecond: number
}

export class BrowserMeter {
  readonly #browser: Browser
  readonly #devtools: CDPSession
  readonly #page: Page
  readonly #path = join(tmpdir(), `argus-trace-${process.pid}.json`)
  readonly #received: Array<{ readonly at: number; readonly bytes: number }> = []
  #heap = 0
  #startedAt = 0

  private constructor(browser: Browser, page: Page, devtools: CDPSession) {
    this.#browser = browser
    this.#page = page
    this.#devtools = devtools
  }

  /** Before the page is loaded, so that its socket is seen. */
  static async attach(browser: Browser, page: Page): Promise<BrowserMeter> {
    const devtools = await page.context().newCDPSession(page)
    const meter = new BrowserMeter(browser, page, devtools)
    devtools.on('Network.webSocketFrameReceived', ({ response }) => {
      meter.#received.push({ at: performance.now(), bytes: Buffer.byteLength(response.payloadData) })
    })
    await devtools.send('Network.enable')
    await devtools.send('HeapProfiler.enable')
    await devtools.send('Performance.enable')
    return meter
  }

  async start(): Promise<void> {
    this.#heap = await this.#collectedHeap()
    await this.#browser.startTracing(this.#page, {
      path: this.#path,
      categories: ['toplevel', '__metadata'],
    })
    this.#startedAt = performance.now()
    this.#received.length = 0
  }

  async stop(): Promise<PageCost> {
    const milliseconds = performance.now() - this.#startedAt
    const received = [...this.#received]
    await this.#browser.stopTracing()
    const heap = await this.#collectedHeap()
    const tasks = await this.#tasks()
    return {
      longestTask: Math.max(0, ...tasks),
      tasks: tasks.length,
      busy: tasks.reduce((sum, task) => sum + task, 0) / milliseconds,
      heapGrowth: heap - this.#heap,
      heap,
      maxBytesPerSecond: Math.max(0, ...received.map(({ at }) => bytesIn(received, at))),
      bytesPerSecond: (bytesIn(received, 0, Number.POSITIVE_INFINITY) / milliseconds) * SECOND_MS,
    }
  }

  async #collectedHeap(): Promise<number> {
    // Once is not enough: what the first collection frees may be all that holds something else.
    for (let turn = 0; turn < 3; turn += 1) await this.#devtools.send('HeapProfiler.collectGarbage')
    const { metrics } = await this.#devtools.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0
  }

  /** Thread time of each task of renderers' main threads, in milliseconds. */
  async #tasks(): Promise<number[]> {
    const { traceEvents }: { traceEvents: TraceEvent[] } = JSON.parse(await readFile(this.#path, 'utf8'))
    await rm(this.#path)
    const key = ({ pid, tid }: { pid: number; tid: number }) => `${pid} ${tid}`
    const named = traceEvents.filter(
      ({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain',
    )
    const main = new Set(named.map(key))
    if (main.size === 0) throw new Error('The trace names no main thread of a page')
    const tasks = traceEvents.filter((event) => event.name.endsWith('RunTask') && main.has(key(event)))
    if (tasks.length === 0) throw new Error('The trace has no task')
    return tasks.map(({ tdur = 0 }) => tdur / 1000)
  }
}

function bytesIn(
  received: ReadonlyArray<{ readonly at: number; readonly bytes: number }>,
  from: number,
  milliseconds = SECOND_MS,
): number {
  return received
    .filter(({ at }) => at >= from && at < from + milliseconds)
    .reduce((sum, { bytes }) => sum + bytes, 0)
}
