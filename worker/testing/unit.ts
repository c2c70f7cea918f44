/**
 * What several tests of the worker share: a model so small that it loads in a moment, photos that it
 * recognises, and where the real one lies.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Interpretation } from '@argus/shared'
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'
import { pino } from 'pino'
import sharp from 'sharp'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { INPUT_SIDE } from '../src/engines/engine.ts'
import { CLASS_COUNT } from '../src/recogniser/classify.ts'
import type { SampleFile } from '../src/recogniser/messages.ts'
import type { PhotoWatch } from '../src/recogniser/recogniser.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const TEST_DATA = resolve(process.env.ARGUS_TEST_DATA ?? join(PROJECT, '..', 'shared'))

/** MobileNet V2 of the test data, which is no part of the project. */
export const REAL_MODEL_DIR = join(TEST_DATA, 'models', 'mobilenet_v2_1.0_224')
export const hasRealModel = existsSync(join(REAL_MODEL_DIR, 'model.json'))
/** The project's own sample pictures. */
export const SAMPLES_DIR = join(PROJECT, 'client', 'public', 'samples')

export const SILENT = pino({ level: 'silent' })

const SCRATCH = join(tmpdir(), 'argus-worker-test-')

/** A folder that is removed when the test has ended. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(SCRATCH)
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Called in a suite: a folder with the tiny model, for as long as the suite runs. */
export function useTinyModel(): { readonly folder: string } {
  const model = { folder: '' }
  beforeAll(async () => {
    model.folder = await mkdtemp(SCRATCH)
    await writeTinyModel(model.folder)
  })
  afterAll(() => rm(model.folder, { recursive: true, force: true }))
  return model
}

export interface Colour {
  readonly title: string
  readonly rgb: readonly [number, number, number]
  readonly classIndex: number
}

export const RED: Colour = { title: 'Red', rgb: [255, 0, 0], classIndex: 10 }
export const GREEN: Colour = { title: 'Green', rgb: [0, 255, 0], classIndex: 20 }
export const BLUE: Colour = { title: 'Blue', rgb: [0, 0, 255], classIndex: 30 }
export const COLOURS = [RED, GREEN, BLUE] as const

/** Its bytes are its own, so that it can be handed to a thread, once. */
export type TestPhoto = SampleFile & { readonly bytes: Uint8Array<ArrayBuffer> }

/** A photo all of one colour. */
export async function colourPhoto({ title, rgb: [r, g, b], classIndex }: Colour): Promise<TestPhoto> {
  const size = { width: 512, height: 512 }
  const bytes = await sharp({ create: { ...size, channels: 3, background: { r, g, b } } })
    .png()
    .toBuffer()
  return { title, classIndex, image: { type: 'image/png', ...size }, bytes: new Uint8Array(bytes) }
}

/** One that ends soon after its header. */
export async function damagedPhoto(): Promise<TestPhoto> {
  const photo = await colourPhoto(RED)
  return { ...photo, bytes: photo.bytes.slice(0, 300) }
}

/** A BMP of 4 megapixels, for which jimp takes some 300 ms: time to end its thread meanwhile. */
export function slowPhoto(): TestPhoto {
  const [width, height, headerBytes] = [2000, 2000, 54]
  const bytes = new Uint8Array(headerBytes + width * height * 3)
  const header = new DataView(bytes.buffer)
  bytes.set([0x42, 0x4d])
  header.setUint32(2, bytes.length, true)
  header.setUint32(10, headerBytes, true)
  header.setUint32(14, 40, true)
  header.setInt32(18, width, true)
  header.setInt32(22, height, true)
  header.setUint16(26, 1, true)
  header.setUint16(28, 24, true)
  return { title: 'Slow', classIndex: 0, image: { type: 'image/bmp', width, height }, bytes }
}

/** For photos that nobody follows through the pool. */
export const UNWATCHED: PhotoWatch = { signal: new AbortController().signal, onBegin: () => undefined }

/** How the tiny model is to be read. */
export const TINY_INTERPRETATION: Interpretation = {
  format: 'layers-model',
  inputRange: [-1, 1],
  classOffset: 0,
  activation: 'softmax',
}

/**
 * Writes a model that tells the three colours apart by the mean of each channel. It looks for means of 1 and
 * of -1 and for nothing else, so that it is less sure with any other input range, as a real model is.
 */
export async function writeTinyModel(folder: string): Promise<void> {
  await tf.setBackend('cpu')
  const model = sequential({
    layers: [
      layers.globalAveragePooling2d({ inputShape: [INPUT_SIDE, INPUT_SIDE, 3], dataFormat: 'channelsLast' }),
      layers.dense({ units: HINGES.length, activation: 'relu', weights: hingeWeights() }),
      layers.dense({ units: CLASS_COUNT, activation: 'softmax', weights: classWeights() }),
    ],
  })
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs = [], weightData = new ArrayBuffer(0) }) => {
      const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }]
      const json = { format: 'layers-model', modelTopology, weightsManifest }
      await writeFile(join(folder, 'model.json'), JSON.stringify(json))
      await writeFile(
        join(folder, 'weights.bin'),
        new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData)),
      )
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } }
    }),
  )
  model.dispose()
}

/** relu(x) - 2 relu(x - 1) + relu(x - 2) is 1 at x = 1 and 0 from 0 down and from 2 up; so for -x. */
const HINGES = [0, 1, 2].flatMap((channel) =>
  [1, -1].flatMap((sign) => [1, -2, 1].map((factor, threshold) => ({ channel, sign, factor, threshold }))),
)

function hingeWeights(): tf.Tensor[] {
  const kernel = [0, 1, 2].map((channel) =>
    HINGES.map((hinge) => (hinge.channel === channel ? hinge.sign : 0)),
  )
  return [tf.tensor2d(kernel), tf.tensor1d(HINGES.map(({ threshold }) => -threshold))]
}

function classWeights(): tf.Tensor[] {
  const kernel = HINGES.map(({ channel, sign, factor }) => {
    const row = new Array<number>(CLASS_COUNT).fill(0)
    for (const { rgb, classIndex } of COLOURS) {
      if (rgb[channel] === (sign === 1 ? 255 : 0)) row[classIndex] = 5 * factor
    }
    return row
  })
  return [tf.tensor2d(kernel), tf.zeros([CLASS_COUNT])]
}
