/** How many frames and bytes leave in any second, by a clock of the test's own. */
import { expect, it } from 'vitest'
import { FrameBudget } from './frame-budget.ts'

/** What a board is sent in any second at most, but for one frame that is larger than all that. */
const MAX_BYTES = 64_000

interface Sent {
  readonly at: number
  readonly bytes: number
}

/** Sends whenever the budget allows it and returns what left when. */
function sendBusily(budget: FrameBudget, from: number, until: number, bytesOf: () => number): Sent[] {
  const sent: Sent[] = []
  for (let now = from; now < until; now += Math.max(1, budget.delay(now))) {
    if (budget.delay(now) > 0) continue
    const bytes = bytesOf()
    budget.spend(now, bytes)
    sent.push({ at: now, bytes })
  }
  return sent
}

/** The most of all seconds. */
function inAnySecond(sent: readonly Sent[], weigh: (sent: Sent) => number): number {
  const sums = sent.map(({ at: start }) =>
    sent.filter(({ at }) => at >= start && at < start + 1000).reduce((sum, each) => sum + weigh(each), 0),
  )
  return Math.max(...sums)
}

it('lets the three changes of a lone photo leave at once', () => {
  const budget = new FrameBudget()
  for (let frame = 0; frame < 3; frame += 1) {
    expect(budget.delay(1000)).toBe(0)
    budget.spend(1000, 1000)
  }
  expect(budget.delay(1000)).toBeGreaterThan(0)
})

it('sends at most ten frames in any second, and goes on sending', () => {
  const sent = sendBusily(new FrameBudget(), 5_000, 15_000, () => 0)
  expect(inAnySecond(sent, () => 1)).toBeLessThanOrEqual(10)
  expect(sent.length).toBeGreaterThan(60)
})

it.each([500, 4000, 13_000, 27_000])('sends at most 64 KB in any second, of frames of %i bytes', (bytes) => {
  const sent = sendBusily(new FrameBudget(), 5_000, 25_000, () => bytes)
  expect(inAnySecond(sent, (each) => each.bytes)).toBeLessThanOrEqual(MAX_BYTES)
  expect(inAnySecond(sent, () => 1)).toBeLessThanOrEqual(10)
  // Of what it may send it sends most.
  const sum = sent.reduce((total, each) => total + each.bytes, 0)
  expect(sum / 20).toBeGreaterThan(Math.min(bytes * 6, 30_000))
})

it('sends a frame that is larger than all that, and then rests until it has paid for it', () => {
  const budget = new FrameBudget()
  budget.spend(1000, 100_000)
  const wait = budget.delay(1000)
  expect(wait).toBeGreaterThan(2000)
  expect(budget.delay(1000 + wait - 10)).toBeGreaterThan(0)
  expect(budget.delay(1000 + wait)).toBe(0)
})

it('saves up no more than the burst', () => {
  const budget = new FrameBudget()
  budget.spend(0)
  const sent = sendBusily(budget, 600_000, 601_000, () => 3000)
  expect(sent.length).toBeLessThanOrEqual(10)
  expect(sent.filter(({ at }) => at === 600_000).length).toBeLessThanOrEqual(1)
  expect(sent.reduce((total, each) => total + each.bytes, 0)).toBeLessThanOrEqual(MAX_BYTES)
})
