import { describe, expect, it } from 'vitest'
import { type Step, spanOf, stepsOf } from './waterfall.ts'

const QUEUED_AT = '2026-01-01T00:00:00.000Z'
const STARTED_AT = '2026-01-01T00:00:00.200Z'
const NOW = Date.parse('2026-01-01T00:00:01.000Z')
const UNKNOWN = { queued: null, fetched: null, waited: null, decoded: null, classified: null, recorded: null }
const job = {
  status: 'QUEUED',
  queuedAt: QUEUED_AT,
  startedAt: null,
  endedAt: null,
  reused: false,
  timings: UNKNOWN,
} as const

/** The steps of which something is known. */
function known(steps: readonly Step[]): Step[] {
  return steps.filter(({ ms }) => ms !== null)
}

describe('stepsOf', () => {
  it('has a job wait that no worker has', () => {
    const steps = stepsOf(job, NOW)
    expect(known(steps)).toEqual([{ name: 'queued', offset: 0, ms: 1000, isGoing: true }])
    expect(steps).toHaveLength(7)
  })

  it('has a job wait again that lost its worker', () => {
    const lost = { ...job, startedAt: STARTED_AT, timings: { ...UNKNOWN, queued: 200 } }
    expect(known(stepsOf(lost, NOW))).toEqual([{ name: 'queued', offset: 0, ms: 1000, isGoing: true }])
  })

  it('does not know the single steps of a worker as long as it works', () => {
    const steps = stepsOf({ ...job, status: 'RUNNING', startedAt: STARTED_AT }, NOW)
    expect(known(steps)).toEqual([
      { name: 'queued', offset: 0, ms: 200, isGoing: false },
      { name: 'worker', offset: 200, ms: 800, isGoing: true },
    ])
    expect(spanOf(steps)).toBe(1000)
  })

  it('has each step begin where the one before ended', () => {
    const timings = { queued: 200, fetched: 10, waited: 0, decoded: 30.5, classified: 40, recorded: 5.5 }
    const endedAt = '2026-01-01T00:00:00.286Z'
    const steps = stepsOf({ ...job, status: 'SUCCEEDED', startedAt: STARTED_AT, endedAt, timings }, NOW)
    expect(steps.map(({ name, offset, ms }) => [name, offset, ms])).toEqual([
      ['queued', 0, 200],
      ['worker', 200, 86],
      ['fetched', 200, 10],
      ['waited', 210, 0],
      ['decoded', 210, 30.5],
      ['classified', 240.5, 40],
      ['recorded', 280.5, 5.5],
    ])
    expect(spanOf(steps)).toBe(286)
    expect(steps.some(({ isGoing }) => isGoing)).toBe(false)
  })

  it('ends with a job that failed or was cancelled', () => {
    const endedAt = '2026-01-01T00:00:00.500Z'
    expect(known(stepsOf({ ...job, status: 'CANCELLED', endedAt }, NOW))).toEqual([
      { name: 'queued', offset: 0, ms: 500, isGoing: false },
    ])
    const failed = { ...job, status: 'FAILED', startedAt: STARTED_AT, endedAt } as const
    expect(known(stepsOf(failed, NOW))).toEqual([
      { name: 'queued', offset: 0, ms: 200, isGoing: false },
      { name: 'worker', offset: 200, ms: 300, isGoing: false },
    ])
  })

  it('has none where the result was known', () => {
    expect(stepsOf({ ...job, status: 'SUCCEEDED', endedAt: QUEUED_AT, reused: true }, NOW)).toEqual([])
    expect(spanOf([])).toBe(0)
  })

  it('takes no less than nothing where the clocks differ', () => {
    expect(stepsOf(job, NOW - 10_000)[0]?.ms).toBe(0)
  })
})
