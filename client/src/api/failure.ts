/** What went wrong in a request, in words for a person. */
import type { Problem } from '@argus/shared'
import { text } from '../text.ts'

export class Failure extends Error {
  readonly title: string
  readonly detail: string | undefined

  constructor(title: string, detail?: string) {
    super(detail ?? title)
    this.name = 'Failure'
    this.title = title
    this.detail = detail
  }
}

type Worded = Pick<Problem, 'title' | 'detail'>

function isWorded(value: unknown): value is Worded {
  if (typeof value !== 'object' || value === null || !('title' in value)) return false
  const detail = 'detail' in value ? value.detail : undefined
  return typeof value.title === 'string' && (detail === undefined || typeof detail === 'string')
}

/** Reads the answer to a request that was refused: a problem document, or whatever a proxy made of it. */
export function failureFrom(status: number, body: string): Failure {
  try {
    const problem: unknown = JSON.parse(body)
    if (isWorded(problem)) return new Failure(problem.title, problem.detail)
  } catch {
    // Not JSON: not the master's own words.
  }
  return new Failure(text.failures.refused, text.failures.status(status))
}
