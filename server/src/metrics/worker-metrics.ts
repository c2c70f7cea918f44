/**
 * The workers that are connected, for Prometheus. All of it is looked up when it is asked for, so that a worker
 * that has gone leaves nothing behind.
 */
import type { WorkerView } from '@argus/shared'
import { Gauge, type Registry } from 'prom-client'
import type { ConnectedWorker, WorkerRegistry } from '../workers/worker-registry.ts'

/** A record, so that none is forgotten: a state that no worker is in is there with 0. */
const NO_WORKERS: Readonly<Record<WorkerView['state'], 0>> = {
  starting: 0,
  ready: 0,
  draining: 0,
  drained: 0,
}

/** Two workers may have the same name; the id is that of the process. */
const NAMES = ['worker', 'id'] as const

export function registerWorkerMetrics(registry: Registry, workers: WorkerRegistry): void {
  const registers = [registry]
  new Gauge({
    name: 'argus_workers',
    help: 'Workers that are connected now, by their state.',
    labelNames: ['state'],
    registers,
    collect() {
      const counts: Record<WorkerView['state'], number> = { ...NO_WORKERS }
      for (const { state } of workers.views()) counts[state] += 1
      for (const [state, count] of Object.entries(counts)) this.set({ state }, count)
    },
  })

  /** @param read null where the worker has none */
  const eachWorker = (name: string, help: string, read: (worker: ConnectedWorker) => number | null) =>
    new Gauge({
      name,
      help,
      labelNames: NAMES,
      registers,
      collect() {
        this.reset()
        for (const worker of workers.all()) {
          const value = read(worker)
          if (value !== null) this.set({ worker: worker.name, id: worker.id }, value)
        }
      },
    })
  eachWorker(
    'argus_worker_slots',
    'How many photos a connected worker recognises at once.',
    ({ slots }) => slots,
  )
  eachWorker(
    'argus_worker_held_jobs',
    'Jobs that a connected worker holds: in its slots, and fetched ahead.',
    ({ held }) => held,
  )
  eachWorker(
    'argus_worker_cpu_cores',
    'Cores that the process of a connected worker uses, as it told last.',
    ({ beat }) => beat?.usage?.cpu ?? null,
  )
  eachWorker(
    'argus_worker_resident_memory_bytes',
    'Memory that the process of a connected worker has, as it told last.',
    ({ beat }) => beat?.usage?.rssBytes ?? null,
  )
  eachWorker(
    'argus_worker_heartbeat_age_seconds',
    'Time since the last heartbeat of a connected worker.',
    ({ beat }) => beat && (performance.now() - beat.at) / 1000,
  )
  new Gauge({
    name: 'argus_worker_images_per_second',
    help: 'How fast one thread of a connected worker is with its engine, as measured when it loaded the model, decoding excluded.',
    labelNames: [...NAMES, 'engine'],
    registers,
    collect() {
      this.reset()
      for (const { name: worker, id, serving } of workers.all()) {
        if (serving) this.set({ worker, id, engine: serving.engine }, serving.imagesPerSecond)
      }
    },
  })
}
