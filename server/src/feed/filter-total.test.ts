/** When a total is counted, and what it is meanwhile. */
import { describe, expect, it, vi } from 'vitest'
import { openJobs, submitPhoto } from '../../testing/unit.ts'
import { FilterTotal } from './filter-total.ts'

const REST_MS = 5000

async function openTotal(...[filter, sort = '-submitted']: [filter: object, sort?: 'ended' | '-submitted']) {
  const parts = await openJobs()
  const counts = vi.spyOn(parts.jobs, 'total')
  return { ...parts, counts, total: new FilterTotal(parts.jobs, filter, sort) }
}

describe('a total that there are counters for', () => {
  it('is right without a counting', async () => {
    const { total, jobs, counts, images } = await openTotal({ status: ['QUEUED'] })
    expect(total.value).toBe(0)
    await submitPhoto({ jobs, images })
    total.note()
    expect(total.value).toBe(1)
    expect(total.wait(1_000_000)).toBeNull()
    expect(counts).not.toHaveBeenCalled()
  })

  it('is of the jobs that have ended, in a list by the end', async () => {
    const { total, jobs, images } = await openTotal({}, 'ended')
    const { id } = await submitPhoto({ jobs, images })
    expect(total.value).toBe(0)
    await jobs.cancel(id)
    expect(total.value).toBe(1)
  })
})

describe('a total that has to be counted', () => {
  it('is not known before, and then is what was counted', async () => {
    const { total, jobs, images } = await openTotal({ owner: 'ann' })
    expect(total.value).toBeNull()
    await submitPhoto({ jobs, images }, 'a.png', { owner: 'ann' })
    await total.count()
    expect(total.value).toBe(1)
    total.set('10000+')
    expect(total.value).toBe('10000+')
  })

  it('is counted when jobs have changed, after a rest', async () => {
    const { total } = await openTotal({ owner: 'ann' })
    total.set(0)
    const now = performance.now()
    expect(total.wait(now + REST_MS)).toBeNull()
    total.note()
    expect(total.wait(now)).toBeGreaterThan(REST_MS - 1000)
    expect(total.wait(now)).toBeLessThanOrEqual(REST_MS)
    expect(total.wait(now + REST_MS)).toBe(0)
    await total.count()
    expect(total.wait(now + 2 * REST_MS)).toBeNull()
  })

  it('is counted once at a time, and again where jobs changed meanwhile', async () => {
    const { total } = await openTotal({ owner: 'ann' })
    total.note()
    const later = performance.now() + 10 * REST_MS
    expect(total.wait(later)).toBe(0)
    const counting = total.count()
    total.note()
    expect(total.wait(later)).toBeNull()
    await counting
    expect(total.wait(later)).toBe(0)
  })

  it('is counted again where that has failed, after a rest', async () => {
    const { total, counts } = await openTotal({ owner: 'ann' })
    total.set(3)
    total.note()
    counts.mockRejectedValueOnce(new Error('The disk cannot be read'))
    await expect(total.count()).rejects.toThrow('cannot be read')
    expect(total.value).toBe(3)
    const now = performance.now()
    expect(total.wait(now)).toBeGreaterThan(REST_MS - 1000)
    expect(total.wait(now + REST_MS)).toBe(0)
  })
})
