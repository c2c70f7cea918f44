import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelState } from '@argus/shared'
import { describe, expect, it } from 'vitest'
import { GRAPH_MODEL, silentLog, tempFolder, writeModel } from '../../testing/unit.ts'
import { ModelCache } from './model-cache.ts'
import { ModelService } from './model-service.ts'
import type { ModelSource } from './model-source.ts'
import { cachedSource } from './sources/cached.ts'

/** A source that brings a tiny model with these weights. */
function sourceOf(weights: string, overrides: Partial<ModelSource> = {}): ModelSource {
  return {
    label: `a source of ${weights}`,
    pin: null,
    async fetch(folder) {
      await writeModel(folder, weights)
      return { name: weights, interpretation: GRAPH_MODEL }
    },
    ...overrides,
  }
}

const failing: ModelSource = {
  label: 'a dead source',
  pin: null,
  fetch: () => Promise.reject(new Error('nobody is there')),
}

const empty: ModelSource = { label: 'an empty source', pin: null, fetch: () => Promise.resolve(null) }

async function openCache() {
  const root = join(await tempFolder(), 'models')
  return { root, cache: await ModelCache.open(root) }
}

interface Given {
  readonly cache?: ModelCache
  /** What the workers say of a model of this name; null: nothing. */
  readonly judge?: (name: string) => 'good' | 'bad' | null
}

/** A service whose workers answer at once. `states` collects what it goes through, each step once. */
async function startService(sources: ModelSource[], { cache, judge = () => 'good' }: Given = {}) {
  const models = new ModelService(cache ?? (await openCache()).cache, sources, silentLog)
  const states: string[] = []
  models.onChange(() => {
    const { state } = models
    const step = 'name' in state ? `${state.state} ${state.name}` : state.state
    if (states.at(-1) !== step) states.push(step)
    if (state.state !== 'testing') return
    const verdict = judge(state.name)
    if (verdict === 'good') models.accept(state.digest)
    if (verdict === 'bad') models.reject(state.digest, `${state.name} is bad`)
  })
  return { models, states }
}

function testing(models: ModelService): Promise<Extract<ModelState, { state: 'testing' }>> {
  return new Promise((resolve) =>
    models.onChange(() => {
      if (models.state.state === 'testing') resolve(models.state)
    }),
  )
}

describe('the model service', () => {
  it('is resolving before it has tried anything', async () => {
    const { models } = await startService([sourceOf('A')])
    expect(models.state).toEqual({ state: 'resolving' })
    expect(models.offered).toBeNull()
    expect(models.servingDigest).toBeNull()
  })

  it('serves the model of the first source that has a good one', async () => {
    const { models, states } = await startService([sourceOf('A'), sourceOf('B')])
    await models.resolve()
    expect(states).toEqual(['testing A', 'serving A'])
    expect(models.servingDigest).toBe(models.offered?.digest)
    expect(models.nameOf(models.servingDigest ?? '')).toBe('A')
  })

  it('passes over a source that fails, and one that has nothing', async () => {
    const { models, states } = await startService([failing, empty, sourceOf('B')])
    await models.resolve()
    expect(states).toEqual(['resolving', 'testing B', 'serving B'])
  })

  it('moves on when the workers reject a model', async () => {
    const judge = (name: string) => (name === 'A' ? 'bad' : 'good')
    const { models, states } = await startService([sourceOf('A'), sourceOf('B')], { judge })
    await models.resolve()
    expect(states).toEqual(['testing A', 'resolving', 'testing B', 'serving B'])
  })

  it('shows how a fetch gets on', async () => {
    const source = sourceOf('A', {
      async fetch(folder, report) {
        report(0, null)
        report(5, 10)
        await writeModel(folder)
        return { name: 'A', interpretation: GRAPH_MODEL }
      },
    })
    const { models } = await startService([source])
    const seen: ModelState[] = []
    models.onChange(() => seen.push(models.state))
    await models.resolve()
    const name = 'a source of A'
    expect(seen.slice(0, 2)).toEqual([
      { state: 'fetching', name, receivedBytes: 0, totalBytes: null },
      { state: 'fetching', name, receivedBytes: 5, totalBytes: 10 },
    ])
  })

  it('is missing when no source is left, and says what was wrong with each', async () => {
    const { models } = await startService([failing, empty, sourceOf('A')], { judge: () => 'bad' })
    await models.resolve()
    expect(models.state).toEqual({
      state: 'missing',
      detail: 'a dead source: nobody is there\na source of A: A is bad',
    })
    expect(models.offered).toBeNull()
    expect(models.servingDigest).toBeNull()
  })

  it('is missing where there is no source at all', async () => {
    const { models } = await startService([])
    await models.resolve()
    expect(models.state).toEqual({ state: 'missing', detail: 'No source of models is set.' })
  })

  it('serves nothing before a worker has tested it', async () => {
    const { models } = await startService([sourceOf('A')], { judge: () => null })
    const offered = testing(models)
    const resolving = models.resolve()
    const { digest } = await offered
    expect(models.offered?.digest).toBe(digest)
    expect(models.servingDigest).toBeNull()
    models.accept(digest)
    await resolving
    expect(models.servingDigest).toBe(digest)
  })

  it.each([
    { other: 'reject', own: 'accept', becomes: 'serving' },
    { other: 'accept', own: 'reject', becomes: 'missing' },
  ] as const)(
    'listens to $own for its model and not to $other for another',
    async ({ other, own, becomes }) => {
      const { models } = await startService([sourceOf('A')], { judge: () => null })
      const offered = testing(models)
      const resolving = models.resolve()
      const { digest } = await offered
      models[other]('0'.repeat(64), 'of another model')
      models[own](digest, 'of this model')
      await resolving
      expect(models.state.state).toBe(becomes)
    },
  )

  it('goes on serving when one more worker rejects the model', async () => {
    const { models } = await startService([sourceOf('A'), sourceOf('B')])
    await models.resolve()
    const digest = models.servingDigest ?? ''
    models.reject(digest, 'this worker is odd')
    expect(models.servingDigest).toBe(digest)
  })

  it('hands out the files of the offered model, and no others', async () => {
    const { cache } = await openCache()
    const { models } = await startService([sourceOf('A')], { cache })
    await models.resolve()
    const digest = models.servingDigest ?? ''
    expect(models.filePath(digest, 'model.json')).toBe(join(cache.folder(digest), 'model.json'))
    for (const name of ['.descriptor.json', '../current.json', '', 'model.json/']) {
      expect(models.filePath(digest, name)).toBeNull()
    }
    expect(models.filePath('0'.repeat(64), 'model.json')).toBeNull()
  })

  it('keeps only models that were whole', async () => {
    const { root, cache } = await openCache()
    const half = sourceOf('half', { fetch: async () => ({ name: 'half', interpretation: GRAPH_MODEL }) })
    const { models } = await startService([half, failing, empty, sourceOf('A')], { cache })
    await models.resolve()
    expect((await readdir(root)).sort()).toEqual([models.servingDigest, 'current.json'].sort())
  })

  it('finds the model that served in the cache at the next start', async () => {
    const { cache } = await openCache()
    const first = await startService([cachedSource(cache), sourceOf('A')], { cache })
    await first.models.resolve()
    const second = await startService([cachedSource(cache), failing], { cache })
    await second.models.resolve()
    expect(second.models.servingDigest).toBe(first.models.servingDigest)
    expect(second.states).toEqual(['testing A', 'serving A'])
  })

  it('does not find a model in the cache that was rejected', async () => {
    const { cache } = await openCache()
    const first = await startService([sourceOf('A')], { cache, judge: () => 'bad' })
    await first.models.resolve()
    const second = await startService([cachedSource(cache)], { cache })
    await second.models.resolve()
    expect(second.models.state.state).toBe('missing')
  })

  it('sets a pinned source aside that brings other files than at its first use', async () => {
    const { cache } = await openCache()
    const pin = 'http://example.org/model.json'
    await (await startService([sourceOf('A', { pin })], { cache })).models.resolve()
    const { models } = await startService([sourceOf('other', { pin }), sourceOf('B')], { cache })
    await models.resolve()
    expect(models.nameOf(models.servingDigest ?? '')).toBe('B')
  })

  describe('that is stopped', () => {
    it('ends a fetch, and tries no other source', async () => {
      const hanging = sourceOf('A', {
        fetch: (_folder, _report, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason))
            models.stop()
          }),
      })
      const { models, states } = await startService([hanging, sourceOf('B')])
      await models.resolve()
      expect(states).toEqual([])
    })

    it('ends a test that no worker has answered', async () => {
      const { models, states } = await startService([sourceOf('A'), sourceOf('B')], { judge: () => null })
      const offered = testing(models)
      const resolving = models.resolve()
      await offered
      models.stop()
      await resolving
      expect(states).toEqual(['testing A'])
    })

    it('ends also where its source ends the fetch as if nothing had happened', async () => {
      const deaf = sourceOf('A', {
        async fetch(folder) {
          models.stop()
          await writeModel(folder)
          return { name: 'A', interpretation: GRAPH_MODEL }
        },
      })
      const { models } = await startService([deaf], { judge: () => null })
      await models.resolve()
      expect(models.servingDigest).toBeNull()
    })
  })
})
