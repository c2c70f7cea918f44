import { JOB_STATUSES } from '@argus/shared'
import knex, { type Knex } from 'knex'
import { describe, expect, it } from 'vitest'
import { type MakeTarget, newJob, onEachDatabase, openUntilEnd, revisions } from '../../../testing/store.ts'
import { RESULT, silentLog } from '../../../testing/unit.ts'
import { BatchStore } from '../batch-store.ts'
import { ChangeLog } from '../change-log.ts'
import type { DatabaseTarget } from '../database.ts'
import { JobStore } from '../job-store.ts'
import { KeyStore } from '../key-store.ts'
import { LibsqlClient } from '../libsql-dialect.ts'
import { openMariaDb } from '../mariadb.ts'
import { migrations } from './index.ts'

/** So many of them. */
function first(count: number): typeof migrations {
  return { ...migrations, getMigrations: async () => (await migrations.getMigrations([])).slice(0, count) }
}

const CHANGES = '004-changes'

/** A job in each state, as the first release of the master wrote it. */
const ROWS = JOB_STATUSES.map((status, number) => ({
  id: `job-${number}`,
  status,
  file_name: 'beach 🏖.jpg',
  owner: '127.0.0.1',
  sha256: 'a'.repeat(64),
  image_type: 'image/jpeg',
  bytes: 5_000_000_000,
  width: 4000,
  height: 3000,
  thumbnail_type: status === 'SUCCEEDED' ? 'image/webp' : null,
  submitted_at: 1_700_000_000_000 + number,
  started_at: status === 'QUEUED' ? null : 1_700_000_001_000,
  ended_at: status === 'QUEUED' || status === 'RUNNING' ? null : 1_700_000_002_000,
  attempts: status === 'QUEUED' ? 0 : 2,
  worker: status === 'QUEUED' ? null : 'worker',
  result: status === 'SUCCEEDED' ? JSON.stringify(RESULT) : null,
  error_code: status === 'FAILED' ? 'image/unreadable' : null,
  error_detail: status === 'FAILED' ? 'cut off' : null,
}))

/** Has a database as the first so many migrations left it, with these rows by table. */
async function write(
  target: DatabaseTarget,
  count: number,
  rows: Readonly<Record<string, readonly object[]>>,
): Promise<void> {
  const database = 'file' in target ? openUnlocked(target.file) : await openMariaDb(target.url, silentLog)
  try {
    await database.migrate.latest({ migrationSource: first(count) })
    for (const [table, some] of Object.entries(rows)) await database(table).insert(some)
  } finally {
    await database.destroy()
  }
}

/** The driver closes a file when its statements have been collected, and until then nobody else could lock it. */
function openUnlocked(filename: string): Knex {
  return knex({
    client: LibsqlClient,
    connection: { filename },
    useNullAsDefault: true,
    pool: { min: 1, max: 1 },
  })
}

async function schemaOf(database: Knex, target: DatabaseTarget) {
  const tables = [
    'jobs',
    'attempts',
    'idempotency_keys',
    'job_tags',
    'removed_jobs',
    'batches',
    'statistics',
    'positions',
  ]
  const columns = await Promise.all(tables.map((table) => database(table).columnInfo()))
  const indexes =
    'file' in target
      ? await database('sqlite_master').where({ type: 'index' }).orderBy('name').select('name', 'sql')
      : await database('information_schema.STATISTICS')
          .where({ TABLE_SCHEMA: database.raw('DATABASE()') })
          .whereIn('TABLE_NAME', tables)
          .orderBy(['TABLE_NAME', 'INDEX_NAME', 'SEQ_IN_INDEX'])
          .select('TABLE_NAME', 'INDEX_NAME', 'COLUMN_NAME', 'COLLATION', 'NON_UNIQUE')
  // Knex writes SQLite's indexes anew where it drops a column.
  const text = JSON.stringify(indexes)
    .replaceAll('`', '')
    .replaceAll(' on ', ' ON ')
    .replaceAll(' where ', ' WHERE ')
  return { columns, indexes: text }
}

function contract(makeTarget: MakeTarget): void {
  it('keep the jobs of the first release', async () => {
    const target = await makeTarget()
    await write(target, 1, { jobs: ROWS })
    const store = new JobStore(await openUntilEnd(target))
    expect(await store.countByStatus()).toEqual({
      QUEUED: 1,
      RUNNING: 1,
      SUCCEEDED: 1,
      FAILED: 1,
      CANCELLED: 1,
    })
    for (const [number, row] of ROWS.entries()) {
      expect(await store.find(row.id)).toEqual({
        id: row.id,
        revision: number + 1,
        createdRevision: number + 1,
        status: row.status,
        fileName: row.file_name,
        owner: row.owner,
        tags: {},
        batch: null,
        truth: null,
        truthPlace: null,
        priority: 0,
        rank: 0,
        sha256: row.sha256,
        imageType: 'image/jpeg',
        bytes: row.bytes,
        width: 4000,
        height: 3000,
        thumbnailType: row.thumbnail_type,
        submittedAt: row.submitted_at,
        queuedAt: row.submitted_at,
        startedAt: row.started_at,
        endedAt: row.ended_at,
        run: 1,
        attempts: row.attempts,
        worker: row.worker,
        holder: null,
        isSuspect: false,
        losses: 0,
        failures: 0,
        result: row.result && RESULT,
        isReused: false,
        errorCode: row.error_code,
        errorDetail: row.error_detail,
      })
    }
    await store.insert(newJob('new'))
    expect((await store.queued(null, 10)).map(({ id }) => id)).toEqual(['job-0', 'new'])
  })

  it('can be taken back, and made again', async () => {
    const target = await makeTarget()
    await write(target, 1, { jobs: ROWS })
    const database = await openUntilEnd(target)
    const schema = await schemaOf(database, target)
    const jobs = await database('jobs').orderBy('id')
    await database.migrate.rollback({ migrationSource: migrations })
    expect(await database('jobs').orderBy('id')).toEqual(ROWS)
    await database.migrate.latest({ migrationSource: migrations })
    expect(await database('jobs').orderBy('id')).toEqual(jobs)
    expect(await schemaOf(database, target)).toEqual(schema)
  })

  it('go on where a master that was killed has left them half done', async () => {
    const target = await makeTarget()
    await write(target, 1, { jobs: ROWS })
    const database = await openUntilEnd(target)
    const schema = await schemaOf(database, target)
    // As if it had died before they were entered.
    await database('knex_migrations').whereNot({ name: '001-jobs' }).delete()
    await database.schema.dropTable('idempotency_keys')
    await database.schema.dropTable('job_tags')
    for (const table of ['removed_jobs', 'batches', 'positions']) await database.schema.dropTable(table)
    const on = 'file' in target ? '' : ' ON jobs'
    await database.raw(`DROP INDEX jobs_batch_class_index${on}`)
    await database.schema.alterTable('jobs', (table) => table.dropColumn('truth'))
    await database.raw(`DROP INDEX jobs_revision_index${on}`)
    await database.schema.alterTable('jobs', (table) => table.dropColumn('failures'))
    await database.migrate.latest({ migrationSource: migrations })
    expect(await schemaOf(database, target)).toEqual(schema)
    expect(await database('jobs')).toHaveLength(ROWS.length)
  })

  describe('to changes and batches', () => {
    /** The earlier its submit, the later its id; the last two were submitted at once. */
    const jobs = ['e', 'd', 'c', 'b', 'a', 'aa'].map((id, number) => ({
      ...ROWS[number % ROWS.length],
      id,
      queued_at: 1_700_000_000_000,
      submitted_at: 1_700_000_000_000 + Math.min(number, 4),
      batch_id: [null, 'one', 'one', 'two', null, 'one'][number],
      owner: ['ann', 'bob', 'ann', 'cid', 'ann', 'dan'][number],
    }))
    const keys = ['e', 'a'].map((job_id) => ({
      owner: 'ann',
      idempotency_key: `key of ${job_id}`,
      fingerprint: 'f'.repeat(64),
      job_id,
      created_at: 1_700_000_000_000,
    }))
    const rows = { jobs, idempotency_keys: keys }

    async function migrated(): Promise<{ database: Knex; target: DatabaseTarget }> {
      const target = await makeTarget()
      await write(target, 3, rows)
      return { database: await openUntilEnd(target), target }
    }

    const revisionsOf = async (database: Knex) =>
      (await new JobStore(database).findAll(jobs.map(({ id }) => id)))
        .toSorted((one, other) => one.revision - other.revision)
        .map(({ id, revision, createdRevision }) => [id, revision, createdRevision])
    const numbered = ['e', 'd', 'c', 'b', 'a', 'aa'].map((id, number) => [id, number + 1, number + 1])

    it('number the jobs in the order of their submit, and go on behind them', async () => {
      const { database } = await migrated()
      expect(await revisionsOf(database)).toEqual(numbered)
      expect(await new ChangeLog(database).last()).toBe(jobs.length)
      const { changes } = await new ChangeLog(database).read(2, 4, 10)
      expect(changes.map(({ id }) => id)).toEqual(['c', 'b'])
    })

    it('make a batch of each id that jobs had, from the time of the first one', async () => {
      const { database } = await migrated()
      const batches = new BatchStore(database)
      const batch = { name: null, cancelledAt: null }
      expect(await batches.list(undefined, null, 10)).toEqual([
        { ...batch, id: 'two', owner: 'cid', createdAt: 1_700_000_000_003 },
        { ...batch, id: 'one', owner: 'ann', createdAt: 1_700_000_000_001 },
      ])
      expect((await batches.jobs('one', null, 10)).map(({ id }) => id)).toEqual(['d', 'c', 'aa'])
      expect(await batches.refusal('two')).toBeNull()
    })

    it('keep the keys of jobs, which are removed with them as before', async () => {
      const { database } = await migrated()
      const store = new KeyStore(database)
      const find = (id: string) => store.find('ann', `key of ${id}`, 1_700_000_000_001)
      expect(await find('e')).toEqual({
        owner: 'ann',
        key: 'key of e',
        fingerprint: 'f'.repeat(64),
        madeId: 'e',
      })
      await new JobStore(database).remove(['e', 'a'], revisions, 5000, JOB_STATUSES)
      expect([await find('e'), await find('a')]).toEqual([null, null])
    })

    it('can be taken back, and made again', async () => {
      const { database, target } = await migrated()
      const schema = await schemaOf(database, target)
      const after = await database('jobs').orderBy('id')
      await database.migrate.down({ migrationSource: migrations })
      expect(await database.migrate.currentVersion({ migrationSource: migrations })).toBe(CHANGES)
      await database.migrate.down({ migrationSource: migrations })
      expect(await database.migrate.currentVersion({ migrationSource: migrations })).toBe('003-lists')
      expect(await database('idempotency_keys').orderBy('job_id', 'desc')).toEqual(keys)
      const columns = Object.keys(await database('jobs').columnInfo())
      expect(columns.filter((column) => /revision|truth/.test(column))).toEqual([])
      expect(await database('jobs').orderBy('submitted_at').pluck('batch_id')).toEqual(
        jobs.map(({ batch_id }) => batch_id),
      )
      await database.migrate.latest({ migrationSource: migrations })
      expect(await database('jobs').orderBy('id')).toEqual(after)
      expect(await schemaOf(database, target)).toEqual(schema)
    })

    it.each<[string, (database: Knex, isSqlite: boolean) => Promise<unknown>]>([
      [
        'before the jobs were numbered',
        async (database, isSqlite) => {
          await database('jobs').update({ revision: 0, created_revision: 0 })
          const on = isSqlite ? '' : ' ON jobs'
          await database.raw(`DROP INDEX jobs_batch_revision_index${on}`)
          await database.raw(`DROP INDEX jobs_batch_status_index${on}`)
          for (const table of ['removed_jobs', 'batches', 'statistics', 'positions']) {
            await database.schema.dropTable(table)
          }
          await database.raw('ALTER TABLE idempotency_keys RENAME COLUMN made_id TO job_id')
        },
      ],
      [
        'while the batches were made',
        async (database) => {
          await database('batches').delete()
          for (const table of ['statistics', 'positions']) await database.schema.dropTable(table)
          await database.raw('ALTER TABLE idempotency_keys RENAME COLUMN made_id TO job_id')
        },
      ],
      ['at its very end', async () => undefined],
    ])('go on where they were left %s', async (_where, undo) => {
      const { database, target } = await migrated()
      const schema = await schemaOf(database, target)
      const batches = await new BatchStore(database).list(undefined, null, 10)
      await database('knex_migrations').where({ name: CHANGES }).delete()
      await undo(database, 'file' in target)
      await database.migrate.latest({ migrationSource: migrations })
      expect(await schemaOf(database, target)).toEqual(schema)
      expect(await revisionsOf(database)).toEqual(numbered)
      expect(await new BatchStore(database).list(undefined, null, 10)).toEqual(batches)
      expect(await database('idempotency_keys').orderBy('made_id').pluck('made_id')).toEqual(['a', 'e'])
    })
  })
}

describe('the migrations', () => onEachDatabase(contract))
