import type { Batch } from '@argus/shared'
import { describe, expect, it } from 'vitest'
import { endedOf, isOver, nameOf, stateOf } from './state.ts'

const none = { QUEUED: 0, RUNNING: 0, SUCCEEDED: 0, FAILED: 0, CANCELLED: 0 }
const batch: Batch = {
  id: '0190b6a4-0000-7000-8000-000000000000',
  name: null,
  owner: 'Ada',
  createdAt: '2026-01-01T00:00:00.000Z',
  cancelledAt: null,
  total: 0,
  counts: none,
  progress: 0,
  rate: null,
  secondsLeft: null,
  accuracy: null,
}
const running = { ...batch, total: 4, counts: { ...none, QUEUED: 2, SUCCEEDED: 1, FAILED: 1 }, progress: 0.5 }
const done = { ...batch, total: 2, counts: { ...none, SUCCEEDED: 1, CANCELLED: 1 }, progress: 1 }
const cancelledAt = '2026-01-01T00:01:00.000Z'

describe('a batch', () => {
  it('is in one of four states', () => {
    expect([batch, running, done, { ...running, cancelledAt }].map(stateOf)).toEqual([
      'empty',
      'running',
      'done',
      'cancelled',
    ])
  })

  it('is over when all have ended, and an empty one when it takes no photos', () => {
    const all = [batch, running, done, { ...running, cancelledAt }, { ...batch, cancelledAt }]
    expect(all.map(isOver)).toEqual([false, false, true, false, true])
  })

  it('counts what has ended, however it did', () => {
    expect(endedOf(running.counts)).toBe(2)
    expect(endedOf(done.counts)).toBe(2)
  })

  it('has a name', () => {
    expect(nameOf({ ...batch, name: 'Holidays' })).toBe('Holidays')
    expect(nameOf(batch)).toBe('Batch 0190b6a4')
  })
})
