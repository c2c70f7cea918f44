/** Local times there and back. */
import { expect, test } from 'vitest'
import { instantOf, localTimeOf } from './local-time.ts'

test('an instant comes back from the field as it went in', () => {
  const instant = '2025-06-01T12:34:56.789Z'
  const local = localTimeOf(instant)
  expect(local).toMatch(/^2025-0[56]-\d\dT\d\d:34$/)
  expect(instantOf(local, instant)).toBe(instant)
  expect(instantOf(local, null)).toBe('2025-06-01T12:34:00.000Z')
})

test('a field that is empty is no instant, nor is an address that has none', () => {
  expect(instantOf('', '2025-06-01T12:34:56.789Z')).toBe('')
  expect([localTimeOf(null), localTimeOf('yesterday')]).toEqual(['', ''])
})
