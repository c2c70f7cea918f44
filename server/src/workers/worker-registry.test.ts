import { describe, expect, it } from 'vitest'
import { Recent } from '../statistics/recent.ts'
import { type ConnectedWorker, toView, WorkerRegistry } from './worker-registry.ts'

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

const SERVING = { digest: 'm1', engine: 'tfjs-wasm', imagesPerSecond: 50 } as const

function worker(id: string, change: Partial<ConnectedWorker> = {}): ConnectedWorker {
  const state = { draining: false, leaving: false, serving: null, refused: null, held: 0 }
  const fresh = { ...state, beat: null, recognised: new Recent() }
  return { id, name: `worker ${id}`, slots: 2, prefetch: 2, link: LINK, ...fresh, ...change }
}

/** A registry with these, and how often it told of a change since. */
function registryOf(...workers: ConnectedWorker[]) {
  const registry = new WorkerRegistry()
  for (const each of workers) registry.add(each)
  const told = { changes: 0 }
  registry.onChange(() => {
    told.changes += 1
  })
  return { registry, told }
}

describe('the workers that are connected', () => {
  it('are known from their connection to their end', () => {
    const [a, b] = [worker('a'), worker('b')]
    const { registry, told } = registryOf(a)
    registry.add(b)
    expect(registry.all()).toEqual([a, b])
    expect(registry.find('a')).toBe(a)
    expect(registry.remove(a)).toBe(true)
    expect(registry.find('a')).toBeNull()
    expect(registry.has(a)).toBe(false)
    expect(told.changes).toBe(2)
  })

  it('are displaced by a later connection of the same process', () => {
    const [old, young] = [worker('a'), worker('a')]
    const { registry, told } = registryOf(old)
    registry.add(young)
    expect([registry.has(old), registry.has(young)]).toEqual([false, true])
    expect(registry.all()).toEqual([young])
    // The old connection breaks at last: nobody has gone.
    expect(registry.remove(old)).toBe(false)
    expect(registry.find('a')).toBe(young)
    expect(told.changes).toBe(1)
  })

  it('are removed once', () => {
    const a = worker('a')
    const { registry } = registryOf(a)
    expect([registry.remove(a), registry.remove(a)]).toEqual([true, false])
  })

  it('tell of each change', () => {
    const a = worker('a')
    const { registry, told } = registryOf(a)
    registry.update(a, { draining: true, held: 2 })
    expect(a).toMatchObject({ draining: true, held: 2 })
    expect(told.changes).toBe(1)
  })
})

describe('a model', () => {
  it('is served by those that have loaded it and take work', () => {
    const serving = worker('serving', { serving: SERVING })
    const { registry } = registryOf(
      worker('starting'),
      serving,
      worker('drained', { serving: SERVING, draining: true }),
      worker('other', { serving: { ...SERVING, digest: 'm2' } }),
    )
    expect(registry.serving('m1')).toEqual([serving])
  })

  it('is at fault where each worker that is connected has found it so', () => {
    const [a, b] = [worker('a', { refused: 'm1' }), worker('b')]
    const { registry } = registryOf(a, b)
    expect(registry.allRefuse('m1')).toBe(false)
    registry.update(b, { refused: 'm1' })
    expect(registry.allRefuse('m1')).toBe(true)
    expect(registry.allRefuse('m2')).toBe(false)
  })

  it('is not at fault where nobody is connected', () => {
    expect(registryOf().registry.allRefuse('m1')).toBe(false)
  })
})

describe('on the board', () => {
  const STATES = [
    ['starting', {}],
    ['ready', { serving: SERVING }],
    ['draining', { serving: SERVING, draining: true, held: 1 }],
    ['drained', { serving: SERVING, draining: true }],
    ['drained', { draining: true }],
  ] as const

  for (const [state, change] of STATES) {
    it(`a worker is ${state} with ${JSON.stringify(change)}`, () => {
      expect(toView(worker('a', change)).state).toBe(state)
    })
  }

  it('shows what it serves, and how much it holds', () => {
    expect(toView(worker('a', { serving: SERVING, held: 3 }))).toEqual({
      id: 'a',
      name: 'worker a',
      state: 'ready',
      engine: 'tfjs-wasm',
      imagesPerSecond: 50,
      slots: 2,
      busy: 2,
      held: 3,
    })
    expect(toView(worker('a', { held: 1 }))).toMatchObject({ engine: null, imagesPerSecond: null, busy: 1 })
  })

  it('shows workers by name', () => {
    const { registry } = registryOf(worker('b'), worker('a'), worker('c'))
    expect(registry.views().map(({ id }) => id)).toEqual(['a', 'b', 'c'])
  })

  it('have figures: their last heartbeat, and what they recognised in the last minute', () => {
    const quiet = worker('quiet')
    const busy = worker('busy', {
      beat: { at: performance.now() - 1500, usage: { cpu: 1.5, rssBytes: 300_000_000 } },
    })
    for (let photo = 0; photo < 3; photo += 1) busy.recognised.add(40)
    const { registry } = registryOf(quiet, busy)
    const [first, second] = registry.figures()
    expect(first).toMatchObject({ name: 'worker busy', cpu: 1.5, rssBytes: 300_000_000, recognised: 3 })
    expect(first?.beatAgeMs).toBeGreaterThanOrEqual(1500)
    expect(second).toMatchObject({ cpu: null, rssBytes: null, beatAgeMs: null, recognised: 0 })
  })
})
