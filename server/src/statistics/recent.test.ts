import { describe, expect, it } from 'vitest'
import { Recent } from './recent.ts'

function openRecent() {
  const clock = { now: 123_456 }
  return { clock, recent: new Recent(() => clock.now) }
}

describe('recent values', () => {
  it('are kept for a minute, give or take ten seconds', () => {
    const { clock, recent } = openRecent()
    recent.add(7)
    clock.now += 50_000
    expect(recent.histogram().count).toBe(1)
    clock.now += 20_000
    expect(recent.histogram().count).toBe(0)
  })

  it('are those of all of the minute', () => {
    const { clock, recent } = openRecent()
    for (let second = 0; second < 300; second += 1) {
      recent.add(second)
      clock.now += 1000
    }
    const histogram = recent.histogram()
    expect(histogram.count).toBeGreaterThanOrEqual(50)
    expect(histogram.count).toBeLessThanOrEqual(60)
    expect(histogram.max).toBe(299)
  })

  it('come at a rate, which falls when no more come', () => {
    const { clock, recent } = openRecent()
    for (let second = 0; second < 200; second += 1) {
      for (let value = 0; value < 5; value += 1) recent.add(value)
      clock.now += 1000
    }
    expect(recent.perSecond).toBeGreaterThan(4.4)
    expect(recent.perSecond).toBeLessThan(5.6)
    clock.now += 30_000
    expect(recent.perSecond).toBeLessThan(3.5)
    clock.now += 60_000
    expect(recent.perSecond).toBe(0)
  })

  it('have a rate from their first seconds on', () => {
    const { clock, recent } = openRecent()
    clock.now += 2000
    for (let value = 0; value < 20; value += 1) recent.add(value)
    expect(recent.perSecond).toBeCloseTo(10)
  })

  it('are counted in each ten seconds of the last five minutes, the oldest first', () => {
    const { clock, recent } = openRecent()
    expect(recent.counts).toEqual(new Array(30).fill(0))
    recent.add(1)
    recent.add(2)
    clock.now += 10_000
    recent.add(3)
    clock.now += 20_000
    const none = new Array(30).fill(0)
    // The last one is under way.
    expect(recent.counts).toEqual([...none.slice(0, 26), 2, 1, 0, 0])
    recent.add(4)
    expect(recent.counts).toEqual([...none.slice(0, 26), 2, 1, 0, 1])
  })

  it('are counted no more after five minutes', () => {
    const { clock, recent } = openRecent()
    clock.now = 1_000_000
    recent.add(1)
    clock.now += 299_000
    expect(recent.counts).toEqual([1, ...new Array(29).fill(0)])
    clock.now += 1000
    expect(recent.counts).toEqual(new Array(30).fill(0))
    clock.now += 86_400_000
    expect(recent.counts).toEqual(new Array(30).fill(0))
    recent.add(1)
    expect(recent.counts).toEqual([...new Array(29).fill(0), 1])
  })

  it('are all counted, however long they come', () => {
    const { clock, recent } = openRecent()
    for (let second = 0; second < 1000; second += 1) {
      recent.add(second)
      clock.now += 1000
    }
    const { counts } = recent
    expect(counts).toHaveLength(30)
    expect(counts.slice(0, -1)).toEqual(new Array(29).fill(10))
    expect(recent.histogram().count).toBeLessThanOrEqual(60)
  })
})
