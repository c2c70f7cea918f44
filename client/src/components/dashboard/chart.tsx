/** A chart of the steps of a window, with its legend and its numbers; of a fixed height, so that nothing moves. */
import type { Activity } from '@argus/shared'
import type { ReactNode } from 'react'
import { Area, Bar, CartesianGrid, ComposedChart, Line, Tooltip, XAxis, YAxis } from 'recharts'
import { formatClock } from '../../format.ts'
import { text } from '../../text/index.ts'
import { Card } from '../ui/card.tsx'
import { ChartTooltip } from './chart-tooltip.tsx'
import { Numbers } from './numbers.tsx'
import { Sample } from './sample.tsx'
import { type Scale, ticksUpTo } from './scale.ts'
import { fillOf, highest, type Series } from './series.ts'

export const CHART_HEIGHT = 200
const LABEL = { fontSize: 12, fill: 'var(--color-ink-muted)' }
const LINE = 'var(--color-line)'

interface Props {
  title: string
  /** What the axis counts, where its marks do not say. */
  unit?: string
  steps: readonly Activity[]
  series: readonly Series[]
  /** The beginnings of steps at which the time axis is marked. */
  marks: readonly string[]
  format: (value: number) => string
  /** Of the axis; by default as the values. */
  formatMark?: (value: number) => string
  scale?: Scale
  isWide?: boolean
}

export function Chart(props: Props) {
  const { title, unit, steps, series, marks, format, formatMark = format, scale = 'number' } = props
  const ticks = ticksUpTo(highest(series, steps), scale)
  const hasBars = series.some(({ kind }) => kind === 'bar')
  return (
    <Card
      heading={title}
      className={props.isWide ? 'lg:col-span-2' : ''}
      aside={unit && <span className="text-xs text-ink-muted">{unit}</span>}
    >
      <ul className="mb-2 flex flex-wrap gap-x-4 gap-y-1 text-xs text-ink-muted">
        {series.map((one) => (
          <li key={one.name} className="flex items-center gap-1.5 whitespace-nowrap">
            <Sample series={one} />
            {one.name}
          </li>
        ))}
      </ul>
      <ComposedChart
        responsive
        data={steps}
        style={{ width: '100%', height: CHART_HEIGHT }}
        margin={{ top: 10, right: 8, bottom: 0, left: 0 }}
        barCategoryGap="20%"
        aria-label={text.charts.describe(title)}
      >
        <CartesianGrid vertical={false} stroke={LINE} />
        <XAxis
          dataKey="from"
          ticks={[...marks]}
          interval="preserveStart"
          minTickGap={12}
          height={24}
          tickFormatter={(from: string) => formatClock(Date.parse(from))}
          tick={LABEL}
          tickLine={{ stroke: LINE }}
          axisLine={{ stroke: LINE }}
        />
        <YAxis
          width={60}
          domain={[0, ticks.at(-1) ?? 1]}
          ticks={ticks}
          interval={0}
          tickFormatter={formatMark}
          tick={LABEL}
          tickLine={false}
          axisLine={false}
        />
        <Tooltip
          isAnimationActive={false}
          cursor={hasBars ? { fill: 'var(--color-hover)' } : { stroke: 'var(--color-line-strong)' }}
          content={({ active, label }) => {
            const step = active ? steps.find(({ from }) => from === label) : undefined
            return step && <ChartTooltip step={step} series={series} format={format} />
          }}
        />
        {series.map((one) => drawn(one, steps))}
      </ComposedChart>
      <Numbers title={title} steps={steps} series={series} format={format} />
    </Card>
  )
}

/** As an element, not a component: the chart looks for what it draws among its own children's kinds. */
function drawn(one: Series, steps: readonly Activity[]): ReactNode {
  const { name, kind, colour, dash, value } = one
  const common = { key: name, name, dataKey: value, isAnimationActive: false }
  if (kind === 'bar') {
    const { key, ...rest } = common
    return <Bar key={key} {...rest} stackId="all" fill={fillOf(one)} stroke={colour} strokeWidth={0.5} />
  }
  const { key, ...rest } = common
  const line = {
    ...rest,
    stroke: colour,
    strokeWidth: 2,
    strokeDasharray: dash,
    connectNulls: false,
    activeDot: { r: 4, fill: colour, stroke: 'var(--color-surface)' },
    // A value between two gaps makes no line.
    dot: ({ index, cx, cy }: { index: number; cx?: number | string; cy?: number | string }) =>
      isAlone(index, steps, value) ? <circle key={index} cx={cx} cy={cy} r={3} fill={colour} /> : null,
  }
  return kind === 'area' ? (
    <Area key={key} {...line} fill={colour} fillOpacity={0.18} />
  ) : (
    <Line key={key} {...line} />
  )
}

function isAlone(index: number, steps: readonly Activity[], value: Series['value']): boolean {
  const has = (at: number) => {
    const step = steps[at]
    return step !== undefined && value(step) !== null
  }
  return has(index) && !has(index - 1) && !has(index + 1)
}
