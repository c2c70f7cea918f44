import type { ImageType } from '@argus/shared'
import { Jimp } from 'jimp'
import sharp from 'sharp'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { greyBmp } from '../../../server/testing/images.ts'
import { decode, drawThumbnail, type ImageFacts } from './decode.ts'
import { PICTURE_SIDE, type Picture } from './picture.ts'

type Rgb = readonly [number, number, number]

const RED: Rgb = [255, 0, 0]
const BLUE: Rgb = [0, 0, 255]
const WHITE: Rgb = [255, 255, 255]
const WIDE = { width: 320, height: 240 }

const RED_AND_BLUE = Uint8Array.from({ length: WIDE.width * WIDE.height * 3 }, (_, at) => {
  const isLeft = Math.floor(at / 3) % WIDE.width < WIDE.width / 2
  return (isLeft ? RED : BLUE)[at % 3] ?? 0
})

/** Red on the left, blue on the right. */
const redAndBlue = () => sharp(RED_AND_BLUE, { raw: { ...WIDE, channels: 3 } })

const redAndBlueBmp = async () => {
  const image = new Jimp({ ...WIDE, color: '#ff0000' })
  image.composite(
    new Jimp({ width: WIDE.width / 2, height: WIDE.height, color: '#0000ff' }),
    WIDE.width / 2,
    0,
  )
  return image.getBuffer('image/bmp')
}

const FILE_OF_TYPE: Readonly<Record<ImageType, () => Promise<Buffer>>> = {
  'image/jpeg': () => redAndBlue().jpeg({ quality: 95 }).toBuffer(),
  'image/png': () => redAndBlue().png().toBuffer(),
  'image/webp': () => redAndBlue().webp({ quality: 95 }).toBuffer(),
  'image/gif': () => redAndBlue().gif().toBuffer(),
  'image/tiff': () => redAndBlue().tiff({ compression: 'lzw' }).toBuffer(),
  'image/avif': () => redAndBlue().avif({ quality: 95, effort: 1 }).toBuffer(),
  'image/bmp': redAndBlueBmp,
}
const TYPES = Object.keys(FILE_OF_TYPE) as ImageType[]

/** As the master would hand it over. */
const facts = (type: ImageType, size = WIDE): ImageFacts => ({ type, ...size })

function pixel(picture: Picture, x: number, y: number): number[] {
  const at = (y * PICTURE_SIDE + x) * 3
  return [...picture.subarray(at, at + 3)]
}

/** Lossy types miss a colour by a little. */
function expectColour(found: number[], [r, g, b]: Rgb, tolerance = 12): void {
  const differences = [r, g, b].map((value, channel) => Math.abs(value - (found[channel] ?? Number.NaN)))
  expect(Math.max(...differences), `${found} is to be ${[r, g, b]}`).toBeLessThanOrEqual(tolerance)
}

/** Far from the seam in the middle. */
function expectRedAndBlue(picture: Picture): void {
  expect(picture).toHaveLength(PICTURE_SIDE * PICTURE_SIDE * 3)
  for (const y of [0, 128, 255]) {
    expectColour(pixel(picture, 2, y), RED)
    expectColour(pixel(picture, 253, y), BLUE)
  }
}

afterEach(() => {
  vi.doUnmock('sharp')
  vi.resetModules()
})

function longPhoto(type: ImageType, width: number, height: number): Promise<Buffer> {
  const create = { width, height, channels: 3, background: '#808080' } as const
  return sharp({ create, limitInputPixels: false })
    .toFormat(type === 'image/png' ? 'png' : type === 'image/webp' ? 'webp' : 'jpeg')
    .toBuffer()
}

describe('decode', () => {
  it.each(TYPES)('reads %s', async (type) => {
    expectRedAndBlue(await decode(await FILE_OF_TYPE[type](), facts(type)))
  })

  it('reads a file that is a part of a larger buffer', async () => {
    for (const type of ['image/png', 'image/bmp'] as const) {
      const file = await FILE_OF_TYPE[type]()
      const larger = new Uint8Array(file.length + 20).fill(0xff)
      larger.set(file, 10)
      expectRedAndBlue(await decode(larger.subarray(10, 10 + file.length), facts(type)))
    }
  })

  it('scales the short side to the picture and cuts out the middle', async () => {
    const size = { width: 1024, height: 512 }
    const middle = { width: 512, height: 512, channels: 3, background: '#f00' } as const
    const file = await sharp({ create: { ...size, channels: 3, background: '#00f' } })
      .composite([{ input: { create: middle }, left: 256, top: 0 }])
      .png()
      .toBuffer()
    const picture = await decode(file, facts('image/png', size))
    for (const x of [2, 128, 253]) expectColour(pixel(picture, x, 128), RED)
    const wrong = await decode(await sharp(file).rotate(90).png().toBuffer(), facts('image/png'))
    for (const y of [2, 128, 253]) expectColour(pixel(wrong, 128, y), RED)
  })

  it.each([
    { width: 1, height: 1 },
    { width: 3, height: 900 },
  ])('enlarges a photo of $width × $height pixels', async (size) => {
    const file = await sharp({ create: { ...size, channels: 3, background: '#f00' } })
      .png()
      .toBuffer()
    const picture = await decode(file, facts('image/png', size))
    expect(picture).toHaveLength(PICTURE_SIDE * PICTURE_SIDE * 3)
    expectColour(pixel(picture, 128, 128), RED)
  })

  it.each([
    { orientation: 1, redAt: 'left' },
    { orientation: 2, redAt: 'right' },
    { orientation: 3, redAt: 'right' },
    { orientation: 4, redAt: 'left' },
    { orientation: 5, redAt: 'top' },
    { orientation: 6, redAt: 'top' },
    { orientation: 7, redAt: 'bottom' },
    { orientation: 8, redAt: 'bottom' },
  ] as const)(
    'turns a photo upright whose EXIF orientation is $orientation',
    async ({ orientation, redAt }) => {
      const file = await redAndBlue().jpeg({ quality: 95 }).withMetadata({ orientation }).toBuffer()
      const picture = await decode(file, facts('image/jpeg'))
      const at: Record<'left' | 'right' | 'top' | 'bottom', [number, number]> = {
        left: [2, 128],
        right: [253, 128],
        top: [128, 2],
        bottom: [128, 253],
      }
      const opposite = { left: 'right', right: 'left', top: 'bottom', bottom: 'top' } as const
      expectColour(pixel(picture, ...at[redAt]), RED)
      expectColour(pixel(picture, ...at[opposite[redAt]]), BLUE)
    },
  )

  it('lays transparent pixels on white', async () => {
    const see = (alpha: number) =>
      sharp({ create: { ...WIDE, channels: 4, background: { r: 255, g: 0, b: 0, alpha } } })
    const clear = await decode(await see(0).png().toBuffer(), facts('image/png'))
    expectColour(pixel(clear, 128, 128), WHITE, 0)
    const half = await decode(await see(0.5).png().toBuffer(), facts('image/png'))
    expectColour(pixel(half, 128, 128), [255, 127, 127], 2)
  })

  it('takes the first frame of an animation', async () => {
    const frame = (background: string) =>
      sharp({ create: { ...WIDE, channels: 3, background } })
        .png()
        .toBuffer()
    const frames = [await frame('#f00'), await frame('#00f')]
    for (const type of ['gif', 'webp'] as const) {
      const file = await sharp(frames, { join: { animated: true } })
        .toFormat(type)
        .toBuffer()
      expect((await sharp(file).metadata()).pages).toBe(2)
      expectColour(pixel(await decode(file, facts(`image/${type}`)), 128, 128), RED)
    }
  })

  it.each([
    { form: '8 bits', make: () => redAndBlue().greyscale().jpeg() },
    { form: '16 bits', make: () => redAndBlue().toColourspace('grey16').png() },
    { form: 'transparency', make: () => redAndBlue().ensureAlpha().greyscale().png() },
  ])('gives grey photos of $form three equal channels', async ({ make }) => {
    const file = await make().toBuffer()
    const picture = await decode(file, facts('image/png'))
    expect(picture).toHaveLength(PICTURE_SIDE * PICTURE_SIDE * 3)
    const [left = [], right = []] = [pixel(picture, 2, 128), pixel(picture, 253, 128)]
    expect(new Set(left).size).toBe(1)
    expect(new Set(right).size).toBe(1)
    // Red is lighter than blue.
    expect(left[0]).toBeGreaterThan((right[0] ?? 255) + 10)
  })

  it('scales 16 bits a channel to 8', async () => {
    const size = { width: 64, height: 64 }
    const pixels = Uint16Array.from({ length: 64 * 64 * 3 }, (_, at) => [65_535, 32_768, 0][at % 3] ?? 0)
    const file = await sharp(pixels, { raw: { ...size, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer()
    expect((await sharp(file).metadata()).depth).toBe('ushort')
    expectColour(pixel(await decode(file, facts('image/png', size)), 128, 128), [255, 128, 0], 1)
  })

  it('reads a JPEG in CMYK, as printers make them', async () => {
    const file = await redAndBlue().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer()
    expect((await sharp(file).metadata()).space).toBe('cmyk')
    const picture = await decode(file, facts('image/jpeg'))
    expect(picture).toHaveLength(PICTURE_SIDE * PICTURE_SIDE * 3)
    // Ink is duller than light.
    expectColour(pixel(picture, 2, 128), RED, 60)
    expectColour(pixel(picture, 253, 128), BLUE, 160)
  })

  it.each([0.5, 0.9, 0.99])(
    'says that a JPEG of which only the first %d is there is unreadable',
    async (part) => {
      const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const
      for (const progressive of [false, true]) {
        const file = await sharp({ create: { ...WIDE, channels: 3, background: '#000', noise } })
          .jpeg({ progressive })
          .toBuffer()
        const cut = file.subarray(0, Math.floor(file.length * part))
        await expect(decode(cut, facts('image/jpeg'))).rejects.toMatchObject({ code: 'image/unreadable' })
      }
    },
  )

  it('bears with a JPEG that has bytes too many, as some cameras and senders make them', async () => {
    const file = await FILE_OF_TYPE['image/jpeg']()
    const marker = file.indexOf(Buffer.from([0xff, 0xdb]))
    const filled = Buffer.concat([file.subarray(0, marker), Buffer.alloc(4), file.subarray(marker)])
    expectRedAndBlue(await decode(filled, facts('image/jpeg')))
    expectRedAndBlue(await decode(Buffer.concat([file, Buffer.from('sent from')]), facts('image/jpeg')))
  })

  it.each(TYPES)('says that %s is unreadable when half of its bytes are gone', async (type) => {
    const file = await FILE_OF_TYPE[type]()
    const cut = file.subarray(0, file.length / 2)
    await expect(decode(cut, facts(type))).rejects.toMatchObject({ code: 'image/unreadable' })
  })

  it.each(TYPES)('says that something else is no %s', async (type) => {
    const file = Buffer.from('this is a text, whatever its name says')
    await expect(decode(file, facts(type))).rejects.toMatchObject({ code: 'image/unreadable' })
  })

  it.each([0.5, 0.9, 0.99])(
    'finds an upright JPEG unreadable that is cut at %d of its bytes',
    async (share) => {
      const size = { width: 300, height: 900 }
      const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const
      const create = { ...size, channels: 3, background: '#888', noise } as const
      const whole = await sharp({ create }).jpeg().toBuffer()
      expect(await decode(whole, { type: 'image/jpeg', ...size })).toHaveLength(PICTURE_SIDE ** 2 * 3)
      const cut = whole.subarray(0, Math.floor(whole.length * share))
      await expect(decode(cut, { type: 'image/jpeg', ...size })).rejects.toMatchObject({
        code: 'image/unreadable',
      })
    },
  )

  it.each<[ImageType, number, number]>([
    ['image/png', 60_000, 1],
    ['image/png', 1, 60_000],
    ['image/jpeg', 60_000, 3],
    ['image/webp', 3, 16_000],
    ['image/bmp', 200_000, 1],
    ['image/bmp', 1, 200_000],
  ])('decodes %s of %i × %i pixels in little memory', async (type, width, height) => {
    const photo = type === 'image/bmp' ? greyBmp(width, height) : await longPhoto(type, width, height)
    const before = process.resourceUsage().maxRSS
    const picture = await decode(photo, { type, width, height })
    expect(Math.abs((picture.at(0) ?? 0) - 128)).toBeLessThan(3)
    // In KB: as much as a photo of ten megapixels needs.
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(300_000)
  })

  it('decodes a photo that is a thousand times as long as it is high', async () => {
    const size = { width: 10_000, height: 10 }
    const long = await sharp({ create: { ...size, channels: 3, background: '#f00' } })
      .png()
      .toBuffer()
    expect(await decode(long, { type: 'image/png', ...size })).toHaveLength(PICTURE_SIDE ** 2 * 3)
  })

  it('refuses a GIF whose frame is larger than its header says', async () => {
    // A screen of 1 × 1 pixel, and in it a frame of 16000 × 16000.
    const screen = '474946383961 0100 0100 800000 000000ffffff'
    const frame = '2c 0000 0000 803e 803e 00 02 024c0100 3b'
    const bomb = Buffer.from((screen + frame).replaceAll(' ', ''), 'hex')
    await expect(decode(bomb, { type: 'image/gif', width: 1, height: 1 })).rejects.toMatchObject({
      code: 'image/too-many-pixels',
    })
  })

  it('refuses a BMP that would take too much memory', async () => {
    const image = facts('image/bmp', { width: 10_000, height: 1001 })
    await expect(decode(new Uint8Array(100), image)).rejects.toMatchObject({ code: 'worker/no-decoder' })
  })

  it('does not blame the photo when memory runs out', async () => {
    const read = vi
      .spyOn(Jimp, 'read')
      .mockRejectedValueOnce(new RangeError('Array buffer allocation failed'))
    onTestFinished(() => read.mockRestore())
    await expect(decode(await redAndBlueBmp(), facts('image/bmp'))).rejects.toMatchObject({
      code: 'worker/out-of-memory',
    })
  })
})

describe('drawThumbnail', () => {
  it('draws a small WebP of the picture', async () => {
    const picture = await decode(await FILE_OF_TYPE['image/png'](), facts('image/png'))
    const { type, bytes } = await drawThumbnail(picture)
    expect(type).toBe('image/webp')
    const image = sharp(bytes)
    expect(await image.metadata()).toMatchObject({ format: 'webp', width: 192, height: 192 })
    const pixels = await image.raw().toBuffer()
    expectColour([...pixels.subarray(0, 3)], RED, 20)
    expectColour([...pixels.subarray(-3)], BLUE, 20)
  })
})

describe('without a binary of sharp', () => {
  async function withoutSharp() {
    vi.resetModules()
    vi.doMock('sharp', () => {
      throw new Error('Could not load the "sharp" module')
    })
    return import('./decode.ts')
  }

  it.each(['image/jpeg', 'image/png', 'image/gif', 'image/tiff', 'image/bmp'] as const)(
    'jimp reads %s',
    async (type) => {
      const { decode } = await withoutSharp()
      expectRedAndBlue(await decode(await FILE_OF_TYPE[type](), facts(type)))
    },
  )

  it.each(['image/webp', 'image/avif'] as const)('%s needs a worker that has it', async (type) => {
    const { decode } = await withoutSharp()
    await expect(decode(await FILE_OF_TYPE[type](), facts(type))).rejects.toMatchObject({
      code: 'worker/no-decoder',
    })
  })

  it('photos are turned upright and laid on white all the same', async () => {
    const { decode } = await withoutSharp()
    const turned = await redAndBlue().jpeg({ quality: 95 }).withMetadata({ orientation: 6 }).toBuffer()
    const upright = await decode(turned, facts('image/jpeg'))
    expectColour(pixel(upright, 128, 2), RED)
    expectColour(pixel(upright, 128, 253), BLUE)
    const clear = sharp({ create: { ...WIDE, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0 } } })
    const white = await decode(await clear.png().toBuffer(), facts('image/png'))
    expectColour(pixel(white, 128, 128), WHITE, 0)
  })

  it('a truncated JPEG is unreadable', async () => {
    const { decode } = await withoutSharp()
    const file = await FILE_OF_TYPE['image/jpeg']()
    const cut = file.subarray(0, file.length / 2)
    await expect(decode(cut, facts('image/jpeg'))).rejects.toMatchObject({ code: 'image/unreadable' })
  })

  it('the thumbnail is a JPEG', async () => {
    const { decode, drawThumbnail } = await withoutSharp()
    const thumbnail = await drawThumbnail(await decode(await FILE_OF_TYPE['image/png'](), facts('image/png')))
    expect(thumbnail.type).toBe('image/jpeg')
    expect(await sharp(thumbnail.bytes).metadata()).toMatchObject({ format: 'jpeg', width: 192, height: 192 })
  })
})
