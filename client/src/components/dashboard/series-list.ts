/** What the charts draw of each step, but for the rates, whose unit depends on all of them. */
import { text } from '../../text/index.ts'
import { COLOURS, type Series } from './series.ts'

const SHORT_DASH = '2 3'
export const LONG_DASH = '7 4'
const { charts } = text

export const queue: Series[] = [
  { name: charts.queue.mean, kind: 'area', colour: COLOURS.first, value: ({ queue }) => queue.mean },
  {
    name: charts.queue.max,
    kind: 'line',
    colour: COLOURS.second,
    dash: LONG_DASH,
    value: ({ queue }) => queue.max,
  },
]

export const latency: Series[] = [
  {
    name: charts.latency.p50,
    kind: 'line',
    colour: COLOURS.first,
    value: (step) => step.latency.whole?.p50 ?? null,
  },
  {
    name: charts.latency.p95,
    kind: 'line',
    colour: COLOURS.second,
    dash: LONG_DASH,
    value: (step) => step.latency.whole?.p95 ?? null,
  },
  {
    name: charts.latency.p99,
    kind: 'line',
    colour: COLOURS.third,
    dash: SHORT_DASH,
    value: (step) => step.latency.whole?.p99 ?? null,
  },
  {
    name: charts.latency.running,
    kind: 'line',
    colour: COLOURS.quiet,
    dash: '10 3 2 3',
    value: (step) => step.latency.running?.p50 ?? null,
  },
]

export const ended: Series[] = [
  {
    name: charts.ended.succeeded,
    kind: 'bar',
    colour: COLOURS.first,
    value: ({ counts }) => counts.succeeded,
  },
  {
    name: charts.ended.reused,
    kind: 'bar',
    colour: COLOURS.first,
    pattern: 'pale',
    value: ({ counts }) => counts.reused,
  },
  {
    name: charts.ended.failed,
    kind: 'bar',
    colour: COLOURS.bad,
    pattern: 'hatched',
    value: ({ counts }) => counts.failed,
  },
  {
    name: charts.ended.cancelled,
    kind: 'bar',
    colour: COLOURS.quiet,
    pattern: 'dotted',
    value: ({ counts }) => counts.cancelled,
  },
]

export const accuracy: Series[] = [
  {
    name: charts.accuracy.top1,
    kind: 'line',
    colour: COLOURS.first,
    value: (step) => step.accuracy?.top1 ?? null,
  },
  {
    name: charts.accuracy.top5,
    kind: 'line',
    colour: COLOURS.second,
    dash: LONG_DASH,
    value: (step) => step.accuracy?.top5 ?? null,
  },
]
