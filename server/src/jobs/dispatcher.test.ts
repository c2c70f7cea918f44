import { setImmediate } from 'node:timers/promises'
import type { Assignment, Outcome } from '@argus/shared'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  GRAPH_MODEL,
  type JobParts,
  openJobs,
  silentLog,
  submitPhoto,
  succeeded,
  tempFolder,
  writeModel,
} from '../../testing/unit.ts'
import { Tickets } from '../auth/tickets.ts'
import { ModelCache } from '../models/model-cache.ts'
import { ModelService } from '../models/model-service.ts'
import { JobStore } from '../store/job-store.ts'
import { type ConnectedWorker, WorkerRegistry } from '../workers/worker-registry.ts'
import { Dispatcher } from './dispatcher.ts'

const tickets = new Tickets('the-master-key')

/** A dispatcher on a real store; the model serves as soon as `serve` is called. */
async function startDispatcher(createStore = JobStore) {
  const parts = await openJobs(createStore)
  const source = {
    label: 'a test model',
    pin: null,
    fetch: async (folder: string) => {
      await writeModel(folder)
      return { name: 'Tiny', interpretation: GRAPH_MODEL }
    },
  }
  const models = new ModelService(await ModelCache.open(await tempFolder()), [source], silentLog)
  const workers = new WorkerRegistry()
  const dispatcher = new Dispatcher(parts.jobs, workers, models, tickets, silentLog)
  onTestFinished(() => dispatcher.stop())
  models.onChange(() => {
    if (models.state.state === 'testing') models.accept(models.state.digest)
  })
  return { ...parts, models, workers, dispatcher }
}

type Parts = Awaited<ReturnType<typeof startDispatcher>>

/** The same with the model serving. */
async function startServing(createStore = JobStore): Promise<Parts> {
  const parts = await startDispatcher(createStore)
  await parts.models.resolve()
  return parts
}

interface FakeWorker extends ConnectedWorker {
  /** All that it was sent. */
  readonly received: Assignment[]
  /** The most attempts that it held at once. */
  mostHeld: number
}

/** A worker without a process: it keeps what it is sent. */
function connect({ workers, models, dispatcher }: Parts, name: string, slots: number): FakeWorker {
  const worker: FakeWorker = {
    id: `connection of ${name}`,
    name,
    slots,
    serving: null,
    refused: null,
    attempts: new Map(),
    received: [],
    mostHeld: 0,
    assign: (assignments) => {
      worker.received.push(...assignments)
    },
  }
  workers.onChange(() => {
    worker.mostHeld = Math.max(worker.mostHeld, worker.attempts.size)
  })
  workers.add(worker)
  workers.serve(worker, { digest: models.servingDigest ?? '', engine: 'tfjs-wasm', imagesPerSecond: 50 })
  dispatcher.wake()
  return worker
}

function disconnect({ workers, dispatcher }: Parts, worker: FakeWorker): Promise<void> {
  workers.remove(worker)
  return dispatcher.recover(worker)
}

async function submitMany(parts: JobParts, count: number): Promise<string[]> {
  const ids: string[] = []
  for (let number = 0; number < count; number += 1) {
    ids.push((await submitPhoto(parts, `photo ${number}`)).id)
  }
  return ids
}

function jobsOf(worker: FakeWorker): string[] {
  return worker.received.map(({ jobId }) => jobId)
}

function failed(jobId: string, attempt: number): Outcome {
  return { end: 'failed', jobId, attempt, code: 'image/unreadable', detail: 'cut off' }
}

describe('dealing', () => {
  it('sends a job to a worker that is ready, with a ticket for its photo', async () => {
    const parts = await startServing()
    const worker = connect(parts, 'worker', 1)
    const job = await submitPhoto(parts)
    await vi.waitFor(() => expect(worker.received).toHaveLength(1))
    const { sha256 } = job
    expect(worker.received[0]).toMatchObject({
      jobId: job.id,
      attempt: 1,
      image: { sha256, type: 'image/png', width: 8, height: 8 },
    })
    expect(tickets.opens(worker.received[0]?.ticket ?? '', sha256)).toBe(true)
    expect(await parts.jobs.find(job.id)).toMatchObject({ status: 'RUNNING', worker: 'worker', attempts: 1 })
  })

  it('waits for a worker', async () => {
    const parts = await startServing()
    const [id] = await submitMany(parts, 1)
    expect(parts.jobs.counts.QUEUED).toBe(1)
    const worker = connect(parts, 'worker', 1)
    await vi.waitFor(() => expect(jobsOf(worker)).toEqual([id]))
  })

  it('waits until the model serves, and for a worker that serves it', async () => {
    const parts = await startDispatcher()
    const early = connect(parts, 'early', 5)
    const [id] = await submitMany(parts, 1)
    await parts.models.resolve()
    const ready = connect(parts, 'ready', 1)
    await vi.waitFor(() => expect(jobsOf(ready)).toEqual([id]))
    expect(early.received).toEqual([])
  })

  it('fills free slots and never more, in the order of the queue', async () => {
    const parts = await startServing()
    const ids = await submitMany(parts, 10)
    const [one, three] = [connect(parts, 'one', 1), connect(parts, 'three', 3)]
    await vi.waitFor(() => expect(parts.jobs.counts.RUNNING).toBe(4))
    await vi.waitFor(() => expect([...jobsOf(one), ...jobsOf(three)].sort()).toEqual(ids.slice(0, 4)))
    const held = () => [...one.attempts, ...three.attempts].length
    while (parts.jobs.counts.SUCCEEDED < 10) {
      const worker = one.attempts.size > 0 ? one : three
      const [jobId = '', attempt = 0] = [...worker.attempts][0] ?? []
      expect(await parts.dispatcher.record(worker, succeeded(jobId, attempt))).toBe(true)
      const left = 10 - parts.jobs.counts.SUCCEEDED
      await vi.waitFor(() => expect(held()).toBe(Math.min(4, left)))
    }
    expect([one.mostHeld, three.mostHeld]).toEqual([1, 3])
    expect([...jobsOf(one), ...jobsOf(three)].sort()).toEqual(ids)
  })

  it('never overfills a worker when jobs, outcomes and wakes come all at once', async () => {
    const parts = await startServing()
    const workers = [connect(parts, 'one', 1), connect(parts, 'two', 2)]
    const submitting = Promise.all(
      Array.from({ length: 30 }, (_, number) => submitPhoto(parts, `photo ${number}`)),
    )
    while (parts.jobs.counts.SUCCEEDED < 30) {
      await Promise.all(
        workers.flatMap((worker) =>
          worker.received.splice(0).map(({ jobId, attempt }) => {
            parts.dispatcher.wake()
            return parts.dispatcher.record(worker, succeeded(jobId, attempt))
          }),
        ),
      )
      parts.dispatcher.wake()
      await setImmediate()
    }
    await submitting
    expect(workers.map(({ mostHeld }) => mostHeld)).toEqual([1, 2])
    for (const job of await parts.jobs.newest(30)) expect(job.attempts).toBe(1)
  })

  it('gives a few jobs to the worker with the most free slots', async () => {
    const parts = await startServing()
    const [small, large] = [connect(parts, 'small', 1), connect(parts, 'large', 4)]
    await submitMany(parts, 3)
    await vi.waitFor(() => expect(large.received).toHaveLength(3))
    expect(small.received).toEqual([])
  })

  it('ends when it is stopped', async () => {
    const parts = await startServing()
    parts.dispatcher.stop()
    const worker = connect(parts, 'worker', 1)
    await submitMany(parts, 1)
    parts.dispatcher.wake()
    // More turns than any deal takes.
    for (let turn = 0; turn < 50; turn += 1) await setImmediate()
    expect(await parts.jobs.nextQueued(2)).toHaveLength(1)
    expect(worker.attempts.size).toBe(0)
  })
})

describe('a worker that goes', () => {
  it('gets its jobs queued again, for another one, ahead of later ones', async () => {
    const parts = await startServing()
    const ids = await submitMany(parts, 3)
    const first = connect(parts, 'first', 2)
    await vi.waitFor(() => expect(first.received).toHaveLength(2))
    await disconnect(parts, first)
    expect(parts.jobs.counts).toMatchObject({ QUEUED: 3, RUNNING: 0 })
    const second = connect(parts, 'second', 3)
    await vi.waitFor(() => expect(second.received).toHaveLength(3))
    expect(second.received.map(({ jobId, attempt }) => [jobId, attempt])).toEqual([
      [ids[0], 2],
      [ids[1], 2],
      [ids[2], 1],
    ])
  })

  it('loses nothing when it goes while a job is being started for it', async () => {
    let goes: () => void = () => undefined
    /** The worker disconnects when the row is written, and nobody has noted yet that it holds the job. */
    class Store extends JobStore {
      override async start(...start: Parameters<JobStore['start']>): Promise<boolean> {
        const done = await super.start(...start)
        goes()
        return done
      }
    }
    const parts = await startServing(Store)
    const first = connect(parts, 'first', 1)
    goes = () => {
      goes = () => undefined
      void disconnect(parts, first)
    }
    const [id] = await submitMany(parts, 1)
    await vi.waitFor(async () => expect(await parts.jobs.nextQueued(1)).toMatchObject([{ attempts: 1 }]))
    expect(first.received).toEqual([])
    const second = connect(parts, 'second', 1)
    await vi.waitFor(() => expect(second.received).toMatchObject([{ jobId: id, attempt: 2 }]))
  })

  it('leaves its jobs to the next start when the master stops', async () => {
    const parts = await startServing()
    const worker = connect(parts, 'worker', 1)
    await submitMany(parts, 1)
    await vi.waitFor(() => expect(worker.received).toHaveLength(1))
    parts.dispatcher.stop()
    await disconnect(parts, worker)
    expect(parts.jobs.counts).toMatchObject({ QUEUED: 0, RUNNING: 1 })
  })
})

describe('an outcome', () => {
  async function startOne(slots = 1) {
    const parts = await startServing()
    const worker = connect(parts, 'worker', slots)
    const [id = ''] = await submitMany(parts, 1)
    await vi.waitFor(() => expect(worker.received).toHaveLength(1))
    return { parts, worker, id }
  }

  it('of success is recorded with the name of the model, and frees the slot', async () => {
    const { parts, worker, id } = await startOne()
    const digest = parts.models.servingDigest ?? ''
    expect(await parts.dispatcher.record(worker, succeeded(id, 1, digest))).toBe(true)
    expect(await parts.jobs.find(id)).toMatchObject({
      status: 'SUCCEEDED',
      result: { classes: [{ index: 417 }], model: { name: 'Tiny', digest } },
    })
    expect(worker.attempts.size).toBe(0)
  })

  it('of failure is recorded, and frees the slot for the next job', async () => {
    const { parts, worker, id } = await startOne()
    const [next] = await submitMany(parts, 1)
    expect(await parts.dispatcher.record(worker, failed(id, 1))).toBe(true)
    expect(await parts.jobs.find(id)).toMatchObject({ status: 'FAILED', errorCode: 'image/unreadable' })
    await vi.waitFor(() => expect(jobsOf(worker)).toEqual([id, next]))
  })

  it('is obsolete for an attempt that the worker does not hold', async () => {
    const { parts, worker, id } = await startOne()
    const other = connect(parts, 'other', 1)
    expect(await parts.dispatcher.record(other, succeeded(id, 1))).toBe(false)
    expect(await parts.dispatcher.record(worker, succeeded(id, 2))).toBe(false)
    expect(await parts.dispatcher.record(worker, failed('none', 1))).toBe(false)
    expect(await parts.jobs.find(id)).toMatchObject({ status: 'RUNNING', attempts: 1 })
    expect(worker.attempts.get(id)).toBe(1)
  })

  it('is recorded once', async () => {
    const { parts, worker, id } = await startOne()
    expect(await parts.dispatcher.record(worker, succeeded(id, 1))).toBe(true)
    expect(await parts.dispatcher.record(worker, failed(id, 1))).toBe(false)
    expect(await parts.jobs.find(id)).toMatchObject({ status: 'SUCCEEDED' })
  })

  it('of a worker that has gone is obsolete once its job is queued again', async () => {
    const { parts, worker, id } = await startOne()
    await disconnect(parts, worker)
    expect(await parts.dispatcher.record(worker, succeeded(id, 1))).toBe(false)
    expect(await parts.jobs.find(id)).toMatchObject({ status: 'QUEUED' })
  })
})

describe('a store that fails', () => {
  it('costs no job that was started before it failed, and is tried again', async () => {
    let starts = 0
    class Store extends JobStore {
      override start(...start: Parameters<JobStore['start']>): Promise<boolean> {
        starts += 1
        return starts === 2 ? Promise.reject(new Error('The disk is full')) : super.start(...start)
      }
    }
    const parts = await startServing(Store)
    const ids = await submitMany(parts, 3)
    const worker = connect(parts, 'worker', 3)
    await vi.waitFor(() => expect(jobsOf(worker)).toEqual(ids), 10_000)
  })
})
