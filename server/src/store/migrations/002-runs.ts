/** Runs, attempts, fair share, priorities and idempotency keys. Times are milliseconds since 1970. */
import type { Knex } from 'knex'
import { addColumns, createIndex, dropIndex } from './steps.ts'

const JOB_COLUMNS: Parameters<typeof addColumns>[2] = {
  run: (table, name) => table.integer(name).notNullable().defaultTo(1),
  priority: (table, name) => table.integer(name).notNullable().defaultTo(0),
  /** The start-time fair queueing tag: the place in the queue among jobs of one priority. */
  fair_rank: (table, name) => table.double(name).notNullable().defaultTo(0),
  queued_at: (table, name) => table.bigInteger(name).notNullable().defaultTo(0),
  /** The attempt that holds it while it runs, and the boot id of its worker. */
  holder_attempt: (table, name) => table.integer(name),
  holder_boot_id: (table, name) => table.string(name, 36),
  /** 1 where a worker was lost under it: it is dealt alone. */
  suspect: (table, name) => table.integer(name).notNullable().defaultTo(0),
  losses: (table, name) => table.integer(name).notNullable().defaultTo(0),
  failures: (table, name) => table.integer(name).notNullable().defaultTo(0),
}

const FORMER_QUEUE_INDEX = 'jobs_status_submitted_at_id_index'

const JOB_INDEXES: Readonly<Record<string, string>> = {
  // The queue's order.
  jobs_queue_index: 'status, priority DESC, fair_rank, id',
  // The last place in the queue of an owner who submits.
  jobs_owner_index: 'owner, status, priority, fair_rank',
  // Of the sweep, and of retention.
  jobs_sha256_index: 'sha256',
  jobs_ended_at_index: 'ended_at, id',
}

export async function up(knex: Knex): Promise<void> {
  await addColumns(knex, 'jobs', JOB_COLUMNS)
  await knex('jobs')
    .where({ queued_at: 0 })
    .update({ queued_at: knex.ref('submitted_at') })
  for (const [name, columns] of Object.entries(JOB_INDEXES)) await createIndex(knex, 'jobs', name, columns)
  await dropIndex(knex, 'jobs', FORMER_QUEUE_INDEX)

  await knex.schema.dropTableIfExists('attempts')
  await knex.schema.createTable('attempts', (table) => {
    table.string('job_id', 36).notNullable()
    table.integer('run').notNullable()
    table.integer('number').notNullable()
    table.string('boot_id', 36).notNullable()
    table.string('worker', 100).notNullable()
    table.string('engine', 20)
    table.string('model', 64)
    table.bigInteger('started_at').notNullable()
    table.bigInteger('ended_at')
    table.string('end_reason', 20)
    table.string('error_code', 40)
    table.text('error_detail')
    // The boot id as well: a master that dies before it has written down an assignment gives its number again.
    table.primary(['job_id', 'run', 'number', 'boot_id'])
  })

  await knex.schema.dropTableIfExists('idempotency_keys')
  await knex.schema.createTable('idempotency_keys', (table) => {
    table.string('owner', 100).notNullable()
    table.string('idempotency_key', 255).notNullable()
    table.string('fingerprint', 64).notNullable()
    table.string('job_id', 36).notNullable()
    table.bigInteger('created_at').notNullable()
    table.primary(['owner', 'idempotency_key'])
  })
  await createIndex(knex, 'idempotency_keys', 'idempotency_keys_job_id_index', 'job_id')
  await createIndex(knex, 'idempotency_keys', 'idempotency_keys_created_at_index', 'created_at')
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('idempotency_keys')
  await knex.schema.dropTable('attempts')
  await createIndex(knex, 'jobs', FORMER_QUEUE_INDEX, 'status, submitted_at, id')
  for (const name of Object.keys(JOB_INDEXES)) await dropIndex(knex, 'jobs', name)
  await knex.schema.alterTable('jobs', (table) => table.dropColumns(...Object.keys(JOB_COLUMNS)))
}
