/** Socket.IO listeners whose first argument has been checked: nothing a peer sends is taken on trust. */
import { ProblemError } from '@argus/shared'
import type { z } from 'zod'

/**
 * Wraps a listener so that it runs only on messages that fit the schema.
 *
 * @param onBad gets the error where the message does not fit, or the listener fails
 */
export function checked<T, Rest extends unknown[]>(
  schema: z.ZodType<T>,
  listener: (message: T, ...rest: Rest) => void | Promise<void>,
  onBad: (error: Error) => void,
): (message: T, ...rest: Rest) => void {
  return (message, ...rest) => {
    const parsed = schema.safeParse(message)
    if (!parsed.success) {
      onBad(new ProblemError('protocol/malformed', parsed.error.message))
      return
    }
    // A promise catches what a listener throws at once, too.
    new Promise<void>((resolve) => resolve(listener(parsed.data, ...rest))).catch(onBad)
  }
}

/** The form in which Socket.IO carries a refusal to the peer: the code travels in `data`. */
export function socketProblem(error: unknown): Error & { data: { code: string; detail: string } } {
  const problem =
    error instanceof ProblemError ? error : new ProblemError('protocol/malformed', String(error))
  return Object.assign(new Error(problem.message), { data: { code: problem.code, detail: problem.message } })
}
