/**
 * Submits photos at an even rate, as many clients would: each submit has its moment, and where the answers are
 * late the next ones are not put off for it, as long as connections are left. What was acknowledged is kept.
 */
import type { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { jobSchema } from '@argus/shared'
import { type Answer, call, keepAliveAgent } from '../kit/http.ts'
import { type Photo, type PhotoSource, tinyPhoto } from './photos.ts'

const RETRY_MS = 200
/** A submit that is repeated is given up then; no outage lasts so long. */
const GIVE_UP_MS = 90_000
const BOUNDARY = 'argus-chaos-boundary'

export interface LoadOptions {
  readonly url: string
  /** Submits a second; as fast as they are answered by default. */
  readonly rate?: number
  /** Ends by itself after so many; by default only `stop` ends it. */
  readonly total?: number
  /** Default 32. */
  readonly connections?: number
  readonly owner?: string
  /** Each submit has an Idempotency-Key, and is repeated until it is acknowledged. */
  readonly repeats?: boolean
  readonly photos?: PhotoSource
}

/** A photo that was taken. */
export interface Acknowledged {
  readonly jobId: string
  /** From the moment at which it was due to its answer, in milliseconds. */
  readonly latency: number
}

const takenSchema = jobSchema.pick({ id: true })

export class Load {
  readonly acknowledged: Acknowledged[] = []
  /** Answers by HTTP status. */
  readonly statuses = new Map<number, number>()
  /** Why requests had no answer: the connection broke, or there was none. */
  readonly breaks: string[] = []
  /** Answers of 503 without `Retry-After`. */
  unexplained = 0
  /** Photos that were never taken. */
  givenUp = 0
  readonly #options: LoadOptions
  readonly #agent: Agent
  readonly #run: string = Math.random().toString(36).slice(2)
  readonly #startedAt = performance.now()
  #endedAt: number | null = null
  #next = 0
  #stopped = false
  readonly #done: Promise<void>

  private constructor(options: LoadOptions) {
    const { connections = 32 } = options
    this.#options = options
    this.#agent = keepAliveAgent(connections)
    const clients = Array.from({ length: connections }, () => this.#client())
    this.#done = Promise.all(clients).then(() => {
      this.#endedAt = performance.now()
      this.#agent.destroy()
    })
  }

  static start(options: LoadOptions): Load {
    return new Load(options)
  }

  /** How the requests were answered, for a person. */
  get answers(): string {
    const statuses = [...this.statuses].map(([status, times]) => `${times} × ${status}`)
    const [broken] = this.breaks
    return [...statuses, ...(broken ? [`${this.breaks.length} × none, e.g. ${broken}`] : [])].join(', ')
  }

  get jobIds(): string[] {
    return this.acknowledged.map(({ jobId }) => jobId)
  }

  /** Photos that were taken a second, from the start to the end, or until now. */
  get achievedRate(): number {
    return this.acknowledged.length / (((this.#endedAt ?? performance.now()) - this.#startedAt) / 1000)
  }

  /** Resolves when the last submit was answered: of a load with a total, or that was stopped. */
  get done(): Promise<void> {
    return this.#done
  }

  /** Begins no more submits; returns when those under way are answered. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#done
  }

  async #client(): Promise<void> {
    const { rate, total = Number.POSITIVE_INFINITY, photos = tinyPhoto } = this.#options
    while (!this.#stopped && this.#next < total) {
      const number = this.#next
      this.#next += 1
      const due = rate === undefined ? performance.now() : this.#startedAt + (number / rate) * 1000
      // A turn that is waited for when the load stops is not taken.
      while (due > performance.now() && !this.#stopped) await sleep(Math.min(due - performance.now(), 100))
      if (this.#stopped) return
      await this.#submit(number, photos(number), due)
    }
  }

  async #submit(number: number, photo: Photo, due: number): Promise<void> {
    const { url, owner, repeats = false } = this.#options
    const headers = {
      'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
      ...(repeats ? { 'idempotency-key': `${this.#run}-${number}` } : {}),
    }
    const body = form(photo, owner)
    do {
      const answer = await this.#call(`${url}/api/v1/jobs?fresh=true`, headers, body)
      if (answer?.status === 201) {
        const { id: jobId } = takenSchema.parse(JSON.parse(answer.text))
        this.acknowledged.push({ jobId, latency: performance.now() - due })
        return
      }
      if (repeats) await sleep(answer?.retryAfter ? answer.retryAfter * 1000 : RETRY_MS)
    } while (repeats && performance.now() - due < GIVE_UP_MS)
    this.givenUp += 1
  }

  async #call(url: string, headers: Record<string, string>, body: Uint8Array): Promise<Answer | null> {
    try {
      const answer = await call(this.#agent, url, { method: 'POST', headers, body })
      this.statuses.set(answer.status, (this.statuses.get(answer.status) ?? 0) + 1)
      if (answer.status === 503 && answer.retryAfter === null) this.unexplained += 1
      return answer
    } catch (error) {
      this.breaks.push(error instanceof Error ? error.message : String(error))
      return null
    }
  }
}

function form({ name, bytes }: Photo, owner: string | undefined): Buffer {
  const field = owner === undefined ? '' : `${partHeader('name="owner"')}${owner}\r\n`
  const file = partHeader(`name="image"; filename="${name}"`)
  return Buffer.concat([Buffer.from(field + file), bytes, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)])
}

function partHeader(disposition: string): string {
  return `--${BOUNDARY}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`
}
