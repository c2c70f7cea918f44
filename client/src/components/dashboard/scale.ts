/** Marks of an axis that begins at zero: round ones in what it measures, five at most above the zero. */

export type Scale = 'number' | 'whole' | 'milliseconds' | 'share'

const MAX_MARKS = 5
const SECOND = 1_000
/** Where time is counted in sixties: seconds, then minutes, then hours. */
const LONG_STEPS = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200].map(
  (seconds) => seconds * SECOND,
)

/** From 0 to at least the highest value. */
export function ticksUpTo(highest: number, scale: Scale): number[] {
  if (scale === 'share') return [0, 0.25, 0.5, 0.75, 1]
  if (highest <= 0) return [0, 1]
  const step = stepFor(highest, scale)
  const count = Math.ceil(highest / step - 1e-9)
  return Array.from({ length: count + 1 }, (_none, at) => round(at * step))
}

function stepFor(highest: number, scale: Scale): number {
  const least = highest / MAX_MARKS
  if (scale === 'milliseconds' && highest > 10 * SECOND) {
    const long = LONG_STEPS.find((step) => step >= least)
    if (long !== undefined) return long
  }
  const power = 10 ** Math.floor(Math.log10(least) + 1e-9)
  const step =
    [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least * (1 - 1e-9)) ?? power
  return scale === 'whole' ? Math.max(1, step) : step
}

/** `3 * 0.1` is not 0.3. */
function round(value: number): number {
  return Number(value.toPrecision(6))
}
