/** Every English sentence of the web app, in one place. */
import type { AttemptEnd, JobStatus, ProblemCode, WorkerView } from '@argus/shared'
import { formatBytes, formatClock, formatCount, formatElapsed, formatRate } from './format.ts'

function plural(count: number, one: string, many: string): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

const statusWords: Record<JobStatus, string> = {
  QUEUED: 'Queued',
  RUNNING: 'Running',
  SUCCEEDED: 'Succeeded',
  FAILED: 'Failed',
  CANCELLED: 'Cancelled',
}

const attemptEnds: Record<AttemptEnd | 'running', string> = {
  running: 'Running',
  succeeded: 'Succeeded',
  failed: 'Failed',
  lost: 'Worker lost',
  expired: 'Worker stopped answering',
  returned: 'Returned unbegun',
  revoked: 'No longer needed',
  restarted: 'Master restarted',
}

/** Why an attempt failed, after the word for that. */
const attemptErrors: Partial<Record<ProblemCode, string>> = {
  'image/unreadable': 'the image is damaged and cannot be read',
  'image/too-many-pixels': 'the image has too many pixels',
  'image/not-found': 'the master has the photo no more',
  'worker/lost': 'workers die of this photo',
  'worker/out-of-memory': 'the worker ran out of memory',
  'worker/timeout': 'the worker took too long',
  'worker/no-decoder': 'the worker has no decoder for this type of image',
  'worker/no-engine': 'the worker has no engine that can run the model',
}

const workerStates: Record<WorkerView['state'], string> = {
  starting: 'Getting ready',
  ready: 'Ready',
  draining: 'Draining',
  drained: 'Drained',
}

export const text = {
  name: 'Argus',
  statusWords,

  connection: {
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
  },

  theme: {
    legend: 'Theme',
    names: { system: 'Same as the system', light: 'Light', dark: 'Dark' },
  },

  cluster: {
    noModel: 'No model yet',
    workers: (ready: number) =>
      ready === 0 ? 'No worker ready' : `${plural(ready, 'worker', 'workers')} ready`,
    draining: (count: number) => `${formatCount(count)} draining`,
    slots: (busy: number, slots: number) =>
      `${formatCount(busy)} of ${plural(slots, 'slot', 'slots')} in use`,
    show: 'Show the model and the workers',
    heading: 'Model and workers',
    model: 'Model',
    columns: { worker: 'Worker', engine: 'Engine', speed: 'Photos/s', slots: 'In use', action: 'Action' },
    states: workerStates,
    speed: (perSecond: number) => `${formatRate(perSecond)} photos/s`,
    busy: (busy: number, slots: number) => `${formatCount(busy)} of ${formatCount(slots)}`,
    ahead: (count: number) => `${formatCount(count)} ahead`,
    aheadHint: 'Fetched already, so that no slot waits for the network',
    drain: 'Drain',
    drainOf: (name: string) => `Drain ${name}: it takes no more photos and finishes what it has begun`,
    resume: 'Resume',
    resumeOf: (name: string) => `Resume ${name}: it takes photos again`,
    refused: (title: string) => `That was not done. ${title}.`,
    speedDetail:
      'Photos/s: what a worker recognises on one thread, decoding excluded, as it measured when it loaded the model.',
  },

  readiness: {
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
  },

  submit: {
    heading: 'Submit photos',
    drop: 'Drop photos anywhere on this page',
    dropDetail: 'or paste them. JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP.',
    touch: 'What is in your photo?',
    touchDetail: 'JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP.',
    choose: 'Choose photos',
    overlay: 'Drop to submit',
    overlayDetail: 'Each photo becomes a job on the board.',
    samples: 'Try a sample',
    sample: (title: string) => `Submit the sample picture "${title}"`,
  },

  uploads: {
    heading: 'Uploads',
    sending: (sending: number, waiting: number) =>
      waiting === 0
        ? `Sending ${formatCount(sending)}`
        : `Sending ${sending}, ${formatCount(waiting)} waiting`,
    delayed: (name: string, title: string) =>
      `${name} is not submitted yet. ${title}. It is tried again by itself.`,
    postponed: (count: number) => `${formatCount(count)} delayed`,
    failed: (count: number) => `${formatCount(count)} failed`,
    done: 'Sent',
    waiting: 'Waiting for its turn',
    handling: 'Sent, the master is reading it',
    sent: 'On the board',
    unreadable: 'The file could not be read',
    submitted: (name: string) => `${name} was submitted.`,
    refused: (name: string, title: string) => `${name} was not submitted. ${title}.`,
    retryIn: (ms: number) => `Trying again in ${formatElapsed(ms)}.`,
    retryOf: (name: string) => `Try again to submit ${name}`,
    dismiss: (name: string) => `Dismiss ${name}`,
    cancel: (name: string) => `Stop sending ${name}`,
    dismissAll: 'Dismiss all failures',
  },

  failures: {
    unreachable: 'The master cannot be reached',
    unreachableDetail: 'The connection broke off. Check that the master runs, then try again.',
    brokenOff: 'The upload was stopped',
    refused: 'The master refused the request',
    status: (status: number) => `The server answered with status ${status}.`,
  },

  jobs: {
    heading: 'Jobs',
    counts: 'Jobs by status',
    newest: (shown: number, all: number) =>
      shown < all ? `newest ${formatCount(shown)} of ${formatCount(all)}` : formatCount(all),
    columns: { photo: 'Photo', status: 'Status', result: 'Recognised', time: 'Submitted', worker: 'Worker' },
    queued: 'Waits for a worker',
    requeued: (attempts: number) => `Waits for attempt ${attempts + 1}`,
    running: 'Being recognised',
    runningOn: (worker: string) => `Being recognised by ${worker}`,
    recognisedBy: (worker: string) => `Recognised by ${worker}`,
    failed: 'Not recognised',
    cancelled: 'Cancelled before it was recognised',
    waiting: (ms: number) => `waiting ${formatElapsed(ms)}`,
    waited: (span: string) => `waited ${span}`,
    runningFor: (ms: number) => `running ${formatElapsed(ms)}`,
    ran: (span: string) => `ran ${span}`,
    reused: 'recognised before',
    loading: 'Loading the jobs',
  },

  details: {
    close: 'Close',
    photoOf: (name: string) => `Photo ${name}`,
    noPreview: (type: string) => `This browser cannot show ${type} pictures.`,
    photoGone: 'The photo could not be loaded.',
    recognised: 'Recognised',
    job: 'Job',
    file: 'File',
    owner: 'Submitted by',
    submitted: 'Submitted',
    started: 'Started',
    ended: 'Ended',
    waited: 'Waited',
    ran: 'Ran',
    steps: 'On the worker',
    reused: 'None: this photo was recognised before',
    tags: 'Tags',
    batch: 'Batch',
    step: { fetch: 'fetch', decode: 'decode', classify: 'classify' },
    retried: 'Retried',
    priority: 'Priority',
    worker: 'Worker',
    engine: 'Engine',
    model: 'Model',
    json: 'Raw JSON',
    unfollowed: 'Newer jobs have pushed this one off the board, so its progress is not shown live.',
    removed: 'The master has removed this job. What is shown here is the last that was known of it.',
    lookAgain: 'Look again',
  },

  actions: {
    cancel: 'Cancel job',
    cancelOf: (name: string) => `Cancel job ${name}`,
    retry: 'Retry',
    retryOf: (name: string) => `Retry ${name}: recognise it once more`,
    refused: (title: string, detail = '') => `That was not done. ${title}. ${detail}`,
  },

  attempts: {
    heading: 'Attempts',
    run: (run: number) => `Run ${formatCount(run)}`,
    of: (number: number, worker: string, engine: string | null) =>
      [`Attempt ${formatCount(number)}`, worker, engine].filter((part) => part !== null).join(' · '),
    ends: attemptEnds,
    reason: (code: ProblemCode) => attemptErrors[code] ?? 'the worker failed on this photo',
    none: 'Not handed to any worker',
    unread: (title: string) => `The attempts could not be loaded. ${title}.`,
  },

  empty: {
    heading: 'Nothing has been submitted yet',
    what: 'Each photo you submit becomes a job. A worker of your cluster tells which of 1,000 things is in it, and the answer shows up here the moment it is there. No photo leaves your machines.',
    drop: 'Drop or choose a photo, or try one of the samples above.',
    command: 'From a terminal, this waits up to 10 s for the result:',
    copy: 'Copy the command',
    copied: 'Copied',
  },
} as const
