/** What serves one model on this worker: fetched, tested, with its engine chosen and its threads running. */
import type { EngineName, ModelDescriptor } from '@argus/shared'
import type { Config } from '../config.ts'
import { chooseEngine } from '../engines/choose-engine.ts'
import type { Logger } from '../log.ts'
import type { MasterApi } from '../master-api.ts'
import { fetchModel } from '../models/model-cache.ts'
import type { ImageFacts } from './decode.ts'
import type { Recognition } from './messages.ts'
import { RecogniserPool } from './pool.ts'

export interface Photo {
  readonly image: ImageFacts
  /** Handed over: whoever gave them has them no more. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** How one photo is followed through a pool. */
export interface PhotoWatch {
  /** Skips the photo while it waits; one that has begun goes on. */
  readonly signal: AbortSignal
  /** Called when a thread takes the photo. */
  readonly onBegin: () => void
}

/** Takes photos, works on several at once, and lets the others wait in the order in which they came. */
export interface Pool {
  /**
   * @throws ProblemError `image/…` where the photo is at fault, `worker/…` where this worker is
   * @throws AbortError where the photo was skipped
   */
  recognise(photo: Photo, watch: PhotoWatch): Promise<Recognition>
  /** Ends at once; photos under way or waiting fail. */
  close(): Promise<void>
}

export interface Recogniser {
  /** Of its model. */
  readonly digest: string
  readonly engine: EngineName
  readonly imagesPerSecond: number
  readonly pool: Pool
}

/** Gets a model ready to serve. */
export type PrepareRecogniser = typeof prepareRecogniser

/**
 * Gets a model ready to serve.
 *
 * @throws ProblemError `model/…` where the model is at fault, `worker/…` where this machine is
 */
export async function prepareRecogniser(
  model: ModelDescriptor,
  config: Config,
  api: MasterApi,
  log: Logger,
): Promise<Recogniser> {
  const modelFolder = await fetchModel(model, config.cacheDir, api)
  const samples = await api.samples()
  const { digest, interpretation } = model
  const settings = { modelFolder, interpretation }
  const choice = await chooseEngine(
    { wanted: config.engine, model, thread: settings, samples, cacheDir: config.cacheDir },
    log,
  )
  const pool = await RecogniserPool.start({ ...settings, engine: choice.engine }, config.threads, log)
  return { digest, ...choice, pool }
}
