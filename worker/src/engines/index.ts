/** All engines, by their names. */
import type { EngineName } from '@argus/shared'
import type { Engine } from './engine.ts'
import { tfjsNode } from './tfjs-node.ts'
import { tfjsWasm } from './tfjs-wasm.ts'

export const ENGINE_BY_NAME: Readonly<Record<EngineName, Engine>> = {
  'tfjs-node': tfjsNode,
  'tfjs-wasm': tfjsWasm,
}
