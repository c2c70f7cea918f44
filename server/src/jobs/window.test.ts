import { describe, expect, it } from 'vitest'
import { windowJob } from '../../testing/simulation/jobs.ts'
import { compare, type Refill, WINDOW_JOBS, Window, type WindowJob } from './window.ts'

/** The job of this rank; its id sorts as the rank does. */
function job(rank: number, change: Partial<WindowJob> = {}): WindowJob {
  return windowJob(`job ${String(rank).padStart(4, '0')}`, { rank, ...change })
}

function jobs(from: number, to: number): WindowJob[] {
  return Array.from({ length: to - from + 1 }, (_, index) => job(from + index))
}

function ranks(window: Window): number[] {
  return window.waiting.map(({ rank }) => rank)
}

const nothingIsKnown = () => false

/** As the store answers. */
function read(queue: readonly WindowJob[], { after, limit }: Refill): WindowJob[] {
  return queue
    .filter((one) => after === null || compare(one, after) > 0)
    .sort(compare)
    .slice(0, limit)
}

/** Reads what the window wants of this queue; returns what it wanted. */
function fill(window: Window, queue: readonly WindowJob[], isKnown = nothingIsKnown): Refill {
  const refill = window.refill()
  if (!refill) throw new Error('The window wants nothing')
  window.fill(read(queue, refill), isKnown)
  return refill
}

/** A window of four that has read this queue. */
function filled(queue: readonly WindowJob[]): Window {
  const window = new Window(4)
  fill(window, queue)
  return window
}

describe('the order of the queue', () => {
  it('is by priority, then by rank, then by id', () => {
    const window = filled([])
    const given = [
      windowJob('d', { rank: 1 }),
      windowJob('b', { rank: 2 }),
      windowJob('a', { rank: 2 }),
      windowJob('c', { rank: 9, priority: 1 }),
      windowJob('e', { rank: 1, priority: -1 }),
    ]
    for (const one of given) window.offer(one)
    expect(window.waiting.map(({ id }) => id)).toEqual(['c', 'd', 'a', 'b', 'e'])
  })

  it('is kept wherever a job enters', () => {
    const window = new Window()
    fill(window, [])
    for (const rank of [50, 3, 99, 1, 70, 2, 51]) window.offer(job(rank))
    window.put(job(49))
    expect(ranks(window)).toEqual([1, 2, 3, 49, 50, 51, 70, 99])
  })
})

describe('a window', () => {
  it('reads the head of the queue at first, and lets no submit in before it has', () => {
    const window = new Window()
    expect(window.refill()).toEqual({ after: null, limit: WINDOW_JOBS })
    expect(window.refill()).toBeNull()
    window.offer(job(1))
    expect(window.waiting).toEqual([])
  })

  it('reads no more once it has all that is queued', () => {
    const window = filled(jobs(1, 3))
    expect(window.refill()).toBeNull()
    window.offer(job(99))
    expect(ranks(window)).toEqual([1, 2, 3, 99])
  })

  it('reads what lies behind its end when it runs low', () => {
    const queue = jobs(1, 10)
    const window = filled(queue)
    for (const rank of [1, 2]) window.take(job(rank).id)
    expect(window.refill()).toBeNull()
    window.take(job(3).id)
    expect(fill(window, queue)).toEqual({ after: job(4), limit: 4 })
    expect(ranks(window)).toEqual([4, 5, 6, 7, 8])
  })

  it('takes in submits that rank before its end, and leaves the others to the database', () => {
    const window = filled(jobs(1, 10))
    window.offer(job(3.5))
    window.offer(job(5))
    window.offer(job(50, { priority: 1 }))
    expect(ranks(window)).toEqual([50, 1, 2, 3, 3.5, 4])
  })

  it('takes in a job that is queued anew at the very place of its end', () => {
    const window = filled(jobs(1, 10))
    window.forget(job(4).id, 1)
    window.offer(job(4, { run: 2 }))
    expect(ranks(window)).toEqual([1, 2, 3, 4])
  })

  it('takes a job back wherever it lies', () => {
    const window = filled(jobs(1, 10))
    window.put(job(50, { attempts: 1 }))
    expect(ranks(window)).toEqual([1, 2, 3, 4, 50])
  })

  it('has each job once, and of two runs the later', () => {
    const window = filled(jobs(1, 3))
    window.offer(job(2))
    window.put(job(2, { run: 2, rank: 7 }))
    window.put(job(2))
    expect(window.waiting.map(({ rank, run }) => [rank, run])).toEqual([
      [1, 1],
      [3, 1],
      [7, 2],
    ])
    expect(window.find(job(2).id)).toMatchObject({ run: 2 })
  })

  it('forgets a run that has ended, and not the next one', () => {
    const window = filled([job(1), job(2, { run: 2 })])
    window.forget(job(1).id, 1)
    window.forget(job(2).id, 1)
    expect(ranks(window)).toEqual([2])
  })

  it('gives a job away once', () => {
    const window = filled(jobs(1, 2))
    expect(window.take(job(1).id)).toMatchObject({ rank: 1 })
    expect(window.take(job(1).id)).toBeNull()
    expect(window.find(job(1).id)).toBeNull()
  })
})

describe('while a part of the queue is read', () => {
  it('submits that it did not see enter with it', () => {
    const window = new Window(4)
    const refill = window.refill()
    window.offer(job(2.5))
    window.offer(job(9))
    window.fill(jobs(1, 4), nothingIsKnown)
    expect(refill).not.toBeNull()
    // The other lies beyond the end, and will be read.
    expect(ranks(window)).toEqual([1, 2, 2.5, 3, 4])
  })

  it('jobs that end do not come back with it', () => {
    const window = new Window(4)
    window.refill()
    window.offer(job(3))
    window.forget(job(2).id, 1)
    window.forget(job(3).id, 1)
    window.fill(jobs(1, 3), nothingIsKnown)
    expect(ranks(window)).toEqual([1])
  })

  it('a job that ends and is retried comes in as its next run', () => {
    const window = new Window(4)
    window.refill()
    window.forget(job(2).id, 1)
    window.offer(job(2, { run: 2, rank: 2.5 }))
    window.fill(jobs(1, 3), nothingIsKnown)
    expect(window.waiting.map(({ rank, run }) => [rank, run])).toEqual([
      [1, 1],
      [2.5, 2],
      [3, 1],
    ])
  })

  it('the late end of a run before does not keep the next one out', () => {
    const window = filled(jobs(1, 4))
    for (const { id } of jobs(1, 3)) window.take(id)
    const retried = job(6, { run: 2 })
    window.offer(retried)
    const refill = window.refill()
    window.forget(retried.id, 1)
    window.fill([job(5), retried], nothingIsKnown)
    expect(refill).toMatchObject({ after: job(4) })
    expect(ranks(window)).toEqual([4, 5, 6])
  })

  it('jobs that the scheduler has in hand do not come in', () => {
    const window = new Window(4)
    window.refill()
    window.fill(jobs(1, 3), ({ rank }) => rank === 2)
    expect(ranks(window)).toEqual([1, 3])
  })

  it('a job that is put back stays as it is', () => {
    const window = new Window(4)
    window.refill()
    window.put(job(2, { attempts: 1, isSuspect: true }))
    window.fill(jobs(1, 3), nothingIsKnown)
    expect(window.find(job(2).id)).toMatchObject({ attempts: 1, isSuspect: true })
  })

  it('nothing is lost where it fails', () => {
    const window = new Window(4)
    window.refill()
    window.offer(job(1))
    window.failed()
    fill(window, [job(1)])
    expect(ranks(window)).toEqual([1])
  })
})

describe('in doubt', () => {
  it('the queue is read again from its head, however much waits', () => {
    const queue = jobs(1, 10)
    const window = filled(queue)
    window.doubt()
    expect(fill(window, [...queue, job(0)])).toEqual({ after: null, limit: 4 })
    expect(ranks(window)).toEqual([0, 1, 2, 3, 4])
  })

  it('what is being read does not count', () => {
    const window = new Window(4)
    window.refill()
    window.doubt()
    window.fill(jobs(1, 2), nothingIsKnown)
    expect(window.waiting).toEqual([])
    expect(fill(window, jobs(0, 2))).toEqual({ after: null, limit: 4 })
    expect(ranks(window)).toEqual([0, 1, 2])
  })
})

describe('a window that has grown too large', () => {
  /** Eight jobs, which is the most that a window of four keeps: -4 to -1 and 1 to 4. */
  function full(): Window {
    const window = filled(jobs(1, 10))
    for (const one of jobs(-4, -1)) window.offer(one)
    return window
  }

  it('leaves those at its end to the database, which reads them again', () => {
    const window = full()
    expect(window.waiting).toHaveLength(8)
    window.offer(job(-5))
    expect(ranks(window)).toEqual([-5, -4, -3, -2])
    for (const { id } of jobs(-5, -3)) window.take(id)
    expect(fill(window, [...jobs(-2, -1), ...jobs(1, 10)]).after).toEqual(job(-2))
    expect(ranks(window)).toEqual([-2, -1, 1, 2, 3])
  })

  it('keeps those that were dealt before: the database may not know yet that they wait again', () => {
    const window = full()
    window.take(job(3).id)
    window.put(job(3, { attempts: 1 }))
    window.offer(job(-5))
    expect(ranks(window)).toEqual([-5, -4, -3, -2, 3])
  })

  it('reads the head again where it left some while others were being read', () => {
    const window = filled(jobs(1, 10))
    for (const { id } of jobs(1, 3)) window.take(id)
    expect(window.refill()).toMatchObject({ after: job(4) })
    for (const one of jobs(-8, -1)) window.offer(one)
    window.fill(jobs(5, 8), nothingIsKnown)
    expect(window.refill()).toEqual({ after: null, limit: 4 })
  })

  it('keeps all of a queue of any length within bounds, and loses none', () => {
    const queue = jobs(1, 100)
    const window = new Window(4)
    fill(window, [])
    for (const one of [...queue].reverse()) window.offer(one)
    const dealt: number[] = []
    while (dealt.length < 100) {
      expect(window.waiting.length).toBeLessThanOrEqual(8)
      const [first] = window.waiting
      if (first) dealt.push(window.take(first.id)?.rank ?? 0)
      const refill = window.refill()
      const left = queue.filter(({ rank }) => !dealt.includes(rank))
      if (refill) window.fill(read(left, refill), nothingIsKnown)
    }
    expect(dealt).toEqual(queue.map(({ rank }) => rank))
  })
})
