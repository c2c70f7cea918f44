/**
 * A recogniser thread: loads the model, then decodes and classifies one photo after the other. It has a
 * thread of its own so that a heartbeat never waits for a photo.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { type ProblemCode, ProblemError } from '@argus/shared'
import { INPUT_LENGTH } from '../engines/engine.ts'
import { ENGINE_BY_NAME } from '../engines/index.ts'
import { selfTest } from '../models/self-test.ts'
import { best, toProbabilities } from './classify.ts'
import { decode, drawThumbnail, type ImageFacts } from './decode.ts'
import type {
  Recognition,
  SampleFile,
  ThreadReply,
  ThreadRequest,
  ThreadSettings,
  Trial,
} from './messages.ts'
import { isOutOfMemory } from './out-of-memory.ts'
import { type Picture, toInput } from './picture.ts'

const TOP_CLASSES = 5
/** Long enough to tell engines apart that differ by a few percent. */
const MEASURED_MS = 1000

const settings: ThreadSettings = workerData
const engine = await ENGINE_BY_NAME[settings.engine].load(
  settings.modelFolder,
  settings.interpretation.format,
)
const input = new Float32Array(INPUT_LENGTH)
reply({ type: 'loaded' })

parentPort?.on('message', async (request: ThreadRequest) => {
  try {
    const result = request.type === 'recognise' ? await recognise(request) : await trial(request.samples)
    reply({ type: 'done', result })
  } catch (error) {
    reply({
      type: 'failed',
      code: codeOf(error),
      detail: error instanceof Error ? error.message : String(error),
    })
  }
})

async function recognise(photo: { image: ImageFacts; bytes: Uint8Array }): Promise<Recognition> {
  const started = performance.now()
  const picture = await decode(photo.bytes, photo.image)
  const thumbnail = await drawThumbnail(picture)
  const decoded = performance.now()
  const classes = best(classify(picture), TOP_CLASSES)
  return { classes, thumbnail, timings: { decode: decoded - started, classify: performance.now() - decoded } }
}

async function trial(samples: readonly SampleFile[]): Promise<Trial> {
  const pictures: Array<SampleFile & { picture: Picture }> = []
  for (const sample of samples) {
    pictures.push({ ...sample, picture: await decode(sample.bytes, sample.image) })
  }
  const report = selfTest((input) => engine.run(input), settings.interpretation, pictures)
  if (!report.passed) return { report, imagesPerSecond: 0, probabilities: [] }
  const probabilities = pictures.map(({ picture, classIndex }) => classify(picture)[classIndex] ?? 0)
  return { report, imagesPerSecond: measure(pictures.map(({ picture }) => picture)), probabilities }
}

function measure(pictures: Picture[]): number {
  const started = performance.now()
  let images = 0
  let elapsed = 0
  while (elapsed < MEASURED_MS) {
    for (const picture of pictures) classify(picture)
    images += pictures.length
    elapsed = performance.now() - started
  }
  return (images / elapsed) * 1000
}

function classify(picture: Picture): Float32Array {
  const { interpretation } = settings
  return toProbabilities(engine.run(toInput(picture, interpretation.inputRange, input)), interpretation)
}

function codeOf(error: unknown): ProblemCode {
  if (error instanceof ProblemError) return error.code
  return isOutOfMemory(error) ? 'worker/out-of-memory' : 'worker/failed'
}

function reply(message: ThreadReply): void {
  parentPort?.postMessage(message)
}
