import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { GRAPH_MODEL, tempFolder, writeModel } from '../../testing/unit.ts'
import { ModelCache } from './model-cache.ts'
import { cachedSource } from './sources/cached.ts'

const TINY = { name: 'Tiny', interpretation: GRAPH_MODEL }
const PIN = 'http://example.org/model.json'
const WEIGHTS = 'group1-shard1of1.bin'

async function openCache() {
  const root = join(await tempFolder(), 'models')
  return { root, cache: await ModelCache.open(root) }
}

/** Adopts a model as one that was fetched from a source with this pin. */
async function adopt(cache: ModelCache, weights: string, pin: string | null) {
  const folder = await cache.newFolder()
  await writeModel(folder, weights)
  return cache.adopt(folder, TINY, pin)
}

async function adoptAndRemember(cache: ModelCache, weights = 'weights', pin: string | null = null) {
  const descriptor = await adopt(cache, weights, pin)
  await cache.remember(descriptor, pin)
  return descriptor
}

describe('a model that is adopted', () => {
  it('lies in the folder of its digest', async () => {
    const { root, cache } = await openCache()
    const { digest } = await adopt(cache, 'weights', null)
    expect(await readFile(join(cache.folder(digest), WEIGHTS), 'utf8')).toBe('weights')
    expect(await readdir(root)).toEqual([digest])
  })

  it('may be adopted again', async () => {
    const { root, cache } = await openCache()
    const first = await adopt(cache, 'weights', null)
    expect(await adopt(cache, 'weights', null)).toEqual(first)
    expect(await readdir(root)).toEqual([first.digest])
  })

  it('takes the place of a damaged one of the same digest', async () => {
    const { cache } = await openCache()
    const { digest } = await adopt(cache, 'weights', null)
    await writeFile(join(cache.folder(digest), WEIGHTS), 'damaged')
    await adopt(cache, 'weights', null)
    expect(await readFile(join(cache.folder(digest), WEIGHTS), 'utf8')).toBe('weights')
  })

  it('must be whole', async () => {
    const { root, cache } = await openCache()
    const folder = await cache.newFolder()
    await writeModel(folder)
    await rm(join(folder, WEIGHTS))
    await expect(cache.adopt(folder, TINY, null)).rejects.toMatchObject({ code: 'model/source-failed' })
    await cache.discard(folder)
    expect(await readdir(root)).toEqual([])
  })
})

describe('the current model', () => {
  it('is none at first', async () => {
    const { cache } = await openCache()
    expect(await cache.current()).toBeNull()
  })

  it('is none that was adopted but never served', async () => {
    const { cache } = await openCache()
    await adopt(cache, 'weights', null)
    expect(await cache.current()).toBeNull()
  })

  it('is the one that served last, also after a restart', async () => {
    const { root, cache } = await openCache()
    await adoptAndRemember(cache, 'first')
    const second = await adoptAndRemember(cache, 'second')
    expect(await cache.current()).toEqual(second)
    expect(await (await ModelCache.open(root)).current()).toEqual(second)
  })

  it.each([
    ['weights that were changed', (folder: string) => writeFile(join(folder, WEIGHTS), 'weightz')],
    ['weights that were cut off', (folder: string) => writeFile(join(folder, WEIGHTS), 'weig')],
    ['no weights', (folder: string) => rm(join(folder, WEIGHTS))],
    ['a damaged model.json', (folder: string) => writeFile(join(folder, 'model.json'), '{')],
    ['a damaged descriptor', (folder: string) => writeFile(join(folder, '.descriptor.json'), '{}')],
    ['no folder', (folder: string) => rm(folder, { recursive: true })],
  ])('is refused with %s', async (_what, damage) => {
    const { cache } = await openCache()
    const { digest } = await adoptAndRemember(cache)
    await damage(cache.folder(digest))
    await expect(cache.current()).rejects.toMatchObject({ code: 'model/source-failed' })
  })

  it('is refused where its interpretation was changed', async () => {
    const { cache } = await openCache()
    const descriptor = await adoptAndRemember(cache)
    const interpretation = { ...GRAPH_MODEL, classOffset: 0 }
    const path = join(cache.folder(descriptor.digest), '.descriptor.json')
    await writeFile(path, JSON.stringify({ ...descriptor, interpretation }))
    await expect(cache.current()).rejects.toMatchObject({ code: 'model/source-failed' })
  })

  it('is copied, complete, by the source that brings it back', async () => {
    const { cache } = await openCache()
    const descriptor = await adoptAndRemember(cache)
    const source = cachedSource(cache)
    const folder = await cache.newFolder()
    const fetched = await source.fetch(folder, () => undefined, new AbortController().signal)
    expect(fetched).toMatchObject(TINY)
    expect(fetched && (await cache.adopt(folder, fetched, source.pin))).toEqual(descriptor)
  })

  it('is no failure of its source where there is none', async () => {
    const { cache } = await openCache()
    const folder = await cache.newFolder()
    const { signal } = new AbortController()
    expect(await cachedSource(cache).fetch(folder, () => undefined, signal)).toBeNull()
  })
})

describe('a pinned source', () => {
  it('may bring the same files again', async () => {
    const { root, cache } = await openCache()
    const descriptor = await adoptAndRemember(cache, 'weights', PIN)
    const reopened = await ModelCache.open(root)
    expect(await adopt(reopened, 'weights', PIN)).toEqual(descriptor)
  })

  it('may not bring other files later', async () => {
    const { root, cache } = await openCache()
    await adoptAndRemember(cache, 'weights', PIN)
    const reopened = await ModelCache.open(root)
    await expect(adopt(reopened, 'other weights', PIN)).rejects.toMatchObject({
      code: 'model/source-failed',
      message: 'Its files are not those that were recorded at first use.',
    })
  })

  it('leaves the good model as it was when it brings other files', async () => {
    const { cache } = await openCache()
    const descriptor = await adoptAndRemember(cache, 'weights', PIN)
    await adopt(cache, 'other weights', PIN).catch(() => undefined)
    expect(await cache.current()).toEqual(descriptor)
  })

  it('is held to nothing that never served', async () => {
    const { cache } = await openCache()
    await adopt(cache, 'failed the self-test', PIN)
    await expect(adopt(cache, 'weights', PIN)).resolves.toMatchObject({ name: 'Tiny' })
  })

  it('does not bind another source', async () => {
    const { cache } = await openCache()
    await adoptAndRemember(cache, 'weights', PIN)
    await adoptAndRemember(cache, 'other weights', `${PIN}?v2`)
    await adoptAndRemember(cache, 'my weights', null)
    await expect(adopt(cache, 'other weights', PIN)).rejects.toThrow('recorded at first use')
    await expect(adopt(cache, 'weights', PIN)).resolves.toMatchObject({ name: 'Tiny' })
  })
})

describe('the cache folder', () => {
  it('loses what a fetch that was cut off has left, and nothing else, when it is opened', async () => {
    const { root, cache } = await openCache()
    const { digest } = await adoptAndRemember(cache)
    await writeModel(await cache.newFolder())
    await ModelCache.open(root)
    expect((await readdir(root)).sort()).toEqual([digest, 'current.json'].sort())
  })

  it('gives every fetch an empty folder of its own', async () => {
    const { cache } = await openCache()
    const folders = [await cache.newFolder(), await cache.newFolder()]
    expect(folders[0]).not.toBe(folders[1])
    for (const folder of folders) expect(await readdir(folder)).toEqual([])
  })

  it('says which file cannot be used where its notes are damaged', async () => {
    const { root, cache } = await openCache()
    await mkdir(root, { recursive: true })
    await writeFile(join(root, 'current.json'), '{"digest":"../../etc"}')
    await expect(cache.current()).rejects.toThrow('current.json cannot be used')
  })
})
