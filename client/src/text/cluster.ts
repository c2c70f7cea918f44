/** Sentences about the machines of the cluster. */
import type { ModelState, WorkerView } from '@argus/shared'
import { formatBytes, formatCount, formatDuration, formatRate } from '../format.ts'
import { plural } from './plural.ts'

const workerStates: Record<WorkerView['state'], string> = {
  starting: 'Getting ready',
  ready: 'Ready',
  draining: 'Draining',
  drained: 'Drained',
}

const modelStates: Record<ModelState['state'], string> = {
  resolving: 'Being looked for',
  fetching: 'Being fetched',
  testing: 'Being tested',
  serving: 'Served',
  missing: 'Missing',
}

/** Keeps a number and its unit on one line. */
const NO_BREAK = '\u00a0'

/** Machines wait for less than the photos do: `0.3 ms`. */
const short = (ms: number) => (ms < 9.95 ? `${ms.toFixed(1)} ms` : formatDuration(ms)).replace(' ', NO_BREAK)

const slots = (busy: number, all: number) => `${formatCount(busy)} of ${plural(all, 'slot', 'slots')} in use`

export const cluster = {
  heading: 'Cluster',
  noModel: 'No model yet',
  workers: (ready: number) =>
    ready === 0 ? 'No worker ready' : `${plural(ready, 'worker', 'workers')} ready`,
  draining: (count: number) => `${formatCount(count)} draining`,
  slots,
  show: 'Show the model and the workers',
} as const

export const model = {
  label: 'Model',
  states: modelStates,
  copyDigest: 'Copy the digest of the model',
  fetched: (received: number, total: number | null) =>
    total === null ? formatBytes(received) : `${formatBytes(received)} of ${formatBytes(total)}`,
} as const

export const master = {
  heading: 'Master',
  up: 'Up for',
  upSince: (instant: string) => `Since ${instant}`,
  cpu: 'CPU',
  cores: (cores: number) => `${cores.toFixed(2)} cores`,
  memory: 'Memory',
  lag: 'Event-loop lag',
  lag50: short,
  lagHint: 'How late whatever was due came, over the last minute: half of it, 99 % of it, and all',
  quantiles: (p50: number, p99: number) => `p50 ${short(p50)}, p99 ${short(p99)}`,
  lagRest: (p99: number, max: number) => `p99 ${short(p99)}, at most ${short(max)}`,
  commits: 'Commits',
  commitsHint: 'Transactions of the database, over the last minute. One takes all writes that gathered.',
  perSecond: (rate: number) => `${formatRate(rate)}/s`,
  writes: (p50: number, p99: number) =>
    `${formatCount(Math.round(p50))} to ${plural(Math.round(p99), 'write', 'writes')} each`,
  noCommits: 'none in the last minute',
  disk: 'Free disk',
  diskFull: 'too little: photos are refused',
  diskUnknown: 'Not measured yet',
  boards: 'Open boards',
  streams: 'Event streams',
} as const

export const workers = {
  heading: 'Workers',
  summary: (count: number, busy: number, all: number) =>
    `${plural(count, 'worker', 'workers')}, ${slots(busy, all)}`,
  states: workerStates,
  filter: 'Filter by name',
  noMatch: (words: string) => `No worker has “${words}” in its name.`,
  none: 'No worker is connected. A worker is the process that recognises photos; start one with the command above.',
  noEngine: 'no engine yet',
  speed: (perSecond: number) => `${formatRate(perSecond)} photos/s`,
  speedHint: 'Measured when it loaded the model: on one thread, decoding excluded',
  busy: (busy: number, all: number) => `${formatCount(busy)} of ${formatCount(all)} busy`,
  ahead: (count: number) => `${formatCount(count)} ahead`,
  aheadHint: 'Fetched already, so that no slot waits for the network',
  recent: (all: number, most: number) =>
    `Recognised in the last five minutes: ${plural(all, 'photo', 'photos')}, at most ${formatCount(most)} in ten seconds`,
  lastMinute: (count: number) => `${plural(count, 'photo', 'photos')} in the last minute`,
  slots: 'Slots',
  cpu: 'CPU cores',
  memory: 'Memory',
  beat: 'Heartbeat',
  beatLate: 'late',
  beatHint: 'A worker sends one every second. After about five without any its jobs run elsewhere.',
  nothing: '–',
  unknown: 'It has not told yet',
  jobs: 'Jobs',
  holds: (count: number) => plural(count, 'job', 'jobs'),
  holdsOf: (name: string, count: number) => `${plural(count, 'job', 'jobs')} held by ${name}: show them`,
  holdsNone: 'none',
  drain: 'Drain',
  drainOf: (name: string) => `Drain ${name}: it takes no more photos and finishes what it has begun`,
  resume: 'Resume',
  resumeOf: (name: string) => `Resume ${name}: it takes photos again`,
  refused: (title: string) => `That was not done. ${title}.`,
  lastTitle: 'Drain the last worker?',
  lastDetail: (name: string, waiting: number) =>
    `${plural(waiting, 'photo waits', 'photos wait')}, and ${name} is the only worker that takes any. They stay in the queue until a worker is resumed or added.`,
} as const

export const join = {
  heading: 'Add a worker',
  detail:
    'Run this where Argus is installed, on any machine that reaches the master. The worker fetches the model from the master and shows up here by itself.',
  copy: 'Copy the command with the token',
  reveal: 'Show the token',
  hide: 'Hide the token',
  secret: 'Whoever has the token can add workers, so keep it to yourself.',
  loopback: (host: string) =>
    `${host} is this machine alone. For a worker on another one, start the master with `,
  loopbackAnd: ', and its name or address in ',
  loopbackRest: '; then open this page under that address and copy the command from there.',
  failed: 'The command could not be loaded',
  needed: (waiting: number) => `${plural(waiting, 'photo waits', 'photos wait')}, and no worker takes photos`,
  neededDetail: 'Start one with this command, on this machine or on another. The queue is kept until then.',
  neededOrResume:
    'All workers are drained: resume one below, or start another with this command. The queue is kept until then.',
} as const
