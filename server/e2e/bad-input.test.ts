/** Photos as people have them, and files that are none: each comes to an end, and none harms the next one. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PROBLEMS, type ProblemCode, problemSchema, sampleSetSchema } from '@argus/shared'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from '../testing/cluster.ts'
import {
  gif,
  greyBmp,
  HEIC,
  pngHeader,
  SVG,
  tiffWithDirectoryAtEnd,
  withSegments,
} from '../testing/images.ts'
import { SAMPLES_DIR } from '../testing/test-data.ts'

const SAMPLE = 'lighthouse.png'

let cluster: TestCluster

beforeAll(async () => {
  cluster = await TestCluster.start()
  await cluster.ready()
})
afterAll(() => cluster.stop())

/** A picture that no encoder makes small. */
function noise(width = 320, height = 240) {
  return sharp({
    create: {
      width,
      height,
      channels: 3,
      background: 'grey',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  })
}

function sample(): Promise<Buffer> {
  return readFile(join(SAMPLES_DIR, SAMPLE))
}

async function sampleClass(): Promise<number | undefined> {
  const samples = sampleSetSchema.parse(JSON.parse(await readFile(join(SAMPLES_DIR, 'index.json'), 'utf8')))
  return samples.find(({ file }) => file === SAMPLE)?.classIndex
}

async function shouldRecogniseTheNext(): Promise<void> {
  const job = await cluster.recognise(join(SAMPLES_DIR, SAMPLE))
  expect(job).toMatchObject({ status: 'SUCCEEDED', attempts: 1 })
  expect(job.result?.classes[0]?.index).toBe(await sampleClass())
}

describe('a file that is refused', () => {
  it.each<[string, Uint8Array, ProblemCode]>([
    ['a text', Buffer.from('These are words.'), 'image/unsupported-type'],
    ['random bytes', randomBytes(100_000), 'image/unsupported-type'],
    ['an empty file', new Uint8Array(), 'image/empty'],
    ['an SVG drawing', SVG, 'image/svg'],
    ['an HEIC photo', HEIC, 'image/heic'],
    ['a PNG that claims 30000 × 30000', pngHeader(30_000, 30_000), 'image/too-many-pixels'],
    ['a GIF that claims 65535 × 65535', gif(65_535, 65_535), 'image/too-many-pixels'],
    ['a BMP of 11 megapixels', greyBmp(4400, 2500), 'image/too-many-pixels'],
    ['a file of 60 MB', Buffer.concat([pngHeader(100, 100), Buffer.alloc(60_000_000)]), 'image/too-large'],
  ])('is answered with its problem: %s', async (name, bytes, code) => {
    const response = await cluster.submit({ name, bytes })
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    const problem = problemSchema.parse(await response.json())
    expect(problem).toMatchObject({ code, type: `urn:argus:problem:${code}`, title: PROBLEMS[code].title })
    expect([response.status, problem.status]).toEqual([PROBLEMS[code].status, PROBLEMS[code].status])
    await shouldRecogniseTheNext()
  })

  it.each([
    ['a file in another field', 'photo', new Blob(['x'])],
    ['text in the place of the file', 'image', 'x'],
  ])('does not end the master: %s', async (_what, field, value) => {
    const body = new FormData()
    body.append(field, value)
    const response = await fetch(`${cluster.url}/api/v1/jobs`, { method: 'POST', body })
    expect(problemSchema.parse(await response.json()).code).toBe('request/malformed-upload')
    await shouldRecogniseTheNext()
  })
})

describe('a damaged image', () => {
  async function half(image: Promise<Buffer>): Promise<Buffer> {
    const whole = await image
    return whole.subarray(0, whole.length / 2)
  }

  it.each<[string, () => Promise<Buffer>]>([
    ['a JPEG', () => half(noise().jpeg().toBuffer())],
    ['a progressive JPEG', () => half(noise().jpeg({ progressive: true }).toBuffer())],
    ['a PNG', () => half(noise().png().toBuffer())],
    ['a WebP', () => half(noise().webp().toBuffer())],
    ['an AVIF', () => half(noise().avif().toBuffer())],
    ['a BMP', () => half(Promise.resolve(greyBmp(320, 240)))],
    ['a PNG that is only a header', () => Promise.resolve(pngHeader(100, 100))],
  ])('ends as unreadable: %s', async (name, make) => {
    const job = await cluster.recognise({ name, bytes: await make() })
    expect(job).toMatchObject({ status: 'FAILED', attempts: 1, result: null, thumbnailUrl: null })
    expect(job.error).toMatchObject({ code: 'image/unreadable', title: PROBLEMS['image/unreadable'].title })
    await shouldRecogniseTheNext()
  })
})

describe('a photo that is recognised', () => {
  it.each<[string, string, () => Promise<Buffer>]>([
    ['a JPEG', 'image/jpeg', () => noise().jpeg().toBuffer()],
    ['a progressive JPEG', 'image/jpeg', () => noise().jpeg({ progressive: true }).toBuffer()],
    ['a grey JPEG', 'image/jpeg', () => noise().greyscale().jpeg().toBuffer()],
    ['a JPEG for printing', 'image/jpeg', () => noise().toColourspace('cmyk').jpeg().toBuffer()],
    ['a JPEG with much beside', 'image/jpeg', async () => withSegments(await noise().jpeg().toBuffer(), 2e6)],
    ['a PNG', 'image/png', () => noise().png().toBuffer()],
    ['an interlaced PNG', 'image/png', () => noise().png({ progressive: true }).toBuffer()],
    ['a PNG with a palette', 'image/png', () => noise().png({ palette: true }).toBuffer()],
    ['a PNG of 16 bits', 'image/png', () => noise().toColourspace('rgb16').png().toBuffer()],
    ['a grey PNG', 'image/png', () => noise().toColourspace('b-w').png().toBuffer()],
    ['a PNG with transparency', 'image/png', () => noise().ensureAlpha(0.3).png().toBuffer()],
    [
      'a grey PNG with transparency',
      'image/png',
      () => noise().greyscale().ensureAlpha(0.3).png().toBuffer(),
    ],
    ['a PNG of one pixel', 'image/png', () => noise(1, 1).png().toBuffer()],
    ['a PNG of one row', 'image/png', () => noise(3000, 1).png().toBuffer()],
    ['a WebP', 'image/webp', () => noise().webp().toBuffer()],
    ['a WebP without loss', 'image/webp', () => noise().webp({ lossless: true }).toBuffer()],
    [
      'an animated WebP',
      'image/webp',
      async () =>
        animation(await frames())
          .webp()
          .toBuffer(),
    ],
    ['a GIF', 'image/gif', () => noise().gif().toBuffer()],
    [
      'an animated GIF',
      'image/gif',
      async () =>
        animation(await frames())
          .gif()
          .toBuffer(),
    ],
    ['a TIFF', 'image/tiff', () => noise().tiff().toBuffer()],
    ['a TIFF in tiles', 'image/tiff', () => noise().tiff({ tile: true, compression: 'lzw' }).toBuffer()],
    ['a TIFF with its directory at its end', 'image/tiff', async () => tiffWithDirectoryAtEnd(2000, 1000)],
    ['an AVIF', 'image/avif', () => noise().avif().toBuffer()],
    ['a BMP', 'image/bmp', async () => greyBmp(320, 240)],
  ])('may be %s', async (name, type, make) => {
    const bytes = await make()
    const job = await cluster.recognise({ name, bytes })
    expect(job).toMatchObject({ status: 'SUCCEEDED', fileName: name, image: { type, bytes: bytes.length } })
    expect(job.result?.classes).toHaveLength(5)
    const thumbnail = await fetch(cluster.url + job.thumbnailUrl)
    expect(thumbnail.status).toBe(200)
    const drawn = await sharp(await thumbnail.arrayBuffer()).metadata()
    expect(`image/${drawn.format}`).toBe(thumbnail.headers.get('content-type'))
    expect([drawn.width, drawn.height]).toEqual([192, 192])
  })

  it('is seen upright where EXIF says how it is turned', async () => {
    // Turned to the left, and said to be shown turned to the right.
    const turned = sharp(await sample())
      .rotate(270)
      .withMetadata({ orientation: 6 })
    const job = await cluster.recognise({
      name: 'turned.jpg',
      bytes: await turned.jpeg({ quality: 95 }).toBuffer(),
    })
    expect(job.result?.classes[0]?.index).toBe(await sampleClass())
  })

  it('of an animation is its first frame', async () => {
    const [still] = await frames()
    const first = await sharp(await sample())
      .resize(320, 240, { fit: 'fill' })
      .png()
      .toBuffer()
    const bytes = await animation([first, still ?? first])
      .webp({ lossless: true })
      .toBuffer()
    const job = await cluster.recognise({ name: 'animation.webp', bytes })
    expect(job.result?.classes[0]?.index).toBe(await sampleClass())
  })
})

function frames(): Promise<Buffer[]> {
  return Promise.all([noise().png().toBuffer(), noise().png().toBuffer()])
}

function animation(pages: Buffer[]) {
  return sharp(pages, { join: { animated: true } })
}
