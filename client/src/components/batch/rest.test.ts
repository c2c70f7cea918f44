import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { withRest } from './rest.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('works at once, then once for all that it was asked during the rest', () => {
  const work = vi.fn()
  const rested = withRest(work, 2_000)
  rested.ask()
  expect(work).toHaveBeenCalledTimes(1)
  for (let times = 0; times < 10; times += 1) {
    vi.advanceTimersByTime(100)
    rested.ask()
  }
  expect(work).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(1_000)
  expect(work).toHaveBeenCalledTimes(2)
  vi.advanceTimersByTime(60_000)
  expect(work).toHaveBeenCalledTimes(2)
  rested.ask()
  expect(work).toHaveBeenCalledTimes(3)
})

it('does nothing after it was stopped', () => {
  const work = vi.fn()
  const rested = withRest(work, 2_000)
  rested.ask()
  rested.ask()
  rested.stop()
  vi.advanceTimersByTime(5_000)
  expect(work).toHaveBeenCalledTimes(1)
})
