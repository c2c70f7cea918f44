import { LEASE_MS } from '@argus/shared'
import { describe, expect, it } from 'vitest'
import { jobs, startBench as start } from '../../testing/simulation/bench.ts'
import { windowJob } from '../../testing/simulation/jobs.ts'
import type { End } from './scheduler.ts'

const SUCCESS: End = { end: 'succeeded' }
const RETURNED: End = { end: 'returned' }
const OUT_OF_MEMORY: End = { end: 'failed', code: 'worker/out-of-memory' }

const JOB = windowJob('job', { rank: 5 })

describe('a worker that goes away', () => {
  it('has its jobs dealt to others at once, ahead of those behind them', () => {
    const bench = start()
    bench.connect('a', 2)
    bench.submit(...jobs(4))
    bench.disconnect('a')
    expect(bench.said('settle')).toMatchObject([
      { held: { jobId: 'job 1' }, why: 'lost', job: { isSuspect: true, losses: 0 } },
      { held: { jobId: 'job 2' }, why: 'lost', job: { isSuspect: true, losses: 0 } },
    ])
    bench.connect('b', 1)
    expect(bench.said('start')).toMatchObject([{ held: { jobId: 'job 1', attempt: 2, worker: 'b' } }])
  })

  it('in good order charges nothing', () => {
    const bench = start()
    bench.connect('a', 2)
    bench.submit(...jobs(2))
    bench.disconnect('a', true)
    for (const { why, job } of bench.said('settle')) {
      expect([why, job.isSuspect, job.losses]).toEqual(['returned', false, 0])
    }
    bench.connect('b', 2)
    expect(bench.dealt).toEqual(['job 1 → b', 'job 2 → b'])
  })
})

describe('a suspect', () => {
  /** A worker goes away under it; another one is there. */
  function startSuspect(slots = 2) {
    const bench = start()
    bench.connect('a')
    bench.submit(JOB)
    bench.connect('b', slots)
    bench.disconnect('a')
    return bench
  }

  it('gets a worker of its own, and nothing beside it', () => {
    const bench = startSuspect(3)
    expect(bench.dealt).toEqual(['job → b'])
    expect(bench.submit(...jobs(3))).toEqual([])
    expect(bench.succeed(bench.attempt('b', 'job'))).toEqual(['job 1 → b', 'job 2 → b', 'job 3 → b'])
  })

  it('has nothing dealt after it in the same breath', () => {
    const bench = start()
    bench.connect('a')
    bench.submit(JOB)
    bench.disconnect('a')
    bench.submit(...jobs(2).map((job) => ({ ...job, rank: job.rank + 10 })))
    bench.connect('b', 3)
    expect(bench.dealt).toEqual(['job → b'])
  })

  it('lets others in once its outcome has come', () => {
    const bench = startSuspect(2)
    bench.outcome(bench.attempt('b', 'job'), SUCCESS)
    expect(bench.submit(...jobs(2))).toEqual(['job 1 → b'])
  })

  it('has the worker spared that holds the least, until that is empty; the others go on', () => {
    const bench = start()
    bench.connect('a')
    bench.submit(JOB)
    bench.connect('b', 3)
    bench.connect('c', 3)
    bench.submit(...jobs(3).map((job) => ({ ...job, rank: job.rank + 10 })))
    expect([bench.scheduler.heldBy('b'), bench.scheduler.heldBy('c')]).toEqual([2, 1])
    bench.disconnect('a')
    expect(bench.dealt).toEqual([])
    expect(bench.submit(windowJob('later', { rank: 20 }))).toEqual(['later → b'])
    expect(bench.submit(windowJob('latest', { rank: 21 }))).toEqual([])
    expect(bench.succeed(bench.attempt('c', 'job 2'))).toEqual(['job → c'])
  })

  it('has the same worker spared until it is empty, although another holds as little meanwhile', () => {
    const bench = start()
    bench.connect('a')
    bench.submit(JOB)
    bench.connect('b', 2)
    bench.connect('c', 2)
    bench.submit(...jobs(8).map((job) => ({ ...job, rank: job.rank + 10 })))
    bench.disconnect('a')
    expect(bench.succeed(bench.attempt('c', 'job 2'))).toEqual([])
    expect(bench.succeed(bench.attempt('b', 'job 1'))).toEqual(['job 5 → b'])
    expect(bench.succeed(bench.attempt('c', 'job 4'))).toEqual(['job → c'])
  })

  it('is one of each neighbour; they are dealt one by one', () => {
    const bench = start()
    bench.connect('a', 3)
    bench.submit(...jobs(3))
    bench.disconnect('a')
    bench.connect('b', 3)
    for (const name of ['job 1', 'job 2', 'job 3']) {
      expect(bench.scheduler.liveOf('b').map(({ jobId }) => jobId)).toEqual([name])
      bench.succeed(bench.attempt('b', name))
    }
    expect(bench.scheduler.size).toBe(0)
  })

  it('fails when three workers more have gone away under it, with waits in between', () => {
    const bench = startSuspect()
    const waits: number[] = []
    for (const worker of ['b', 'c', 'd']) {
      const lostAt = bench.now
      bench.connect(worker)
      while (bench.scheduler.heldBy(worker) === 0) bench.pass(500, worker)
      waits.push(bench.now - lostAt)
      bench.disconnect(worker)
    }
    expect(bench.said('settle')).toMatchObject([
      { why: 'lost', job: { status: 'FAILED', error: 'worker/lost', losses: 3 } },
    ])
    expect(waits).toEqual([0, 1000, 2000])
    bench.handle({ type: 'ended', jobId: 'job', run: 1 })
    expect(bench.scheduler.size).toBe(0)
  })

  it('does not follow workers that are all cut off at once', () => {
    const bench = start()
    const workers = ['a', 'b', 'c', 'd', 'e']
    for (const worker of workers) bench.connect(worker)
    bench.submit(JOB)
    for (const worker of workers) bench.disconnect(worker)
    const [held] = bench.effects
    expect(held).toBeUndefined()
    bench.connect('f')
    bench.pass(1000, 'f')
    expect(bench.attempt('f', 'job')).toMatchObject({ attempt: 3 })
  })

  it('is not charged where it had company', () => {
    const bench = start()
    const [first, second] = jobs(2).map((job) => ({ ...job, isSuspect: true, attempts: 1 }))
    if (!first || !second) throw new Error('There are two')
    // The master has started anew, and the worker goes on with two that it does not know to be innocent.
    const claims = [first, second].map(({ id }) => ({
      jobId: id,
      run: 1,
      attempt: 1,
      worker: 'a',
      sha256: `photo of ${id}`,
    }))
    bench.hello('a', claims)
    expect(bench.welcome('a', claims, 2, 0, [first, second])).toEqual(['continue', 'continue'])
    bench.disconnect('a')
    expect(bench.said('settle')).toMatchObject([
      { why: 'lost', job: { isSuspect: true, losses: 0 } },
      { why: 'lost', job: { isSuspect: true, losses: 0 } },
    ])
  })
})

describe('a lease', () => {
  it('goes on with each beat that names the attempt', () => {
    const bench = start()
    bench.connect('a')
    bench.submit(JOB)
    bench.pass(3 * LEASE_MS, 'a')
    expect(bench.scheduler.heldBy('a')).toBe(1)
  })

  it('ends without; the attempt is lost and revoked, and the worker keeps the others', () => {
    const bench = start()
    bench.connect('a', 2)
    bench.submit(...jobs(2))
    const [stuck, fine] = [bench.attempt('a', 'job 1'), bench.attempt('a', 'job 2')]
    for (; bench.now < LEASE_MS; bench.now += 500) {
      bench.handle({ type: 'beat', worker: 'a', held: [fine] })
      expect(bench.handle({ type: 'tick' })).toEqual([])
    }
    bench.handle({ type: 'tick' })
    expect(bench.said('settle')).toMatchObject([{ held: stuck, why: 'expired', job: { isSuspect: true } }])
    expect(bench.said('revoke')).toEqual([{ type: 'revoke', held: stuck }])
    expect(bench.scheduler.liveOf('a')).toEqual([fine])
  })

  it('is nothing that a beat of another worker can renew', () => {
    const bench = start()
    bench.connect('a')
    bench.connect('b')
    bench.submit(JOB)
    const held = bench.attempt('a', 'job')
    bench.now = LEASE_MS
    bench.handle({ type: 'beat', worker: 'b', held: [held] })
    bench.handle({ type: 'tick' })
    expect(bench.said('settle')).toMatchObject([{ why: 'expired' }])
  })

  it('does not end while the outcome is recorded', () => {
    const bench = start()
    bench.connect('a')
    bench.submit(JOB)
    bench.outcome(bench.attempt('a', 'job'), SUCCESS)
    bench.now = 10 * LEASE_MS
    expect(bench.handle({ type: 'tick' })).toEqual([])
    expect(bench.scheduler.heldBy('a')).toBe(1)
  })

  it('is to be watched while something is held or waits, and only then', () => {
    const bench = start()
    expect(bench.scheduler.isTimed).toBe(false)
    bench.submit(JOB)
    expect(bench.scheduler.isTimed).toBe(false)
    bench.connect('a')
    expect(bench.scheduler.isTimed).toBe(true)
    const held = bench.attempt('a', 'job')
    bench.outcome(held, OUT_OF_MEMORY)
    bench.recorded(held)
    expect(bench.scheduler.isTimed).toBe(true)
    bench.pass(1000, 'a')
    bench.succeed(bench.attempt('a', 'job'))
    expect(bench.scheduler.isTimed).toBe(false)
  })
})

describe('a worker that comes back', () => {
  /** It was cut off with the job. */
  function cutOff() {
    const bench = start()
    bench.connect('a')
    bench.submit(JOB)
    const held = bench.attempt('a', 'job')
    bench.disconnect('a')
    return { bench, held }
  }

  it('goes on with what nobody else has, and the loss is taken back', () => {
    const { bench, held } = cutOff()
    bench.hello('a', [held])
    expect(bench.welcome('a', [held])).toEqual(['continue'])
    expect(bench.said('resume')).toMatchObject([
      { held, job: { status: 'RUNNING', isSuspect: false, losses: 0, attempts: 1 } },
    ])
    expect(bench.scheduler.liveOf('a')).toEqual([held])
    bench.pass(LEASE_MS - 500, 'a')
    expect(bench.scheduler.heldBy('a')).toBe(1)
  })

  it('drops what another one has, and the loss is taken back', () => {
    const { bench, held } = cutOff()
    bench.connect('b', 2)
    expect(bench.submit(...jobs(1))).toEqual([])
    bench.hello('a', [held])
    expect(bench.welcome('a', [held], 1, 0, [JOB])).toEqual(['drop'])
    // It is no suspect any more, and may have company.
    expect(bench.dealt).toEqual(['job 1 → b'])
  })

  it('takes losses back in whatever order workers come back', () => {
    const { bench, held } = cutOff()
    bench.connect('b')
    const second = bench.attempt('b', 'job')
    bench.disconnect('b')
    bench.hello('a', [held])
    bench.hello('b', [second])
    // The place of the suspect is taken back with the first loss, and the count with the second.
    expect(bench.welcome('a', [held])).toEqual(['continue'])
    expect(bench.said('resume')).toMatchObject([{ job: { isSuspect: true, losses: 0 } }])
    expect(bench.welcome('b', [second])).toEqual(['drop'])
    bench.disconnect('a', true)
    expect(bench.said('settle')).toMatchObject([{ job: { isSuspect: false, losses: 0 } }])
  })

  it('takes the loss back with an outcome that it kept, even one that comes too late', () => {
    const { bench, held } = cutOff()
    bench.hello('a', [])
    bench.outcome(held, OUT_OF_MEMORY)
    expect(bench.said('obsolete')).toEqual([{ type: 'obsolete', held }])
    bench.connect('b')
    expect(bench.said('start')).toMatchObject([{ job: { isSuspect: false, failures: 0 } }])
  })

  it('drops what has ended, what belongs to an earlier run, and what is no more', () => {
    const { bench, held } = cutOff()
    bench.handle({ type: 'ended', jobId: 'job', run: 1 })
    bench.submit(windowJob('job', { run: 2 }))
    const gone = { ...held, jobId: 'gone' }
    const ended = { ...held, jobId: 'ended' }
    const claims = [held, gone, ended]
    const row = windowJob('ended', { status: 'CANCELLED', attempts: 1 })
    bench.hello('a', claims)
    expect(bench.welcome('a', claims, 3, 0, [row])).toEqual(['drop', 'drop', 'drop'])
    expect(bench.scheduler.heldBy('a')).toBe(0)
  })

  it('goes on with what the store has as waiting, after a start of the master', () => {
    const bench = start()
    const held = { jobId: 'job', run: 1, attempt: 2, worker: 'a', sha256: 'photo of job' }
    bench.hello('a', [held])
    const row = { ...JOB, attempts: 1 }
    expect(bench.welcome('a', [held], 1, 0, [row])).toEqual(['continue'])
    expect(bench.said('resume')).toMatchObject([{ held, job: { attempts: 2, isSuspect: false } }])
    // The queue was read when it still waited.
    bench.handle({ type: 'doubt' })
    bench.handle({ type: 'refilled', jobs: [row] })
    bench.connect('b')
    expect(bench.dealt).toEqual([])
  })

  it('on a second connection keeps what it claims; what it does not claim never reached it', () => {
    const bench = start()
    bench.connect('a', 2)
    bench.submit(...jobs(2))
    const [first, second] = [bench.attempt('a', 'job 1'), bench.attempt('a', 'job 2')]
    bench.connect('b')
    bench.hello('a', [first])
    expect(bench.said('settle')).toMatchObject([{ held: second, why: 'returned', job: { isSuspect: false } }])
    expect(bench.dealt).toEqual(['job 2 → b'])
    expect(bench.welcome('a', [first], 2)).toEqual(['continue'])
    expect(bench.scheduler.liveOf('a')).toEqual([first])
  })

  it('on a second connection keeps the room of what is being recorded', () => {
    const bench = start()
    bench.connect('a')
    bench.submit(...jobs(2))
    const held = bench.attempt('a', 'job 1')
    bench.outcome(held, SUCCESS)
    bench.hello('a', [])
    bench.welcome('a', [])
    expect(bench.open('a')).toEqual([])
    expect(bench.recorded(held)).toEqual(['job 2 → a'])
  })

  it('is dealt nothing from its hello until it is welcomed', () => {
    const bench = start()
    bench.connect('a', 2)
    bench.hello('a', [])
    bench.open('a')
    expect(bench.submit(JOB)).toEqual([])
    bench.welcome('a', [])
    expect(bench.open('a')).toEqual(['job → a'])
  })

  it('drops what it has told the outcome of since its hello', () => {
    const { bench, held } = cutOff()
    bench.hello('a', [held])
    bench.outcome(held, RETURNED)
    expect(bench.welcome('a', [held], 1, 0, [JOB])).toEqual(['drop'])
    expect(bench.scheduler.heldBy('a')).toBe(0)
  })

  it('drops what has ended since its hello, though the row that was read did not know', () => {
    const { bench, held } = cutOff()
    bench.hello('a', [held])
    bench.handle({ type: 'ended', jobId: 'job', run: 1 })
    expect(bench.welcome('a', [held], 1, 0, [JOB])).toEqual(['drop'])
    expect(bench.scheduler.size).toBe(0)
  })

  it('and goes again before it is welcomed leaves nothing behind', () => {
    const { bench, held } = cutOff()
    bench.hello('a', [held])
    bench.disconnect('a')
    bench.handle({ type: 'ended', jobId: 'job', run: 1 })
    expect(bench.scheduler.size).toBe(0)
  })
})
