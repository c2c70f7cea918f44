/** The numbers behind a chart as a table, the latest first, for whoever wants them exactly or cannot see the chart. */
import type { Activity } from '@argus/shared'
import { useState } from 'react'
import { formatClock, formatInstant } from '../../format.ts'
import { text } from '../../text/index.ts'
import type { Series } from './series.ts'

interface Props {
  title: string
  steps: readonly Activity[]
  series: readonly Series[]
  format: (value: number) => string
}

export function Numbers(props: Props) {
  // A closed one costs nothing at each push.
  const [isOpen, setIsOpen] = useState(false)
  return (
    <details onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)} className="mt-2">
      <summary className="w-fit rounded-sm py-1 text-xs text-ink-muted hover:text-ink">
        {text.charts.numbers}
      </summary>
      {isOpen && <Table {...props} />}
    </details>
  )
}

function Table({ title, steps, series, format }: Props) {
  const { charts } = text
  const name = charts.numbersOf(title)
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: by keyboard it is scrolled only with the focus
      tabIndex={0}
      aria-label={name}
      className="mt-1 max-h-64 overflow-auto rounded-md border border-line"
    >
      <table className="w-full text-right text-xs">
        <caption className="sr-only">{name}</caption>
        <thead className="sticky top-0 bg-sunken text-ink-muted">
          <tr>
            <th scope="col" className="px-3 py-1.5 text-left font-medium">
              {charts.time}
            </th>
            {series.map((one) => (
              <th key={one.name} scope="col" className="px-3 py-1.5 font-medium">
                {one.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {steps.toReversed().map((step) => (
            <tr key={step.from} className="border-t border-line">
              <th
                scope="row"
                title={formatInstant(step.from)}
                className="px-3 py-1 text-left font-normal whitespace-nowrap"
              >
                {spanOf(step)}
              </th>
              {series.map((one) => {
                const value = one.value(step)
                return (
                  <td key={one.name} className="px-3 py-1 whitespace-nowrap">
                    {value === null ? charts.nothing : format(value)}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** `12:03–12:04` */
export function spanOf({ from, to }: Activity): string {
  return text.charts.span(formatClock(Date.parse(from)), formatClock(Date.parse(to)))
}
