/** Keeps a cluster of instant workers busy: so many changes of jobs a second, half of new ones, half of retried ones. */
import type { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { jobPageSchema } from '@argus/shared'
import { Load } from '../chaos/load.ts'
import { call, keepAliveAgent } from '../kit/http.ts'

/** It waits, runs, and has succeeded. */
const CHANGES_A_RUN = 3
const CONNECTIONS = 8
/** The newest jobs may be waiting still; some below them are on the screen. */
const UNFINISHED = 30
const NEAR = 300
/** So that one is not retried again while it waits: prime, so that all come round. */
const STRIDE = 61

export class BoardLoad {
  readonly #url: string
  readonly #agent: Agent
  readonly #submits: Load
  readonly #retries: Promise<void>
  readonly #startedAt = performance.now()
  #firstRevision = 0
  #stopped = false

  private constructor(url: string, changesPerSecond: number) {
    const rate = changesPerSecond / CHANGES_A_RUN / 2
    this.#url = url
    this.#agent = keepAliveAgent(CONNECTIONS)
    this.#submits = Load.start({ url, rate, connections: CONNECTIONS })
    this.#retries = this.#retry(rate)
  }

  static async start(url: string, changesPerSecond: number): Promise<BoardLoad> {
    const load = new BoardLoad(url, changesPerSecond)
    load.#firstRevision = await load.#lastRevision()
    return load
  }

  /** Ends it. Returns how many changes a second there truly were. */
  async stop(): Promise<number> {
    const seconds = (performance.now() - this.#startedAt) / 1000
    const changes = (await this.#lastRevision()) - this.#firstRevision
    this.#stopped = true
    await Promise.all([this.#submits.stop(), this.#retries])
    this.#agent.destroy()
    return changes / seconds
  }

  async #retry(rate: number): Promise<void> {
    const underWay = new Set<Promise<unknown>>()
    for (let number = 0; !this.#stopped; number += 1) {
      const due = this.#startedAt + (number / rate) * 1000
      if (due > performance.now()) await sleep(due - performance.now())
      // Of those that have ended by now: near the top as often as further down.
      const ids = this.#submits.jobIds.slice(0, -UNFINISHED)
      const among = number % 2 === 0 ? ids.slice(-NEAR) : ids
      const id = among[(number * STRIDE) % Math.max(1, among.length)]
      if (id === undefined) continue
      const retry = call(this.#agent, `${this.#url}/api/v1/jobs/${id}/retry`, { method: 'POST' })
      underWay.add(retry)
      void retry.finally(() => underWay.delete(retry)).catch(() => undefined)
    }
    await Promise.allSettled(underWay)
  }

  /** Of a job that is changed now. */
  async #lastRevision(): Promise<number> {
    const { text } = await call(this.#agent, `${this.#url}/api/v1/jobs?limit=1&sort=-ended`)
    const { jobs } = jobPageSchema.parse(JSON.parse(text))
    return Math.max(0, ...jobs.map(({ revision }) => revision))
  }
}
