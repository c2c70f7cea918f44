/** When an upload is tried again by itself, and when that is left to a person. */
import { expect, test } from 'vitest'
import { Failure, failureFrom, unreachable } from '../api/failure.ts'
import { retryWait } from './retry.ts'

const refusal = (status: number, retryAfter: string | null) =>
  failureFrom({ status, retryAfter, body: '{"title":"It cannot be taken just now"}' })

test('what passes by itself is tried again, ever later, and not for ever', () => {
  const waits = [0, 1, 2, 3, 4, 5].map((retries) => retryWait(refusal(503, '1'), retries))
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, null])
})

test('never sooner than the master asks for', () => {
  expect(retryWait(refusal(507, '30'), 0)).toBe(30_000)
})

test('a connection that broke off is tried again', () => {
  expect(retryWait(unreachable(), 0)).toBe(1_000)
})

test('what the master refuses for good is not', () => {
  expect(retryWait(refusal(415, null), 0)).toBeNull()
  expect(retryWait(refusal(503, 'Wed, 21 Oct 2026 07:28:00 GMT'), 0)).toBeNull()
  expect(retryWait(new Failure('The file could not be read'), 0)).toBeNull()
})
