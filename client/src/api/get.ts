/** Reads from the master over HTTP. The board itself needs none of it: it is pushed. */
import { text } from '../text.ts'
import { Failure, failureFrom } from './failure.ts'

/**
 * Reads what is at an address of the master.
 *
 * @throws Failure where there is nothing to be had
 */
export async function get(path: string): Promise<Response> {
  const answer = await fetch(path).catch(() => {
    throw new Failure(text.failures.unreachable, text.failures.unreachableDetail)
  })
  if (!answer.ok) throw failureFrom(answer.status, await answer.text())
  return answer
}
