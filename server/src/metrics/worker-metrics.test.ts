import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { MetricsPage } from '../../testing/metrics-page.ts'
import { Recent } from '../statistics/recent.ts'
import { type ConnectedWorker, WorkerRegistry } from '../workers/worker-registry.ts'
import { registerWorkerMetrics } from './worker-metrics.ts'

const nothing = () => undefined
const LINK = {
  welcome: nothing,
  model: nothing,
  assign: nothing,
  answers: nothing,
  revoke: nothing,
  drain: nothing,
  close: nothing,
}

function worker(id: string, change: Partial<ConnectedWorker> = {}): ConnectedWorker {
  return {
    id,
    name: 'attic',
    slots: 2,
    prefetch: 2,
    link: LINK,
    draining: false,
    leaving: false,
    serving: null,
    refused: null,
    held: 0,
    beat: null,
    recognised: new Recent(),
    ...change,
  }
}

/** Workers, and what is told of them. */
function watched(...connected: ConnectedWorker[]) {
  const workers = new WorkerRegistry()
  for (const each of connected) workers.add(each)
  const registry = new Registry()
  registerWorkerMetrics(registry, workers)
  return { workers, page: async () => new MetricsPage(await registry.metrics()) }
}

describe('the metrics of workers', () => {
  it('have every state, also where no worker is in it', async () => {
    const { workers, page } = watched()
    expect((await page()).by('argus_workers', 'state')).toEqual({
      starting: 0,
      ready: 0,
      draining: 0,
      drained: 0,
    })
    const one = worker('one')
    workers.add(one)
    workers.add(worker('two', { draining: true }))
    expect((await page()).by('argus_workers', 'state')).toMatchObject({ starting: 1, drained: 1 })
    workers.update(one, { draining: true, held: 1 })
    expect((await page()).by('argus_workers', 'state')).toMatchObject({
      starting: 0,
      draining: 1,
      drained: 1,
    })
  })

  it('tell two of one name apart', async () => {
    const { page } = watched(worker('one'), worker('two', { slots: 7 }))
    expect((await page()).value('argus_worker_slots', { worker: 'attic', id: 'one' })).toBe(2)
    expect((await page()).value('argus_worker_slots', { worker: 'attic', id: 'two' })).toBe(7)
  })

  it('say what each has told, in base units', async () => {
    const beat = { at: performance.now() - 1500, usage: { cpu: 1.5, rssBytes: 640e6 } }
    const serving = { digest: 'd', engine: 'tfjs-wasm', imagesPerSecond: 31.5 } as const
    const { page } = watched(worker('one', { beat, serving, held: 3 }))
    const read = await page()
    expect(read.value('argus_worker_held_jobs')).toBe(3)
    expect(read.value('argus_worker_cpu_cores')).toBe(1.5)
    expect(read.value('argus_worker_resident_memory_bytes')).toBe(640e6)
    expect(read.value('argus_worker_heartbeat_age_seconds')).toBeCloseTo(1.5, 0)
    expect(read.value('argus_worker_images_per_second', { id: 'one', engine: 'tfjs-wasm' })).toBe(31.5)
  })

  it('leave out what is not known of a worker', async () => {
    const read = await watched(worker('one')).page()
    for (const name of ['cpu_cores', 'resident_memory_bytes', 'heartbeat_age_seconds', 'images_per_second']) {
      expect(read.find(`argus_worker_${name}`)).toEqual([])
    }
  })

  it('leave nothing behind of one that has gone', async () => {
    const gone = worker('one')
    const { workers, page } = watched(gone)
    expect((await page()).samples.some(({ labels }) => labels.id === 'one')).toBe(true)
    workers.remove(gone)
    expect((await page()).samples.some(({ labels }) => labels.id === 'one')).toBe(false)
  })
})
