/**
 * Decodes a photo to the picture that is recognised, and draws the thumbnail from it. sharp reads all types
 * but BMP, fast and in little memory; jimp, in plain JavaScript, reads BMP, and what it can where sharp has
 * no binary for the machine.
 */
import { type Assignment, type ImageType, ProblemError, type Thumbnail } from '@argus/shared'
import { isOutOfMemory } from './out-of-memory.ts'
import { PICTURE_SIDE, type Picture } from './picture.ts'

/** Twice the 96 px that the board shows it with, for dense screens. */
const THUMBNAIL_SIDE = 192
const WHITE = '#ffffff'

const JIMP_TYPES: readonly ImageType[] = ['image/jpeg', 'image/png', 'image/gif', 'image/bmp', 'image/tiff']
/** jimp needs some 30 bytes a pixel. */
const JIMP_MAX_PIXELS = 10_000_000

/**
 * Up to this ratio of the sides, a photo is scaled whole before its middle is cut out: 800 KB at most. All rows
 * are asked for then, though only the middle is used: otherwise the decoder never reads the last rows of an
 * upright photo, and does not notice that they are missing.
 *
 * Of a longer one the middle is cut out first. Scaled whole, 60,000 × 60 pixels would be 224,000 × 224, and
 * 60,000 × 1 took 11 GB.
 */
const MAX_WHOLE_RATIO = 4

/** What the master has read from the header. */
export type ImageFacts = Pick<Assignment['image'], 'type' | 'width' | 'height'>

/** Decoding so many takes at most 100 MB, whatever the type. */
const HARMLESS_PIXELS = 5_000_000

const sharp = await loadSharp()

/**
 * Decodes a photo, upright, on white where it is transparent; of an animation the first frame.
 *
 * @throws ProblemError `image/unreadable`, `image/too-many-pixels`, `worker/no-decoder`, `worker/out-of-memory`
 */
export async function decode(bytes: Uint8Array, image: ImageFacts): Promise<Picture> {
  try {
    const bySharp = sharp && image.type !== 'image/bmp'
    return bySharp ? await decodeWithSharp(sharp, bytes, image) : await decodeWithJimp(bytes, image)
  } catch (error) {
    if (error instanceof ProblemError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    if (reason.includes('exceeds pixel limit')) {
      throw new ProblemError('image/too-many-pixels', 'It has more pixels than its header says.', {
        cause: error,
      })
    }
    if (isOutOfMemory(error)) throw new ProblemError('worker/out-of-memory', reason, { cause: error })
    throw new ProblemError('image/unreadable', reason.split('\n')[0], { cause: error })
  }
}

/** A small picture of the photo for the board. */
export async function drawThumbnail(picture: Picture): Promise<Thumbnail> {
  if (sharp) {
    const raw = { width: PICTURE_SIDE, height: PICTURE_SIDE, channels: 3 } as const
    const image = sharp(picture, { raw }).resize(THUMBNAIL_SIDE, THUMBNAIL_SIDE)
    return { type: 'image/webp', bytes: await image.webp({ quality: 75 }).toBuffer() }
  }
  const { Jimp } = await import('jimp')
  const image = Jimp.fromBitmap({ width: PICTURE_SIDE, height: PICTURE_SIDE, data: toRgba(picture) })
  image.resize({ w: THUMBNAIL_SIDE, h: THUMBNAIL_SIDE })
  return { type: 'image/jpeg', bytes: await image.getBuffer('image/jpeg', { quality: 75 }) }
}

type Sharp = NonNullable<Awaited<ReturnType<typeof loadSharp>>>

/** null where it has no binary for this machine. */
async function loadSharp() {
  try {
    const { default: sharp } = await import('sharp')
    // Its cache keeps decoded pixels of photos that are never seen again, and the pool has threads enough.
    sharp.cache(false)
    sharp.concurrency(1)
    return sharp
  } catch {
    return null
  }
}

async function decodeWithSharp(
  sharp: Sharp,
  bytes: Uint8Array,
  { width, height }: ImageFacts,
): Promise<Picture> {
  // A file can claim few pixels where the master looks and have many where the decoder does, e.g. a GIF whose
  // frame is larger than its screen.
  const limitInputPixels = Math.max(width * height, HARMLESS_PIXELS)
  const image = sharp(bytes, { sequentialRead: true, failOn: 'error', limitInputPixels })
  const middle = middleOf(await image.metadata())
  // Before it is turned upright, which leaves the middle where it is.
  if (middle) image.extract({ left: middle.x, top: middle.y, width: middle.w, height: middle.h })
  const { data, info } = await image
    .autoOrient()
    .resize(PICTURE_SIDE, PICTURE_SIDE, { fit: 'outside' })
    .flatten({ background: WHITE })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  return cutMiddle(data, info.width, info.height)
}

/** The square in the middle of a photo that is too long to be scaled whole; null of any other. */
function middleOf({ width, height }: { width: number; height: number }) {
  const side = Math.min(width, height)
  if (Math.max(width, height) <= MAX_WHOLE_RATIO * side) return null
  return { x: Math.floor((width - side) / 2), y: Math.floor((height - side) / 2), w: side, h: side }
}

function cutMiddle(rgb: Uint8Array, width: number, height: number): Picture {
  // Rounded as sharp rounds when it cuts by itself.
  const left = Math.floor((width - PICTURE_SIDE + 1) / 2)
  const top = Math.floor((height - PICTURE_SIDE + 1) / 2)
  const picture = new Uint8Array(PICTURE_SIDE * PICTURE_SIDE * 3)
  for (let row = 0; row < PICTURE_SIDE; row += 1) {
    const from = ((top + row) * width + left) * 3
    picture.set(rgb.subarray(from, from + PICTURE_SIDE * 3), row * PICTURE_SIDE * 3)
  }
  return picture
}

async function decodeWithJimp(bytes: Uint8Array, { type, width, height }: ImageFacts): Promise<Picture> {
  if (!JIMP_TYPES.includes(type)) throw new ProblemError('worker/no-decoder', `sharp is needed for ${type}.`)
  if (width * height > JIMP_MAX_PIXELS) {
    // Another worker may have sharp: it is not the photo's fault.
    throw new ProblemError('worker/no-decoder', 'sharp is needed for more than 10 megapixels.')
  }
  const { Jimp } = await import('jimp')
  const image = await Jimp.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  const middle = middleOf(image.bitmap)
  if (middle) image.crop(middle)
  const canvas = new Jimp({ width: PICTURE_SIDE, height: PICTURE_SIDE, color: WHITE })
  canvas.composite(image.cover({ w: PICTURE_SIDE, h: PICTURE_SIDE }))
  return toRgb(canvas.bitmap.data)
}

function toRgb(rgba: Uint8Array): Picture {
  const picture = new Uint8Array((rgba.length / 4) * 3)
  for (let pixel = 0; pixel < rgba.length / 4; pixel += 1) {
    picture.set(rgba.subarray(pixel * 4, pixel * 4 + 3), pixel * 3)
  }
  return picture
}

function toRgba(picture: Picture): Buffer {
  const rgba = Buffer.alloc((picture.length / 3) * 4, 255)
  for (let pixel = 0; pixel < picture.length / 3; pixel += 1) {
    rgba.set(picture.subarray(pixel * 3, pixel * 3 + 3), pixel * 4)
  }
  return rgba
}
