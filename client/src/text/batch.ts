/** Sentences about batches. */
import type { JobStatus } from '@argus/shared'
import { formatCount, formatElapsed, formatPercent, formatRate } from '../format.ts'
import { statusWords } from './board.ts'
import { plural } from './plural.ts'

export const batches = {
  heading: 'Batches',
  loading: 'Loading the batches',
  more: 'Show more',
  unread: (title: string) => `The batches could not be read. ${title}.`,
  again: 'Try again',
  noTruth: 'Accuracy unknown',
  noTruthHint: 'The truth of no recognised photo of it is known',
  empty: 'There is no batch yet',
  emptyWhat:
    'A batch keeps the photos of one folder together: how far they are, what is in them, how much of it is right, and a table of the results.',
  emptySubmit: 'Submit a folder',
  emptyHere: 'from this browser, or from a terminal:',
  emptyCommand: 'With the progress in the terminal, and the results in a table:',
  emptyCurl: 'Or several photos in one request:',
} as const

export const batch = {
  heading: 'Batch',
  loading: 'Loading the batch',
  all: 'All batches',
  unnamed: (id: string) => `Batch ${id.slice(0, 8)}`,
  made: 'made',
  by: (owner: string) => `by ${owner}`,
  states: { empty: 'Waits for photos', running: 'Running', done: 'Done', cancelled: 'Cancelled' },
  cancelledDetail: 'What had not ended was taken out of the queue, and it takes no more photos.',
  removed:
    'The master has removed this batch and its jobs. What is shown here is the last that was known of it.',
  missing: 'There is no such batch',
  missingDetail: 'It was removed, or its address is mistyped. A batch goes when the last of its jobs does.',
  progress: 'Progress',
  count: (count: number, status: JobStatus) => `${formatCount(count)} ${statusWords[status].toLowerCase()}`,
  byStatus: 'Jobs by status',
  ended: (ended: number, total: number) => `${formatCount(ended)} of ${plural(total, 'photo', 'photos')}`,
  noPhotos: 'No photos yet',
  share: formatPercent,
  rate: (perSecond: number) => `${formatRate(perSecond)} photos/s`,
  /** In steps that do not fidget. */
  left: (seconds: number) => {
    if (seconds < 5) return 'a few seconds left'
    const step = seconds < 60 ? 5 : seconds < 600 ? 10 : 60
    return `about ${formatElapsed(Math.ceil(seconds / step) * step * 1_000)} left`
  },
  leftUnknown: 'time left not known yet',
  classes: 'What was recognised',
  classColumns: { label: 'Recognised', share: 'Share', jobs: 'Photos' },
  showClass: (label: string) => `Show the photos in which ${label} was recognised`,
  others: (count: number) => `${plural(count, 'photo', 'photos')} of something else`,
  noClasses: 'What was recognised shows here, the most frequent first.',
  accuracy: 'Accuracy',
  top1: 'Right at first',
  top5: 'Among the first five',
  ofKnown: (jobs: number) => `of ${plural(jobs, 'photo', 'photos')} whose truth is known`,
  top1Short: (share: number) => `${formatPercent(share)} right`,
  top5Short: (share: number) => `${formatPercent(share)} in five`,
  noTruth: 'The truth of no recognised photo of this batch is known.',
  noTruthHow:
    'Say with each photo what it shows, by the tag truth: a WordNet id, or the index of a class from 0 to 999. The CLI reads it from a table:',
  truthCommand: 'npx argus submit photos/ --truth labels.csv',
  confusions: 'Taken for something else',
  confusionColumns: { truth: 'Shows', taken: 'Taken for', jobs: 'Photos' },
  noConfusions: 'All were recognised rightly.',
  newest: 'Newest photos',
  showJobs: 'Show all on the board',
  thumbnail: (name: string, words: string) => `${name}: ${words}`,
  unread: (title: string) => `The photos could not be read. ${title}.`,
  links: 'Jobs and results',
  csv: 'CSV for a spreadsheet',
  ndjson: 'NDJSON for a program',
} as const

export const batchActions = {
  cancel: 'Cancel',
  cancelOf: (name: string) => `Cancel ${name}`,
  confirmCancel: (name: string) => `Cancel ${name}?`,
  cancelNow: 'Cancel the batch',
  confirmCancelDetail: (open: number) =>
    `${plural(open, 'photo has', 'photos have')} not ended: what waits is taken out of the queue, what runs off its worker. The batch takes no more photos after that.`,
  retryFailed: 'Retry failed',
  retryFailedOf: (failed: number) => `Retry failed: recognise ${plural(failed, 'photo', 'photos')} once more`,
  delete: 'Delete',
  deleteOf: (name: string) => `Delete ${name} and its jobs`,
  confirmDelete: (name: string) => `Delete ${name}?`,
  confirmDeleteDetail: (total: number) =>
    `Its ${plural(total, 'job', 'jobs')}, with their results and photos, are removed. This cannot be taken back.`,
} as const
