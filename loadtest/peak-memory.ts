/**
 * How much memory master and worker need at their worst: after 100 photos, and then the largest photo that is
 * accepted of each type, on all threads at once. They are meant for machines of 1 GB.
 */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { IMAGE_TYPES, type ImageType, MAX_PIXELS_BY_TYPE } from '@argus/shared'
import { Jimp } from 'jimp'
import sharp, { type Sharp } from 'sharp'
import { readConfig } from '../server/src/config.ts'
import { TestCluster } from '../server/testing/cluster.ts'
import { hasTestData, SAMPLES_DIR, testPhotos } from '../server/testing/test-data.ts'
import { peakMb } from './kit/memory.ts'

const LIMIT_MB = 700
const PHOTOS = 100
const ASPECT = 3 / 2

/** The form of each type that takes its decoder the most memory. */
const ENCODE: Readonly<Record<Exclude<ImageType, 'image/bmp'>, (image: Sharp) => Sharp>> = {
  'image/jpeg': (image) => image.jpeg({ progressive: true, chromaSubsampling: '4:4:4' }),
  'image/png': (image) => image.png({ progressive: true, compressionLevel: 3 }),
  'image/webp': (image) => image.webp({ effort: 0 }),
  'image/gif': (image) => image.gif({ effort: 1, colours: 64 }),
  'image/tiff': (image) => image.tiff({ compression: 'lzw' }),
  'image/avif': (image) => image.avif({ effort: 0 }),
}

const threads = availableParallelism()
const cluster = await TestCluster.start({ workerEnv: { THREADS: String(threads) } })
try {
  await cluster.ready()
  await recogniseOrdinaryPhotos()
  await report(`${PHOTOS} photos`)
  for (const type of IMAGE_TYPES) {
    const { bytes, width, height } = await drawLargest(type)
    const name = `largest.${type.split('/')[1]}`
    const jobs = await Promise.all(Array.from({ length: threads }, () => cluster.recognise({ name, bytes })))
    const failed = jobs.find(({ status }) => status !== 'SUCCEEDED')
    if (failed) throw new Error(`${name}: ${JSON.stringify(failed.error)}`)
    await report(`${threads} × ${type}, ${((width * height) / 1e6).toFixed(0)} megapixels`)
  }
  const worst = Math.max(await peakMb(cluster.master.pid), await peakMb(cluster.workers[0]?.pid))
  console.log(`Peak ${worst.toFixed(0)} MB, limit ${LIMIT_MB} MB, ${threads} threads`)
  if (worst >= LIMIT_MB) process.exitCode = 1
} finally {
  await cluster.stop()
}

async function recogniseOrdinaryPhotos(): Promise<void> {
  const photos = hasTestData()
    ? (await testPhotos()).map(({ path }) => path)
    : [join(SAMPLES_DIR, 'guitar.png')]
  const all = Array.from({ length: PHOTOS }, (_, at) => photos[at % photos.length] ?? '')
  await Promise.all(all.map((path) => cluster.recognise(path)))
}

/** Noise of a low resolution, blown up: it has detail, and a file of less than the largest upload. */
async function drawLargest(type: ImageType): Promise<{ bytes: Uint8Array; width: number; height: number }> {
  const { maxPixels } = readConfig({})
  const pixels = Math.min(maxPixels, MAX_PIXELS_BY_TYPE[type] ?? maxPixels)
  const height = Math.floor(Math.sqrt(pixels / ASPECT))
  const width = Math.floor(pixels / height)
  if (type === 'image/bmp') {
    const image = new Jimp({ width, height, color: '#336699' })
    return { bytes: await image.getBuffer('image/bmp'), width, height }
  }
  const noise = { type: 'gaussian', mean: 128, sigma: 20 } as const
  const create = { width: Math.ceil(width / 10), height: Math.ceil(height / 10), channels: 3, noise } as const
  const small = await sharp({ create: { ...create, background: '#888' } })
    .blur(2)
    .png()
    .toBuffer()
  const large = sharp(small).resize(width, height, { fit: 'fill', kernel: 'nearest' })
  return { bytes: await ENCODE[type](large).toBuffer(), width, height }
}

async function report(after: string): Promise<void> {
  const master = (await peakMb(cluster.master.pid)).toFixed(0)
  const worker = (await peakMb(cluster.workers[0]?.pid)).toFixed(0)
  console.log(`after ${after.padEnd(34)} master ${master.padStart(4)} MB   worker ${worker.padStart(4)} MB`)
}
