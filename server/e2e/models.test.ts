/** Where the master gets its model from, and what becomes of one that is not as declared. */
import { once } from 'node:events'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  clusterViewSchema,
  isTerminal,
  type Job,
  jobSchema,
  type ModelState,
  sampleSetSchema,
} from '@argus/shared'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type ClusterOptions, TestCluster } from '../testing/cluster.ts'
import { ModelServer } from '../testing/model-server.ts'
import { lastShard, ModelVariants } from '../testing/model-variants.ts'
import { hasTestData, SAMPLES_DIR, TEST_MODEL_DIR, testPhotos } from '../testing/test-data.ts'

const PATIENCE_MS = 60_000

/** npm fails at once, so that the model in its package is none. */
const NO_REGISTRY = { npm_config_offline: 'true' }

async function startCluster(options: ClusterOptions): Promise<TestCluster> {
  const cluster = await TestCluster.start(options)
  onTestFinished(() => cluster.stop())
  return cluster
}

/** With the settings that `masterEnv`, as the cluster was started with, has now. */
async function restartMaster(cluster: TestCluster): Promise<void> {
  const exited = once(cluster.master, 'exit')
  cluster.master.kill('SIGTERM')
  await exited
  await cluster.startMaster()
}

async function until<T>(cluster: TestCluster, what: string, probe: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  while (Date.now() < deadline) {
    const found = await probe()
    if (found !== undefined) return found
    await sleep(50)
  }
  throw new Error(`${what} did not come:\n${cluster.output}`)
}

async function modelState(cluster: TestCluster): Promise<ModelState> {
  const response = await fetch(`${cluster.url}/readyz`)
  return clusterViewSchema.parse(await response.json()).model
}

/** Why each source failed, when all have. */
async function whyMissing(cluster: TestCluster): Promise<string> {
  return until(cluster, 'The end of all sources', async () => {
    const model = await modelState(cluster)
    return model.state === 'missing' ? model.detail : undefined
  })
}

async function servingDigest(cluster: TestCluster): Promise<string> {
  await cluster.ready()
  const model = await modelState(cluster)
  if (model.state !== 'serving') throw new Error(`The cluster is ready, but the model is ${model.state}`)
  return model.digest
}

function ended(cluster: TestCluster, id: string): Promise<Job> {
  return until(cluster, 'The end of the job', async () => {
    const job = await cluster.job(id)
    return isTerminal(job.status) ? job : undefined
  })
}

async function sampleFiles() {
  const index = JSON.parse(await readFile(join(SAMPLES_DIR, 'index.json'), 'utf8'))
  return sampleSetSchema.parse(index).map((sample) => ({ ...sample, path: join(SAMPLES_DIR, sample.file) }))
}

const best = (job: Job) => job.result?.classes[0]?.index

describe.skipIf(!hasTestData())('models', () => {
  let variants: ModelVariants
  /** As Google publishes it. */
  let published: string

  beforeAll(async () => {
    variants = await ModelVariants.open()
    published = await variants.withBackgroundAndLogits()
  })
  afterAll(() => variants.remove())

  async function serve(...model: Parameters<typeof ModelServer.start>): Promise<ModelServer> {
    const server = await ModelServer.start(...model)
    onTestFinished(() => server.stop())
    return server
  }

  describe('at the published address', () => {
    it('serve as their entry declares them, and from the cache when the address is dead', async () => {
      const server = await serve(published)
      const masterEnv = { MODEL_DIR: '', MODEL_URL: server.url, ...NO_REGISTRY }
      const cluster = await startCluster({ masterEnv })
      const digest = await servingDigest(cluster)
      expect(server.asked).toEqual(['model.json', 'group1-shard1of2.bin', 'group1-shard2of2.bin'])

      for (const { path, classIndex } of await sampleFiles()) {
        expect(best(await cluster.recognise(path)), path).toBe(classIndex)
      }
      const photos = (await testPhotos()).slice(0, 10)
      const jobs = await Promise.all(photos.map(({ path }) => cluster.recognise(path)))
      expect(jobs.map(best)).toEqual(photos.map(({ referenceTop1 }) => referenceTop1))
      expect(jobs[0]?.result?.model).toEqual({ name: 'MobileNet V2', digest })

      server.manner = 'resets'
      await restartMaster(cluster)
      expect(await servingDigest(cluster)).toBe(digest)
      expect(cluster.output).toContain('MobileNet V2 serves, from the cache')
      // An address that is set is asked again, whatever the cache has.
      expect(server.asked).toHaveLength(4)
      const [again] = await Promise.all(photos.slice(0, 1).map(({ path }) => cluster.recognise(path)))
      expect(again?.result?.classes).toEqual(jobs[0]?.result?.classes)
    })

    it('are refused when they are not those of the first use', async () => {
      const server = await serve(published)
      const cluster = await startCluster({
        masterEnv: { MODEL_DIR: '', MODEL_URL: server.url, ...NO_REGISTRY },
      })
      const digest = await servingDigest(cluster)

      // It would recognise all pictures as before.
      const modelJson = await readFile(join(published, 'model.json'), 'utf8')
      server.folder = await variants.withModelJson(() => `${modelJson} `)
      const shard = await lastShard(published)
      await writeFile(join(server.folder, shard), await readFile(join(published, shard)))
      await rm(join(cluster.dataDir, 'models', digest), { recursive: true })
      await restartMaster(cluster)
      expect(await whyMissing(cluster)).toMatch(
        /MobileNet V2 at .*: Its files are not those that were recorded at first use\.\nthe cache: The cached model cannot be read/,
      )

      server.folder = published
      await restartMaster(cluster)
      expect(await servingDigest(cluster)).toBe(digest)
    })

    it('are set aside when a shard is damaged, and the next source serves', async () => {
      const copy = await variants.withBackgroundAndLogits()
      const server = await serve(await variants.withDamagedShard(copy))
      const cluster = await startCluster({ masterEnv: { MODEL_DIR: '', MODEL_URL: server.url } })
      await cluster.ready()
      expect(cluster.output).toMatch(
        /Set aside MobileNet V2 at http:.*: It does not recognise \d of the 8 sample/,
      )
      expect(await modelState(cluster)).toMatchObject({ state: 'serving', name: 'MobileNet V1' })
      const [sample] = await sampleFiles()
      expect(best(await cluster.recognise(sample?.path ?? ''))).toBe(sample?.classIndex)
    })

    it('are set aside when they are of another format than their entry declares', async () => {
      const server = await serve(
        await variants.withModelJson((text) => text.replace('"graph-model"', '"layers-model"')),
      )
      const cluster = await startCluster({
        workers: 0,
        masterEnv: { MODEL_DIR: '', MODEL_URL: server.url, ...NO_REGISTRY },
      })
      expect(await whyMissing(cluster)).toContain('It is a layers-model, not the graph-model declared.')
    })

    it.each([
      { manner: 'not-found', reason: /model\.json answers 404/ },
      { manner: 'resets', reason: /fetch failed: .*(ECONNRESET|other side closed)/ },
      { manner: 'drips', reason: /It sent next to nothing for 1 s/ },
    ] as const)('are set aside when the address $manner', async ({ manner, reason }) => {
      const server = await serve(published, manner)
      // The others may be slow on a busy machine.
      const stall = manner === 'drips' ? '1' : '60'
      const masterEnv = { MODEL_DIR: '', MODEL_URL: server.url, MODEL_STALL_SECONDS: stall, ...NO_REGISTRY }
      const cluster = await startCluster({ workers: 0, masterEnv })
      const why = await whyMissing(cluster)
      expect(why).toMatch(reason)
      expect(why).toMatch(/MobileNet V1 in the npm package .*: npm pack failed: .*ENOTCACHED/s)
      expect(cluster.output).toContain(`Set aside MobileNet V2 at ${server.url}`)
    })

    it('are set aside when nothing listens there', async () => {
      const server = await ModelServer.start(published)
      const { url } = server
      await server.stop()
      const cluster = await startCluster({
        workers: 0,
        masterEnv: { MODEL_DIR: '', MODEL_URL: url, ...NO_REGISTRY },
      })
      expect(await whyMissing(cluster)).toMatch(/fetch failed: .*ECONNREFUSED/)
    })
  })

  describe('in MODEL_DIR', () => {
    /** Why the folder was set aside, with a dead address after it. */
    async function whySetAside(folder: string, workers: number): Promise<string> {
      const masterEnv = { MODEL_DIR: folder, MODEL_URL: 'http://127.0.0.1:9/model.json', ...NO_REGISTRY }
      const cluster = await startCluster({ workers, masterEnv })
      const why = await whyMissing(cluster)
      const [first = ''] = why.split('\nMobileNet V2 at ')
      expect(first).toContain(`MODEL_DIR ${folder}: `)
      expect(cluster.output).toContain(`Set aside MODEL_DIR ${folder}: `)
      return first
    }

    it('serve when they are read as they declare', async () => {
      const folder = await variants.declared(
        { name: 'Google V2', classOffset: 1, activation: 'logits' },
        await variants.withBackgroundAndLogits(),
      )
      const cluster = await startCluster({ masterEnv: { MODEL_DIR: folder } })
      await cluster.ready()
      expect(await modelState(cluster)).toMatchObject({ state: 'serving', name: 'Google V2' })
    })

    it.each<{ what: string; make: () => Promise<string>; reason: string }>([
      {
        what: 'class offset',
        make: async () =>
          variants.declared(
            { classOffset: 0, activation: 'logits' },
            await variants.withBackgroundAndLogits(),
          ),
        reason: 'better with class offset 1 than with the declared 0',
      },
      {
        what: 'input range of 0 to 1',
        make: () => variants.declared({ inputRange: [0, 1] }),
        reason: 'better with the input range [-1,1] than with the declared [0,1]',
      },
      {
        what: 'input range of 0 to 255',
        make: () => variants.declared({ inputRange: [0, 255] }),
        reason: 'better with the input range [-1,1] than with the declared [0,255]',
      },
      {
        what: 'activation',
        make: () => variants.declared({ activation: 'logits' }),
        reason: 'Its outputs are probabilities, not the logits declared.',
      },
    ])('are set aside when they declare another $what than they have', async ({ make, reason }) => {
      expect(await whySetAside(await make(), 1)).toContain(reason)
    })

    it.each<{ what: string; make: () => Promise<string>; reason: string }>([
      {
        what: 'a shard is missing',
        make: () => variants.withoutShard(),
        reason: 'group1-shard2of2.bin',
      },
      {
        what: 'model.json is no JSON',
        make: () => variants.withModelJson((text) => text.slice(1)),
        reason: 'Its model.json is not one of TensorFlow.js: Unexpected',
      },
      {
        what: 'model.json names a file outside of the folder',
        make: () =>
          variants.withModelJson((text) => text.replace('group1-shard1of2.bin', '../../etc/passwd')),
        reason: 'Invalid string: must match pattern',
      },
      {
        what: 'model.json is of another format',
        make: () => variants.withModelJson((text) => text.replace('"graph-model"', '"tflite"')),
        reason: 'Invalid option: expected one of',
      },
      {
        what: 'the declaration has a word that it does not know',
        make: async () => {
          const folder = await variants.plain()
          await writeFile(join(folder, 'argus-model.json'), '{ "inputrange": [-1, 1] }')
          return folder
        },
        reason: 'Unrecognized key',
      },
    ])('are set aside before any worker sees them when $what', async ({ make, reason }) => {
      expect(await whySetAside(await make(), 0)).toContain(reason)
    })

    it.each([
      { what: 'a shard is too short', make: () => variants.withShortShard() },
      {
        what: 'the format is not that of the topology',
        make: () => variants.withModelJson((text) => text.replace('"graph-model"', '"layers-model"')),
      },
    ])('are set aside when no engine can read them: $what', async ({ make }) => {
      expect(await whySetAside(await make(), 1)).toContain('It cannot be loaded')
    })
  })

  it('keep photos waiting while there is none, and serve them when there is one', async () => {
    const masterEnv: NodeJS.ProcessEnv = {
      MODEL_DIR: await variants.withoutShard(),
      MODEL_URL: 'http://127.0.0.1:9/model.json',
      ...NO_REGISTRY,
    }
    const cluster = await startCluster({ masterEnv })
    await whyMissing(cluster)
    const samples = (await sampleFiles()).slice(0, 3)
    const ids: string[] = []
    for (const { path } of samples) {
      const response = await cluster.submit(path)
      expect(response.status).toBe(201)
      ids.push(jobSchema.parse(await response.json()).id)
    }
    for (const id of ids) expect(await cluster.job(id)).toMatchObject({ status: 'QUEUED', attempts: 0 })

    masterEnv.MODEL_DIR = TEST_MODEL_DIR
    await restartMaster(cluster)
    const jobs = await Promise.all(ids.map((id) => ended(cluster, id)))
    expect(jobs.map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED'])
    expect(jobs.map(best)).toEqual(samples.map(({ classIndex }) => classIndex))
  })

  it('that a worker has kept are fetched anew where they are damaged', async () => {
    const cluster = await startCluster({ masterEnv: { MODEL_DIR: TEST_MODEL_DIR } })
    const digest = await servingDigest(cluster)
    const kept = join(cluster.dataDir, 'worker-cache', 'models', digest)
    const [worker] = cluster.workers
    if (!worker) throw new Error('There is a worker')
    const exited = once(worker, 'exit')
    worker.kill('SIGTERM')
    await exited
    await variants.withDamagedShard(kept)
    cluster.startWorker()
    const [sample] = await sampleFiles()
    await cluster.ready()
    expect(best(await cluster.recognise(sample?.path ?? ''))).toBe(sample?.classIndex)
    for (const file of await readdir(TEST_MODEL_DIR)) {
      const original = await readFile(join(TEST_MODEL_DIR, file))
      // Vitest compares large buffers byte by byte, for seconds.
      expect(original.equals(await readFile(join(kept, file))), file).toBe(true)
    }
  })
})
