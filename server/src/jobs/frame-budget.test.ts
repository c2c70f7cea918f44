import { expect, it } from 'vitest'
import { FrameBudget } from './frame-budget.ts'

/** Sends whenever the budget allows it and returns when the frames left. */
function sendBusily(budget: FrameBudget, from: number, until: number): number[] {
  const sent: number[] = []
  for (let now = from; now < until; now += Math.max(1, budget.delay(now))) {
    if (budget.delay(now) > 0) continue
    budget.spend(now)
    sent.push(now)
  }
  return sent
}

it('lets the three changes of a lone photo leave at once', () => {
  const budget = new FrameBudget()
  for (let frame = 0; frame < 3; frame += 1) {
    expect(budget.delay(1000)).toBe(0)
    budget.spend(1000)
  }
  expect(budget.delay(1000)).toBeGreaterThan(0)
})

it('sends at most ten frames in any second, and goes on sending', () => {
  const sent = sendBusily(new FrameBudget(), 5_000, 15_000)
  for (const start of sent) {
    expect(sent.filter((at) => at >= start && at < start + 1000).length).toBeLessThanOrEqual(10)
  }
  expect(sent.length).toBeGreaterThan(60)
})
