import { LEASE_MS } from '@argus/shared'
import { describe, expect, it } from 'vitest'
import { windowJob } from '../../testing/simulation/jobs.ts'
import {
  type Effect,
  type End,
  type HeldAttempt,
  keyOf,
  Scheduler,
  type SchedulerEvent,
} from './scheduler.ts'
import { Window, type WindowJob } from './window.ts'

const SUCCESS: End = { end: 'succeeded' }
const RETURNED: End = { end: 'returned' }
const OUT_OF_MEMORY: End = { end: 'failed', code: 'worker/out-of-memory' }
const UNREADABLE: End = { end: 'failed', code: 'image/unreadable' }

type EffectOf<Type extends Effect['type']> = Extract<Effect, { type: Type }>

/** A scheduler with a clock, and what it said last. */
class Bench {
  readonly scheduler: Scheduler
  now = 0
  effects: Effect[] = []

  constructor(window = new Window()) {
    this.scheduler = new Scheduler(LEASE_MS, window)
  }

  handle(event: SchedulerEvent): Effect[] {
    this.effects = this.scheduler.handle(event, this.now)
    return this.effects
  }

  /** What it said of this kind. */
  said<Type extends Effect['type']>(type: Type): EffectOf<Type>[] {
    return this.effects.filter((effect): effect is EffectOf<Type> => effect.type === type)
  }

  /** Which job was dealt to which worker, as `job → worker`. */
  get dealt(): string[] {
    return this.said('start').map(({ held }) => `${held.jobId} → ${held.worker}`)
  }

  connect(worker: string, slots = 1, prefetch = 0): void {
    this.hello(worker, [])
    this.welcome(worker, [], slots, prefetch)
    this.open(worker)
  }

  hello(worker: string, claims: readonly HeldAttempt[]): void {
    this.handle({ type: 'hello', worker, claims })
  }

  /** @param rows the jobs of the claims as the store has them; without them it has none */
  welcome(
    worker: string,
    claims: readonly HeldAttempt[],
    slots = 1,
    prefetch = 0,
    rows: readonly WindowJob[] = [],
  ): string[] {
    const found = claims.map((held) => ({ held, job: rows.find(({ id }) => id === held.jobId) ?? null }))
    this.handle({ type: 'connected', worker, slots, prefetch, claims: found })
    return this.said('welcome').flatMap((welcome) => welcome.claims.map(({ answer }) => answer))
  }

  open(worker: string, isOpen = true): string[] {
    this.handle({ type: 'open', worker, isOpen })
    return this.dealt
  }

  /** Submits jobs; returns what is dealt. */
  submit(...jobs: WindowJob[]): string[] {
    return jobs.flatMap((job) => {
      this.handle({ type: 'queued', job })
      return this.dealt
    })
  }

  /** The attempt by which a worker has a job. */
  attempt(worker: string, jobId: string): HeldAttempt {
    const held = this.scheduler.liveOf(worker).find((one) => one.jobId === jobId)
    if (!held) throw new Error(`${worker} does not hold ${jobId}`)
    return held
  }

  disconnect(worker: string, goodbye = false): void {
    this.handle({ type: 'disconnected', worker, goodbye })
  }

  outcome(held: HeldAttempt, end: End): void {
    this.handle({ type: 'outcome', held, end })
  }

  /** The store has it: as the dispatcher tells. */
  recorded(held: HeldAttempt): string[] {
    this.handle({ type: 'recorded', held })
    return this.dealt
  }

  /** A job succeeds, and that is recorded. */
  succeed(held: HeldAttempt): string[] {
    this.outcome(held, SUCCESS)
    const dealt = [...this.dealt, ...this.recorded(held)]
    this.handle({ type: 'ended', jobId: held.jobId, run: held.run })
    return [...dealt, ...this.dealt]
  }

  /** Lets time pass, with beats of these workers for all that they hold. */
  pass(milliseconds: number, ...beating: string[]): void {
    for (const end = this.now + milliseconds; this.now < end; ) {
      this.now += 500
      for (const worker of beating) {
        this.handle({ type: 'beat', worker, held: this.scheduler.liveOf(worker) })
      }
      this.handle({ type: 'tick' })
    }
  }
}

/** A scheduler that has read an empty queue. */
function start(window?: Window): Bench {
  const bench = new Bench(window)
  bench.handle({ type: 'tick' })
  bench.handle({ type: 'refilled', jobs: [] })
  return bench
}

function jobs(count: number): WindowJob[] {
  return Array.from({ length: count }, (_, index) => windowJob(`job ${index + 1}`, { rank: index + 1 }))
}

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
