import { type ModelDescriptor, type ModelRefusal, ProblemError, type WorkerReady } from '@argus/shared'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { ManualPool, recogniserWith } from '../testing/manual-pool.ts'
import { assignment, modelOf } from '../testing/test-master.ts'
import { SILENT } from '../testing/unit.ts'
import { HeldAttempts } from './held-attempts.ts'
import { Outbox } from './outbox.ts'
import type { Recogniser } from './recogniser/recogniser.ts'
import { ServedModel } from './served-model.ts'

const A = modelOf('a')
const B = modelOf('b')

let prepare: ReturnType<typeof vi.fn<(model: ModelDescriptor) => Promise<Recogniser>>>
let pools: Map<string, ManualPool>
let ready: WorkerReady[]
let refused: ModelRefusal[]
let attempts: HeldAttempts
let model: ServedModel

beforeEach(() => {
  pools = new Map()
  ready = []
  refused = []
  prepare = vi.fn(async (wanted) => {
    const pool = new ManualPool()
    pools.set(wanted.digest, pool)
    return recogniserWith(pool, wanted)
  })
  attempts = new HeldAttempts({
    slots: 1,
    fetch: async () => new Uint8Array([1]),
    outbox: new Outbox(() => undefined),
    log: SILENT,
  })
  model = new ServedModel({
    prepare,
    attempts,
    sayReady: (message) => ready.push(message),
    sayRefused: (message) => refused.push(message),
    log: SILENT,
  })
})

const settle = () => new Promise(setImmediate)
const prepared = () => prepare.mock.calls.map(([{ digest }]) => digest)
const served = () => ready.map(({ digest }) => digest)

describe('ServedModel', () => {
  it('prepares the model once, and says so each time that it is asked', async () => {
    model.want(A)
    await settle()
    model.want(A)
    await settle()
    expect(ready).toEqual([
      { digest: A.digest, engine: 'tfjs-wasm', imagesPerSecond: 100 },
      { digest: A.digest, engine: 'tfjs-wasm', imagesPerSecond: 100 },
    ])
    expect(prepared()).toEqual([A.digest])
  })

  it('finishes with the old model before it prepares another', async () => {
    model.want(A)
    await settle()
    attempts.assign(assignment('t1'))
    await settle()
    model.want(B)
    await settle()
    expect(prepared()).toEqual([A.digest])
    pools.get(A.digest)?.finishNext()
    await settle()
    expect(pools.get(A.digest)?.isClosed).toBe(true)
    expect(served()).toEqual([A.digest, B.digest])
  })

  it('prepares the old model anew when it is named again while it is given up', async () => {
    model.want(A)
    await settle()
    attempts.assign(assignment('t1'))
    await settle()
    const first = pools.get(A.digest)
    model.want(B)
    await settle()
    model.want(A)
    first?.finishNext()
    await settle()
    expect(first?.isClosed).toBe(true)
    expect(pools.get(A.digest)?.isClosed).toBe(false)
    expect(served()).toEqual([A.digest, A.digest])
  })

  it('skips a model that is not wanted any more', async () => {
    model.want(A)
    model.want(B)
    await settle()
    expect(prepared()).toEqual([B.digest])
    expect(served()).toEqual([B.digest])
  })

  it('takes photos only for the model that it serves', async () => {
    model.want(A)
    attempts.assign(assignment('early'))
    await settle()
    attempts.assign(assignment('t1'))
    await settle()
    expect(pools.get(A.digest)?.photos).toHaveLength(1)
  })

  it('refuses a model that is at fault, for good', async () => {
    useFakeTimeouts()
    prepare.mockRejectedValue(new ProblemError('model/self-test', 'It is wrong.'))
    model.want(A)
    await settle()
    expect(refused).toEqual([{ digest: A.digest, code: 'model/self-test', detail: 'It is wrong.' }])
    vi.advanceTimersByTime(60_000)
    await settle()
    expect(prepare).toHaveBeenCalledOnce()
  })

  it('tries again where the model is not at fault, while it is wanted', async () => {
    useFakeTimeouts()
    prepare.mockRejectedValueOnce(new Error('x'.repeat(3000)))
    model.want(A)
    await settle()
    expect(refused).toEqual([{ digest: A.digest, code: 'worker/failed', detail: 'x'.repeat(2000) }])
    vi.advanceTimersByTime(5000)
    await settle()
    expect(served()).toEqual([A.digest])
    prepare.mockRejectedValueOnce(new Error('disk full'))
    model.want(B)
    await settle()
    model.want(A)
    await settle()
    vi.advanceTimersByTime(60_000)
    await settle()
    expect(prepared()).toEqual([A.digest, A.digest, B.digest, A.digest])
  })

  it('ends the threads of what it serves, and of what it prepares just now', async () => {
    model.want(A)
    await settle()
    await model.close()
    expect(pools.get(A.digest)?.isClosed).toBe(true)

    const late = new ManualPool()
    prepare.mockImplementation(async (wanted) => {
      await settle()
      return recogniserWith(late, wanted)
    })
    const other = new ServedModel({
      prepare,
      attempts,
      sayReady: (message) => ready.push(message),
      sayRefused: (message) => refused.push(message),
      log: SILENT,
    })
    other.want(B)
    await Promise.resolve()
    await other.close()
    await settle()
    await settle()
    expect(late.isClosed).toBe(true)
    expect(served()).toEqual([A.digest])
  })
})

function useFakeTimeouts(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
}
