/** What can be told of a photo before it is sent: that the master would not take it. */
import { MAX_PIXELS_BY_TYPE } from '@argus/shared/vocabulary'
import { Failure } from '../api/failure.ts'
import { formatBytes } from '../format.ts'
import { text } from '../text/index.ts'
import type { PhotoSize } from './photo-size.ts'

export interface Limits {
  readonly maxUploadBytes: number
  readonly maxPixels: number
}

/** Codes of the master's table of problems, so that it does not matter who found out. */
const TOO_LARGE = 'image/too-large'
const TOO_MANY_PIXELS = 'image/too-many-pixels'
const UNSUPPORTED = 'image/unsupported-type'

/**
 * By its type only, as the browser takes it from the name. Where it knows none, the master tells from the bytes,
 * and it has better words for the formats that are images, but none that it takes.
 */
export function refuseType(type: string): Failure | null {
  if (type === '' || type === 'application/octet-stream') return null
  if (type.startsWith('image/')) return null
  return new Failure(text.refusals.noPhoto, text.refusals.noPhotoDetail(type), { code: UNSUPPORTED })
}

export function refuseBytes(bytes: number, { maxUploadBytes }: Limits): Failure | null {
  if (bytes <= maxUploadBytes) return null
  const detail = text.refusals.tooLargeDetail(formatBytes(bytes), formatBytes(maxUploadBytes))
  return new Failure(text.refusals.tooLarge, detail, { code: TOO_LARGE })
}

/** @param size null where it is not known */
export function refusePixels(size: PhotoSize | null, { maxPixels }: Limits): Failure | null {
  if (size === null) return null
  const most = Math.min(maxPixels, MAX_PIXELS_BY_TYPE[size.type] ?? maxPixels)
  if (size.width * size.height <= most) return null
  const detail = text.refusals.tooManyPixelsDetail(size.width, size.height, most)
  return new Failure(text.refusals.tooManyPixels, detail, { code: TOO_MANY_PIXELS })
}

/** Whether it would have been taken had it been smaller. */
export function isTooLarge(failure: Failure | null): boolean {
  return failure?.code === TOO_LARGE || failure?.code === TOO_MANY_PIXELS
}
