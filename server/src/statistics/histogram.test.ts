import { describe, expect, it } from 'vitest'
import { Random } from '../../testing/random.ts'
import { Histogram } from './histogram.ts'

const SHARES = [0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1]
const VALUES = 5000

const DISTRIBUTIONS: Readonly<Record<string, (random: Random) => number>> = {
  uniform: (random) => random.next() * 1000,
  'of whole milliseconds': (random) => random.below(40),
  'over nine powers of ten': (random) => 10 ** (random.next() * 9),
  'of two far apart': (random) => (random.next() < 0.5 ? 3 : 86_400_000),
  'of one value': () => 1234.5,
  'of nothing': () => 0,
}

function drawn(draw: (random: Random) => number, seed: number): number[] {
  const random = new Random(seed)
  return Array.from({ length: VALUES }, () => draw(random))
}

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram()
  for (const value of values) histogram.add(value)
  return histogram
}

/** By the nearest rank. */
function exactQuantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? 0
}

/** What is below 1 counts as 0. */
function expectNear(estimate: number, exact: number): void {
  if (exact < 1) expect(estimate).toBe(0)
  else expect(Math.abs(estimate - exact) / exact).toBeLessThanOrEqual(0.01)
}

describe('a histogram', () => {
  for (const [name, draw] of Object.entries(DISTRIBUTIONS)) {
    it(`knows the quantiles of a distribution ${name} within 1 %`, () => {
      const values = drawn(draw, 1)
      const histogram = histogramOf(values)
      for (const share of SHARES) expectNear(histogram.quantile(share), exactQuantile(values, share))
    })

    it(`is the same for a distribution ${name}, in parts or as a whole`, () => {
      const [one, other] = [drawn(draw, 2), drawn(draw, 3)]
      const merged = histogramOf(one)
      merged.merge(histogramOf(other))
      const whole = histogramOf([...one, ...other])
      for (const share of SHARES) expect(merged.quantile(share)).toBe(whole.quantile(share))
      expect(merged.count).toBe(2 * VALUES)
      expect(merged.max).toBe(whole.max)
      expect(merged.sum).toBeCloseTo(whole.sum)
    })
  }

  it('knows count, sum, mean and maximum exactly', () => {
    const histogram = histogramOf([1, 2, 3, 10])
    expect([histogram.count, histogram.sum, histogram.mean, histogram.max]).toEqual([4, 16, 4, 10])
  })

  it('says 0 of no values', () => {
    const histogram = new Histogram()
    expect([histogram.count, histogram.mean, histogram.quantile(0.5), histogram.max]).toEqual([0, 0, 0, 0])
  })

  it('never names more than the maximum', () => {
    for (let value = 1; value < 2000; value += 1) {
      expect(histogramOf([value]).quantile(1)).toBeLessThanOrEqual(value)
    }
  })

  it('comes back from JSON as it was', () => {
    const histogram = histogramOf(drawn((random) => 10 ** (random.next() * 6), 4))
    const kept = Histogram.from(JSON.parse(JSON.stringify(histogram)))
    for (const share of SHARES) expect(kept.quantile(share)).toBe(histogram.quantile(share))
    expect(kept.toJSON()).toEqual(histogram.toJSON())
    expect(kept.count).toBe(histogram.count)
  })
})
