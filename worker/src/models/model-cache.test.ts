import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import type { ModelDescriptor } from '@argus/shared'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { scratchFolder, TINY_INTERPRETATION } from '../../testing/unit.ts'
import { MasterApi } from '../master-api.ts'
import { fetchModel } from './model-cache.ts'

const FILES: Readonly<Record<string, string>> = { 'model.json': '{"topology":1}', 'weights.bin': 'weights' }
const DIGEST = 'd'.repeat(64)
const MODEL: ModelDescriptor = {
  digest: DIGEST,
  name: 'test model',
  interpretation: TINY_INTERPRETATION,
  files: Object.entries(FILES).map(([name, content]) => {
    return { name, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') }
  }),
}

describe('fetchModel', () => {
  let server: Server
  let api: MasterApi
  let cacheDir: string
  /** What the master sends, by path; a test may change it. */
  let served: Map<string, string>
  /** Paths asked for with the right token. */
  let asked: string[]

  beforeEach(async () => {
    cacheDir = await scratchFolder()
    asked = []
    served = new Map(
      Object.entries(FILES).map(([name, content]) => [`/api/v1/models/${DIGEST}/${name}`, content]),
    )
    server = createServer((request, response) => {
      const path = request.url ?? ''
      const isKnown = request.headers.authorization === 'Bearer secret'
      if (isKnown) asked.push(path)
      response.writeHead(isKnown && served.has(path) ? 200 : 404).end(served.get(path))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('The server has no port')
    api = new MasterApi(`http://127.0.0.1:${address.port}`, 'secret')
  })
  afterEach(() => {
    server.close()
    server.closeAllConnections()
  })

  const contentOf = async (folder: string) =>
    Object.fromEntries(
      await Promise.all(
        (await readdir(folder)).map(async (name) => [name, await readFile(join(folder, name), 'utf8')]),
      ),
    )

  it('lays the files, and nothing else, into a folder named by the digest', async () => {
    const folder = await fetchModel(MODEL, cacheDir, api)
    expect(folder).toBe(join(cacheDir, 'models', DIGEST))
    expect(await contentOf(folder)).toEqual(FILES)
  })

  it('does not fetch a file again that is intact', async () => {
    await fetchModel(MODEL, cacheDir, api)
    expect(asked).toHaveLength(2)
    const folder = await fetchModel(MODEL, cacheDir, api)
    expect(asked).toHaveLength(2)
    expect(await contentOf(folder)).toEqual(FILES)
  })

  it('fetches a file anew that was damaged or removed, and only that', async () => {
    const folder = await fetchModel(MODEL, cacheDir, api)
    await writeFile(join(folder, 'weights.bin'), 'weightz')
    asked = []
    await fetchModel(MODEL, cacheDir, api)
    expect(asked).toEqual([`/api/v1/models/${DIGEST}/weights.bin`])
    expect(await contentOf(folder)).toEqual(FILES)
  })

  it('refuses a file that comes with another hash, and keeps nothing of it', async () => {
    served.set(`/api/v1/models/${DIGEST}/weights.bin`, 'weightz')
    await expect(fetchModel(MODEL, cacheDir, api)).rejects.toThrow('weights.bin came damaged from the master')
    expect(await readdir(join(cacheDir, 'models', DIGEST))).toEqual(['model.json'])
  })

  it('says which file the master does not have', async () => {
    served.delete(`/api/v1/models/${DIGEST}/model.json`)
    await expect(fetchModel(MODEL, cacheDir, api)).rejects.toThrow(
      `The master answers 404 for /api/v1/models/${DIGEST}/model.json`,
    )
  })

  it('lets two workers share the folder', async () => {
    const folders = await Promise.all([fetchModel(MODEL, cacheDir, api), fetchModel(MODEL, cacheDir, api)])
    expect(folders[0]).toBe(folders[1])
    expect(await contentOf(folders[0])).toEqual(FILES)
  })

  it('fails where the cache folder cannot be written', async () => {
    await mkdir(join(cacheDir, 'models'))
    await writeFile(join(cacheDir, 'models', DIGEST), 'a file in the way')
    await expect(fetchModel(MODEL, cacheDir, api)).rejects.toThrow('EEXIST')
  })
})
