/** Sentences of the dashboard. */
import { formatCount } from '../format.ts'
import { plural } from './plural.ts'

type ActivityWindow = '15m' | '1h' | '24h'

const windowNames: Record<ActivityWindow, string> = {
  '15m': '15 minutes',
  '1h': '1 hour',
  '24h': '24 hours',
}

const lastOf: Record<ActivityWindow, string> = {
  '15m': 'the last 15 minutes',
  '1h': 'the last hour',
  '24h': 'the last 24 hours',
}

export const dashboard = {
  heading: 'Dashboard',
  window: 'Window of time',
  windows: windowNames,
  noneYet: 'No numbers yet',
  noneYetDetail:
    'They come with the first jobs: how many photos are recognised a second, how long one takes from its submit to its result, and how many wait.',
  submit: 'Submit a photo',
  silent: (window: ActivityWindow) => `Nothing happened in ${lastOf[window]}`,
  silentDetail: 'Choose a longer window, or submit photos and watch the numbers here.',
} as const

export const figures = {
  submitted: 'Submitted',
  reused: (count: number) => `${formatCount(count)} known before`,
  recognised: 'Recognised',
  failed: 'Failed',
  cancelled: (count: number) => `${formatCount(count)} cancelled`,
  waiting: 'Waiting now',
  running: (count: number) => `${formatCount(count)} running`,
  throughput: 'Throughput',
  average: 'on average',
  throughputHint: 'Jobs that a worker has ended, recognised or failed',
  goodput: 'Goodput',
  goodputHint: 'Jobs that ended recognised',
  latency: 'Latency, from submit to result',
  latencyNone: 'No job was recognised in this time',
  accuracy: 'Accuracy',
  top1: 'Top 1',
  top5: 'Top 5',
  truths: (jobs: number) => `of ${plural(jobs, 'photo', 'photos')} whose truth is known`,
  noTruths: 'No truths known',
  noTruthsDetail: 'Submit photos with the tag truth to see how many are right.',
} as const

export const charts = {
  rate: { title: 'Throughput and goodput', throughput: 'Throughput', goodput: 'Goodput' },
  queue: { title: 'Waiting jobs', mean: 'Mean', max: 'Most' },
  latency: {
    title: 'Latency',
    p50: 'p50',
    p95: 'p95',
    p99: 'p99',
    running: 'p50 of running alone',
  },
  ended: {
    title: 'Jobs ended',
    succeeded: 'Recognised',
    reused: 'Known before',
    failed: 'Failed',
    cancelled: 'Cancelled',
  },
  accuracy: { title: 'Accuracy', top1: 'Top 1', top5: 'Top 5' },
  photosPer: { s: 'photos/s', min: 'photos/min', h: 'photos/h' },
  jobs: 'jobs',
  describe: (title: string) => `${title}, as a chart. The table “Numbers” below has the same.`,
  numbers: 'Numbers',
  numbersOf: (title: string) => `Numbers of the chart “${title}”`,
  time: 'Time',
  span: (from: string, to: string) => `${from}–${to}`,
  nothing: '–',
} as const
