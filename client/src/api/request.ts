/** Requests to the master over HTTP. The board itself needs none of them to stay up to date: it is pushed. */
import { failureFrom, unreachable } from './failure.ts'

/**
 * Reads what is at an address of the master.
 *
 * @throws Failure where there is nothing to be had
 */
export function get(path: string): Promise<Response> {
  return request('GET', path)
}

/**
 * Has the master do what is at this address.
 *
 * @throws Failure where it does not
 */
export function post(path: string): Promise<Response> {
  return request('POST', path)
}

async function request(method: 'GET' | 'POST', path: string): Promise<Response> {
  const answer = await fetch(path, { method }).catch(() => {
    throw unreachable()
  })
  if (!answer.ok) {
    const { status, headers } = answer
    throw failureFrom({ status, retryAfter: headers.get('retry-after'), body: await answer.text() })
  }
  return answer
}
