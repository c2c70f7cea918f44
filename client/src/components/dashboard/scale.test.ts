import { expect, it } from 'vitest'
import { ticksUpTo } from './scale.ts'

it('marks an axis at round numbers up to the highest value', () => {
  expect(ticksUpTo(8.4, 'number')).toEqual([0, 2, 4, 6, 8, 10])
  expect(ticksUpTo(0.31, 'number')).toEqual([0, 0.1, 0.2, 0.3, 0.4])
  expect(ticksUpTo(5, 'number')).toEqual([0, 1, 2, 3, 4, 5])
  expect(ticksUpTo(537, 'number')).toEqual([0, 200, 400, 600])
  expect(ticksUpTo(0, 'number')).toEqual([0, 1])
})

it('marks what is counted at whole numbers', () => {
  expect(ticksUpTo(2, 'whole')).toEqual([0, 1, 2])
  expect(ticksUpTo(0, 'whole')).toEqual([0, 1])
})

it('marks times in seconds and minutes', () => {
  expect(ticksUpTo(1320, 'milliseconds')).toEqual([0, 500, 1000, 1500])
  expect(ticksUpTo(47_000, 'milliseconds')).toEqual([0, 10_000, 20_000, 30_000, 40_000, 50_000])
  expect(ticksUpTo(200_000, 'milliseconds')).toEqual([0, 60_000, 120_000, 180_000, 240_000])
})

it('marks shares from nothing to all', () => {
  expect(ticksUpTo(0.4, 'share')).toEqual([0, 0.25, 0.5, 0.75, 1])
})
