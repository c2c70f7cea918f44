/** Checks the borders between units, where a wrong unit or a `1000 kB` would slip in. */
import { expect, test } from 'vitest'
import {
  formatAgo,
  formatBytes,
  formatDuration,
  formatElapsed,
  formatPercent,
  formatRate,
  spanBetween,
} from './format.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [14_260_000, '14.3 MB'],
  [999_950_000, '1.0 GB'],
])('%d bytes are %s', (bytes, expected) => {
  expect(formatBytes(bytes)).toBe(expected)
})

test.each([
  [-5, '0 ms'],
  [0.4, '0 ms'],
  [340.4, '340 ms'],
  [999.6, '1.0 s'],
  [3_420, '3.4 s'],
  [9_949, '9.9 s'],
  [34_200, '34 s'],
  [125_300, '2 min 5 s'],
])('a span of %d ms is %s', (ms, expected) => {
  expect(formatDuration(ms)).toBe(expected)
})

test.each([
  [-3_000, '0 s'],
  [999, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min 0 s'],
  [3_600_000, '1 h 0 min'],
  [90_000_000, '1 d 1 h'],
])('%d ms so far are %s', (ms, expected) => {
  expect(formatElapsed(ms)).toBe(expected)
})

test.each([
  [-4_000, 'just now'],
  [999, 'just now'],
  [1_000, '1 s ago'],
  [59_999, '59 s ago'],
  [60_000, '1 min ago'],
  [7_200_000, '2 h ago'],
  [172_800_000, '2 d ago'],
])('%d ms back is %s', (ms, expected) => {
  expect(formatAgo(ms)).toBe(expected)
})

test.each([
  [0, '0.0%'],
  [0.0004, '<0.1%'],
  [0.0005, '0.1%'],
  [0.9234, '92.3%'],
  [1, '100.0%'],
])('a probability of %d is %s', (share, expected) => {
  expect(formatPercent(share)).toBe(expected)
})

test('a span may end at an instant or at a reading of the clock', () => {
  const from = '2025-11-22T12:00:00.000Z'
  expect(spanBetween(from, '2025-11-22T12:00:01.500Z')).toBe(1_500)
  expect(spanBetween(from, Date.parse(from) + 20)).toBe(20)
})

test.each([
  [0.04, '0.0'],
  [7.432, '7.4'],
  [99.94, '99.9'],
  [99.95, '100'],
  [1_234.5, '1,235'],
])('%d a second are %s', (perSecond, expected) => {
  expect(formatRate(perSecond)).toBe(expected)
})
