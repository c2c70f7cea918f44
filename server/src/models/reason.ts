/** Why a source could not bring a model, in one line for a person. */
import { ProblemError } from '@argus/shared'
import { z } from 'zod'

const MAX_LENGTH = 300

export function reasonOf(error: unknown): string {
  const line = explain(error)
    .trim()
    .replace(/\s*\n\s*/g, ' ')
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line
}

function explain(error: unknown): string {
  if (error instanceof z.ZodError) return z.prettifyError(error)
  if (!(error instanceof Error)) return String(error)
  // Our own errors have said it all; fetch says no more than "fetch failed", and its cause does.
  if (error instanceof ProblemError || !(error.cause instanceof Error)) return error.message
  return `${error.message}: ${error.cause.message || error.cause}`
}
