import type { Knex } from 'knex'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  attemptId,
  LONG_DETAIL,
  type MakeTarget,
  NO_CHARGES,
  newJob,
  onEachDatabase,
  openUntilEnd,
  revisions,
  workerNamed,
} from '../../testing/store.ts'
import { DIGEST } from '../../testing/unit.ts'
import { type AttemptId, AttemptStore } from './attempt-store.ts'
import { JobStore } from './job-store.ts'
import { JobTransitions } from './job-transitions.ts'

const NOW = 1_700_000_000_000
const FIRST = attemptId('a', 1)
const ERROR = { code: 'worker/out-of-memory', detail: LONG_DETAIL } as const

function contract(makeTarget: MakeTarget): void {
  let database: Knex
  let attempts: AttemptStore

  beforeEach(async () => {
    database = await openUntilEnd(await makeTarget())
    attempts = new AttemptStore(database)
  })

  /** How each of these has ended. */
  async function ends(ids: readonly AttemptId[]): Promise<unknown[]> {
    const found = await Promise.all(ids.map((id) => attempts.find(id)))
    return found.map((attempt) => attempt?.end)
  }

  it('keeps an attempt as it began', async () => {
    await attempts.open(FIRST, { name: '🖥'.repeat(100), engine: null, model: null }, NOW)
    await attempts.open(attemptId('a', 2), workerNamed('w'), NOW + 1)
    const open = { run: 1, endedAt: null, end: null, errorCode: null, errorDetail: null }
    expect(await attempts.find(FIRST)).toEqual({
      ...open,
      number: 1,
      worker: '🖥'.repeat(100),
      engine: null,
      model: null,
      startedAt: NOW,
    })
    expect(await attempts.find(attemptId('a', 2))).toEqual({
      ...open,
      number: 2,
      worker: 'w',
      engine: 'tfjs-wasm',
      model: DIGEST,
      startedAt: NOW + 1,
    })
  })

  it('finds none of another job, run, number or worker', async () => {
    await attempts.open(FIRST, workerNamed('w'), NOW)
    const others = [
      { ...FIRST, jobId: 'b' },
      { ...FIRST, run: 2 },
      { ...FIRST, attempt: 2 },
      { ...FIRST, worker: 'ONE' },
    ]
    expect(await Promise.all(others.map((id) => attempts.find(id)))).toEqual([null, null, null, null])
  })

  it('lists those of a job by run and number, and those of one number as they began', async () => {
    const made = [
      [attemptId('a', 1, 'two', 2), 'run 2', 50],
      [attemptId('a', 10), 'attempt 10', 40],
      [attemptId('a', 2, 'one'), 'attempt 2, later', 30],
      [attemptId('a', 2, 'two'), 'attempt 2, earlier', 20],
      [attemptId('a', 1), 'attempt 1', 10],
      [attemptId('b', 1), 'another job', 10],
    ] as const
    for (const [id, name, at] of made) await attempts.open(id, workerNamed(name), at)
    expect((await attempts.ofJob('a')).map(({ worker }) => worker)).toEqual([
      'attempt 1',
      'attempt 2, earlier',
      'attempt 2, later',
      'attempt 10',
      'run 2',
    ])
    expect(await attempts.ofJob('none')).toEqual([])
  })

  it('keeps how and why one ended', async () => {
    await attempts.open(FIRST, workerNamed('w'), NOW)
    await attempts.open(attemptId('a', 2), workerNamed('w'), NOW)
    await attempts.close(FIRST, 'failed', ERROR, NOW + 5)
    expect(await attempts.find(FIRST)).toMatchObject({
      startedAt: NOW,
      endedAt: NOW + 5,
      end: 'failed',
      errorCode: ERROR.code,
      errorDetail: LONG_DETAIL,
    })
    await attempts.close(FIRST, 'succeeded', null, NOW + 6)
    expect(await attempts.find(FIRST)).toMatchObject({
      endedAt: NOW + 6,
      end: 'succeeded',
      errorCode: null,
      errorDetail: null,
    })
    expect(await ends([attemptId('a', 2)])).toEqual([null])
  })

  it('closes none that there is not', async () => {
    await attempts.close(FIRST, 'lost', null, NOW)
    expect(await attempts.ofJob('a')).toEqual([])
  })

  it('opens one anew that goes on after all, since its first start', async () => {
    await attempts.open(FIRST, workerNamed('w'), NOW)
    const before = await attempts.find(FIRST)
    await attempts.close(FIRST, 'failed', ERROR, NOW + 5)
    await attempts.open(FIRST, workerNamed('w'), NOW + 9)
    expect(await attempts.find(FIRST)).toEqual(before)
    expect(await attempts.ofJob('a')).toHaveLength(1)
  })

  describe('revoking', () => {
    const [second, twin] = [attemptId('a', 2), attemptId('a', 1, 'two')]
    const others = [attemptId('a', 1, 'one', 2), attemptId('b', 1)]

    beforeEach(async () => {
      for (const id of [FIRST, second, twin, ...others]) await attempts.open(id, workerNamed('w'), NOW)
    })

    it('closes what is open of a run', async () => {
      await attempts.close(second, 'lost', null, NOW + 1)
      await attempts.revokeOthers('a', 1, null, NOW + 5)
      expect(await ends([FIRST, second, twin, ...others])).toEqual(['revoked', 'lost', 'revoked', null, null])
      expect((await attempts.find(FIRST))?.endedAt).toBe(NOW + 5)
      expect((await attempts.find(second))?.endedAt).toBe(NOW + 1)
    })

    it('spares one attempt, and none of its number or its worker beside it', async () => {
      await attempts.revokeOthers('a', 1, FIRST, NOW + 5)
      expect(await ends([FIRST, second, twin, ...others])).toEqual([null, 'revoked', 'revoked', null, null])
    })
  })

  it('closes at a restart what is open of jobs that run', async () => {
    const jobs = new JobStore(database)
    const transitions = new JobTransitions(database, revisions)
    for (const id of ['runs', 'ended', 'waits']) await jobs.insert(newJob(id))
    await transitions.start(attemptId('runs', 2), workerNamed('w'), NO_CHARGES, NOW)
    await attempts.open(attemptId('runs', 1), workerNamed('w'), NOW)
    await attempts.close(attemptId('runs', 1), 'lost', null, NOW + 1)
    await transitions.start(attemptId('ended', 1), workerNamed('w'), NO_CHARGES, NOW)
    await transitions.cancel('ended', NOW + 1)
    await attempts.open(attemptId('waits', 1), workerNamed('w'), NOW)

    await attempts.restart(NOW + 5)
    const all = [attemptId('runs', 1), attemptId('runs', 2), attemptId('ended', 1), attemptId('waits', 1)]
    expect(await ends(all)).toEqual(['lost', 'restarted', 'revoked', null])
    expect((await attempts.find(attemptId('runs', 2)))?.endedAt).toBe(NOW + 5)
  })
}

describe('the attempt store', () => onEachDatabase(contract))
