/** Gets a model ready to serve: fetched, tested, with its engine chosen and its threads running. */
import type { ModelDescriptor } from '@argus/shared'
import type { Config } from '../config.ts'
import { chooseEngine } from '../engines/choose-engine.ts'
import type { Logger } from '../log.ts'
import type { MasterApi } from '../master-api.ts'
import { fetchModel } from '../models/model-cache.ts'
import { RecogniserPool } from './pool.ts'
import type { Recogniser } from './recogniser.ts'

export type PrepareRecogniser = typeof prepareRecogniser

/**
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
