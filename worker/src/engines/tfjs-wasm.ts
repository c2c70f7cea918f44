/**
 * TensorFlow.js compiled to WebAssembly with SIMD: runs on every machine, nothing native. One thread, since
 * its threads do not work in Node.
 */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import type { Engine } from './engine.ts'
import { loadTfjsModel } from './tfjs-model.ts'

export const tfjsWasm: Engine = {
  name: 'tfjs-wasm',
  async load(folder, format) {
    const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')
    setWasmPaths(join(dirname(entry), '/'))
    return loadTfjsModel('tfjs-wasm', 'wasm', folder, format)
  },
}
