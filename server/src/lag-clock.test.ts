import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { LagClock } from './lag-clock.ts'

/** A busy machine may stretch any wait, and the clock leaves out what it does to it. */
const BLOCK_MS = 300
/** What may pass of a block: up to the next sample. */
const SAMPLE_MS = 50

function openClock(): LagClock {
  const clock = new LagClock()
  onTestFinished(() => clock.stop())
  return clock
}

/** Keeps the event loop from listening. */
function block(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

describe('the lag clock', () => {
  it('goes on while the event loop listens', async () => {
    const clock = openClock()
    const before = clock.now()
    for (let waited = 0; waited < 40; waited += 1) await sleep(10)
    expect(clock.now() - before).toBeGreaterThan(100)
  })

  it('never runs ahead', async () => {
    const clock = openClock()
    const [before, began] = [clock.now(), performance.now()]
    await sleep(200)
    expect(clock.now() - before).toBeLessThanOrEqual(performance.now() - began)
  })

  it('stands still while the event loop is blocked', async () => {
    const clock = openClock()
    await sleep(100)
    const before = clock.now()
    block(BLOCK_MS)
    // What is read before the loop turns, and what after.
    expect(clock.now() - before).toBeLessThanOrEqual(SAMPLE_MS)
    await sleep(0)
    expect(clock.now() - before).toBeLessThanOrEqual(2 * SAMPLE_MS)
  })

  it('adds up what it left out', async () => {
    const clock = openClock()
    const [before, began] = [clock.now(), performance.now()]
    for (let blocks = 0; blocks < 3; blocks += 1) {
      block(BLOCK_MS)
      await sleep(SAMPLE_MS)
    }
    const leftOut = performance.now() - began - (clock.now() - before)
    expect(leftOut).toBeGreaterThan(3 * (BLOCK_MS - SAMPLE_MS))
  })

  it('never goes back', async () => {
    const clock = openClock()
    let last = clock.now()
    for (let round = 0; round < 20; round += 1) {
      if (round % 5 === 0) block(80)
      await sleep(round % 3)
      const now = clock.now()
      expect(now).toBeGreaterThanOrEqual(last)
      last = now
    }
  })
})
