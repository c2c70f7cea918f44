/** Sentences of the board. */
import type { JobFilter, JobSort, JobStatus, Total } from '@argus/shared'
import { formatCount, formatElapsed } from '../format.ts'
import { plural } from './plural.ts'

export const statusWords: Record<JobStatus, string> = {
  QUEUED: 'Queued',
  RUNNING: 'Running',
  SUCCEEDED: 'Succeeded',
  FAILED: 'Failed',
  CANCELLED: 'Cancelled',
}

const sorts: Record<JobSort, string> = {
  '-submitted': 'Newest first',
  submitted: 'Oldest first',
  '-ended': 'Last ended first',
  ended: 'First ended first',
}

export const jobs = {
  heading: 'Jobs',
  counts: 'Show jobs by status',
  show: (status: string) => `Show only jobs in the state "${status}"`,
  submit: 'Submit photos',
  columns: {
    select: 'Select',
    photo: 'Photo',
    status: 'Status',
    result: 'Recognised',
    owner: 'Owner',
    worker: 'Worker',
    time: 'Submitted',
  },
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
  arrived: (count: number, isMore: boolean) => `${formatCount(count)}${isMore ? '+' : ''} new`,
  arrivedHint: 'Back to the top of the list',
  total: (total: Total, isFiltered: boolean) => {
    if (total === null) return isFiltered ? 'Some jobs match' : 'Some jobs'
    const [words, isOne] =
      typeof total === 'number' ? [formatCount(total), total === 1] : ['More than 10,000', false]
    const noun = isOne ? 'job' : 'jobs'
    return isFiltered ? `${words} ${noun} ${isOne ? 'matches' : 'match'}` : `${words} ${noun}`
  },
  sort: 'Order',
  sorts,
} as const

export const filters = {
  search: 'Search',
  searchIn: 'Search in',
  searchFields: { class: 'Label', fileName: 'File name' },
  searchHints: { class: 'Label, such as beacon', fileName: 'How the file name begins' },
  clearSearch: 'Clear the search',
  button: 'Filters',
  heading: 'Filters',
  set: (count: number) => `${plural(count, 'filter is', 'filters are')} set`,
  apply: 'Apply',
  close: 'Close',
  clearAll: 'Clear all',
  remove: (filter: string) => `Remove the filter ${filter}`,
  invalid: (names: readonly string[]) => `Left out, as the value is not valid: ${names.join(', ')}.`,
  names: {
    status: 'Status',
    class: 'Label',
    fileName: 'File name',
    batch: 'Batch',
    worker: 'Worker',
    owner: 'Owner',
    tag: 'Tag',
    submittedAfter: 'Submitted from',
    submittedBefore: 'Submitted before',
    endedAfter: 'Ended from',
    endedBefore: 'Ended before',
    sort: 'Order',
  } satisfies Record<keyof JobFilter | 'sort', string>,
  hints: {
    batch: 'Its id',
    worker: 'Name of the worker',
    owner: 'Whose it is',
    tag: 'camera=A7',
  },
  tags: 'Tags, one a line',
  nothing: 'No job matches',
  nothingDetail: 'There is no job for which all filters hold.',
  noneEnded: 'No job has ended yet',
  noneEndedDetail: 'This order lists only jobs that have ended.',
  showNewest: 'Show the newest first',
} as const

export const selection = {
  select: (name: string) => `Select ${name}`,
  selectAll: 'Select all jobs that are loaded',
  selected: (count: number) => `${formatCount(count)} selected`,
  bar: 'What to do with the selected jobs',
  clear: 'Clear the selection',
  dismiss: 'Dismiss',
  actions: { retry: 'Retry', cancel: 'Cancel', delete: 'Delete' },
  counted: (action: string, count: number) => `${action} ${formatCount(count)}`,
  hints: {
    retry: 'Recognises once more the selected jobs that have ended',
    cancel: 'Cancels the selected jobs that have not ended',
    delete: 'Deletes the selected jobs',
  },
  busy: (done: number, all: number) => `${formatCount(done)} of ${formatCount(all)} done`,
  done: {
    retry: (count: number) => `${plural(count, 'job waits', 'jobs wait')} once more.`,
    cancel: (count: number) => `${plural(count, 'job was', 'jobs were')} cancelled.`,
    delete: (count: number) => `${plural(count, 'job was', 'jobs were')} deleted.`,
  },
  refused: (count: number, reasons: readonly string[]) =>
    `${plural(count, 'was', 'were')} refused: ${reasons.join('; ')}.`,
  because: (reason: string, count: number) => `${reason} (${formatCount(count)})`,
} as const

export const deletion = {
  button: 'Delete all',
  buttonFiltered: 'Delete matching',
  hint: 'Deletes every job of this list, also those that are not loaded',
  title: (count: number) => `Delete ${plural(count, 'job', 'jobs')}?`,
  titleMany: 'Delete more than 10,000 jobs?',
  titleUnknown: 'Delete all jobs that match? How many they are is not known.',
  detail:
    'Photos and results are deleted with their jobs. A job that has not ended is taken off its worker. This cannot be taken back.',
  action: 'Delete',
  busy: (deleted: number) => `${formatCount(deleted)} deleted so far`,
  stop: 'Stop',
  stopped: (deleted: number) => `Stopped; ${plural(deleted, 'job was', 'jobs were')} deleted.`,
  refused: (deleted: number, title: string) =>
    `${plural(deleted, 'job was', 'jobs were')} deleted, the others were not: ${title}.`,
} as const

export const keys = {
  heading: 'Keys',
  open: 'Show the keys',
  close: 'Close',
  list: [
    [['j', '↓'], 'To the next job'],
    [['k', '↑'], 'To the job before'],
    [['Enter'], 'Open the job'],
    [['x'], 'Select the job'],
    [['/'], 'Search'],
    [['?'], 'Show these keys'],
    [['Esc'], 'Clear the selection, or close what is open'],
  ],
  also: 'Hold Shift and click a box to select all jobs up to it.',
  single: 'Keys of a single letter are on',
} as const

export const empty = {
  heading: 'Nothing has been submitted yet',
  what: 'Each photo you submit becomes a job. A worker of your cluster tells which of 1,000 things is in it, and the answer shows up here the moment it is there. No photo leaves your machines.',
  drop: 'Drop or choose a photo, or try one of the samples above.',
  command: 'From a terminal, this waits up to 10 s for the result:',
  copy: 'Copy the command',
  copied: 'Copied',
} as const
