import { type Outcome, ProblemError } from '@argus/shared'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { ManualPool, recogniserWith } from '../testing/manual-pool.ts'
import { assignment, modelOf } from '../testing/test-master.ts'
import { SILENT } from '../testing/unit.ts'
import { HeldAttempts } from './held-attempts.ts'
import { Outbox } from './outbox.ts'

const SLOTS = 2

interface Fetch {
  readonly signal: AbortSignal
  readonly arrive: (bytes: Uint8Array<ArrayBuffer> | null) => void
  readonly fail: (error: Error) => void
}

let pool: ManualPool
let sent: Outcome[]
let fetches: Map<string, Fetch>
let attempts: HeldAttempts

beforeEach(() => {
  const own: Outcome[] = []
  sent = own
  fetches = new Map()
  attempts = new HeldAttempts({
    slots: SLOTS,
    fetch: ({ ticket }, signal) =>
      new Promise((arrive, fail) => {
        fetches.set(ticket, { signal, arrive, fail })
        signal.addEventListener('abort', () => fail(signal.reason))
      }),
    outbox: new Outbox((outcomes) => own.push(...outcomes)),
    log: SILENT,
  })
  serveWith(new ManualPool())
})

function serveWith(next: ManualPool): void {
  pool = next
  attempts.serve(recogniserWith(pool, modelOf('a')))
}

function assign(...tickets: string[]): void {
  for (const ticket of tickets) attempts.assign(assignment(ticket))
}

function fetchOf(ticket: string): Fetch {
  const fetch = fetches.get(ticket)
  if (!fetch) throw new Error(`${ticket} was not fetched`)
  return fetch
}

/** The photo of each has its ticket as its bytes. */
async function arrive(...tickets: string[]): Promise<void> {
  for (const ticket of tickets) fetchOf(ticket).arrive(new Uint8Array(Buffer.from(ticket)))
  await settle()
}

/** Long enough for what an outcome goes through until the outbox has sent it. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate)
}

const ended = () => sent.map(({ ticket, end }) => `${ticket} ${end}`)

async function hasSettled(promise: Promise<void>): Promise<boolean> {
  let isSettled = false
  void promise.then(() => {
    isSettled = true
  })
  await settle()
  return isSettled
}

describe('HeldAttempts', () => {
  it('fetches at once, and begins as many as there are slots', async () => {
    assign('a', 'b', 'c')
    expect([...fetches.keys()]).toEqual(['a', 'b', 'c'])
    await arrive('a', 'b', 'c')
    expect(pool.photos).toEqual(['a', 'b'])
    pool.finishNext()
    await settle()
    expect(pool.photos).toEqual(['a', 'b', 'c'])
    expect(ended()).toEqual(['a succeeded'])
  })

  it('begins in the order of assignment with those that have arrived', async () => {
    assign('a', 'b', 'c', 'd', 'e')
    await arrive('e', 'd', 'b', 'c')
    expect(pool.photos).toEqual(['e', 'd'])
    pool.finishNext()
    await settle()
    await arrive('a')
    pool.finishNext()
    await settle()
    pool.finishNext()
    await settle()
    expect(pool.photos).toEqual(['e', 'd', 'b', 'a', 'c'])
  })

  it('ignores an assignment that it holds already, in work or in the outbox', async () => {
    assign('a')
    await arrive('a')
    assign('a')
    pool.finishNext()
    await settle()
    fetches.clear()
    assign('a')
    expect(fetches.size).toBe(0)
    expect(pool.photos).toEqual(['a'])
    expect(ended()).toEqual(['a succeeded'])
  })

  it('says how an attempt failed', async () => {
    assign('a', 'b', 'c')
    await arrive('a', 'b')
    pool.failNext(new ProblemError('worker/timeout', 'Too late.'))
    pool.failNext(new TypeError('x'.repeat(3000)))
    fetchOf('c').fail(new ProblemError('image/not-found'))
    await settle()
    expect(sent).toEqual([
      { end: 'failed', ticket: 'a', code: 'worker/timeout', detail: 'Too late.' },
      { end: 'failed', ticket: 'b', code: 'worker/failed', detail: 'x'.repeat(2000) },
      { end: 'failed', ticket: 'c', code: 'image/not-found', detail: 'There is no such image' },
    ])
  })

  it('returns a photo that cannot be had', async () => {
    assign('a')
    fetchOf('a').arrive(null)
    await settle()
    expect(ended()).toEqual(['a returned'])
  })

  describe('when attempts are dropped', () => {
    it('skips those that are fetched, that wait for a slot, and that wait in the pool', async () => {
      serveWith(new ManualPool(false))
      assign('fetching', 'in the pool', 'waiting', 'kept', 'next')
      await arrive('in the pool', 'kept', 'waiting', 'next')
      expect(pool.photos).toEqual(['in the pool', 'kept'])
      attempts.drop(['fetching', 'in the pool', 'waiting', 'unknown'])
      await settle()
      expect(fetchOf('fetching').signal.aborted).toBe(true)
      expect(pool.photos).toEqual(['in the pool', 'kept', 'next'])
      expect(attempts.alive).toEqual(['kept', 'next'])
      expect(ended()).toEqual([])
    })

    it('drops the outcome of one that has begun, whose slot stays taken until then', async () => {
      assign('a', 'b', 'c')
      await arrive('a', 'b', 'c')
      attempts.drop(['a'])
      await settle()
      expect(attempts.alive).toEqual(['b', 'c'])
      expect(pool.photos).toEqual(['a', 'b'])
      pool.finishNext()
      await settle()
      expect(pool.photos).toEqual(['a', 'b', 'c'])
      expect(ended()).toEqual([])
    })

    it('takes them out of the outbox', async () => {
      assign('a')
      await arrive('a')
      pool.finishNext()
      await settle()
      attempts.drop(['a'])
      expect(attempts.alive).toEqual([])
    })
  })

  it('holds an outcome until it is answered, recorded or obsolete', async () => {
    assign('a', 'b', 'c')
    await arrive('a', 'b')
    pool.finishNext()
    pool.finishNext()
    await settle()
    expect(attempts.alive).toEqual(['c', 'a', 'b'])
    expect(attempts.working).toEqual(['c'])
    attempts.answered([
      { ticket: 'a', answer: 'recorded' },
      { ticket: 'b', answer: 'obsolete' },
    ])
    expect(attempts.alive).toEqual(['c'])
  })

  it('does not call an attempt alive whose thread is stuck', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    serveWith(new ManualPool(false))
    assign('begun', 'waits', 'fetching')
    await arrive('begun', 'waits')
    pool.handed[0]?.begin()
    vi.advanceTimersByTime(31_999)
    expect(attempts.alive).toEqual(['begun', 'waits', 'fetching'])
    vi.advanceTimersByTime(2)
    expect(attempts.alive).toEqual(['waits', 'fetching'])
    expect(attempts.working).toEqual(['waits', 'fetching'])
    pool.finishNext()
    await settle()
    // It was not stuck after all.
    expect(attempts.alive).toEqual(['waits', 'fetching', 'begun'])
  })

  describe('without work to do', () => {
    async function holdOneOfEach(): Promise<void> {
      assign('begun', 'also begun', 'waiting', 'fetching')
      await arrive('begun', 'also begun', 'waiting')
    }

    it('returns what has not begun when it drains, and finishes the rest', async () => {
      await holdOneOfEach()
      attempts.drain(true)
      assign('late')
      await settle()
      expect(attempts.draining).toBe(true)
      expect(ended()).toEqual(['waiting returned', 'fetching returned', 'late returned'])
      expect(fetchOf('fetching').signal.aborted).toBe(true)
      pool.finishNext()
      pool.finishNext()
      await settle()
      expect(ended().slice(3)).toEqual(['begun succeeded', 'also begun succeeded'])
      expect(pool.photos).toEqual(['begun', 'also begun'])
      attempts.drain(false)
      assign('again')
      await arrive('again')
      expect(pool.photos.at(-1)).toBe('again')
    })

    it('returns what waits in the pool for memory or a thread', async () => {
      serveWith(new ManualPool(false))
      assign('a')
      await arrive('a')
      attempts.drain(true)
      await settle()
      expect(ended()).toEqual(['a returned'])
    })

    it('returns what has not begun when it has no recogniser any more', async () => {
      await holdOneOfEach()
      attempts.serve(null)
      assign('late')
      await settle()
      expect(ended()).toEqual(['waiting returned', 'fetching returned', 'late returned'])
      expect(fetches.has('late')).toBe(false)
    })

    it('is idle when the pool has nothing more, dropped photos included', async () => {
      expect(await hasSettled(attempts.idle())).toBe(true)
      assign('a')
      await arrive('a')
      attempts.drop(['a'])
      const idle = attempts.idle()
      expect(await hasSettled(idle)).toBe(false)
      pool.finishNext()
      expect(await hasSettled(idle)).toBe(true)
    })

    it('is empty when everything is answered or dropped', async () => {
      expect(await hasSettled(attempts.empty())).toBe(true)
      assign('a', 'b')
      await arrive('a')
      const empty = attempts.empty()
      pool.finishNext()
      await settle()
      attempts.drop(['b'])
      expect(await hasSettled(empty)).toBe(false)
      attempts.answered([{ ticket: 'a', answer: 'recorded' }])
      expect(await hasSettled(empty)).toBe(true)
    })
  })
})
