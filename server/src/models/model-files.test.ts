import { createHash } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { modelDescriptorSchema } from '@argus/shared'
import { describe, expect, it } from 'vitest'
import { GRAPH_MODEL, modelJson, tempFolder, writeModel } from '../../testing/unit.ts'
import { contentHash, describeModel, parseModelJson } from './model-files.ts'

describe('parseModelJson', () => {
  it('tells the format and the weight files, in their order', () => {
    expect(parseModelJson(modelJson(['b.bin', 'a.bin']))).toMatchObject({
      format: 'graph-model',
      weightFiles: ['b.bin', 'a.bin'],
    })
  })

  it('adds up how many bytes the weights have in their files', () => {
    const weights = [
      { name: 'kernel', shape: [3, 3, 3, 32], dtype: 'float32' },
      { name: 'half', shape: [100], dtype: 'float32', quantization: { dtype: 'float16' } },
      { name: 'scalar', shape: [], dtype: 'int32' },
    ]
    const json = { modelTopology: { node: [] }, weightsManifest: [{ paths: ['a.bin'], weights }] }
    expect(parseModelJson(JSON.stringify(json)).weightBytes).toBe(3456 + 200 + 4)
  })

  it('collects the files of several groups', () => {
    const weightsManifest = [{ paths: ['a.bin'] }, { paths: ['b.bin', 'c.bin'] }]
    const text = JSON.stringify({ format: 'layers-model', modelTopology: {}, weightsManifest })
    expect(parseModelJson(text)).toMatchObject({
      format: 'layers-model',
      weightFiles: ['a.bin', 'b.bin', 'c.bin'],
    })
  })

  it('tells the format of an old file by its topology', () => {
    const weightsManifest = [{ paths: ['a.bin'] }]
    const graph = JSON.stringify({ modelTopology: { node: [] }, weightsManifest })
    const layers = JSON.stringify({ modelTopology: { model_config: {} }, weightsManifest })
    expect(parseModelJson(graph).format).toBe('graph-model')
    expect(parseModelJson(layers).format).toBe('layers-model')
  })

  it.each([
    '../secret',
    '/etc/passwd',
    'folder/file.bin',
    'folder\\file.bin',
    '..',
    '.hidden',
    '',
    'http://example.org/a.bin',
    'a\0.bin',
    'x'.repeat(129),
  ])('takes no weight file named %j', (name) => {
    expect(() => parseModelJson(modelJson([name]))).toThrow(
      expect.objectContaining({ code: 'model/source-failed' }),
    )
  })

  it.each([
    '',
    'no JSON',
    '[]',
    'null',
    '{}',
    modelJson([]),
    modelJson(['a.bin'], 'onnx'),
    JSON.stringify({ modelTopology: {}, weightsManifest: [] }),
    JSON.stringify({ weightsManifest: [{ paths: ['a.bin'] }] }),
  ])('takes no text such as %j', (text) => {
    expect(() => parseModelJson(text)).toThrow('Its model.json is not one of TensorFlow.js')
  })
})

describe('describeModel', () => {
  async function describeTiny({ weights = 'weights', interpretation = GRAPH_MODEL } = {}) {
    const folder = await tempFolder()
    await writeModel(folder, weights)
    return describeModel(folder, 'Tiny', interpretation)
  }

  it('names every file with its size and hash', async () => {
    const descriptor = await describeTiny()
    expect(modelDescriptorSchema.parse(descriptor)).toEqual(descriptor)
    expect(descriptor).toMatchObject({ name: 'Tiny', interpretation: GRAPH_MODEL })
    expect(descriptor.files.map(({ name }) => name)).toEqual(['model.json', 'group1-shard1of1.bin'])
    expect(descriptor.files[1]).toEqual({
      name: 'group1-shard1of1.bin',
      bytes: 7,
      sha256: createHash('sha256').update('weights').digest('hex'),
    })
  })

  it('gives the same digest to the same model, wherever it lies', async () => {
    expect((await describeTiny()).digest).toBe((await describeTiny()).digest)
  })

  it('gives another digest to other weights', async () => {
    expect((await describeTiny()).digest).not.toBe((await describeTiny({ weights: 'others' })).digest)
  })

  it.each([
    { inputRange: [0, 1] as [number, number] },
    { classOffset: 0 },
    { activation: 'softmax' as const },
  ])('gives another digest to the same files read with %j', async (change) => {
    const read = await describeTiny()
    const readOtherwise = await describeTiny({ interpretation: { ...GRAPH_MODEL, ...change } })
    expect(readOtherwise.digest).not.toBe(read.digest)
    expect(contentHash(readOtherwise.files)).toBe(contentHash(read.files))
  })

  it('refuses a model of another format than the declared one', async () => {
    const interpretation = { ...GRAPH_MODEL, format: 'layers-model' as const }
    await expect(describeTiny({ interpretation })).rejects.toMatchObject({
      code: 'model/source-failed',
      message: 'It is a graph-model, not the layers-model declared.',
    })
  })

  it.each(['model.json', 'group1-shard1of1.bin'])('refuses a folder without its %s', async (file) => {
    const folder = await tempFolder()
    await writeModel(folder)
    await rm(join(folder, file))
    await expect(describeModel(folder, 'Tiny', GRAPH_MODEL)).rejects.toMatchObject({
      code: 'model/source-failed',
      message: `Its file ${file} cannot be read.`,
    })
  })

  it('does not count files that the model does not name', async () => {
    const folder = await tempFolder()
    await writeModel(folder)
    const before = await describeModel(folder, 'Tiny', GRAPH_MODEL)
    await writeFile(join(folder, 'README.md'), 'about it')
    expect(await describeModel(folder, 'Tiny', GRAPH_MODEL)).toEqual(before)
  })
})
