/**
 * Decodes a photo to the picture that is recognised, and draws the thumbnail from it. sharp reads all types
 * but BMP, fast and in little memory; jimp, in plain JavaScript, reads BMP, and what it can where sharp has
 * no binary for the machine.
 */
import { type Assignment, type ImageType, ProblemError, type Thumbnail } from '@argus/shared'
import { PICTURE_SIDE, type Picture } from './picture.ts'

/** Twice the 96 px that the board shows it with, for dense screens. */
const THUMBNAIL_SIDE = 192
const WHITE = '#ffffff'

const JIMP_TYPES: readonly ImageType[] = ['image/jpeg', 'image/png', 'image/gif', 'image/bmp', 'image/tiff']
/** jimp needs some 30 bytes a pixel. */
const JIMP_MAX_PIXELS = 10_000_000

/** What the master has read from the header. */
export type ImageFacts = Pick<Assignment['image'], 'type' | 'width' | 'height'>

/** Decoding so many takes at most 100 MB, whatever the type. */
const HARMLESS_PIXELS = 5_000_000

const sharp = await loadSharp()

/**
 * Decodes a photo, upright, on white where it is transparent; of an animation the first frame.
 *
 * @throws ProblemError `image/unreadable`, `image/too-many-pixels`, `worker/no-decoder`
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
  return sharp(bytes, { sequentialRead: true, failOn: 'error', limitInputPixels })
    .autoOrient()
    .resize(PICTURE_SIDE, PICTURE_SIDE, { fit: 'cover' })
    .flatten({ background: WHITE })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer()
}

async function decodeWithJimp(bytes: Uint8Array, { type, width, height }: ImageFacts): Promise<Picture> {
  if (!JIMP_TYPES.includes(type)) throw new ProblemError('worker/no-decoder', `sharp is needed for ${type}.`)
  if (width * height > JIMP_MAX_PIXELS) {
    throw new ProblemError('image/too-many-pixels', 'sharp is needed for more than 10 megapixels.')
  }
  const { Jimp } = await import('jimp')
  const image = await Jimp.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
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
