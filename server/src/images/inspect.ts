/**
 * Tells from an upload's first bytes what it is and how many pixels it claims to have, and refuses what
 * could not be recognised or would cost too much memory to decode. No pixel is decoded here.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { type ImageType, MAX_PIXELS_BY_TYPE, ProblemError } from '@argus/shared'
import { disableTypes, imageSize, types } from 'image-size'
import { Mutex } from '../mutex.ts'
import { readJpegSize } from './jpeg-header.ts'

const TYPES: Readonly<Record<string, ImageType>> = {
  jpg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
  tiff: 'image/tiff',
  bigtiff: 'image/tiff',
  avif: 'image/avif',
  bmp: 'image/bmp',
}

// The library's parsers for the types that we refuse anyway would only be doors for hostile files.
disableTypes(types.filter((type) => !(type in TYPES) && type !== 'heif'))

/** Enough for the header of any photo: EXIF data and colour profiles come before a JPEG's dimensions. */
const HEAD_BYTES = 1024 * 1024
/**
 * Of an AVIF. The parser runs on the master's event loop and takes the square of the length on a file made to
 * hold it up: 232 ms for 160 KB, 40 ms for this.
 */
const AVIF_HEAD_BYTES = 64 * 1024

/** Whole files have up to 50 MB: many uploads at once must cost no more memory than one. */
const oneAtATime = new Mutex()

export interface InspectedImage {
  readonly type: ImageType
  /** Pixels, before EXIF orientation. */
  readonly width: number
  readonly height: number
}

/**
 * @param path the uploaded file
 * @param maxPixels the most pixels that are taken
 * @throws ProblemError `image/empty`, `image/unsupported-type`, `image/heic`, `image/svg`, `image/too-many-pixels`
 */
export async function inspectImage(path: string, maxPixels: number): Promise<InspectedImage> {
  const head = await readHead(path, HEAD_BYTES)
  if (head.length === 0) throw new ProblemError('image/empty')
  const image =
    parse(isAvif(head) ? head.subarray(0, AVIF_HEAD_BYTES) : head) ?? (await parseBeyond(path, head))
  if (!image) throw new ProblemError(...refusal(head))
  checkPixels(image, maxPixels)
  return image
}

/** A TIFF may keep its dimensions at its end, and a JPEG behind megabytes of metadata. */
async function parseBeyond(path: string, head: Uint8Array): Promise<InspectedImage | null> {
  if (head.length < HEAD_BYTES) return null
  if (/^(II[*+]\0|MM\0[*+])/.test(latin1(head, 4))) {
    return oneAtATime.run(async () => parse(await readHead(path, Number.POSITIVE_INFINITY)))
  }
  if (!latin1(head, 2).startsWith('\xff\xd8')) return null
  const size = await withFile(path, readJpegSize)
  return size && size.width > 0 && size.height > 0 ? { type: 'image/jpeg', ...size } : null
}

function isAvif(head: Uint8Array): boolean {
  return latin1(head, 8).endsWith('ftyp')
}

function latin1(bytes: Uint8Array, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, length)).toString('latin1')
}

function parse(bytes: Uint8Array): InspectedImage | null {
  try {
    const { type, width, height } = imageSize(bytes)
    const imageType = type === undefined ? undefined : TYPES[type]
    return imageType && width > 0 && height > 0 ? { type: imageType, width, height } : null
  } catch {
    // The library throws plain errors for everything that it cannot make sense of.
    return null
  }
}

function checkPixels({ type, width, height }: InspectedImage, maxPixels: number): void {
  const limit = Math.min(maxPixels, MAX_PIXELS_BY_TYPE[type] ?? maxPixels)
  if (width * height <= limit) return
  const megapixels = (pixels: number) => `${(pixels / 1e6).toFixed(1)} megapixels`
  throw new ProblemError(
    'image/too-many-pixels',
    `The image has ${width} × ${height} = ${megapixels(width * height)}; at most ${megapixels(limit)} are taken.`,
  )
}

function refusal(head: Uint8Array): [ConstructorParameters<typeof ProblemError>[0], string] {
  const text = latin1(head, 4096)
  if (/^ftyp(hei[cmsx]|hev[cmsx]|mif1|msf1)/.test(text.slice(4, 12))) {
    return ['image/heic', 'Convert the photo to JPEG first; iPhones do it when set to "Most Compatible".']
  }
  if (/<svg[\s>]/i.test(text)) return ['image/svg', 'Only photos are taken: export the drawing as PNG.']
  return ['image/unsupported-type', 'JPEG, PNG, WebP, GIF, TIFF, AVIF and BMP are taken.']
}

function readHead(path: string, limit: number): Promise<Uint8Array> {
  return withFile(path, async (file) => {
    const { size } = await file.stat()
    const buffer = Buffer.alloc(Math.min(size, limit))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
    return buffer.subarray(0, bytesRead)
  })
}

async function withFile<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, 'r')
  try {
    return await work(file)
  } finally {
    await file.close()
  }
}
