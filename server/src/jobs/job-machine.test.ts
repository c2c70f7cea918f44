import { JOB_STATUSES, type JobStatus } from '@argus/shared'
import { describe, expect, it } from 'vitest'
import {
  type AttemptRef,
  forgiven,
  isHeldBy,
  isPermanent,
  type JobEvent,
  type JobState,
  MAX_FAILURES,
  MAX_LOSSES,
  SUBMITTED,
  transition,
} from './job-machine.ts'

const HELD: AttemptRef = { run: 1, attempt: 1, worker: 'a' }
/** The same job, by an attempt that does not hold it. */
const OTHERS: Readonly<Record<string, AttemptRef>> = {
  'another run': { ...HELD, run: 2 },
  'another attempt': { ...HELD, attempt: 2 },
  'another worker': { ...HELD, worker: 'b' },
}

const QUEUED: JobState = { ...SUBMITTED, attempts: 1 }
const RUNNING: JobState = { ...QUEUED, status: 'RUNNING', holder: HELD }
const SUSPECT: JobState = { ...RUNNING, isSuspect: true }

const STATES: Readonly<Record<JobStatus, JobState>> = {
  QUEUED,
  RUNNING,
  SUCCEEDED: { ...QUEUED, status: 'SUCCEEDED' },
  FAILED: { ...QUEUED, status: 'FAILED', error: 'image/unreadable' },
  CANCELLED: { ...QUEUED, status: 'CANCELLED' },
}

const START: JobEvent = { type: 'start', run: 1, attempt: 2, worker: 'b' }
const RESUME: JobEvent = { type: 'resume', forgive: false, ...HELD }
const LOSE: JobEvent = { type: 'lose', ...HELD }
const RETURN: JobEvent = { type: 'return', ...HELD }
const FAIL: JobEvent = { type: 'fail', code: 'worker/out-of-memory', ...HELD }
const FAIL_FOR_GOOD: JobEvent = { type: 'fail', code: 'image/unreadable', ...HELD }
const SUCCEED: JobEvent = { type: 'succeed', run: 1 }

type Table = Readonly<Record<string, readonly [JobEvent, Readonly<Partial<Record<JobStatus, JobStatus>>>]>>

/** Each event, and into which state it takes which; where none is named it is refused. */
const TABLE: Table = {
  start: [START, { QUEUED: 'RUNNING' }],
  resume: [RESUME, { QUEUED: 'RUNNING' }],
  lose: [LOSE, { RUNNING: 'QUEUED' }],
  return: [RETURN, { RUNNING: 'QUEUED' }],
  'fail, for now': [FAIL, { RUNNING: 'QUEUED' }],
  'fail, for good': [FAIL_FOR_GOOD, { RUNNING: 'FAILED' }],
  succeed: [SUCCEED, { QUEUED: 'SUCCEEDED', RUNNING: 'SUCCEEDED' }],
  cancel: [{ type: 'cancel' }, { QUEUED: 'CANCELLED', RUNNING: 'CANCELLED' }],
  retry: [{ type: 'retry' }, { SUCCEEDED: 'QUEUED', FAILED: 'QUEUED', CANCELLED: 'QUEUED' }],
}

function after(job: JobState, ...events: JobEvent[]): JobState {
  return events.reduce((state, event) => {
    const next = transition(state, event)
    if (!next) throw new Error(`${event.type} was refused`)
    return next
  }, job)
}

describe('a transition', () => {
  for (const [name, [event, targets]] of Object.entries(TABLE)) {
    for (const status of JOB_STATUSES) {
      const target = targets[status] ?? null
      it(`${name}: ${status} → ${target ?? 'refused'}`, () => {
        expect(transition(STATES[status], event)?.status ?? null).toBe(target)
      })
    }
  }

  for (const [name, ref] of Object.entries(OTHERS)) {
    it(`of ${name} than the one that holds the job neither loses, returns nor fails it`, () => {
      for (const type of ['lose', 'return'] as const) expect(transition(RUNNING, { type, ...ref })).toBeNull()
      expect(transition(RUNNING, { ...FAIL, ...ref })).toBeNull()
    })
  }

  it('of another run neither starts, resumes nor succeeds it', () => {
    expect(transition(QUEUED, { ...START, run: 2 })).toBeNull()
    expect(transition(QUEUED, { ...RESUME, run: 2 })).toBeNull()
    expect(transition(RUNNING, { ...SUCCEED, run: 2 })).toBeNull()
  })

  it('changes nothing of the state that it was given', () => {
    const before = structuredClone(RUNNING)
    after(RUNNING, LOSE)
    expect(RUNNING).toEqual(before)
  })
})

describe('a job that runs', () => {
  it('is held by the attempt that started it', () => {
    const { type: _, ...ref } = START
    const job = after(QUEUED, START)
    expect(job).toMatchObject({ holder: ref, attempts: 2 })
    expect(isHeldBy(job, ref)).toBe(true)
    for (const other of Object.values(OTHERS)) expect(isHeldBy(job, other)).toBe(false)
  })

  it('counts no attempts down where an earlier one goes on', () => {
    expect(after({ ...QUEUED, attempts: 3 }, RESUME)).toMatchObject({ attempts: 3, holder: HELD })
  })

  it('counts up where an attempt goes on that was not written down', () => {
    expect(after({ ...QUEUED, attempts: 0 }, { ...RESUME, attempt: 2 })).toMatchObject({ attempts: 2 })
  })

  it('is held by nobody once it is queued again, or has ended', () => {
    for (const event of [LOSE, RETURN, FAIL, FAIL_FOR_GOOD, SUCCEED, { type: 'cancel' } as const]) {
      expect(after(RUNNING, event).holder).toBeNull()
    }
  })

  it('is charged with nothing where it is returned', () => {
    expect(after(SUSPECT, RETURN)).toMatchObject({ isSuspect: true, losses: 0, failures: 0, attempts: 1 })
    expect(after(RUNNING, RETURN)).toMatchObject({ isSuspect: false, losses: 0, failures: 0 })
  })
})

describe('losses', () => {
  it('make a suspect of it at first, and count from then on', () => {
    expect(after(RUNNING, LOSE)).toMatchObject({ status: 'QUEUED', isSuspect: true, losses: 0, error: null })
    expect(after(SUSPECT, LOSE)).toMatchObject({ status: 'QUEUED', isSuspect: true, losses: 1, error: null })
  })

  it(`end it with the ${MAX_LOSSES}rd that counts`, () => {
    const job = after({ ...SUSPECT, losses: MAX_LOSSES - 1 }, LOSE)
    expect(job).toMatchObject({ status: 'FAILED', losses: MAX_LOSSES, error: 'worker/lost' })
  })

  it('are no failures', () => {
    expect(after({ ...SUSPECT, failures: MAX_FAILURES - 1 }, LOSE)).toMatchObject({ status: 'QUEUED' })
  })

  it('are taken back one by one', () => {
    const twice: JobState = { ...SUSPECT, losses: 2 }
    expect(forgiven(twice)).toMatchObject({ losses: 1, isSuspect: true })
    expect(forgiven(forgiven(twice))).toMatchObject({ losses: 0, isSuspect: true })
    expect(forgiven(forgiven(forgiven(twice)))).toMatchObject({ losses: 0, isSuspect: false })
  })

  it('are taken back, or not, where the attempt goes on after all', () => {
    const lost = after(RUNNING, LOSE)
    expect(after(lost, { ...RESUME, forgive: true })).toMatchObject({ isSuspect: false, holder: HELD })
    expect(after(lost, { ...RESUME, forgive: false })).toMatchObject({ isSuspect: true, holder: HELD })
  })
})

describe('failures', () => {
  it('that another try may mend are counted', () => {
    expect(after(RUNNING, FAIL)).toMatchObject({ status: 'QUEUED', failures: 1, losses: 0, error: null })
  })

  it(`end it with the ${MAX_FAILURES}rd, for the reason of that`, () => {
    const job = after({ ...RUNNING, failures: MAX_FAILURES - 1 }, FAIL)
    expect(job).toMatchObject({ status: 'FAILED', failures: MAX_FAILURES, error: 'worker/out-of-memory' })
  })

  it('of the photo end it at once', () => {
    expect(after(RUNNING, FAIL_FOR_GOOD)).toMatchObject({ failures: 1, error: 'image/unreadable' })
  })

  it('are permanent where the photo is at fault', () => {
    expect(isPermanent('image/unreadable')).toBe(true)
    expect(isPermanent('image/not-found')).toBe(true)
    expect(isPermanent('worker/out-of-memory')).toBe(false)
    expect(isPermanent('worker/failed')).toBe(false)
  })
})

describe('a retry', () => {
  it('begins the next run with nothing of the one before', () => {
    const job: JobState = {
      ...SUSPECT,
      status: 'FAILED',
      holder: null,
      losses: 3,
      failures: 2,
      error: 'worker/lost',
    }
    expect(after(job, { type: 'retry' })).toEqual({ ...SUBMITTED, run: 2 })
  })

  it('leaves late outcomes of the run before without effect', () => {
    const job = after({ ...QUEUED, status: 'CANCELLED' }, { type: 'retry' }, { ...START, run: 2 })
    for (const event of [SUCCEED, FAIL, LOSE, RETURN]) expect(transition(job, event)).toBeNull()
  })
})
