import type { Activity } from '@argus/shared'
import { describe, expect, it } from 'vitest'
import { inUnit, isSilent, rateOf, rateUnit } from './units.ts'
import { marks, windowFrom } from './windows.ts'

function activity(parts: Partial<Activity> = {}): Activity {
  return {
    from: '2025-11-22T12:00:00.000Z',
    to: '2025-11-22T12:01:00.000Z',
    counts: { submitted: 0, reused: 0, succeeded: 0, failed: 0, cancelled: 0 },
    throughput: 0,
    goodput: 0,
    latency: { queued: null, running: null, whole: null },
    accuracy: null,
    queue: { mean: 0, max: 0 },
    ...parts,
  }
}

const counts = { submitted: 3, reused: 0, succeeded: 2, failed: 1, cancelled: 0 }

describe('a rate', () => {
  it('has a unit in which it is at least one, where an hour is enough', () => {
    expect([20, 1, 0.5, 0.01, 0.0001, 0].map(rateUnit)).toEqual(['s', 's', 'min', 'h', 'h', 's'])
    expect(inUnit(0.5, 'min')).toBe(30)
  })

  it('is told of a step once ten seconds of it have passed', () => {
    expect(rateOf(activity({ counts, throughput: 3 / 9 }), 'throughput')).toBeNull()
    expect(rateOf(activity({ counts, throughput: 3 / 10, goodput: 2 / 10 }), 'throughput')).toBe(0.3)
    expect(rateOf(activity({ counts, throughput: 3 / 10, goodput: 2 / 10 }), 'goodput')).toBe(0.2)
    expect(rateOf(activity(), 'goodput')).toBe(0)
  })
})

describe('the time axis', () => {
  it('is marked at round times, or the first step after', () => {
    const steps = Array.from({ length: 15 }, (_none, minute) => ({
      from: new Date(2025, 10, 22, 11, 52 + minute).toISOString(),
    }))
    expect(marks(steps, '15m').map((from) => new Date(from).getMinutes())).toEqual([54, 57, 0, 3, 6])
    expect(marks(steps, '1h').map((from) => new Date(from).getMinutes())).toEqual([0])
    const quarters = Array.from({ length: 96 }, (_none, quarter) => ({
      from: new Date(2025, 10, 22, 11, 7 + 15 * quarter).toISOString(),
    }))
    expect(marks(quarters, '24h').map((from) => new Date(from).getHours())).toEqual([12, 16, 20, 0, 4, 8])
  })

  it('is that of the address, or the shortest', () => {
    expect([windowFrom('24h'), windowFrom('2h'), windowFrom(null)]).toEqual(['24h', '15m', '15m'])
  })
})

it('is silent only where nothing happened and nothing waited', () => {
  expect(isSilent(activity())).toBe(true)
  expect(isSilent(activity({ counts }))).toBe(false)
  expect(isSilent(activity({ queue: { mean: 1, max: 1 } }))).toBe(false)
})
