/** What a chart draws of each step, and how that is told from what else it draws. */
import type { Activity } from '@argus/shared'

export interface Series {
  readonly name: string
  readonly kind: 'area' | 'line' | 'bar'
  readonly colour: string
  /** Of a line, as SVG writes it: its colour alone would not do for everyone. */
  readonly dash?: string
  /** Of a bar, where it is not all of the colour: `Patterns` has them. */
  readonly pattern?: Pattern
  /** Null where there is nothing to tell. */
  readonly value: (step: Activity) => number | null
}

export type Pattern = 'hatched' | 'dotted' | 'pale'

const PREFIX = 'chart-pattern-'

export function patternId(pattern: Pattern): string {
  return PREFIX + pattern
}

export function fillOf({ colour, pattern }: Series): string {
  return pattern === undefined ? colour : `url(#${patternId(pattern)})`
}

/** The largest value that is drawn; bars stand on one another. */
export function highest(series: readonly Series[], steps: readonly Activity[]): number {
  const tops = steps.map((step) => {
    const bars = series.filter(({ kind }) => kind === 'bar')
    const others = series.filter(({ kind }) => kind !== 'bar')
    const stack = bars.reduce((sum, { value }) => sum + (value(step) ?? 0), 0)
    return Math.max(stack, ...others.map(({ value }) => value(step) ?? 0))
  })
  return Math.max(0, ...tops)
}

export const COLOURS = {
  first: 'var(--color-chart-1)',
  second: 'var(--color-chart-2)',
  third: 'var(--color-chart-3)',
  quiet: 'var(--color-chart-4)',
  bad: 'var(--color-bad)',
} as const
