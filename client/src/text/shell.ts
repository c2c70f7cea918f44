/** Sentences of the frame around every page. */
import { formatBytes, formatClock } from '../format.ts'
import { plural } from './plural.ts'

export const connection = {
  connecting: 'Connecting',
  live: 'Live',
  reconnecting: 'Reconnecting',
  offline: (since: number) => `Offline since ${formatClock(since)}`,
  hints: {
    connecting: 'Waiting for the first answer of the master',
    live: 'Every change shows here the moment it happens',
    lost: 'Trying to reach the master again, every two seconds at the latest',
  },
  stale: 'May be out of date',
  noAnswer: 'No answer from the master yet',
} as const

export const theme = {
  legend: 'Theme',
  names: { system: 'Same as the system', light: 'Light', dark: 'Dark' },
} as const

export const readiness = {
  resolving: 'Looking for a model',
  resolvingDetail: 'The master is finding out which model it can serve.',
  fetching: (name: string) => `Fetching ${name}`,
  fetched: (received: number, total: number | null) =>
    total === null ? formatBytes(received) : `${formatBytes(received)} of ${formatBytes(total)}`,
  testing: (name: string) => `Testing ${name}`,
  testingDetail: 'The model has to recognise the sample pictures before it is served.',
  missing: 'There is no model to recognise photos with',
  noWorker: 'No worker is connected',
  noWorkerDetail: 'A worker connects by itself as soon as it is started.',
  starting: (count: number) => `${plural(count, 'worker is', 'workers are')} getting ready`,
  startingDetail: 'A worker loads the model and tests it before it takes photos.',
  drained: 'No worker takes photos',
  drainedDetail: 'All that are connected are drained. Resume one in the list of workers, or start another.',
  noDatabase: 'The database cannot be reached',
  noDatabaseDetail: 'Photos are refused until it is back; nothing that was accepted is lost.',
  diskFull: "The master's disk is full",
  diskFullDetail:
    'Photos are refused until there is room on the disk of its data folder; nothing that was accepted is lost.',
  waits: 'You can submit photos all the same: they wait in the queue.',
} as const

export const failures = {
  unreachable: 'The master cannot be reached',
  unreachableDetail: 'The connection broke off. Check that the master runs, then try again.',
  brokenOff: 'The upload was stopped',
  refused: 'The master refused the request',
  status: (status: number) => `The server answered with status ${status}.`,
} as const

export const nav = {
  label: 'Pages',
  skip: 'Skip to the content',
  board: 'Board',
  submit: 'Submit',
  batches: 'Batches',
  cluster: 'Cluster',
  dashboard: 'Dashboard',
} as const

export const back = {
  there: 'Back',
  hint: 'Go back (Escape)',
} as const

export const confirm = {
  leave: 'Leave it',
} as const

export const notFound = {
  heading: 'There is no such page',
  detail: 'The address may be mistyped, or what was here is gone.',
  back: 'To the board',
} as const

export const pageError = {
  title: 'This page could not be shown',
  detail: 'Something unexpected happened.',
  reload: 'Load it again',
} as const
