import { LEASE_MS } from '@argus/shared'
import { describe, expect, it } from 'vitest'
import { Bench, jobs, startBench as start } from '../../testing/simulation/bench.ts'
import { windowJob } from '../../testing/simulation/jobs.ts'
import { type End, keyOf } from './scheduler.ts'
import { Window } from './window.ts'

const SUCCESS: End = { end: 'succeeded' }
const RETURNED: End = { end: 'returned' }
const OUT_OF_MEMORY: End = { end: 'failed', code: 'worker/out-of-memory' }
const UNREADABLE: End = { end: 'failed', code: 'image/unreadable' }

const JOB = windowJob('job', { rank: 5 })

describe('dealing', () => {
  it('sends a job at once where a slot is free, as its first attempt', () => {
    const bench = start()
    bench.connect('a')
    bench.submit(JOB)
    const held = { jobId: 'job', run: 1, attempt: 1, worker: 'a', sha256: 'photo of job' }
    expect(bench.said('start')).toEqual([
      {
        type: 'start',
        held,
        job: { ...JOB, status: 'RUNNING', attempts: 1, holder: { run: 1, attempt: 1, worker: 'a' } },
      },
    ])
  })

  it('begins with what the queue holds', () => {
    const bench = new Bench()
    expect(bench.handle({ type: 'tick' })).toEqual([{ type: 'refill', after: null, limit: 1000 }])
    bench.connect('a', 2)
    bench.handle({ type: 'refilled', jobs: jobs(3) })
    expect(bench.dealt).toEqual(['job 1 → a', 'job 2 → a'])
  })

  it('waits for a worker', () => {
    const bench = start()
    expect(bench.submit(JOB)).toEqual([])
    bench.connect('a')
    expect(bench.dealt).toEqual(['job → a'])
  })

  it('goes by priority, then by rank', () => {
    const bench = start()
    const [first, second] = jobs(2)
    if (!first || !second) throw new Error('There are two')
    bench.submit(second, first, windowJob('urgent', { rank: 9, priority: 1 }))
    bench.connect('a', 3)
    expect(bench.dealt).toEqual(['urgent → a', 'job 1 → a', 'job 2 → a'])
  })

  it('spreads jobs over the workers with the most free slots', () => {
    const bench = start()
    bench.connect('small', 1)
    bench.connect('large', 3)
    expect(bench.submit(...jobs(4))).toEqual([
      'job 1 → large',
      'job 2 → large',
      'job 3 → small',
      'job 4 → large',
    ])
  })

  it('fills all slots before anyone holds a job ahead, and then evenly', () => {
    const bench = start()
    bench.connect('a', 1, 2)
    bench.connect('b', 2, 2)
    bench.submit(...jobs(3))
    expect([bench.scheduler.heldBy('a'), bench.scheduler.heldBy('b')]).toEqual([1, 2])
    const [, , , fourth, fifth] = jobs(5)
    if (!fourth || !fifth) throw new Error('There are five')
    bench.submit(fourth, fifth)
    expect([bench.scheduler.heldBy('a'), bench.scheduler.heldBy('b')]).toEqual([2, 3])
  })

  it('gives nobody more than slots and prefetch', () => {
    const bench = start()
    bench.connect('a', 2, 3)
    expect(bench.submit(...jobs(9))).toHaveLength(5)
    expect(bench.scheduler.heldBy('a')).toBe(5)
  })

  it('frees room when an outcome is recorded, and not before', () => {
    const bench = start()
    bench.connect('a')
    bench.submit(...jobs(2))
    const held = bench.attempt('a', 'job 1')
    bench.outcome(held, SUCCESS)
    expect(bench.effects).toEqual([{ type: 'succeed', held }])
    expect(bench.recorded(held)).toEqual(['job 2 → a'])
  })

  it('leaves workers out that are not open, and those that do not beat', () => {
    const bench = start()
    bench.connect('drained')
    bench.open('drained', false)
    bench.connect('silent')
    bench.connect('a')
    bench.pass(LEASE_MS / 2, 'a', 'drained')
    expect(bench.submit(...jobs(3))).toEqual(['job 1 → a'])
    bench.handle({ type: 'beat', worker: 'silent', held: [] })
    expect(bench.dealt).toEqual(['job 2 → silent'])
    expect(bench.open('drained')).toEqual(['job 3 → drained'])
  })

  it('deals a job once that is read before anyone tells of its submit', () => {
    const bench = new Bench()
    bench.handle({ type: 'tick' })
    bench.connect('a', 2)
    bench.connect('b', 2)
    bench.handle({ type: 'refilled', jobs: [JOB] })
    expect(bench.dealt).toEqual(['job → a'])
    expect(bench.submit(JOB)).toEqual([])
    bench.succeed(bench.attempt('a', 'job'))
    expect(bench.scheduler.size).toBe(0)
  })

  it('reads on when the window runs low, again after a read that failed, and anew in doubt', () => {
    const bench = new Bench(new Window(2))
    bench.handle({ type: 'tick' })
    bench.handle({ type: 'refilled', jobs: jobs(2) })
    bench.connect('a', 2)
    const after = jobs(2)[1]
    expect(bench.said('refill')).toEqual([{ type: 'refill', after, limit: 2 }])
    expect(bench.handle({ type: 'refill-failed' })).toEqual([{ type: 'refill', after, limit: 2 }])
    expect(bench.handle({ type: 'doubt' })).toEqual([])
    const anew = { type: 'refill', after: null, limit: 2 }
    expect(bench.handle({ type: 'refilled', jobs: [] })).toEqual([anew])
  })
})

describe('an outcome', () => {
  function startOne(slots = 1) {
    const bench = start()
    bench.connect('a', slots)
    bench.submit(JOB)
    return { bench, held: bench.attempt('a', 'job') }
  }

  it('of success is to be recorded, once', () => {
    const { bench, held } = startOne()
    bench.outcome(held, SUCCESS)
    expect(bench.effects).toEqual([{ type: 'succeed', held }])
    bench.outcome(held, SUCCESS)
    expect(bench.effects).toEqual([])
  })

  it('of success counts from an attempt that has lost the job, and ends the others', () => {
    const { bench, held } = startOne()
    bench.connect('b')
    bench.disconnect('a')
    expect(bench.dealt).toEqual(['job → b'])
    const other = bench.attempt('b', 'job')
    bench.outcome(held, SUCCESS)
    expect(bench.effects).toEqual([{ type: 'succeed', held }])
    bench.handle({ type: 'ended', jobId: 'job', run: 1 })
    expect(bench.effects).toEqual([{ type: 'revoke', held: other }])
    expect(bench.scheduler.heldBy('b')).toBe(0)
  })

  it('of failure counts from the attempt that holds the job, and from no other', () => {
    const { bench, held } = startOne()
    bench.connect('b')
    bench.disconnect('a')
    for (const end of [OUT_OF_MEMORY, UNREADABLE, RETURNED]) {
      bench.outcome(held, end)
      expect(bench.effects).toEqual([{ type: 'obsolete', held }])
    }
    bench.outcome(bench.attempt('b', 'job'), UNREADABLE)
    expect(bench.said('settle')).toMatchObject([{ why: 'failed', job: { error: 'image/unreadable' } }])
  })

  it('of a job that nobody knows is of no use, unless it is a success', () => {
    const bench = start()
    bench.connect('a')
    const held = { jobId: 'none', run: 1, attempt: 1, worker: 'a', sha256: 'none' }
    bench.outcome(held, UNREADABLE)
    expect(bench.effects).toEqual([{ type: 'obsolete', held }])
    bench.outcome(held, SUCCESS)
    expect(bench.effects).toEqual([{ type: 'succeed', held }])
  })

  it('of failure that another try may mend makes the job wait, twice as long each time', () => {
    const { bench } = startOne()
    for (const wait of [1000, 2000]) {
      const held = bench.attempt('a', 'job')
      bench.outcome(held, OUT_OF_MEMORY)
      expect(bench.said('settle')).toMatchObject([{ held, why: 'failed', job: { status: 'QUEUED' } }])
      expect(bench.recorded(held)).toEqual([])
      bench.pass(wait - 500, 'a')
      expect(bench.scheduler.heldBy('a')).toBe(0)
      bench.pass(500, 'a')
      expect(bench.scheduler.heldBy('a')).toBe(1)
    }
    bench.outcome(bench.attempt('a', 'job'), OUT_OF_MEMORY)
    const job = { status: 'FAILED', error: 'worker/out-of-memory', attempts: 3 }
    expect(bench.said('settle')).toMatchObject([{ why: 'failed', job }])
  })

  it('that lets others go ahead while the job waits', () => {
    const { bench, held } = startOne()
    bench.submit(windowJob('later', { rank: 6 }))
    bench.outcome(held, OUT_OF_MEMORY)
    expect(bench.recorded(held)).toEqual(['later → a'])
  })

  it('of a drained worker that returns a job charges nothing, and others get it in its turn', () => {
    const { bench, held } = startOne()
    bench.submit(windowJob('later', { rank: 6 }))
    bench.open('a', false)
    bench.connect('b', 1)
    const later = bench.attempt('b', 'later')
    bench.outcome(held, RETURNED)
    expect(bench.said('settle')).toMatchObject([
      { held, why: 'returned', job: { status: 'QUEUED', isSuspect: false, losses: 0, failures: 0 } },
    ])
    expect(bench.succeed(later)).toEqual(['job → b'])
  })

  it('of a worker that could not fetch the photo makes the job wait a second', () => {
    const { bench, held } = startOne()
    bench.outcome(held, RETURNED)
    expect(bench.recorded(held)).toEqual([])
    bench.pass(1000, 'a')
    expect(bench.scheduler.heldBy('a')).toBe(1)
  })

  it('that cannot be written down is a failure, and is taken off the worker', () => {
    const { bench, held } = startOne()
    bench.outcome(held, SUCCESS)
    bench.handle({ type: 'unrecordable', held })
    expect(bench.said('revoke')).toEqual([{ type: 'revoke', held }])
    expect(bench.said('settle')).toMatchObject([{ held, why: 'failed', job: { failures: 1 } }])
    expect(bench.scheduler.heldBy('a')).toBe(0)
  })

  it('is not lost with its worker once it has come', () => {
    const { bench, held } = startOne()
    bench.connect('b')
    bench.outcome(held, SUCCESS)
    bench.disconnect('a')
    expect(bench.effects).toEqual([])
    bench.pass(2 * LEASE_MS, 'b')
    expect(bench.scheduler.heldBy('b')).toBe(0)
  })
})

describe('the end of a job', () => {
  it('that waits keeps it from being dealt', () => {
    const bench = start()
    bench.submit(JOB)
    bench.handle({ type: 'ended', jobId: 'job', run: 1 })
    bench.connect('a')
    expect(bench.dealt).toEqual([])
    expect(bench.scheduler.size).toBe(0)
  })

  it('that runs revokes its attempt and frees the room', () => {
    const bench = start()
    bench.connect('a')
    bench.submit(...jobs(2))
    const held = bench.attempt('a', 'job 1')
    bench.handle({ type: 'ended', jobId: 'job 1', run: 1 })
    expect(bench.said('revoke')).toEqual([{ type: 'revoke', held }])
    expect(bench.dealt).toEqual(['job 2 → a'])
  })

  it('is not that of its next run', () => {
    const bench = start()
    bench.connect('a')
    const again = windowJob('job', { run: 2 })
    bench.submit(JOB)
    bench.handle({ type: 'ended', jobId: 'job', run: 1 })
    expect(bench.submit(again)).toEqual(['job → a'])
    bench.handle({ type: 'ended', jobId: 'job', run: 1 })
    expect(bench.effects).toEqual([])
    bench.outcome(bench.attempt('a', 'job'), OUT_OF_MEMORY)
    expect(bench.said('settle')).toMatchObject([{ job: { run: 2, attempts: 1, failures: 1 } }])
  })

  it('ends its waits, and its charges', () => {
    const bench = start()
    bench.connect('a')
    bench.submit(windowJob('job', { isSuspect: true, failures: 1 }))
    bench.outcome(bench.attempt('a', 'job'), OUT_OF_MEMORY)
    bench.disconnect('a')
    bench.handle({ type: 'ended', jobId: 'job', run: 1 })
    bench.connect('a')
    expect(bench.submit(windowJob('job', { run: 2 }))).toEqual(['job → a'])
    expect(bench.scheduler.size).toBe(2)
  })

  it('is told by its next run where nobody told of it', () => {
    const bench = start()
    bench.connect('a')
    bench.submit(JOB)
    const held = bench.attempt('a', 'job')
    bench.submit(windowJob('job', { run: 2 }))
    expect(bench.said('revoke')).toEqual([{ type: 'revoke', held }])
    expect(bench.dealt).toEqual(['job → a'])
  })

  it('by a failure keeps it out of a read that does not know of it yet', () => {
    const bench = new Bench()
    bench.handle({ type: 'tick' })
    bench.handle({ type: 'refilled', jobs: [JOB] })
    bench.connect('a', 2)
    const held = bench.attempt('a', 'job')
    bench.outcome(held, UNREADABLE)
    bench.handle({ type: 'doubt' })
    bench.handle({ type: 'refilled', jobs: [JOB] })
    expect(bench.dealt).toEqual([])
    bench.recorded(held)
    bench.handle({ type: 'ended', jobId: 'job', run: 1 })
    expect(bench.scheduler.size).toBe(0)
  })
})

describe('the name of an attempt', () => {
  it('tells job, run, number and worker', () => {
    expect(keyOf({ jobId: 'job', run: 1, attempt: 2, worker: 'a' })).toBe('job 1 2 a')
  })
})
