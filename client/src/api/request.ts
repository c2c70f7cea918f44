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
export function post(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return request('POST', path, headers)
}

/**
 * Has the master remove what is at this address.
 *
 * @throws Failure where it does not
 */
export async function remove(path: string): Promise<void> {
  await request('DELETE', path)
}

/**
 * What the others are made of.
 *
 * @throws Failure where the master refuses, or cannot be reached
 */
export async function request(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  const answer = await fetch(path, { method, headers }).catch(() => {
    throw unreachable()
  })
  if (!answer.ok) {
    const retryAfter = answer.headers.get('retry-after')
    throw failureFrom({ status: answer.status, retryAfter, body: await answer.text() })
  }
  return answer
}
