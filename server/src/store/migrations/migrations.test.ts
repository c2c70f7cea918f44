import { JOB_STATUSES } from '@argus/shared'
import knex, { type Knex } from 'knex'
import { describe, expect, it } from 'vitest'
import { type MakeTarget, newJob, onEachDatabase, openUntilEnd } from '../../../testing/store.ts'
import { RESULT, silentLog } from '../../../testing/unit.ts'
import type { DatabaseTarget } from '../database.ts'
import { JobStore } from '../job-store.ts'
import { LibsqlClient } from '../libsql-dialect.ts'
import { openMariaDb } from '../mariadb.ts'
import { migrations } from './index.ts'

const FIRST_ALONE = {
  ...migrations,
  getMigrations: async () => (await migrations.getMigrations([])).slice(0, 1),
}

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

/** Has a database as the first release left it, with these jobs. */
async function writeFirstRelease(target: DatabaseTarget): Promise<void> {
  const database = 'file' in target ? openUnlocked(target.file) : await openMariaDb(target.url, silentLog)
  try {
    await database.migrate.latest({ migrationSource: FIRST_ALONE })
    await database('jobs').insert(ROWS)
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
  const tables = ['jobs', 'attempts', 'idempotency_keys', 'job_tags']
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
  return { columns, indexes: JSON.stringify(indexes).replaceAll('`', '').replaceAll(' on ', ' ON ') }
}

function contract(makeTarget: MakeTarget): void {
  it('keep the jobs of the first release', async () => {
    const target = await makeTarget()
    await writeFirstRelease(target)
    const store = new JobStore(await openUntilEnd(target))
    expect(await store.countByStatus()).toEqual({
      QUEUED: 1,
      RUNNING: 1,
      SUCCEEDED: 1,
      FAILED: 1,
      CANCELLED: 1,
    })
    for (const row of ROWS) {
      expect(await store.find(row.id)).toEqual({
        id: row.id,
        status: row.status,
        fileName: row.file_name,
        owner: row.owner,
        tags: {},
        batch: null,
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
    await writeFirstRelease(target)
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
    await writeFirstRelease(target)
    const database = await openUntilEnd(target)
    const schema = await schemaOf(database, target)
    // As if it had died before they were entered.
    await database('knex_migrations').whereNot({ name: '001-jobs' }).delete()
    await database.schema.dropTable('idempotency_keys')
    await database.schema.dropTable('job_tags')
    await database.schema.alterTable('jobs', (table) => table.dropColumn('failures'))
    await database.migrate.latest({ migrationSource: migrations })
    expect(await schemaOf(database, target)).toEqual(schema)
    expect(await database('jobs')).toHaveLength(ROWS.length)
  })
}

describe('the migrations', () => onEachDatabase(contract))
