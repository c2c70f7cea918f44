/** Sentences about photos on their way to the master. */
import { formatBytes, formatCount, formatElapsed, formatInstant } from '../format.ts'
import { plural } from './plural.ts'

/** `50000000` → `50 megapixels` */
function megapixels(pixels: number): string {
  return `${Number((pixels / 1e6).toFixed(1))} megapixels`
}

const TYPES = 'JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP'

export const submit = {
  heading: 'Submit photos',
  drop: 'Drop photos or folders anywhere on this page',
  dropDetail: 'or paste them, or choose them here.',
  touch: 'What is in your photo?',
  touchDetail: 'Take one, or choose some that you have.',
  types: `${TYPES}.`,
  limits: (bytes: number, pixels: number) =>
    `${TYPES}, up to ${formatBytes(bytes).replace('.0', '')} and ${megapixels(pixels)} each`,
  lowerLimits: (names: string) => `(${names})`,
  lowerLimit: (type: string, pixels: number) => `${type}: ${megapixels(pixels)}`,
  choose: 'Choose photos',
  chooseFolder: 'Choose a folder',
  camera: 'Take a photo',
  overlay: 'Drop to submit',
  overlayDetail: 'Each photo becomes a job. Folders are taken whole.',
  samples: 'Try a sample',
  sample: (title: string) => `Submit the sample picture "${title}"`,
  batchOf: (epoch: number) => `Photos of ${formatInstant(new Date(epoch).toISOString())}`,
} as const

export const submitOptions = {
  heading: 'How they are submitted',
  asBatch: 'As a batch',
  asBatchDetail:
    'Photos that are submitted together belong together: one page shows how far they are, and one table has all results.',
  batchName: 'Name of the batch',
  batchNamePlaceholder: 'The folder, or the time',
  batchNameDetail:
    'With a name, all photos go into this one batch; without, each selection of several makes its own.',
  downscale: 'Downscale before sending',
  downscaleDetail:
    'Sends fewer bytes. The model looks at 224 pixels, so nothing is lost for it; the master keeps the smaller photo.',
  shortSide: 'Short side',
  pixels: (side: number) => `${formatCount(side)} px`,
  more: 'Options',
  chosen: (count: number) => `${formatCount(count)} set`,
  owner: 'Owner',
  ownerPlaceholder: 'The address of this machine',
  ownerDetail: 'Owners take turns in the queue.',
  priority: 'Priority',
  priorityDetail: '-100 to 100; the higher, the sooner.',
  tags: 'Tags',
  tagPlaceholder: 'name=value',
  tagDetail: 'What you note about the photos. The tag truth says what they show, for the accuracy.',
  addTag: 'Add',
  removeTag: (tag: string) => `Remove the tag ${tag}`,
  tagProblems: {
    form: 'A tag is name=value. The name has letters, digits, "_", "." and "-" only, 50 at most; the value has 1 to 200 characters.',
    twice: 'There is a tag of this name already.',
    full: 'There are as many tags as a photo can have.',
  },
  fresh: 'Recognise anew',
  freshDetail: 'Also where the result of the same photo is known.',
} as const

export const refusals = {
  noPhoto: 'The file is not an image of a supported type',
  noPhotoDetail: (type: string) => `By its name it is ${type}. It was not sent.`,
  tooLarge: 'The file is too large',
  tooLargeDetail: (bytes: string, most: string) => `It has ${bytes}, and ${most} are taken. It was not sent.`,
  tooManyPixels: 'The image has too many pixels',
  tooManyPixelsDetail: (width: number, height: number, most: number) =>
    `It has ${width} × ${height}, and ${megapixels(most)} are taken of its type. It was not sent.`,
} as const

export const uploads = {
  heading: 'Uploads',
  none: 'What you submit is listed here while it is sent, and until the next photos come.',
  sending: (settled: number, files: number) =>
    files === 1 ? 'Sending 1 photo' : `Sending ${formatCount(files)} photos, ${formatCount(settled)} sent`,
  paused: (settled: number, files: number) => `Paused, ${formatCount(settled)} of ${formatCount(files)} sent`,
  delayedAll: (count: number) => `${plural(count, 'photo', 'photos')} delayed`,
  failed: (count: number) => `${formatCount(count)} failed`,
  notSent: (count: number) => `${plural(count, 'photo was', 'photos were')} not sent`,
  done: (count: number) => `${plural(count, 'photo', 'photos')} sent`,
  bytes: (done: number, all: number) =>
    done < all ? `${formatBytes(done)} of ${formatBytes(all)}` : `${formatBytes(all)} in all`,
  rate: (bytesPerSecond: number) => `${formatBytes(Math.round(bytesPerSecond))}/s`,
  left: (ms: number) => `${formatElapsed(ms + 999)} left`,
  saved: (bytes: number, files: number) =>
    `${formatBytes(bytes)} saved by downscaling ${plural(files, 'photo', 'photos')}`,
  delayed: (name: string, title: string) =>
    `${name} is not submitted yet. ${title}. It is tried again by itself.`,
  waiting: 'Waiting for its turn',
  waitingPaused: 'Paused',
  preparing: 'Downscaling',
  handling: 'Sent, the master is reading it',
  sent: 'Sent',
  /** As assistive technology hears it of one photo's bar. */
  progressOf: (name: string) => `Sending ${name}`,
  progressOfAll: 'Sending all photos',
  smaller: (before: number, after: number) => `${formatBytes(before)} → ${formatBytes(after)}`,
  unreadable: 'The file could not be read',
  unexpected: 'The photo could not be sent',
  submitted: (name: string) => `${name} was submitted.`,
  refused: (name: string, title: string) => `${name} was not submitted. ${title}.`,
  allDone: (sent: number, failed: number) =>
    `${plural(sent, 'photo was', 'photos were')} submitted${failed === 0 ? '' : `, ${formatCount(failed)} not`}.`,
  partDone: (settled: number, files: number) =>
    `${formatCount(settled)} of ${formatCount(files)} photos are done.`,
  retryIn: (ms: number) => `Trying again in ${formatElapsed(ms)}.`,
  retryOf: (name: string) => `Try again to submit ${name}`,
  shrinkOf: (name: string, side: number) => `Downscale ${name} to ${formatCount(side)} pixels, and submit it`,
  dismiss: (name: string) => `Dismiss ${name}`,
  cancel: (name: string) => `Stop sending ${name}`,
  dismissAll: 'Dismiss failed',
  pause: 'Pause',
  resume: 'Resume',
  cancelAll: 'Cancel all',
  retryAll: 'Retry failed',
  shrinkAll: (count: number, side: number) =>
    `Downscale ${formatCount(count)} too large to ${formatCount(side)} px`,
  showAll: 'Show all uploads',
  moreProblems: (count: number) => `${formatCount(count)} more`,
  job: (name: string) => `Look at the job of ${name}`,
  batch: (name: string) => `Batch "${name}"`,
  followBatch: 'Watch it being recognised',
  showBatch: 'See its results',
  filters: { all: 'All', pending: 'Not sent', failed: 'Failed', sent: 'Sent' },
  noneOfFilter: 'There is none.',
} as const
