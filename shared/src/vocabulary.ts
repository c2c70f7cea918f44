/** The words and limits that the schemas are made of, for whoever cannot afford the validator: the web app. */
export const JOB_STATUSES = ['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'] as const
export type JobStatus = (typeof JOB_STATUSES)[number]

/** A job in one of these states changes no more, unless it is retried. */
export function isTerminal(status: JobStatus): boolean {
  return status === 'SUCCEEDED' || status === 'FAILED' || status === 'CANCELLED'
}

/** The types of image that are taken, as the master tells them from the bytes. */
export const IMAGE_TYPES = [
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/gif',
  'image/tiff',
  'image/avif',
  'image/bmp',
] as const
export type ImageType = (typeof IMAGE_TYPES)[number]

/**
 * The most pixels that are taken of a type, where that is less than the master's general limit: what a
 * decoder of it needs a pixel was measured at some 19 bytes for AVIF (libheif, 946 MB at 50 megapixels) and
 * 30 for BMP (jimp, in plain JavaScript).
 */
export const MAX_PIXELS_BY_TYPE: Readonly<Partial<Record<ImageType, number>>> = {
  'image/avif': 15_000_000,
  'image/bmp': 10_000_000,
}

export const ATTEMPT_ENDS = [
  'succeeded',
  'failed',
  'lost',
  'expired',
  'returned',
  'revoked',
  'restarted',
] as const
export type AttemptEnd = (typeof ATTEMPT_ENDS)[number]

/** A minus stands for the latest first. */
export const JOB_SORTS = ['-submitted', 'submitted', '-ended', 'ended'] as const
export type JobSort = (typeof JOB_SORTS)[number]

/** A tag as a client writes it: `name=value`. */
export const TAG = /^[A-Za-z0-9_.-]{1,50}=[^\p{Cc}]{1,200}$/u
/** The most tags of one job. */
export const MAX_TAGS = 20

export const MAX_FILE_NAME_LENGTH = 255

/** Totals are counted so far. */
export const MAX_TOTAL = 10_000

/** The most files of one request. */
export const MAX_BATCH_FILES = 1000

export const BOARD_NAMESPACE = '/board'

/** The most rows that one view shows. */
export const MAX_VIEW_ROWS = 60

/** The most jobs before a view that are told one by one. */
export const MAX_AHEAD = 100

/** Minutes that the dashboard looks back, and the minutes of one step of its series. */
export const ACTIVITY_STEPS = { 15: 1, 60: 1, 1440: 15 } as const
export type ActivityMinutes = keyof typeof ACTIVITY_STEPS

/** The view of who only wants to know the counts and the cluster. */
export const NO_ROWS = { filter: {}, sort: '-submitted', limit: 0, after: null, top: null } as const
