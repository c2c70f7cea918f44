/** The charts of the dashboard: what each draws of the steps. */
import type { Activity } from '@argus/shared'
import { formatCount, formatDuration, formatPercent } from '../../format.ts'
import { text } from '../../text/index.ts'
import { Chart } from './chart.tsx'
import { Patterns } from './patterns.tsx'
import { COLOURS, type Series } from './series.ts'
import { accuracy, ended, LONG_DASH, latency, queue } from './series-list.ts'
import { formatTick, inUnit, rateOf, rateUnit } from './units.ts'

interface Props {
  steps: readonly Activity[]
  marks: readonly string[]
}

export function Charts({ steps, marks }: Props) {
  const { charts } = text
  const time = { steps, marks }
  const unit = rateUnit(Math.max(0, ...steps.map((step) => rateOf(step, 'throughput') ?? 0)))
  const rate = (which: 'throughput' | 'goodput') => (step: Activity) => {
    const perSecond = rateOf(step, which)
    return perSecond === null ? null : inUnit(perSecond, unit)
  }
  const hasAccuracy = steps.some((step) => step.accuracy !== null)
  const rates: Series[] = [
    { name: charts.rate.throughput, kind: 'area', colour: COLOURS.first, value: rate('throughput') },
    {
      name: charts.rate.goodput,
      kind: 'line',
      colour: COLOURS.second,
      dash: LONG_DASH,
      value: rate('goodput'),
    },
  ]
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Patterns />
      <Chart
        // So that the others fill their rows.
        isWide={hasAccuracy}
        title={charts.rate.title}
        unit={charts.photosPer[unit]}
        series={rates}
        format={formatTick}
        {...time}
      />
      <Chart
        title={charts.queue.title}
        unit={charts.jobs}
        series={queue}
        format={formatTick}
        scale="whole"
        {...time}
      />
      <Chart
        scale="milliseconds"
        title={charts.latency.title}
        series={latency}
        format={formatDuration}
        {...time}
      />
      <Chart
        title={charts.ended.title}
        unit={charts.jobs}
        series={ended}
        format={formatCount}
        scale="whole"
        {...time}
      />
      {hasAccuracy && (
        <Chart
          title={charts.accuracy.title}
          series={accuracy}
          format={formatPercent}
          formatMark={(share) => `${Math.round(share * 100)}%`}
          scale="share"
          {...time}
        />
      )}
    </div>
  )
}
