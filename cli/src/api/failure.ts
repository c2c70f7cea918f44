/** A request to the master that was not done: why, in words for a person, and whether another try is worth while. */
import { problemSchema } from '@argus/shared'
import { z } from 'zod'

/** What a refusal is read for; also one by a later master, with a code that is not known here. */
const refusalSchema = problemSchema
  .pick({ title: true, detail: true })
  .extend({ code: z.string().optional() })

/** They pass by themselves: too slow, too many, a gateway, the database, the disk. */
const TEMPORARY: ReadonlySet<number> = new Set([408, 429, 502, 503, 504, 507])

interface Details {
  readonly title: string
  readonly detail?: string | undefined
  readonly code?: string | undefined
  /** HTTP status; null where no answer came. */
  readonly status: number | null
  readonly retryAfterMs?: number | null
}

export class Failure extends Error {
  override readonly name = 'Failure'
  readonly title: string
  readonly detail: string | undefined
  readonly code: string | undefined
  readonly status: number | null
  /** How long the master asks to wait; null where it does not say. */
  readonly retryAfterMs: number | null

  constructor({ title, detail, code, status, retryAfterMs = null }: Details, options?: ErrorOptions) {
    const more = detail === undefined || detail === title ? '' : `: ${detail}`
    super(`${title}${more}${code === undefined ? '' : ` (${code})`}`, options)
    this.title = title
    this.detail = detail
    this.code = code
    this.status = status
    this.retryAfterMs = retryAfterMs
  }

  /** The same request may be done later. */
  get isTemporary(): boolean {
    return this.status === null || TEMPORARY.has(this.status)
  }

  /** The master is well, and asks for patience. */
  get isBusy(): boolean {
    return this.status === 429
  }
}

/** Reads the answer to a request that was refused: a problem document, or whatever a proxy made of it. */
export async function failureOf(response: Response): Promise<Failure> {
  const { status, headers } = response
  const hints = { status, retryAfterMs: retryAfter(headers.get('retry-after')) }
  const text = await response.text().catch(() => '')
  try {
    return new Failure({ ...refusalSchema.parse(JSON.parse(text)), ...hints })
  } catch {
    // Not the master's own words.
    return new Failure({ title: `The master's address answers with status ${status}`, ...hints })
  }
}

/** No answer came, or not all of it. */
export function unreachable(url: string, error: unknown): Failure {
  return new Failure(
    { title: `The master cannot be reached at ${url}`, detail: reason(error), status: null },
    { cause: error },
  )
}

/** `fetch` says no more than that it failed; its cause does. */
function reason(error: unknown): string | undefined {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  if (!(cause instanceof Error)) return undefined
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message
}

/** Milliseconds; the header has seconds or, from some proxies, a date. */
export function retryAfter(header: string | null, now = Date.now()): number | null {
  if (header === null) return null
  if (/^\d{1,6}$/.test(header)) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}
