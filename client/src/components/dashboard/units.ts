/** What the charts and tiles measure in: rates in a unit in which they are not all decimals, and steps under way. */
import type { Activity } from '@argus/shared'
import { formatCount, formatRate } from '../../format.ts'

export type RateUnit = 's' | 'min' | 'h'

const SECONDS: Record<RateUnit, number> = { s: 1, min: 60, h: 3600 }

/** In a shorter time a single job would make a rate of many a second. */
const MIN_SECONDS = 10

/** The unit for rates of up to so many a second. */
export function rateUnit(perSecond: number): RateUnit {
  if (perSecond === 0 || perSecond >= 1) return 's'
  return perSecond * SECONDS.min >= 1 ? 'min' : 'h'
}

export function inUnit(perSecond: number, unit: RateUnit): number {
  return perSecond * SECONDS[unit]
}

/** For an axis: `0.5`, `2`, `1,200`. */
export function formatTick(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : formatRate(value)
}

/** A rate of a step; null where too little of it has passed to tell one. */
export function rateOf(
  { counts: { succeeded, failed }, throughput, goodput }: Activity,
  which: 'throughput' | 'goodput',
): number | null {
  const seconds = throughput === 0 ? Number.POSITIVE_INFINITY : (succeeded + failed) / throughput
  if (seconds < MIN_SECONDS) return null
  return which === 'throughput' ? throughput : goodput
}

/** Nothing was submitted, ended or waited for. */
export function isSilent({ counts, queue }: Activity): boolean {
  return queue.max === 0 && Object.values(counts).every((count) => count === 0)
}
