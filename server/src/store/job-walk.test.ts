/**
 * The state machine and the SQL walk the same way, step by step: each event is given to both, and both must
 * take or refuse it alike and leave the job in the same state.
 */
import { type AttemptEnd, isTerminal, type ProblemCode } from '@argus/shared'
import type { Knex } from 'knex'
import { describe, expect, it } from 'vitest'
import { Random, SEED } from '../../testing/random.ts'
import {
  type MakeTarget,
  newJob,
  onEachDatabase,
  openUntilEnd,
  revisions,
  workerNamed,
} from '../../testing/store.ts'
import { RESULT } from '../../testing/unit.ts'
import { type AttemptRef, type JobEvent, type JobState, SUBMITTED, transition } from '../jobs/job-machine.ts'
import { toWindowJob } from '../jobs/job-view.ts'
import { AttemptStore } from './attempt-store.ts'
import type { JobRecord } from './job-record.ts'
import { JobStore } from './job-store.ts'
import { type Change, JobTransitions, type Settlement } from './job-transitions.ts'

/** Of one walk: several jobs, so that a change of one that touches another shows. */
const JOBS = 3
const STEPS = 75
const WORKERS = ['one', 'two', 'three'] as const
const CODES = ['image/unreadable', 'worker/failed', 'worker/out-of-memory', 'worker/timeout'] as const

type EventType = JobEvent['type']

const ANY = ['start', 'resume', 'lose', 'return', 'fail', 'succeed', 'cancel', 'retry'] as const
/** What happens most: so that jobs are lost and fail often enough to end of it. */
const LIKELY = {
  QUEUED: ['start', 'start', 'start', 'resume'],
  RUNNING: ['lose', 'lose', 'lose', 'fail', 'fail', 'return'],
  SUCCEEDED: ['retry'],
  FAILED: ['retry'],
  CANCELLED: ['retry'],
} as const

/** All that the machine may do. */
const WAYS = [
  'start → RUNNING',
  'resume → RUNNING',
  'lose → QUEUED',
  'lose → FAILED',
  'return → QUEUED',
  'fail → QUEUED',
  'fail → FAILED',
  'succeed → SUCCEEDED',
  'cancel → CANCELLED',
  'retry → QUEUED',
]

/** What must be known of a job beside its state: how each attempt ended, by run, number and worker. */
interface Walker {
  readonly state: JobState
  readonly ends: Map<string, AttemptEnd | null>
}

interface Step {
  readonly event: JobEvent
  /** Whose event it is; also where the machine does not care. */
  readonly ref: AttemptRef
}

function nextStep(random: Random, { state }: Walker): Step {
  const type = random.pick(random.chance(0.7) ? LIKELY[state.status] : ANY)
  const ref = random.chance(0.8) ? likelyRef(random, type, state) : anyRef(random, state)
  switch (type) {
    case 'resume':
      return { event: { type, forgive: random.chance(0.5), ...ref }, ref }
    case 'fail':
      return { event: { type, code: random.pick(CODES), ...ref }, ref }
    case 'succeed':
      return { event: { type, run: ref.run }, ref }
    case 'cancel':
    case 'retry':
      return { event: { type }, ref }
    default:
      return { event: { type, ...ref }, ref }
  }
}

/** One that the machine takes, in some states. */
function likelyRef(random: Random, type: EventType, { run, attempts, holder }: JobState): AttemptRef {
  if (type === 'start') return { run, attempt: attempts + 1, worker: random.pick(WORKERS) }
  if (holder && type !== 'resume') return holder
  return { run, attempt: 1 + random.below(attempts + 1), worker: random.pick(WORKERS) }
}

function anyRef(random: Random, { run, attempts }: JobState): AttemptRef {
  return {
    run: run - 1 + random.below(3),
    attempt: 1 + random.below(attempts + 2),
    worker: random.pick(WORKERS),
  }
}

/** Why an attempt ends by the event, where it does without a success. */
function whyOf({ type }: JobEvent): AttemptEnd {
  return type === 'fail' ? 'failed' : type === 'lose' ? 'lost' : 'returned'
}

/** As the dispatcher has it from the machine; where the machine refuses, what an older state would have made. */
function settlementOf(event: JobEvent, { status, isSuspect, losses, failures, error }: JobState): Settlement {
  const code: ProblemCode | null = event.type === 'fail' ? event.code : error
  return {
    status: status === 'FAILED' ? 'FAILED' : 'QUEUED',
    why: whyOf(event),
    error: code && { code, detail: 'why' },
    isSuspect,
    losses,
    failures,
  }
}

function run(
  database: Knex,
  jobId: string,
  { event, ref }: Step,
  after: JobState,
  now: number,
): Promise<Change> {
  const jobs = new JobTransitions(database, revisions)
  const id = { jobId, ...ref }
  const worker = workerNamed(ref.worker)
  switch (event.type) {
    case 'start':
    case 'resume':
      return jobs.start(id, worker, after, now)
    case 'lose':
    case 'return':
    case 'fail':
      return jobs.settle(id, settlementOf(event, after), now)
    case 'succeed':
      return jobs.succeed(id, { result: RESULT, thumbnailType: 'image/webp', worker }, now)
    case 'cancel':
      return jobs.cancel(jobId, now)
    case 'retry':
      return jobs.retry(jobId, now, now)
  }
}

/** What the SQL must answer. */
function answerTo({ state, ends }: Walker, { event, ref }: Step, next: JobState | null): Change {
  if (next) return { run: next.run, from: state.status, to: next.status }
  const hasBegun = () => state.status === 'RUNNING' && state.run === ref.run && ends.has(keyOf(ref))
  const isRepeated = {
    start: hasBegun,
    resume: hasBegun,
    lose: () => ends.get(keyOf(ref)) === 'lost',
    return: () => ends.get(keyOf(ref)) === 'returned',
    fail: () => ends.get(keyOf(ref)) === 'failed',
    succeed: () => ends.get(keyOf(ref)) === 'succeeded',
    cancel: () => state.status === 'CANCELLED',
    retry: () => false,
  }
  return isRepeated[event.type]() ? 'repeated' : null
}

function go({ ends }: Walker, { event, ref }: Step, next: JobState): Walker {
  const after = new Map(ends)
  if (event.type === 'start' || event.type === 'resume') after.set(keyOf(ref), null)
  else if (event.type === 'succeed') after.set(keyOf(ref), 'succeeded')
  else if (event.type !== 'cancel' && event.type !== 'retry') after.set(keyOf(ref), whyOf(event))
  if (isTerminal(next.status)) for (const [key, end] of after) if (!end) after.set(key, 'revoked')
  return { state: next, ends: after }
}

function keyOf({ run, attempt, worker }: AttemptRef): string {
  return `${run} ${attempt} ${worker}`
}

/** The state that a row stands for, once what is written beside it has been checked. */
function stateOf(record: JobRecord): JobState {
  const { status, startedAt, endedAt, worker, result, queuedAt } = record
  const isEnded = isTerminal(status)
  expect({ isEnded: endedAt !== null, hasResult: result !== null }).toEqual({
    isEnded,
    hasResult: status === 'SUCCEEDED',
  })
  if (!isEnded) expect([startedAt !== null, worker !== null]).toEqual(Array(2).fill(status === 'RUNNING'))
  expect(startedAt ?? queuedAt).toBeLessThanOrEqual(endedAt ?? startedAt ?? queuedAt)
  const { run, attempts, holder, isSuspect, losses, failures, error } = toWindowJob(record)
  return { status, run, attempts, holder, isSuspect, losses, failures, error }
}

/** @param taken how often the machine took an event, by its type and the state that it led to */
async function walk(database: Knex, random: Random, walkNumber: number, taken: Map<string, number>) {
  const store = new JobStore(database)
  const attempts = new AttemptStore(database)
  const walkers = new Map<string, Walker>()
  for (let job = 0; job < JOBS; job += 1) {
    const id = `job ${walkNumber}.${job}`
    await store.insert(newJob(id, { submittedAt: 0 }))
    walkers.set(id, { state: SUBMITTED, ends: new Map() })
  }
  const ids = [...walkers.keys()]
  for (let now = 1; now <= STEPS; now += 1) {
    const id = random.pick(ids)
    const before = walkers.get(id) ?? { state: SUBMITTED, ends: new Map() }
    const step = nextStep(random, before)
    const next = transition(before.state, step.event)
    const what = `ARGUS_SEED=${SEED}, step ${now} of ${id}: ${JSON.stringify({ ...step, ...before.state })}`

    const change = await run(database, id, step, next ?? before.state, now)
    expect(change, what).toEqual(answerTo(before, step, next))
    if (next) {
      walkers.set(id, go(before, step, next))
      const way = `${step.event.type} → ${next.status}`
      taken.set(way, (taken.get(way) ?? 0) + 1)
    }
    const records = await store.findAll(ids)
    const states = new Map(records.map((record) => [record.id, stateOf(record)]))
    expect(states, what).toEqual(new Map([...walkers].map(([each, { state }]) => [each, state])))
    const history = await attempts.ofJob(id)
    const ends = new Map(
      history.map(({ number, ...attempt }) => [keyOf({ attempt: number, ...attempt }), attempt.end]),
    )
    expect(ends, what).toEqual(walkers.get(id)?.ends)
  }
}

function contract(makeTarget: MakeTarget, walks: number): void {
  it(`goes as the state machine does in ${walks} random walks (ARGUS_SEED=${SEED})`, async () => {
    const database = await openUntilEnd(await makeTarget())
    const random = new Random(SEED)
    const taken = new Map<string, number>()
    for (let number = 0; number < walks; number += 1) {
      // In one transaction, as nothing of it has to outlive a power cut.
      await database.transaction((transaction) => walk(transaction, random, number, taken))
    }
    // A walk that goes few ways says little.
    if (walks > 10) expect([...taken.keys()].sort()).toEqual(WAYS.toSorted())
  })
}

describe('the SQL', () => {
  onEachDatabase((makeTarget, isMariaDb) => contract(makeTarget, isMariaDb ? 5 : 40))
})
