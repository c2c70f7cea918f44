/**
 * TensorFlow.js on the native TensorFlow library. An optional dependency: its installation downloads that
 * library, which fails on machines that reach a package registry only.
 */
import { createRequire } from 'node:module'
import type { Engine } from './engine.ts'
import { loadTfjsModel } from './tfjs-model.ts'

/** Not a literal, because the package's types are not there where it is not installed. */
const PACKAGE: string = '@tensorflow/tfjs-node'

const require = createRequire(import.meta.url)

/** Whether the package is there; whether it loads is another question. */
export function isInstalled(): boolean {
  try {
    require.resolve(PACKAGE)
    return true
  } catch {
    return false
  }
}

export const tfjsNode: Engine = {
  name: 'tfjs-node',
  async load(folder, format) {
    restoreRemovedUtil()
    await import(PACKAGE)
    return loadTfjsModel('tfjs-node', 'tensorflow', folder, format)
  },
}

/** tfjs-node 4.22 calls `util.isNullOrUndefined`, which Node 24 has no more. */
function restoreRemovedUtil(): void {
  const util: Record<string, unknown> = require('node:util')
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined
}
