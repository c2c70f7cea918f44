/** What the tests of the store share: the databases that each of them runs on, and jobs to put there. */
import { join } from 'node:path'
import type { Knex } from 'knex'
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest'
import type { AttemptId } from '../src/store/attempt-store.ts'
import { type DatabaseTarget, openDatabase } from '../src/store/database.ts'
import type { NewJob } from '../src/store/job-record.ts'
import type { JobCharges } from '../src/store/job-transitions.ts'
import { Revisions } from '../src/store/revisions.ts'
import { findMariaDb, TestMariaDb } from './mariadb.ts'
import { DIGEST, silentLog, tempFolder } from './unit.ts'

/** Names a database that is empty. */
export type MakeTarget = () => Promise<DatabaseTarget>

/** What every database must do: on SQLite, and on MariaDB where this machine has it. */
export function onEachDatabase(contract: (makeTarget: MakeTarget, isMariaDb: boolean) => void): void {
  describe('on SQLite', () =>
    contract(async () => ({ file: join(await tempFolder(), 'argus.sqlite') }), false))
  onMariaDb((makeTarget) => contract(makeTarget, true))
}

/** Each test gets a database of its own, all of them on one server. */
export function onMariaDb(contract: (makeTarget: MakeTarget) => void): void {
  describe.skipIf(findMariaDb() === null)('on MariaDB', () => {
    let server: TestMariaDb | undefined

    beforeAll(async () => {
      // Nothing here outlives a power cut, and waiting for the disk would make the tests take four times as long.
      server = await TestMariaDb.start('--innodb-flush-method=nosync')
    })

    afterAll(() => server?.stop())

    contract(async () => {
      if (!server) throw new Error('The server has not started')
      return { url: await server.createDatabase() }
    })
  })
}

/** Opens a database until the test ends. */
export async function openUntilEnd(target: DatabaseTarget): Promise<Knex> {
  const database = await openDatabase(target, silentLog)
  onTestFinished(() => database.destroy())
  return database
}

/** Of what the tests change in their databases. */
export const revisions = new Revisions()

/** The one that was given out last. */
export function lastRevision(): number {
  revisions.settle()
  return revisions.committed
}

/** Its revision is the next one, unless another is named. */
export function newJob(id: string, changes: Partial<NewJob> = {}): NewJob {
  return {
    id,
    revision: changes.revision ?? revisions.next(),
    fileName: 'beach.jpg',
    owner: '127.0.0.1',
    tags: {},
    batch: null,
    truth: null,
    priority: 0,
    rank: 1,
    sha256: 'a'.repeat(64),
    imageType: 'image/jpeg',
    bytes: 5_000_000_000,
    width: 4000,
    height: 3000,
    submittedAt: 1_700_000_000_000,
    ...changes,
  }
}

/** An attempt by the worker whose boot id is `one`, unless another is named. */
export function attemptId(jobId: string, attempt: number, worker = 'one', run = 1): AttemptId {
  return { jobId, run, attempt, worker }
}

/** What is known of a worker. */
export function workerNamed(name: string) {
  return { name, engine: 'tfjs-wasm', model: DIGEST }
}

export const NO_CHARGES: JobCharges = { isSuspect: false, losses: 0, failures: 0 }

/** As long as a name may be, of characters of four bytes. */
export const LONG_NAME = '🏖'.repeat(255)
export const LONG_OWNER = '🧑'.repeat(100)
export const LONG_DETAIL = '💥'.repeat(2000)
