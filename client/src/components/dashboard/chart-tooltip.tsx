/** What a chart says of the step under the pointer, or under the arrow keys. */
import type { Activity } from '@argus/shared'
import { text } from '../../text/index.ts'
import { spanOf } from './numbers.tsx'
import { Sample } from './sample.tsx'
import type { Series } from './series.ts'

interface Props {
  step: Activity
  series: readonly Series[]
  format: (value: number) => string
}

export function ChartTooltip({ step, series, format }: Props) {
  return (
    <div className="rounded-md border border-line bg-surface px-3 py-2 text-xs shadow-raised">
      <p className="mb-1 text-ink-muted">{spanOf(step)}</p>
      <ul className="grid gap-0.5">
        {series.map((one) => {
          const value = one.value(step)
          return (
            <li key={one.name} className="flex items-center gap-2 whitespace-nowrap">
              <Sample series={one} />
              {one.name}
              <span className="ml-auto pl-4 font-medium">
                {value === null ? text.charts.nothing : format(value)}
              </span>
            </li>
          )
        })}
      </ul>
    </div>
  )
}
