/** Loads a TensorFlow.js model from a folder and runs it: the code that all tfjs engines share. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type EngineName, type ModelFormat, ProblemError } from '@argus/shared'
import * as tf from '@tensorflow/tfjs-core'
import { INPUT_LENGTH, INPUT_SIDE, type LoadedEngine } from './engine.ts'

/** @param backend the name under which tfjs knows the backend, which must be registered by now */
export async function loadTfjsModel(
  name: EngineName,
  backend: string,
  folder: string,
  format: ModelFormat,
): Promise<LoadedEngine> {
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs cannot start its backend "${backend}"`)
  // From here on the engine works on this machine, and what fails is the model.
  try {
    return await load(name, folder, format)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ProblemError('model/self-test', `It cannot be loaded: ${reason}`, { cause: error })
  }
}

async function load(name: EngineName, folder: string, format: ModelFormat): Promise<LoadedEngine> {
  const artifacts = tf.io.fromMemory(await readArtifacts(folder))
  const model = await LOAD[format](artifacts)
  const engine: LoadedEngine = {
    name,
    run(input) {
      return tf.tidy(() => {
        const output = model.predict(tf.tensor(input, [1, INPUT_SIDE, INPUT_SIDE, 3]))
        if (!(output instanceof tf.Tensor)) throw new Error('The model has more than one output')
        return output.dataSync<'float32'>()
      })
    },
  }
  // The first run compiles and allocates, and takes five times as long as the next.
  engine.run(new Float32Array(INPUT_LENGTH))
  return engine
}

/** Each format's loader is imported only where it is needed: that of Keras models alone takes 20 MB a thread. */
const LOAD = {
  'graph-model': async (artifacts: tf.io.IOHandler) => {
    const { loadGraphModel } = await import('@tensorflow/tfjs-converter')
    return loadGraphModel(artifacts)
  },
  'layers-model': async (artifacts: tf.io.IOHandler) => {
    const { loadLayersModel } = await import('@tensorflow/tfjs-layers')
    return loadLayersModel(artifacts)
  },
}

/** tfjs reads models over HTTP; files it reads only with tfjs-node. */
async function readArtifacts(folder: string): Promise<tf.io.ModelArtifacts> {
  const json: tf.io.ModelJSON = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'))
  return tf.io.getModelArtifactsForJSON(json, async (manifest) => {
    const files = manifest.flatMap(({ paths }) => paths)
    const weights = await Promise.all(files.map((file) => readFile(join(folder, file))))
    // A copy of exact size: a Buffer of Node may be a window of a larger one.
    const data = new Uint8Array(Buffer.concat(weights)).buffer
    return [manifest.flatMap((group) => group.weights), data]
  })
}
