import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StallWatch } from './stall-watch.ts'

describe('the stall watch', () => {
  let watch: StallWatch

  beforeEach(() => {
    vi.useFakeTimers()
    watch = new StallWatch(10)
  })
  afterEach(() => {
    watch.stop()
    vi.useRealTimers()
  })

  it('gives up a download that brings nothing', () => {
    vi.advanceTimersByTime(9_999)
    expect(watch.signal.aborted).toBe(false)
    vi.advanceTimersByTime(1)
    expect(watch.signal.reason).toEqual(new Error('It sent next to nothing for 10 s'))
  })

  it('gives up a download that brings less than 1 KB a second', () => {
    for (let second = 0; second < 10; second += 1) {
      watch.received(1023)
      vi.advanceTimersByTime(1000)
    }
    expect(watch.signal.aborted).toBe(true)
  })

  it('lets a slow download go on', () => {
    for (let second = 0; second < 60; second += 1) {
      watch.received(1024)
      vi.advanceTimersByTime(1000)
    }
    expect(watch.signal.aborted).toBe(false)
  })

  it('gives up a download that stops after a good start', () => {
    watch.received(10_000_000)
    vi.advanceTimersByTime(10_000)
    expect(watch.signal.aborted).toBe(false)
    vi.advanceTimersByTime(10_000)
    expect(watch.signal.aborted).toBe(true)
  })

  it('watches no more once it is stopped', () => {
    watch.stop()
    vi.advanceTimersByTime(60_000)
    expect(watch.signal.aborted).toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  })
})
