import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sampleSetSchema } from '@argus/shared'
import '@tensorflow/tfjs-backend-cpu'
import { describe, expect, it } from 'vitest'
import {
  COLOURS,
  hasRealModel,
  REAL_MODEL_DIR,
  SAMPLES_DIR,
  scratchFolder,
  writeTinyModel,
} from '../../testing/unit.ts'
import { decode } from '../recogniser/decode.ts'
import { PICTURE_SIDE, toInput } from '../recogniser/picture.ts'
import { INPUT_SIDE } from './engine.ts'
import { loadTfjsModel } from './tfjs-model.ts'
import { tfjsWasm } from './tfjs-wasm.ts'

/** tfjs's own computation in plain JavaScript: slow, and the reference. */
const loadReference = (...model: Parameters<typeof tfjsWasm.load>) =>
  loadTfjsModel('tfjs-wasm', 'cpu', ...model)

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((largest, value, at) => Math.max(largest, Math.abs(value - (b[at] ?? Number.NaN))), 0)
}

describe('tfjs-wasm', () => {
  it('computes a Keras model as plain JavaScript does', async () => {
    const folder = await scratchFolder()
    await writeTinyModel(folder)
    const inputs = COLOURS.map(({ rgb }) => {
      const picture = Uint8Array.from({ length: PICTURE_SIDE ** 2 * 3 }, (_, at) => rgb[at % 3] ?? 0)
      return toInput(picture, [-1, 1])
    })
    const wasm = await tfjsWasm.load(folder, 'layers-model')
    const outputs = inputs.map((input) => wasm.run(input))
    const reference = await loadReference(folder, 'layers-model')
    for (const [at, { classIndex }] of COLOURS.entries()) {
      const output = outputs[at] ?? new Float32Array()
      expect(output.indexOf(Math.max(...output))).toBe(classIndex)
      expect(largestDifference(output, reference.run(inputs[at] ?? new Float32Array()))).toBeLessThan(1e-3)
    }
  })

  it('keeps an output unchanged when it runs again', async () => {
    const folder = await scratchFolder()
    await writeTinyModel(folder)
    const wasm = await tfjsWasm.load(folder, 'layers-model')
    const first = wasm.run(new Float32Array(INPUT_SIDE ** 2 * 3).fill(1))
    const copy = first.slice()
    wasm.run(new Float32Array(INPUT_SIDE ** 2 * 3).fill(-1))
    expect(first).toEqual(copy)
  })

  it('refuses a folder without a model', async () => {
    await expect(tfjsWasm.load(await scratchFolder(), 'graph-model')).rejects.toThrow('ENOENT')
  })

  describe.skipIf(!hasRealModel)('with MobileNet V2', () => {
    it('gives for a sample picture what plain JavaScript gives', async () => {
      const index = sampleSetSchema.parse(JSON.parse(await readFile(join(SAMPLES_DIR, 'index.json'), 'utf8')))
      const sample = index[0]
      if (!sample) throw new Error('There are samples')
      const bytes = await readFile(join(SAMPLES_DIR, sample.file))
      const input = toInput(await decode(bytes, { type: 'image/png', width: 512, height: 512 }), [-1, 1])
      const wasm = (await tfjsWasm.load(REAL_MODEL_DIR, 'graph-model')).run(input)
      const reference = (await loadReference(REAL_MODEL_DIR, 'graph-model')).run(input)
      expect(reference.indexOf(Math.max(...reference))).toBe(sample.classIndex)
      expect(largestDifference(wasm, reference)).toBeLessThan(1e-3)
    })
  })
})
