/** Makes an error, whatever it is, one of the table that a client may be told. */
import { ProblemError } from '@argus/shared'
import { classify } from './store/database-errors.ts'

/** What nobody but the master is to blame for says no more than that. */
export function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  const kind = classify(error)
  if (kind === 'unavailable') return new ProblemError('store/unavailable')
  if (kind === 'disk-full') return new ProblemError('store/disk-full')
  return new ProblemError('request/internal', 'The log of the master says more.')
}
