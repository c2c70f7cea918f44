/** Two connections want the same job at once: on MariaDB, as SQLite has only one. */
import type { JobCounts } from '@argus/shared'
import type { Knex } from 'knex'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  attemptId,
  NO_CHARGES,
  newJob,
  onMariaDb,
  openUntilEnd,
  revisions,
  workerNamed,
} from '../../testing/store.ts'
import { RESULT } from '../../testing/unit.ts'
import { AttemptStore } from './attempt-store.ts'
import { JobStore } from './job-store.ts'
import { type Change, JobTransitions } from './job-transitions.ts'

const RACES = 200

type Transition = (jobs: JobTransitions, jobId: string, now: number) => Promise<Change>

const start =
  (worker: string): Transition =>
  (jobs, jobId, now) =>
    jobs.start(attemptId(jobId, 1, worker), workerNamed(worker), NO_CHARGES, now)

const succeed =
  (worker: string): Transition =>
  (jobs, jobId, now) =>
    jobs.succeed(
      attemptId(jobId, 1, worker),
      { result: RESULT, thumbnailType: 'image/webp', worker: workerNamed(worker) },
      now,
    )

const settle =
  (status: 'QUEUED' | 'FAILED'): Transition =>
  (jobs, jobId, now) =>
    jobs.settle(attemptId(jobId, 1), { ...NO_CHARGES, status, why: 'failed', error: null }, now)

const cancel: Transition = (jobs, jobId, now) => jobs.cancel(jobId, now)
const retry: Transition = (jobs, jobId, now) => jobs.retry(jobId, now, now)

describe('transitions that race', () => {
  onMariaDb((makeTarget) => {
    let database: Knex
    let store: JobStore

    beforeEach(async () => {
      database = await openUntilEnd(await makeTarget())
      store = new JobStore(database)
    })

    /** Makes both transitions of a job on connections of their own; neither begins before both have one. */
    async function race(jobId: string, both: readonly Transition[], now: number): Promise<Change[]> {
      const transactions = await Promise.all(both.map(() => database.transaction()))
      return Promise.all(
        transactions.map(async (transaction, at) => {
          const change = await both[at]?.(new JobTransitions(transaction, revisions), jobId, now)
          await transaction.commit()
          return change ?? null
        }),
      )
    }

    /**
     * Has two transitions race for one job after another.
     *
     * @param before what has become of each job by then
     * @returns what each of the two has come to, race by race
     */
    async function races(before: readonly Transition[], [one, other]: [Transition, Transition]) {
      const told: JobCounts = { QUEUED: 0, RUNNING: 0, SUCCEEDED: 0, FAILED: 0, CANCELLED: 0 }
      const tell = (change: Change) => {
        if (change === null || change === 'repeated') return
        told[change.from] -= 1
        told[change.to] += 1
      }
      const results: Change[][] = []
      for (let number = 0; number < RACES; number += 1) {
        const id = `job-${number}`
        await store.insert(newJob(id))
        told.QUEUED += 1
        for (const transition of before)
          tell(await transition(new JobTransitions(database, revisions), id, 500))
        // Each is the first to ask half of the time.
        const isTurned = number % 2 === 1
        const changes = await race(id, isTurned ? [other, one] : [one, other], 1000)
        changes.forEach(tell)
        results.push(isTurned ? changes.toReversed() : changes)
      }
      // What each transition says to have done adds up to what the rows say: the counters live of that.
      expect(told).toEqual(await store.countByStatus())
      return results
    }

    it.each<[string, Transition[], [Transition, Transition], loser: 'repeated' | null]>([
      ['two starts', [], [start('one'), start('two')], null],
      ['cancel and success', [start('one')], [cancel, succeed('one')], null],
      ['cancel and success of a job that waits', [], [cancel, succeed('one')], null],
      ['cancel and failure', [start('one')], [cancel, settle('FAILED')], null],
      ['two successes', [], [succeed('one'), succeed('two')], null],
      ['two cancels', [start('one')], [cancel, cancel], 'repeated'],
      ['two retries', [cancel], [retry, retry], null],
    ])('%s: exactly one happens', async (_what, before, both, loser) => {
      const results = await races(before, both)
      expect(results.filter((changes) => !changes.includes(loser))).toEqual([])
      expect(results.filter((changes) => changes.every((change) => change === loser))).toEqual([])
    })

    it('start and cancel: the job is cancelled, and was begun or was not', async () => {
      const attempts = new AttemptStore(database)
      const results = await races([], [start('one'), cancel])
      for (const [number, [started, cancelled]] of results.entries()) {
        const history = await attempts.ofJob(`job-${number}`)
        expect(history.map(({ end }) => end)).toEqual(started ? ['revoked'] : [])
        expect(cancelled).toEqual({ run: 1, from: started ? 'RUNNING' : 'QUEUED', to: 'CANCELLED' })
      }
      expect((await store.countByStatus()).CANCELLED).toBe(RACES)
    })

    it('start and a success of another attempt: the job has succeeded, and nothing is left open', async () => {
      const attempts = new AttemptStore(database)
      const results = await races([], [start('one'), succeed('two')])
      for (const [number, [started]] of results.entries()) {
        const history = await attempts.ofJob(`job-${number}`)
        const ends = history.map(({ worker, end }) => [worker, end])
        expect(Object.fromEntries(ends)).toEqual({ two: 'succeeded', ...(started && { one: 'revoked' }) })
      }
      expect((await store.countByStatus()).SUCCEEDED).toBe(RACES)
    })

    it('a return and a success of another attempt: the job has succeeded', async () => {
      await races([start('one')], [settle('QUEUED'), succeed('two')])
      expect((await store.countByStatus()).SUCCEEDED).toBe(RACES)
    })
  })
})
