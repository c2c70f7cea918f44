import { randomUUID } from 'node:crypto'
import { setImmediate as turnOfLoop } from 'node:timers/promises'
import { type Assignment, LEASE_MS, type Outcome, type OutcomeAnswer, type Welcome } from '@argus/shared'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  DIGEST,
  GRAPH_MODEL,
  type JobParts,
  openJobs,
  silentLog,
  submitPhoto,
  succeeded,
  tempFolder,
  writeModel,
} from '../../testing/unit.ts'
import { until } from '../../testing/until.ts'
import { Tickets } from '../auth/tickets.ts'
import { LagClock } from '../lag-clock.ts'
import { ModelCache } from '../models/model-cache.ts'
import { ModelService } from '../models/model-service.ts'
import { Recent } from '../statistics/recent.ts'
import type { JobRecord } from '../store/job-record.ts'
import { JobStore } from '../store/job-store.ts'
import { JobTransitions } from '../store/job-transitions.ts'
import { type ConnectedWorker, WorkerRegistry } from '../workers/worker-registry.ts'
import { Dispatcher } from './dispatcher.ts'
import { JobRecorder } from './job-recorder.ts'
import { JobService } from './job-service.ts'

const tickets = new Tickets('the-master-key')

/** A model that serves as soon as it is resolved. */
async function openModels(): Promise<ModelService> {
  const source = {
    label: 'a test model',
    pin: null,
    fetch: async (folder: string) => {
      await writeModel(folder)
      return { name: 'Tiny', interpretation: GRAPH_MODEL }
    },
  }
  const models = new ModelService(await ModelCache.open(await tempFolder()), [source], silentLog)
  models.onChange(() => {
    if (models.state.state === 'testing') models.accept(models.state.digest)
  })
  return models
}

/** Another service on the same database. */
function openService(parts: JobParts): Promise<JobService> {
  return JobService.open({ ...parts, maxPixels: 50_000_000, servingModel: () => null })
}

interface Parts extends JobParts {
  readonly models: ModelService
  readonly workers: WorkerRegistry
  readonly dispatcher: Dispatcher
}

type Override = Partial<Pick<JobParts, 'store' | 'recorder'>>

function startDispatcher(parts: JobParts, models: ModelService, override: Override = {}): Parts {
  const workers = new WorkerRegistry()
  const clock = new LagClock()
  const dispatcher = new Dispatcher({
    ...parts,
    ...override,
    models,
    workers,
    tickets,
    clock,
    log: silentLog,
  })
  onTestFinished(() => {
    dispatcher.stop()
    clock.stop()
  })
  return { ...parts, models, workers, dispatcher }
}

/**
 * A dispatcher on a real store, with the model serving.
 *
 * @param override for parts that behave otherwise
 */
async function start(override: (parts: JobParts) => Override = () => ({})): Promise<Parts> {
  const parts = await openJobs()
  const models = await openModels()
  await models.resolve()
  return startDispatcher(parts, models, override(parts))
}

interface FakeWorker extends ConnectedWorker {
  readonly assigned: Assignment[]
  readonly answered: OutcomeAnswer[]
  readonly revoked: string[]
  readonly welcomes: Welcome[]
  readonly drains: boolean[]
  /** Messages, whatever is in them. */
  messages: number
}

interface Hello {
  readonly id?: string
  readonly slots?: number
  readonly prefetch?: number
  readonly held?: readonly string[]
}

/** A worker without a process, which keeps what it is sent; it comes with this hello. */
function arrive({ workers, dispatcher }: Parts, name: string, hello: Hello = {}): FakeWorker {
  const { id = randomUUID(), slots = 1, prefetch = 0, held = [] } = hello
  const count = (take: () => void) => {
    worker.messages += 1
    take()
  }
  const worker: FakeWorker = {
    id,
    name,
    slots,
    prefetch,
    link: {
      welcome: (welcome) => count(() => worker.welcomes.push(welcome)),
      model: () => count(() => undefined),
      assign: (assignments) => count(() => worker.assigned.push(...assignments)),
      answers: (answers) => count(() => worker.answered.push(...answers)),
      revoke: (revoked) => count(() => worker.revoked.push(...revoked)),
      drain: ({ draining }) => count(() => worker.drains.push(draining)),
      close: () => undefined,
    },
    draining: false,
    leaving: false,
    serving: null,
    refused: null,
    held: 0,
    beat: null,
    recognised: new Recent(),
    assigned: [],
    answered: [],
    revoked: [],
    welcomes: [],
    drains: [],
    messages: 0,
  }
  workers.add(worker)
  const said = { token: '', protocol: 2, bootId: id, name, slots, prefetch, draining: false, held: [...held] }
  void dispatcher.connect(worker, said)
  return worker
}

/** The same once it is welcomed, and serves the model. */
async function connect(parts: Parts, name: string, hello: Hello = {}): Promise<FakeWorker> {
  const worker = arrive(parts, name, hello)
  await until(() => expect(worker.welcomes).toHaveLength(1))
  serve(parts, worker)
  return worker
}

function serve({ workers, models, dispatcher }: Parts, worker: FakeWorker): void {
  const serving = { digest: models.servingDigest ?? '', engine: 'tfjs-wasm', imagesPerSecond: 50 } as const
  workers.update(worker, { serving })
  dispatcher.open(worker)
}

function disconnect({ workers, dispatcher }: Parts, worker: FakeWorker, goodbye = false): void {
  workers.remove(worker)
  dispatcher.disconnect(worker, goodbye)
}

async function submit(parts: JobParts, count: number): Promise<string[]> {
  const ids: string[] = []
  for (let number = 0; number < count; number += 1) {
    ids.push((await submitPhoto(parts, `photo ${number}`)).id)
  }
  return ids
}

/** Waits until the worker was sent so many assignments in all; returns the last one. */
async function assignment(worker: FakeWorker, count = 1): Promise<Assignment> {
  await until(() => expect(worker.assigned).toHaveLength(count))
  const last = worker.assigned.at(-1)
  if (!last) throw new Error('Nothing was assigned')
  return last
}

/** Waits until the job is in this state on disk. */
async function reached(parts: JobParts, id: string, wanted: Partial<JobRecord>): Promise<void> {
  await until(async () => expect(await parts.jobs.find(id)).toMatchObject(wanted))
}

/** Waits for the answer to an outcome. */
async function answer(worker: FakeWorker, ticket: string): Promise<string | undefined> {
  const find = () => worker.answered.find((one) => one.ticket === ticket)
  await until(() => expect(find()).toBeDefined())
  return find()?.answer
}

function jobsOf(worker: FakeWorker): string[] {
  return worker.assigned.map(({ jobId }) => jobId)
}

function unreadable(ticket: string): Outcome {
  return { end: 'failed', ticket, code: 'image/unreadable', detail: 'cut off' }
}

/** Time that goes on as the test says; what reads and writes is real. */
function useTime(): void {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
}

function pass(milliseconds: number): void {
  for (let passed = 0; passed < milliseconds; passed += 50) vi.advanceTimersByTime(50)
}

describe('dealing', () => {
  it('sends a job to a worker that is ready, with a ticket for its photo, and writes it down', async () => {
    const parts = await start()
    const worker = await connect(parts, 'worker')
    const { id, sha256 } = await submitPhoto(parts)
    const sent = await assignment(worker)
    expect(sent).toMatchObject({ jobId: id, image: { sha256, type: 'image/png', width: 8, height: 8 } })
    const subject = { jobId: id, run: 1, attempt: 1, worker: worker.id, sha256 }
    expect(tickets.read(sent.ticket)).toEqual(subject)
    const holder = { attempt: 1, worker: worker.id }
    await reached(parts, id, { status: 'RUNNING', worker: 'worker', attempts: 1, holder })
    const digest = parts.models.servingDigest
    expect(await parts.jobs.history(id)).toMatchObject([
      { run: 1, number: 1, worker: 'worker', engine: 'tfjs-wasm', model: digest, end: null },
    ])
  })

  it('begins with what was queued before the start, in its order', async () => {
    const jobs = await openJobs()
    const ids = await submit(jobs, 3)
    const models = await openModels()
    await models.resolve()
    const parts = startDispatcher(jobs, models)
    const worker = await connect(parts, 'worker', { slots: 2 })
    await assignment(worker, 2)
    expect(jobsOf(worker)).toEqual(ids.slice(0, 2))
  })

  it('waits until the model serves, and for a worker that serves it', async () => {
    const jobs = await openJobs()
    const models = await openModels()
    const parts = startDispatcher(jobs, models)
    const early = await connect(parts, 'early', { slots: 5 })
    const [id] = await submit(parts, 1)
    await models.resolve()
    const ready = await connect(parts, 'ready')
    await assignment(ready)
    expect(jobsOf(ready)).toEqual([id])
    expect(early.assigned).toEqual([])
  })

  it('fills slots and prefetch and no more, with one message a tick', async () => {
    const jobs = await openJobs()
    await submit(jobs, 5)
    const models = await openModels()
    await models.resolve()
    const parts = startDispatcher(jobs, models)
    const worker = await connect(parts, 'worker', { slots: 2, prefetch: 1 })
    await until(() => expect(worker.messages).toBe(2))
    expect(worker.assigned).toHaveLength(3)
    expect(worker.held).toBe(3)
  })

  it('runs every job once, however workers and submits crowd', async () => {
    // These workers do not beat.
    useTime()
    const parts = await start()
    const workers = [await connect(parts, 'one'), await connect(parts, 'two', { slots: 2, prefetch: 2 })]
    const most = new Map<FakeWorker, number>()
    parts.workers.onChange(() => {
      for (const worker of workers) most.set(worker, Math.max(most.get(worker) ?? 0, worker.held))
    })
    await submit(parts, 10)
    const numbers = Array.from({ length: 20 }, (_, number) => number)
    const submitting = Promise.all(numbers.map((number) => submitPhoto(parts, `another ${number}`)))
    while (parts.jobs.changes.counts.SUCCEEDED < 30) {
      for (const worker of workers) {
        const outcomes = worker.assigned.splice(0).map(({ ticket }) => succeeded(ticket))
        parts.dispatcher.take(worker, outcomes)
      }
      await turnOfLoop()
    }
    await submitting
    expect(workers.map((worker) => most.get(worker))).toEqual([1, 4])
    for (const job of await parts.store.newest(30)) expect(job.attempts).toBe(1)
    await until(() => expect(workers.map(({ held }) => held)).toEqual([0, 0]))
  })

  it('has a later owner take turns with one who has queued many', async () => {
    const parts = await start()
    for (let number = 0; number < 6; number += 1) await submitPhoto(parts, `ann ${number}`, { owner: 'ann' })
    const worker = await connect(parts, 'worker')
    const first = await assignment(worker)
    const { id } = await submitPhoto(parts, 'bob', { owner: 'bob' })
    parts.dispatcher.take(worker, [succeeded(first.ticket)])
    const second = await assignment(worker, 2)
    parts.dispatcher.take(worker, [succeeded(second.ticket)])
    await assignment(worker, 3)
    expect(jobsOf(worker)).toContain(id)
  })

  it('reads the queue again when that failed', async () => {
    class Store extends JobStore {
      reads = 0
      override queued(...query: Parameters<JobStore['queued']>): ReturnType<JobStore['queued']> {
        this.reads += 1
        return this.reads === 1 ? Promise.reject(new Error('away')) : super.queued(...query)
      }
    }
    const jobs = await openJobs()
    const [id] = await submit(jobs, 1)
    const models = await openModels()
    await models.resolve()
    const parts = startDispatcher(jobs, models, { store: new Store(jobs.database) })
    const worker = await connect(parts, 'worker')
    expect((await assignment(worker)).jobId).toBe(id)
  })

  it('reads the queue again in doubt', async () => {
    const parts = await start()
    const worker = await connect(parts, 'worker')
    // Nobody tells of it, as of a submit whose COMMIT went through although its answer was lost.
    const other = await openService(parts)
    const { id } = await submitPhoto({ ...parts, jobs: other })
    for (let turn = 0; turn < 20; turn += 1) await turnOfLoop()
    expect(worker.assigned).toEqual([])
    parts.dispatcher.doubt()
    expect((await assignment(worker)).jobId).toBe(id)
  })

  it('ends when it is stopped', async () => {
    const parts = await start()
    const worker = await connect(parts, 'worker')
    parts.dispatcher.stop()
    await submit(parts, 1)
    for (let turn = 0; turn < 50; turn += 1) await turnOfLoop()
    expect(worker.assigned).toEqual([])
    expect(parts.jobs.changes.counts.QUEUED).toBe(1)
  })
})

describe('an outcome', () => {
  async function startOne() {
    const parts = await start()
    const worker = await connect(parts, 'worker')
    const [id = ''] = await submit(parts, 1)
    const { ticket } = await assignment(worker)
    return { parts, worker, id, ticket }
  }

  it('of success is recorded with the name of the model, answered, and frees the slot', async () => {
    const { parts, worker, id, ticket } = await startOne()
    const digest = parts.models.servingDigest ?? ''
    parts.dispatcher.take(worker, [succeeded(ticket, digest)])
    expect(worker.held).toBe(1)
    expect(await answer(worker, ticket)).toBe('recorded')
    expect(await parts.jobs.find(id)).toMatchObject({
      status: 'SUCCEEDED',
      result: { classes: [{ index: 417 }], model: { name: 'Tiny', digest } },
    })
    expect(await parts.jobs.history(id)).toMatchObject([{ number: 1, end: 'succeeded' }])
    expect(worker.held).toBe(0)
  })

  it('of failure is recorded, answered, and frees the slot for the next job', async () => {
    const { parts, worker, id, ticket } = await startOne()
    const [next] = await submit(parts, 1)
    parts.dispatcher.take(worker, [unreadable(ticket)])
    expect(await answer(worker, ticket)).toBe('recorded')
    const error = { errorCode: 'image/unreadable', errorDetail: 'cut off' } as const
    expect(await parts.jobs.find(id)).toMatchObject({ status: 'FAILED', ...error })
    expect(await parts.jobs.history(id)).toMatchObject([{ end: 'failed', ...error }])
    expect((await assignment(worker, 2)).jobId).toBe(next)
  })

  it('of a photo that was returned is recorded, and charged to nobody', async () => {
    const { parts, worker, id, ticket } = await startOne()
    const other = await connect(parts, 'other')
    parts.dispatcher.drain(worker, true)
    parts.dispatcher.take(worker, [{ end: 'returned', ticket }])
    expect(await answer(worker, ticket)).toBe('recorded')
    expect((await assignment(other)).jobId).toBe(id)
    await reached(parts, id, { status: 'RUNNING', attempts: 2, isSuspect: false, failures: 0 })
    expect(await parts.jobs.history(id)).toMatchObject([{ end: 'returned' }, { end: null }])
  })

  it('is obsolete where its ticket is none, or that of another worker', async () => {
    const { parts, worker, id, ticket } = await startOne()
    const other = await connect(parts, 'other')
    const forged = new Tickets('another key').issue({
      jobId: id,
      run: 1,
      attempt: 1,
      worker: worker.id,
      sha256: 's',
    })
    parts.dispatcher.take(other, [succeeded(ticket)])
    parts.dispatcher.take(worker, [succeeded(forged), unreadable('no ticket')])
    expect(await answer(other, ticket)).toBe('obsolete')
    expect(await answer(worker, forged)).toBe('obsolete')
    expect(await answer(worker, 'no ticket')).toBe('obsolete')
    expect(await parts.jobs.find(id)).toMatchObject({ status: 'RUNNING', attempts: 1 })
  })

  it('is recorded once, however often it comes', async () => {
    const { parts, worker, id, ticket } = await startOne()
    parts.dispatcher.take(worker, [succeeded(ticket), succeeded(ticket)])
    expect(await answer(worker, ticket)).toBe('recorded')
    parts.dispatcher.take(worker, [unreadable(ticket)])
    await until(() => expect(worker.answered).toHaveLength(2))
    expect(worker.answered.map((one) => one.answer)).toEqual(['recorded', 'obsolete'])
    expect(await parts.jobs.find(id)).toMatchObject({ status: 'SUCCEEDED' })
  })

  it('of success counts although another worker has the job by then, which is told', async () => {
    const { parts, worker, id, ticket } = await startOne()
    disconnect(parts, worker)
    const other = await connect(parts, 'other')
    const second = await assignment(other)
    const back = await connect(parts, 'worker', { id: worker.id })
    parts.dispatcher.take(back, [succeeded(ticket)])
    expect(await answer(back, ticket)).toBe('recorded')
    await until(() => expect(other.revoked).toEqual([second.ticket]))
    expect(await parts.jobs.find(id)).toMatchObject({ status: 'SUCCEEDED', worker: 'worker' })
    expect(await parts.jobs.history(id)).toMatchObject([{ end: 'succeeded' }, { end: 'revoked' }])
  })

  it('of failure is obsolete once another worker has the job', async () => {
    const { parts, worker, id, ticket } = await startOne()
    disconnect(parts, worker)
    await assignment(await connect(parts, 'other'))
    const back = await connect(parts, 'worker', { id: worker.id })
    parts.dispatcher.take(back, [unreadable(ticket)])
    expect(await answer(back, ticket)).toBe('obsolete')
    await reached(parts, id, { status: 'RUNNING', worker: 'other', failures: 0 })
  })

  it('of failure keeps a job from being dealt again that was cancelled with nobody told of it', async () => {
    useTime()
    const { parts, worker, id, ticket } = await startOne()
    // As a cancel whose COMMIT went through although its answer was lost.
    await reached(parts, id, { status: 'RUNNING' })
    await parts.committer.commit((transaction, revisions) =>
      new JobTransitions(transaction, revisions).cancel(id, Date.now()),
    )
    const outcome = { end: 'failed', ticket, code: 'worker/out-of-memory', detail: 'full' } as const
    parts.dispatcher.take(worker, [outcome])
    expect(await answer(worker, ticket)).toBe('obsolete')
    pass(2000)
    for (let turn = 0; turn < 20; turn += 1) await turnOfLoop()
    expect(jobsOf(worker)).toEqual([id])
  })

  it('that can never be written down is a failure, and the worker may forget it', async () => {
    class Recorder extends JobRecorder {
      override succeed(): ReturnType<JobRecorder['succeed']> {
        return Promise.reject(new Error('no such column'))
      }
    }
    const parts = await start(({ committer, images, jobs }) => ({
      recorder: new Recorder(committer, images, jobs.changes, silentLog),
    }))
    const worker = await connect(parts, 'worker')
    const [id = ''] = await submit(parts, 1)
    const { ticket } = await assignment(worker)
    parts.dispatcher.take(worker, [succeeded(ticket)])
    await until(() => expect(worker.revoked).toEqual([ticket]))
    await reached(parts, id, { status: 'QUEUED', failures: 1 })
    expect(worker.held).toBe(0)
  })
})

describe('a worker that goes', () => {
  it('gets its jobs dealt to another one, ahead of later ones', async () => {
    const parts = await start()
    const ids = await submit(parts, 2)
    const first = await connect(parts, 'first')
    await assignment(first)
    disconnect(parts, first)
    const second = await connect(parts, 'second')
    const { ticket } = await assignment(second)
    expect(tickets.read(ticket)).toMatchObject({ jobId: ids[0], attempt: 2 })
    await reached(parts, ids[0] ?? '', { status: 'RUNNING', isSuspect: true, attempts: 2 })
    expect(await parts.jobs.history(ids[0] ?? '')).toMatchObject([
      { worker: 'first', end: 'lost' },
      { worker: 'second', end: null },
    ])
  })

  it('in good order is charged with nothing', async () => {
    const parts = await start()
    const [id = ''] = await submit(parts, 1)
    const worker = await connect(parts, 'worker')
    await assignment(worker)
    disconnect(parts, worker, true)
    await reached(parts, id, { status: 'QUEUED', isSuspect: false })
    expect(await parts.jobs.history(id)).toMatchObject([{ end: 'returned' }])
  })

  it('four times ends the job, with the reason', async () => {
    const parts = await start()
    const [id = ''] = await submit(parts, 1)
    for (let number = 1; number <= 4; number += 1) {
      const worker = await connect(parts, `worker ${number}`)
      await vi.waitFor(() => expect(worker.assigned).toHaveLength(1), 10_000)
      disconnect(parts, worker)
    }
    await reached(parts, id, { status: 'FAILED', errorCode: 'worker/lost', losses: 3 })
    expect(await parts.jobs.find(id)).toMatchObject({ errorDetail: expect.stringContaining('went away') })
  })

  it('leaves its jobs to the next start when the master stops', async () => {
    const parts = await start()
    const worker = await connect(parts, 'worker')
    const [id = ''] = await submit(parts, 1)
    await reached(parts, id, { status: 'RUNNING' })
    parts.dispatcher.stop()
    disconnect(parts, worker)
    for (let turn = 0; turn < 20; turn += 1) await turnOfLoop()
    expect(await parts.jobs.find(id)).toMatchObject({ status: 'RUNNING' })
  })
})

describe('a worker that comes back', () => {
  it('goes on with what it holds, and drops what another one has', async () => {
    const parts = await start()
    const worker = await connect(parts, 'worker', { slots: 2 })
    const ids = await submit(parts, 2)
    await assignment(worker, 2)
    const held = worker.assigned.map(({ ticket }) => ticket)
    disconnect(parts, worker)
    const other = await connect(parts, 'other')
    const taken = (await assignment(other)).jobId
    expect(taken).toBe(ids[0])
    const back = await connect(parts, 'worker', { id: worker.id, slots: 2, held: [...held, 'no ticket'] })
    expect(back.welcomes[0]?.claims).toEqual([
      { ticket: held[0], answer: 'drop' },
      { ticket: held[1], answer: 'continue' },
    ])
    await reached(parts, ids[1] ?? '', { status: 'RUNNING', worker: 'worker', isSuspect: false, attempts: 1 })
    expect(await parts.jobs.history(ids[1] ?? '')).toMatchObject([{ number: 1, end: null }])
  })

  it('after a start of the master goes on with what that has queued again', async () => {
    const before = await start()
    const worker = await connect(before, 'worker')
    const [id = ''] = await submit(before, 1)
    const { ticket } = await assignment(worker)
    await reached(before, id, { status: 'RUNNING' })
    before.dispatcher.stop()
    const jobs = await openService(before)
    const recorder = new JobRecorder(before.committer, before.images, jobs.changes, silentLog)
    expect(await jobs.find(id)).toMatchObject({ status: 'QUEUED' })
    const parts = startDispatcher({ ...before, jobs, recorder }, before.models)
    const back = await connect(parts, 'worker', { id: worker.id, held: [ticket] })
    expect(back.welcomes[0]?.claims).toEqual([{ ticket, answer: 'continue' }])
    parts.dispatcher.take(back, [succeeded(ticket)])
    expect(await answer(back, ticket)).toBe('recorded')
    await reached(parts, id, { status: 'SUCCEEDED', attempts: 1, isSuspect: false })
  })

  it('on a second connection takes the place of the first, with what it holds', async () => {
    const parts = await start()
    const worker = await connect(parts, 'worker')
    const [id = ''] = await submit(parts, 1)
    const { ticket } = await assignment(worker)
    const again = await connect(parts, 'worker', { id: worker.id, held: [ticket] })
    expect(again.welcomes[0]?.claims).toEqual([{ ticket, answer: 'continue' }])
    // As the gateway does when the first one breaks at last.
    expect(parts.workers.remove(worker)).toBe(false)
    parts.dispatcher.take(again, [succeeded(ticket)])
    expect(await answer(again, ticket)).toBe('recorded')
    expect(await parts.jobs.history(id)).toMatchObject([{ number: 1, end: 'succeeded' }])
  })

  describe('while the database does not answer', () => {
    /** Finds no jobs until it is told to. */
    class Store extends JobStore {
      isAway = true
      override findAll(ids: readonly string[]): ReturnType<JobStore['findAll']> {
        return this.isAway ? Promise.reject(new Error('away')) : super.findAll(ids)
      }
    }

    async function startAway() {
      let store: Store | undefined
      const parts = await start(({ database }) => {
        store = new Store(database)
        return { store }
      })
      if (!store) throw new Error('There is a store')
      store.isAway = false
      const worker = await connect(parts, 'worker')
      const [id = ''] = await submit(parts, 1)
      const { ticket } = await assignment(worker)
      await reached(parts, id, { status: 'RUNNING' })
      store.isAway = true
      return { parts, store, worker, id, ticket }
    }

    it('is welcomed, and dealt jobs, when it answers', async () => {
      const { parts, store, worker, id, ticket } = await startAway()
      const back = arrive(parts, 'worker', { id: worker.id, slots: 2, held: [ticket] })
      serve(parts, back)
      await submitPhoto(parts, 'another')
      for (let turn = 0; turn < 20; turn += 1) await turnOfLoop()
      expect([back.welcomes, back.assigned]).toEqual([[], []])
      store.isAway = false
      await assignment(back)
      expect(back.welcomes).toEqual([{ claims: [{ ticket, answer: 'continue' }] }])
      expect(await parts.jobs.find(id)).toMatchObject({ status: 'RUNNING', isSuspect: false })
    })

    it('does not go on with what it has returned meanwhile', async () => {
      const { parts, store, worker, id, ticket } = await startAway()
      disconnect(parts, worker)
      const back = arrive(parts, 'worker', { id: worker.id, held: [ticket] })
      parts.dispatcher.take(back, [{ end: 'returned', ticket }])
      expect(await answer(back, ticket)).toBe('obsolete')
      store.isAway = false
      await until(() => expect(back.welcomes).toEqual([{ claims: [{ ticket, answer: 'drop' }] }]))
      serve(parts, back)
      expect(tickets.read((await assignment(back)).ticket)).toMatchObject({ jobId: id, attempt: 2 })
    })

    it('and goes again is not welcomed', async () => {
      const { parts, store, worker, ticket } = await startAway()
      disconnect(parts, worker)
      const back = arrive(parts, 'worker', { id: worker.id, held: [ticket] })
      disconnect(parts, back)
      store.isAway = false
      const third = await connect(parts, 'worker', { id: worker.id, held: [ticket] })
      expect(third.welcomes).toEqual([{ claims: [{ ticket, answer: 'continue' }] }])
      expect(back.welcomes).toEqual([])
    })
  })
})

describe('a lease', () => {
  it('lasts as long as beats name the attempt, and then it is taken away', async () => {
    const jobs = await openJobs()
    const models = await openModels()
    await models.resolve()
    useTime()
    const parts = startDispatcher(jobs, models)
    const worker = await connect(parts, 'worker')
    const [id = ''] = await submit(parts, 1)
    const { ticket } = await assignment(worker)
    for (let second = 0; second < 10; second += 1) {
      parts.dispatcher.beat(worker, [ticket, 'no ticket'])
      pass(1000)
    }
    expect(worker.held).toBe(1)
    pass(LEASE_MS)
    expect(worker.held).toBe(0)
    await until(() => expect(worker.revoked).toEqual([ticket]))
    await reached(parts, id, { status: 'QUEUED', isSuspect: true })
    expect(await parts.jobs.history(id)).toMatchObject([{ end: 'expired' }])
  })
})

describe('a cancel', () => {
  it('of a job that runs takes it off its worker', async () => {
    const parts = await start()
    const worker = await connect(parts, 'worker')
    const [id = '', next] = await submit(parts, 2)
    const { ticket } = await assignment(worker)
    await parts.jobs.cancel(id)
    expect((await assignment(worker, 2)).jobId).toBe(next)
    expect(worker.revoked).toEqual([ticket])
    parts.dispatcher.take(worker, [succeeded(ticket)])
    expect(await answer(worker, ticket)).toBe('obsolete')
    expect(await parts.jobs.find(id)).toMatchObject({ status: 'CANCELLED' })
  })

  it('of a job that waits keeps it from being dealt, and a retry brings it back', async () => {
    const parts = await start()
    const [id = ''] = await submit(parts, 1)
    await parts.jobs.cancel(id)
    const worker = await connect(parts, 'worker')
    for (let turn = 0; turn < 20; turn += 1) await turnOfLoop()
    expect(worker.assigned).toEqual([])
    await parts.jobs.retry(id)
    const { ticket } = await assignment(worker)
    expect(tickets.read(ticket)).toMatchObject({ jobId: id, run: 2, attempt: 1 })
  })
})

describe('a drain', () => {
  it('tells the worker and deals it nothing, until it is resumed', async () => {
    const parts = await start()
    const worker = await connect(parts, 'worker')
    parts.dispatcher.drain(worker, true)
    const [id] = await submit(parts, 1)
    for (let turn = 0; turn < 20; turn += 1) await turnOfLoop()
    expect(worker).toMatchObject({ drains: [true], draining: true, assigned: [] })
    parts.dispatcher.drain(worker, false)
    expect((await assignment(worker)).jobId).toBe(id)
    expect(worker.drains).toEqual([true, false])
  })

  it('of a worker that is about to end is not taken back', async () => {
    const parts = await start()
    const worker = await connect(parts, 'worker')
    parts.workers.update(worker, { draining: true, leaving: true })
    expect(() => parts.dispatcher.drain(worker, false)).toThrow(
      expect.objectContaining({ code: 'worker/leaving' }),
    )
  })
})

describe('the model', () => {
  it('that a worker serves has to be the one that serves', async () => {
    const parts = await start()
    const worker = await connect(parts, 'worker')
    parts.workers.update(worker, { serving: { digest: DIGEST, engine: 'tfjs-wasm', imagesPerSecond: 50 } })
    parts.dispatcher.open(worker)
    await submit(parts, 1)
    for (let turn = 0; turn < 20; turn += 1) await turnOfLoop()
    expect(worker.assigned).toEqual([])
  })
})
