/** What went wrong in a request, in words for a person. */
import type { Problem } from '@argus/shared'
import { text } from '../text/index.ts'

interface Hints {
  /** Of the master's table of problems. */
  readonly code?: string
  /** It passes by itself: in how many milliseconds another try is worth while. */
  readonly retryAfterMs?: number
}

export class Failure extends Error {
  readonly title: string
  readonly detail: string | undefined
  readonly code: string | undefined
  readonly retryAfterMs: number | undefined

  constructor(title: string, detail?: string, { code, retryAfterMs }: Hints = {}) {
    super(detail ?? title)
    this.name = 'Failure'
    this.title = title
    this.detail = detail
    this.code = code
    this.retryAfterMs = retryAfterMs
  }
}

/** What a refusal says beside its body. */
export interface Refusal {
  readonly status: number
  /** The header `Retry-After`. */
  readonly retryAfter: string | null
  readonly body: string
}

type Worded = Pick<Problem, 'title' | 'detail'> & { readonly code?: unknown }

function isWorded(value: unknown): value is Worded {
  if (typeof value !== 'object' || value === null || !('title' in value)) return false
  const detail = 'detail' in value ? value.detail : undefined
  return typeof value.title === 'string' && (detail === undefined || typeof detail === 'string')
}

/** Reads the answer to a request that was refused: a problem document, or whatever a proxy made of it. */
export function failureFrom({ status, retryAfter, body }: Refusal): Failure {
  const hints = { retryAfterMs: millisecondsOf(retryAfter) }
  try {
    const problem: unknown = JSON.parse(body)
    if (isWorded(problem)) {
      const { title, detail, code } = problem
      const more = detail === title ? undefined : detail
      return new Failure(title, more, { ...hints, code: typeof code === 'string' ? code : undefined })
    }
  } catch {
    // Not JSON: not the master's own words.
  }
  return new Failure(text.failures.refused, text.failures.status(status), hints)
}

/** The connection broke off, or there was none. */
export function unreachable(): Failure {
  const { failures } = text
  return new Failure(failures.unreachable, failures.unreachableDetail, { retryAfterMs: 1_000 })
}

/** The header may also name a date; nobody here sends one. */
function millisecondsOf(retryAfter: string | null): number | undefined {
  return retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) * 1_000 : undefined
}
