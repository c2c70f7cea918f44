import type { ServerResponse } from 'node:http'
import { PROTOCOL_VERSION, ProblemError } from '@argus/shared'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { ManualPool, recogniserWith } from '../testing/manual-pool.ts'
import {
  assignment,
  configFor,
  modelOf,
  PHOTO,
  startMaster,
  type TestMaster,
  TOKEN,
  until,
} from '../testing/test-master.ts'
import { SILENT } from '../testing/unit.ts'
import { Agent } from './agent.ts'

/** How long it waits to be answered before it leaves; a test can have it shorter. */
const LEAVE_MS = 30_000
const patience = vi.hoisted(() => ({ leaveMs: 30_000 }))
vi.mock(import('node:timers/promises'), async (original) => {
  const timers = await original()
  const setTimeout: typeof timers.setTimeout = (ms, value, options) =>
    timers.setTimeout(ms === LEAVE_MS ? patience.leaveMs : ms, value, options)
  return { ...timers, setTimeout }
})

const MODEL = modelOf('a')
const OTHER_MODEL = modelOf('b')

let master: TestMaster
/** One for each model that was prepared. */
let pools: ManualPool[]

beforeEach(async () => {
  pools = []
  master = await startMaster()
  master.model = MODEL
  onTestFinished(() => expect(master.faults).toEqual([]))
})

function pool(): ManualPool {
  const [first] = pools
  if (!first) throw new Error('No model was prepared')
  return first
}

function startAgent(threads = 1): Agent {
  const agent = new Agent(configFor(master, threads), SILENT, async (model) => {
    const next = new ManualPool()
    pools.push(next)
    return recogniserWith(next, model)
  })
  onTestFinished(async () => {
    // Without a connection, it leaves at once.
    await master.vanish()
    await agent.stop()
  })
  agent.start()
  return agent
}

async function readyAgent(threads = 1): Promise<Agent> {
  const agent = startAgent(threads)
  await until(() => expect(master.said.ready).toHaveLength(1))
  return agent
}

/** Assigns attempts with one message, and waits until threads have taken `begun` photos. */
async function assign(tickets: string[], begun = 1): Promise<void> {
  const photos = pool().photos.length
  master.say('assign', tickets.map(assignment))
  await until(() => expect(pool().photos).toHaveLength(photos + begun))
  await until(() => expect(master.fetched).toEqual(expect.arrayContaining(tickets)))
}

const ended = () => master.outcomes.map(({ ticket, end }) => `${ticket} ${end}`)
const lastBeat = () => master.said.beat.at(-1)?.tickets
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('Agent', () => {
  it('says what it is, and what it serves', async () => {
    await readyAgent(3)
    expect(master.hellos).toEqual([
      {
        token: TOKEN,
        protocol: PROTOCOL_VERSION,
        bootId: expect.any(String),
        name: 'attic',
        slots: 3,
        prefetch: 2,
        draining: false,
        held: [],
      },
    ])
    expect(master.said.ready).toEqual([{ digest: MODEL.digest, engine: 'tfjs-wasm', imagesPerSecond: 100 }])
  })

  it('recognises the photo of an assignment, and forgets it when it is answered', async () => {
    await readyAgent()
    await assign(['t1'])
    expect(pool().photos).toEqual([PHOTO.toString()])
    pool().finishNext()
    await until(() => expect(ended()).toEqual(['t1 succeeded']))
    expect(master.outcomes[0]).toMatchObject({
      digest: MODEL.digest,
      engine: 'tfjs-wasm',
      classes: [{ index: 207, probability: 0.9 }],
      timings: { fetch: expect.any(Number), decode: 1, classify: 2 },
      thumbnail: { type: 'image/webp' },
    })
    await until(() => expect(lastBeat()).toEqual(['t1']))
    master.answer('t1')
    await until(() => expect(lastBeat()).toEqual([]))
  })

  it('beats at once and every second, for what it works on, what waits, and what is not answered', async () => {
    await readyAgent()
    expect(master.said.beat).toEqual([
      { tickets: [], usage: { cpu: expect.any(Number), rssBytes: expect.any(Number) } },
    ])
    expect(master.said.beat[0]?.usage?.rssBytes).toBeGreaterThan(10_000_000)
    await assign(['t1', 't2', 't3'])
    pool().finishNext()
    const beats = master.said.beat.length
    await pause(3100)
    expect(master.said.beat.length - beats).toBeGreaterThanOrEqual(2)
    expect(master.said.beat.length - beats).toBeLessThanOrEqual(4)
    expect(lastBeat()?.toSorted()).toEqual(['t1', 't2', 't3'])
  })

  it('sends many outcomes in messages that Socket.IO takes', async () => {
    await readyAgent(32)
    const tickets = Array.from({ length: 32 }, (_, index) => `t${index}`)
    await assign(tickets, 32)
    while (pool().handed.length > 0) pool().finishNext()
    await until(() => expect(master.outcomes).toHaveLength(32))
    expect(master.said.outcomes.map(({ length }) => length)).toEqual([10, 10, 10, 2])
    expect(master.hellos).toHaveLength(1)
  })

  it('says which photo is at fault, and how', async () => {
    await readyAgent()
    await assign(['t1'])
    pool().failNext(new ProblemError('image/unreadable', 'It is cut short.'))
    await until(() => expect(master.outcomes).toHaveLength(1))
    expect(master.outcomes[0]).toEqual({
      end: 'failed',
      ticket: 't1',
      code: 'image/unreadable',
      detail: 'It is cut short.',
    })
  })

  it('is told to drop an attempt, and has no outcome for it', async () => {
    await readyAgent()
    await assign(['t1', 't2', 't3'])
    master.say('revoke', ['t1', 't2'])
    await until(() => expect(lastBeat()).toEqual(['t3']))
    pool().finishNext()
    await until(() => expect(pool().photos).toHaveLength(2))
    pool().finishNext()
    await until(() => expect(ended()).toEqual(['t3 succeeded']))
    await until(() => expect(pool().handed).toEqual([]))
  })

  describe('when the connection breaks', () => {
    it('goes on, says what it holds when it is back, and returns the outcome then', async () => {
      await readyAgent()
      await assign(['t1', 't2'])
      await master.vanish()
      // It has to notice.
      await pause(200)
      pool().finishNext()
      // Fetched before: it needs nobody.
      await until(() => expect(pool().photos).toHaveLength(2))
      await master.listen()
      await until(() => expect(master.hellos).toHaveLength(2))
      expect(master.hellos[1]?.held).toEqual(['t2'])
      expect(master.hellos[1]?.bootId).toBe(master.hellos[0]?.bootId)
      await until(() => expect(ended()).toEqual(['t1 succeeded']))
      pool().finishNext()
      await until(() => expect(ended()).toEqual(['t1 succeeded', 't2 succeeded']))
      // The model that it serves is named again, and not prepared again.
      expect(master.said.ready).toHaveLength(2)
      expect(pools).toHaveLength(1)
    })

    it('sends what is not answered again on each new connection, all at once', async () => {
      await readyAgent(3)
      await assign(['t1', 't2', 't3'], 3)
      for (const _ of [1, 2, 3]) {
        pool().finishNext()
        await pause(20)
      }
      await until(() => expect(master.said.outcomes).toHaveLength(3))
      master.answer('t2')
      await until(() => expect(lastBeat()).toEqual(['t1', 't3']))
      await master.vanish()
      await master.listen()
      await until(() => expect(master.said.outcomes).toHaveLength(4))
      expect(master.said.outcomes[3]?.map(({ ticket }) => ticket)).toEqual(['t1', 't3'])
      expect(master.hellos[1]?.held).toEqual([])
      // Outcomes are no less alive than what is worked on.
      expect(lastBeat()).toEqual(['t1', 't3'])
    })

    it('drops what the master has dealt to another worker', async () => {
      await readyAgent()
      await assign(['begun', 'waiting', 'mine'])
      await master.vanish()
      master.lostTickets = ['begun', 'waiting']
      await master.listen()
      await until(() => expect(master.said.ready).toHaveLength(2))
      pool().finishNext()
      await until(() => expect(pool().photos).toHaveLength(2))
      pool().finishNext()
      await until(() => expect(ended()).toEqual(['mine succeeded']))
    })

    it('fetches again what it could not fetch meanwhile', async () => {
      await readyAgent()
      const hanging: ServerResponse[] = []
      master.image = (response) => hanging.push(response)
      master.say('assign', [assignment('t1')])
      await until(() => expect(hanging).toHaveLength(1))
      await master.vanish()
      await pause(1000)
      master.image = (response) => response.end(PHOTO)
      await master.listen()
      await until(() => expect(pool().photos).toEqual([PHOTO.toString()]))
      expect(master.hellos[1]?.held).toEqual(['t1'])
      expect(master.outcomes).toEqual([])
    })

    it('comes back after it was sent away', async () => {
      await readyAgent()
      master.disconnect()
      await until(() => expect(master.hellos).toHaveLength(2))
    })
  })

  it('tries again later where it is let in by nobody', async () => {
    master.refusal = 'The worker speaks another version'
    startAgent()
    await pause(500)
    expect(master.hellos).toHaveLength(0)
    master.refusal = null
    await until(() => expect(master.said.ready).toHaveLength(1))
  })

  describe('when it has no model to work with', () => {
    it('returns an attempt that comes before the model', async () => {
      master.model = null
      startAgent()
      await until(() => expect(master.hellos).toHaveLength(1))
      master.say('assign', [assignment('t1')])
      await until(() => expect(ended()).toEqual(['t1 returned']))
      expect(master.fetched).toEqual([])
    })

    it('returns what has not begun when another model is named, and finishes the rest with the old one', async () => {
      await readyAgent()
      await assign(['begun', 'waiting'])
      master.say('model', OTHER_MODEL)
      master.say('assign', [assignment('late')])
      await until(() => expect(ended()).toEqual(['waiting returned', 'late returned']))
      expect(pools).toHaveLength(1)
      pool().finishNext()
      await until(() => expect(ended()).toContain('begun succeeded'))
      expect(master.outcomes.at(-1)).toMatchObject({ digest: MODEL.digest })
      await until(() => expect(master.said.ready).toHaveLength(2))
      expect(master.said.ready[1]?.digest).toBe(OTHER_MODEL.digest)
      expect(pools.map(({ isClosed }) => isClosed)).toEqual([true, false])
    })
  })

  describe('when it is drained by the master', () => {
    it('finishes what has begun, returns the rest, takes nothing, and stays', async () => {
      await readyAgent()
      await assign(['begun', 'waiting'])
      master.say('drain', { draining: true })
      master.say('assign', [assignment('late')])
      await until(() => expect(ended()).toEqual(['waiting returned', 'late returned']))
      pool().finishNext()
      await until(() => expect(ended()).toContain('begun succeeded'))
      master.answer('begun', 'waiting', 'late')
      await until(() => expect(lastBeat()).toEqual([]))
      expect(master.isConnected).toBe(true)
      expect(master.said.draining).toEqual([])
    })

    it('stays drained after a reconnect, and takes work again when told to', async () => {
      await readyAgent()
      master.say('drain', { draining: true })
      master.say('assign', [assignment('t1')])
      await until(() => expect(ended()).toEqual(['t1 returned']))
      await master.vanish()
      await master.listen()
      await until(() => expect(master.said.ready).toHaveLength(2))
      expect(master.hellos.map(({ draining }) => draining)).toEqual([false, true])
      master.say('drain', { draining: false })
      await assign(['t2'])
    })
  })

  describe('when it is told to end', () => {
    it('finishes what has begun, returns the rest, and leaves when all of it is answered', async () => {
      const agent = await readyAgent()
      await assign(['begun', 'waiting'])
      let hasLeft = false
      const left = agent.stop().then(() => {
        hasLeft = true
      })
      await until(() => expect(master.said.draining).toEqual([{ draining: true }]))
      master.say('assign', [assignment('late')])
      await until(() => expect(ended()).toEqual(['waiting returned', 'late returned']))
      master.say('drain', { draining: false })
      master.say('assign', [assignment('later')])
      await until(() => expect(ended()).toContain('later returned'))
      master.answer('waiting', 'late', 'later')
      pool().finishNext()
      await until(() => expect(ended()).toContain('begun succeeded'))
      await pause(300)
      expect(hasLeft).toBe(false)
      master.answer('begun')
      await left
      await until(() => expect(master.isConnected).toBe(false))
      expect(pool().isClosed).toBe(true)
      await pause(500)
      expect(master.hellos).toHaveLength(1)
    })

    it('returns an attempt that was under way to it', async () => {
      const agent = await readyAgent()
      master.say('assign', [assignment('t1')])
      const left = agent.stop()
      await until(() => expect(ended()).toEqual(['t1 returned']))
      master.answer('t1')
      await left
    })

    it('leaves at once when it holds nothing', async () => {
      const agent = await readyAgent()
      await agent.stop()
      await until(() => expect(master.isConnected).toBe(false))
      expect(master.said.draining).toEqual([{ draining: true }])
    })

    it('leaves after a while when the master does not answer', async () => {
      patience.leaveMs = 500
      onTestFinished(() => {
        patience.leaveMs = LEAVE_MS
      })
      const agent = await readyAgent()
      await assign(['begun'])
      await agent.stop()
      await until(() => expect(master.isConnected).toBe(false))
      expect(pool().isClosed).toBe(true)
    })

    it('leaves at once when the connection breaks meanwhile', async () => {
      const agent = await readyAgent()
      await assign(['begun'])
      const left = agent.stop()
      await until(() => expect(master.said.draining).toHaveLength(1))
      await master.vanish()
      await left
      expect(pool().isClosed).toBe(true)
    })

    it('does not come back where it was sent away before', async () => {
      const agent = await readyAgent()
      master.disconnect()
      await pause(200)
      await agent.stop()
      await pause(2500)
      expect(master.hellos).toHaveLength(1)
    })

    it('leaves at once when it is not connected, and knocks no more', async () => {
      const agent = await readyAgent()
      await assign(['begun'])
      await master.vanish()
      await pause(100)
      await agent.stop()
      await master.listen()
      await pause(2500)
      expect(master.hellos).toHaveLength(1)
    })
  })
})
