/**
 * The order in which jobs change, batches, what photos truly show, and statistics. Times are milliseconds since
 * 1970.
 */
import type { Knex } from 'knex'
import { isSqlite } from '../dialect.ts'
import { addColumns, createIndex, dropIndex, renameColumn } from './steps.ts'

const JOB_COLUMNS: Parameters<typeof addColumns>[2] = {
  /** Of its last change, and of its submit: see revisions.ts. */
  revision: (table, name) => table.bigInteger(name).notNullable().defaultTo(0),
  created_revision: (table, name) => table.bigInteger(name).notNullable().defaultTo(0),
  /** The index of the class that it truly shows. */
  truth: (table, name) => table.integer(name),
  /** The place of that among the five best; 0 where it is none of them; null without a result. */
  truth_place: (table, name) => table.integer(name),
}

const JOB_INDEXES: Readonly<Record<string, string>> = {
  jobs_revision_index: 'revision',
}
/** Most jobs belong to no batch. */
const BATCH_INDEXES: Readonly<Record<string, string>> = {
  jobs_batch_revision_index: 'batch_id, revision',
  // Counts a batch without a look at its jobs.
  jobs_batch_status_index: 'batch_id, status, truth_place',
}

export async function up(knex: Knex): Promise<void> {
  await addColumns(knex, 'jobs', JOB_COLUMNS)
  await numberJobs(knex)
  for (const [name, columns] of Object.entries(JOB_INDEXES)) await createIndex(knex, 'jobs', name, columns)
  for (const [name, columns] of Object.entries(BATCH_INDEXES)) {
    await createIndex(knex, 'jobs', name, columns, 'batch_id IS NOT NULL')
  }

  await knex.schema.dropTableIfExists('removed_jobs')
  await knex.schema.createTable('removed_jobs', (table) => {
    table.bigInteger('revision').primary()
    table.string('job_id', 36).notNullable()
    table.string('batch_id', 36)
    table.bigInteger('removed_at').notNullable()
  })
  await createIndex(knex, 'removed_jobs', 'removed_jobs_removed_at_index', 'removed_at')
  await createIndex(knex, 'removed_jobs', 'removed_jobs_job_index', 'job_id')
  await createIndex(knex, 'removed_jobs', 'removed_jobs_batch_index', 'batch_id, revision')

  await knex.schema.dropTableIfExists('batches')
  await knex.schema.createTable('batches', (table) => {
    table.string('id', 36).primary()
    table.string('name', 200)
    table.string('owner', 100).notNullable()
    table.bigInteger('created_at').notNullable()
    table.bigInteger('cancelled_at')
  })
  await createIndex(knex, 'batches', 'batches_created_at_index', 'created_at, id')
  await createIndex(knex, 'batches', 'batches_owner_index', 'owner, created_at, id')
  // So far a batch was whatever id the clients had agreed upon.
  await knex('batches').insert(
    knex('jobs')
      .whereNotNull('batch_id')
      .groupBy('batch_id')
      .select(
        'batch_id',
        knex.raw('NULL'),
        knex.raw('MIN(owner)'),
        knex.raw('MIN(submitted_at)'),
        knex.raw('NULL'),
      ),
  )

  // A key makes a job or a batch.
  await renameColumn(knex, 'idempotency_keys', 'job_id', 'made_id')

  await knex.schema.dropTableIfExists('statistics')
  await knex.schema.createTable('statistics', (table) => {
    /** Minutes that a row covers, and the first of them, in minutes since 1970. */
    table.integer('span').notNullable()
    table.bigInteger('start').notNullable()
    /** Counters and histograms as JSON: read and written only as a whole. */
    table.text('body', 'mediumtext').notNullable()
    table.primary(['span', 'start'])
  })
  await knex.schema.dropTableIfExists('positions')
  await knex.schema.createTable('positions', (table) => {
    table.string('name', 50).primary()
    /** The revision up to which the reader of this name has come. */
    table.bigInteger('revision').notNullable()
    /** How often it has written down what it makes of them. */
    table.bigInteger('writes').notNullable()
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['positions', 'statistics', 'batches', 'removed_jobs'])
    await knex.schema.dropTable(table)
  await renameColumn(knex, 'idempotency_keys', 'made_id', 'job_id')
  for (const name of Object.keys({ ...JOB_INDEXES, ...BATCH_INDEXES })) await dropIndex(knex, 'jobs', name)
  await knex.schema.alterTable('jobs', (table) => table.dropColumns(...Object.keys(JOB_COLUMNS)))
}

/** In the order of their submit. */
async function numberJobs(knex: Knex): Promise<void> {
  const numbered = 'SELECT id AS job, ROW_NUMBER() OVER (ORDER BY submitted_at, id) AS number FROM jobs'
  await knex.raw(
    isSqlite(knex)
      ? `UPDATE jobs SET revision = number, created_revision = number FROM (${numbered}) WHERE job = id`
      : `UPDATE jobs JOIN (${numbered}) numbered ON job = id SET revision = number, created_revision = number`,
  )
}
