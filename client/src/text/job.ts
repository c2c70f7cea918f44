/** Sentences about one job. */
import type { AttemptEnd, Job, ProblemCode } from '@argus/shared'
import { formatCount, formatDuration } from '../format.ts'

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

const places = ['first', 'second', 'third', 'fourth', 'fifth'] as const

export const details = {
  heading: 'Job',
  loading: 'Loading the job',
  board: 'To the board',
  photoOf: (name: string) => `Photo ${name}`,
  fullSize: 'Open the photo in full size',
  noPreview: (type: string) => `This browser cannot show ${type} pictures. Open it to save the file.`,
  photoGone: 'The photo could not be loaded.',
  recognised: 'Recognised',
  nothingYet: 'The five most likely things show here when the photo is recognised.',
  nothing: 'It was not recognised.',
  category: (category: string, wordnetId: string) => `${category} · ${wordnetId}`,
  job: 'Facts',
  file: 'File',
  owner: 'Submitted by',
  submitted: 'Submitted',
  retried: 'Retried',
  started: 'Started',
  ended: 'Ended',
  tags: 'Tags',
  noTags: 'None',
  batch: 'Batch',
  showBatch: 'Show its batch',
  priority: 'Priority',
  worker: 'Worker',
  engine: 'Engine',
  model: 'Model',
  id: 'Job id',
  json: 'Raw JSON',
  showJson: 'Show the JSON',
  copyJson: 'Copy the JSON',
  rawJson: 'As the API tells it',
  curl: 'Read it from a terminal',
  copyCurl: 'Copy the command',
  removed: 'The master has removed this job. What is shown here is the last that was known of it.',
  missing: 'There is no such job',
  missingDetail: 'It was removed, or its address is mistyped. Finished jobs are kept for a limited time.',
} as const

export const truth = {
  right: (label: string) => `Right: it is known to show ${label}.`,
  among: (label: string, place: number) =>
    `Not quite: it is known to show ${label}, which came ${places[place - 1] ?? formatCount(place)}.`,
  wrong: (label: string) => `Wrong: it is known to show ${label}, which is not among the first five.`,
  known: (label: string) => `It is known to show ${label}.`,
} as const

const steps: Record<keyof Job['timings'] | 'worker', { name: string; hint: string }> = {
  queued: { name: 'Waited', hint: 'Until its last attempt was handed to a worker' },
  worker: {
    name: 'With the worker',
    hint: 'From then to the end; the worker tells its single steps with the result',
  },
  fetched: { name: 'Fetched', hint: 'Until the worker had the photo' },
  waited: { name: 'Slot', hint: 'Until the worker had a slot free' },
  decoded: { name: 'Decoded', hint: 'The photo was made into pixels' },
  classified: { name: 'Classified', hint: 'The model looked at them' },
  recorded: { name: 'Recorded', hint: 'Until the master had the result and wrote it down' },
}

export const timings = {
  heading: 'Time',
  columns: { step: 'Step', bar: 'Share', begins: 'Began', takes: 'Took' },
  steps,
  unknown: '–',
  unknownHint: 'Not known',
  after: (ms: number) => (ms === 0 ? 'at once' : `after ${formatDuration(ms)}`),
  whole: (span: string) => `${span} in all`,
  soFar: (span: string) => `${span} so far`,
  ofRun: (run: number) => `run ${formatCount(run)}`,
  reused:
    'This photo of the same owner had been recognised with the same model: its result was taken at once.',
} as const

export const actions = {
  cancel: 'Cancel job',
  cancelOf: (name: string) => `Cancel job ${name}`,
  retry: 'Retry',
  retryOf: (name: string) => `Retry ${name}: recognise it once more`,
  delete: 'Delete',
  deleteOf: (name: string) => `Delete job ${name}`,
  confirmDelete: (name: string) => `Delete ${name}?`,
  confirmDeleteDetail: 'The job, its result and its photo are removed. This cannot be taken back.',
  refused: (title: string, detail = '') => `That was not done. ${title}. ${detail}`,
} as const

export const attempts = {
  heading: 'Runs and attempts',
  run: (run: number) => `Run ${formatCount(run)}`,
  of: (number: number, worker: string, engine: string | null) =>
    [`Attempt ${formatCount(number)}`, worker, engine].filter((part) => part !== null).join(' · '),
  model: (digest: string) => `model ${digest.slice(0, 8)}`,
  ends: attemptEnds,
  reason: (code: ProblemCode) => attemptErrors[code] ?? 'the worker failed on this photo',
  none: 'Not handed to any worker',
  noneYet: 'Not handed to a worker yet',
  reused: 'None needed: this photo was recognised before',
} as const
