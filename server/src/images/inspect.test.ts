import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Jimp } from 'jimp'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import {
  bmpHeader,
  gif,
  HEIC,
  pngHeader,
  SVG,
  tiffWithDirectoryAtEnd,
  withAvifSize,
  withSegments,
} from '../../testing/images.ts'
import { tempFolder } from '../../testing/unit.ts'
import { type InspectedImage, inspectImage } from './inspect.ts'

const MAX_PIXELS = 50_000_000

async function inspect(bytes: Uint8Array, maxPixels = MAX_PIXELS): Promise<InspectedImage> {
  const path = join(await tempFolder(), 'upload')
  await writeFile(path, bytes)
  return inspectImage(path, maxPixels)
}

function grey(width = 7, height = 5) {
  return sharp({ create: { width, height, channels: 3, background: '#808080' } })
}

describe('an image of an accepted type', () => {
  it.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)('may be %s', async (format) => {
    const bytes = await grey().toFormat(format).toBuffer()
    expect(await inspect(bytes)).toEqual({ type: `image/${format}`, width: 7, height: 5 })
  })

  it('may be BMP', async () => {
    const bytes = await new Jimp({ width: 7, height: 5, color: '#808080' }).getBuffer('image/bmp')
    expect(await inspect(bytes)).toEqual({ type: 'image/bmp', width: 7, height: 5 })
  })

  it('may be BMP that runs from the top down', async () => {
    expect(await inspect(bmpHeader(7, -5))).toEqual({ type: 'image/bmp', width: 7, height: 5 })
  })

  it.each([{ lossless: true }, { lossless: false }, { alphaQuality: 50 }])(
    'may be WebP with %j',
    async (kind) => {
      const bytes = await grey().ensureAlpha(0.5).webp(kind).toBuffer()
      expect(await inspect(bytes)).toEqual({ type: 'image/webp', width: 7, height: 5 })
    },
  )

  it('may have a single pixel', async () => {
    expect(await inspect(await grey(1, 1).png().toBuffer())).toMatchObject({ width: 1, height: 1 })
  })

  it('is measured as it is stored, before EXIF turns it', async () => {
    const bytes = await grey().withMetadata({ orientation: 6 }).jpeg().toBuffer()
    expect(await inspect(bytes)).toMatchObject({ width: 7, height: 5 })
  })

  it('may be a JPEG with 700 KB before its dimensions', async () => {
    const bytes = withSegments(await grey().jpeg().toBuffer(), 700_000)
    expect(await inspect(bytes)).toEqual({ type: 'image/jpeg', width: 7, height: 5 })
  })

  it('may be a JPEG with 2 MB before its dimensions', async () => {
    const bytes = withSegments(await grey().jpeg().toBuffer(), 2_000_000)
    expect(await inspect(bytes)).toEqual({ type: 'image/jpeg', width: 7, height: 5 })
  })

  it('may be a TIFF with its dimensions after 2 MB of pixels', async () => {
    const bytes = tiffWithDirectoryAtEnd(2000, 1000)
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'tiff', width: 2000, height: 1000 })
    expect(await inspect(bytes)).toEqual({ type: 'image/tiff', width: 2000, height: 1000 })
  })
})

describe('a file that is no accepted image', () => {
  it.each<[string, Uint8Array, string]>([
    ['an empty file', Buffer.alloc(0), 'image/empty'],
    ['a text', Buffer.from('These are words.'), 'image/unsupported-type'],
    ['a long text', Buffer.alloc(2_000_000, 'words '), 'image/unsupported-type'],
    ['zeros', Buffer.alloc(100), 'image/unsupported-type'],
    ['a program', Buffer.from('\x7fELF\x02\x01\x01'), 'image/unsupported-type'],
    ['a page that mentions no drawing', Buffer.from('<html><body></body></html>'), 'image/unsupported-type'],
    ['an SVG drawing', SVG, 'image/svg'],
    ['an HEIC photo', HEIC, 'image/heic'],
    ['an icon', Buffer.from([0, 0, 1, 0, 1, 0, 16, 16, 0, 0, 1, 0, 32, 0, 0, 0]), 'image/unsupported-type'],
    ['a Photoshop file', Buffer.from('8BPS\0\x01'.padEnd(64, '\0')), 'image/unsupported-type'],
  ])('is refused: %s', async (_what, bytes, code) => {
    await expect(inspect(bytes)).rejects.toMatchObject({ code })
  })

  it.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)(
    'is refused where it is the beginning of a %s, wherever it breaks off',
    async (format) => {
      const bytes = await grey().toFormat(format).toBuffer()
      for (const length of [2, 3, 4, 8, 9]) {
        await expect(inspect(bytes.subarray(0, length))).rejects.toMatchObject({
          code: 'image/unsupported-type',
        })
      }
    },
  )

  it.each([
    ['a PNG', pngHeader(0, 5)],
    ['a GIF', gif(7, 0)],
    ['a BMP', bmpHeader(0, 0)],
  ])('is refused: %s without pixels', async (_what, bytes) => {
    await expect(inspect(bytes)).rejects.toMatchObject({ code: 'image/unsupported-type' })
  })
})

describe('an image with too many pixels', () => {
  it.each<[string, Uint8Array]>([
    ['a PNG of 30000 × 30000', pngHeader(30_000, 30_000)],
    ['a PNG as large as its header can say', pngHeader(0x7fffffff, 0x7fffffff)],
    ['a GIF of 65535 × 65535', gif(65_535, 65_535)],
    ['a BMP above 10 megapixels', bmpHeader(10_001, 1000)],
  ])('is refused: %s', async (_what, bytes) => {
    await expect(inspect(bytes)).rejects.toMatchObject({ code: 'image/too-many-pixels' })
  })

  it('is refused: an AVIF above 15 megapixels', async () => {
    const avif = await grey(64, 64).avif().toBuffer()
    expect(await inspect(withAvifSize(avif, 15_000, 1000))).toMatchObject({ width: 15_000, height: 1000 })
    await expect(inspect(withAvifSize(avif, 15_001, 1000))).rejects.toMatchObject({
      code: 'image/too-many-pixels',
    })
  })

  it('is taken up to the limit of its type', async () => {
    expect(await inspect(bmpHeader(10_000, 1000))).toMatchObject({ type: 'image/bmp' })
    expect(await inspect(pngHeader(50_000, 1000))).toMatchObject({ type: 'image/png' })
    await expect(inspect(pngHeader(50_001, 1000))).rejects.toMatchObject({ code: 'image/too-many-pixels' })
  })

  it('is refused by a lower limit of the master, whatever its type', async () => {
    expect(await inspect(bmpHeader(10, 10), 100)).toMatchObject({ width: 10 })
    await expect(inspect(bmpHeader(10, 11), 100)).rejects.toMatchObject({ code: 'image/too-many-pixels' })
    await expect(inspect(pngHeader(10, 11), 100)).rejects.toMatchObject({ code: 'image/too-many-pixels' })
  })

  it('is refused with both numbers', async () => {
    await expect(inspect(pngHeader(30_000, 30_000))).rejects.toThrow(
      'The image has 30000 × 30000 = 900.0 megapixels; at most 50.0 megapixels are taken.',
    )
  })
})
