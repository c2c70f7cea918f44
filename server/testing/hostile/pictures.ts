/** The whole pictures that the mutations start from: small ones of each type, the same at each run. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { bmpHeader, HEIC, SVG, tiffWithDirectoryAtEnd, withSegments } from '../images.ts'
import { Random } from '../random.ts'
import { SAMPLES_DIR } from '../test-data.ts'

export interface Picture {
  readonly name: string
  readonly bytes: Buffer
}

/** Not the run's seed: a request has to be the same one when it is replayed. */
const PIXEL_SEED = 1

export async function makePictures(): Promise<Picture[]> {
  const all = await Promise.all([...encoded(), ...samples(await readdir(SAMPLES_DIR))])
  return [...all, ...handMade()]
}

/** Files that are no photo of a supported type, mutated or not. */
export const NO_PICTURES: readonly Picture[] = [
  { name: 'heic', bytes: HEIC },
  { name: 'svg', bytes: SVG },
  { name: 'nothing', bytes: Buffer.alloc(0) },
  { name: 'a text', bytes: Buffer.from('These are words. '.repeat(40)) },
  { name: 'a page', bytes: Buffer.from('<!doctype html><script>alert(1)</script>') },
  { name: 'zeros', bytes: Buffer.alloc(5000) },
]

function encoded(): Promise<Picture>[] {
  const small = () => pattern(64, 64)
  const large = () => pattern(256, 192)
  return [
    of('jpeg', large().jpeg()),
    of('progressive jpeg', large().jpeg({ progressive: true })),
    of('cmyk jpeg', small().toColourspace('cmyk').jpeg()),
    of('jpeg with exif', small().withMetadata({ orientation: 6 }).jpeg()),
    of('png', small().png()),
    of('interlaced png', small().png({ progressive: true })),
    of('palette png', large().png({ palette: true })),
    of('png of 16 bits', small().toColourspace('rgb16').png()),
    of('webp', large().webp()),
    of('lossless webp', small().webp({ lossless: true })),
    of('webp with alpha', small().ensureAlpha(0.5).webp()),
    of('gif', small().gif()),
    of('animated gif', animation().gif()),
    of('animated webp', animation().webp()),
    of('tiff', small().tiff({ compression: 'lzw' })),
    of('tiff in tiles', large().tiff({ tile: true, tileWidth: 64, tileHeight: 64, compression: 'deflate' })),
    of('tiff with jpeg', small().tiff({ compression: 'jpeg' })),
    of('avif', small().avif({ effort: 0 })),
    of('jpeg with much beside', small().jpeg()).then(({ name, bytes }) => ({
      name,
      bytes: withSegments(bytes, 70_000),
    })),
  ]
}

function handMade(): Picture[] {
  return [
    { name: 'bmp', bytes: Buffer.concat([bmpHeader(64, 64), pixels(64, 64)]) },
    { name: 'tiff with its directory at its end', bytes: tiffWithDirectoryAtEnd(64, 64) },
  ]
}

function samples(names: readonly string[]): Promise<Picture>[] {
  return names
    .filter((name) => name.endsWith('.png'))
    .sort()
    .map(async (name) => ({ name: `sample ${name}`, bytes: await readFile(join(SAMPLES_DIR, name)) }))
}

async function of(name: string, image: Sharp): Promise<Picture> {
  return { name, bytes: await image.toBuffer() }
}

function pattern(width: number, height: number): Sharp {
  return sharp(pixels(width, height), { raw: { width, height, channels: 3 } })
}

function animation(): Sharp {
  const [width, height, pages] = [64, 32, 3]
  return sharp(pixels(width, height * pages), {
    raw: { width, height: height * pages, channels: 3, pageHeight: height },
  })
}

/** Smooth colours with some noise: neither trivial for an encoder nor large. */
function pixels(width: number, height: number): Buffer {
  const random = new Random(PIXEL_SEED)
  const bytes = Buffer.alloc(width * height * 3)
  for (let at = 0; at < bytes.length; at += 1) {
    const pixel = Math.floor(at / 3)
    bytes[at] = (pixel % width) + Math.floor(pixel / width) * (at % 3) + random.below(16)
  }
  return bytes
}
