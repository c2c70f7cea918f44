import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { modelJson, tempFolder, writeModel } from '../../../testing/unit.ts'
import { folderSource } from './folder.ts'

async function fetchFrom(folder: string) {
  const into = await tempFolder()
  const fetched = await folderSource(folder).fetch(into, () => undefined, new AbortController().signal)
  return { fetched, files: (await readdir(into)).sort() }
}

async function modelFolder(): Promise<string> {
  const folder = join(await tempFolder(), 'my-model')
  await mkdir(folder)
  await writeModel(folder)
  return folder
}

describe('a folder as a source', () => {
  it('brings the files of the model, and no others', async () => {
    const folder = await modelFolder()
    await writeFile(join(folder, 'notes.txt'), 'private')
    expect((await fetchFrom(folder)).files).toEqual(['group1-shard1of1.bin', 'model.json'])
  })

  it('is named and read by default where it says nothing', async () => {
    expect((await fetchFrom(await modelFolder())).fetched).toEqual({
      name: 'my-model',
      interpretation: { format: 'graph-model', inputRange: [-1, 1], classOffset: 0, activation: 'softmax' },
    })
  })

  it('is read as it says', async () => {
    const folder = await modelFolder()
    const entry = { name: 'Mine', inputRange: [0, 255], classOffset: 1, activation: 'logits' }
    await writeFile(join(folder, 'argus-model.json'), JSON.stringify(entry))
    expect((await fetchFrom(folder)).fetched).toEqual({
      name: 'Mine',
      interpretation: { format: 'graph-model', inputRange: [0, 255], classOffset: 1, activation: 'logits' },
    })
  })

  it.each(['{', '{"inputrange":[0,1]}', '{"classOffset":2}', '{"format":"layers-model"}', '{"name":""}'])(
    'fails where it says %s',
    async (text) => {
      const folder = await modelFolder()
      await writeFile(join(folder, 'argus-model.json'), text)
      await expect(fetchFrom(folder)).rejects.toMatchObject({ code: 'model/source-failed' })
    },
  )

  it('fails without the files that it names', async () => {
    const folder = await modelFolder()
    await rm(join(folder, 'group1-shard1of1.bin'))
    await expect(fetchFrom(folder)).rejects.toMatchObject({
      code: 'model/source-failed',
      message: expect.stringContaining('group1-shard1of1.bin'),
    })
  })

  it('fails where it does not exist', async () => {
    const folder = join(await tempFolder(), 'nowhere')
    await expect(fetchFrom(folder)).rejects.toMatchObject({ code: 'model/source-failed' })
  })

  it('brings nothing from outside itself', async () => {
    const folder = await modelFolder()
    await writeFile(join(folder, '..', 'secret.bin'), 'secret')
    await writeFile(join(folder, 'model.json'), modelJson(['../secret.bin']))
    await expect(fetchFrom(folder)).rejects.toMatchObject({ code: 'model/source-failed' })
  })
})
