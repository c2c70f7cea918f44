/** The table of jobs. Times are milliseconds since 1970. */
import type { Knex } from 'knex'
import { createIndex } from './steps.ts'

export async function up(knex: Knex): Promise<void> {
  // A part of it that a killed master left holds nothing yet.
  await knex.schema.dropTableIfExists('jobs')
  await knex.schema.createTable('jobs', (table) => {
    table.string('id', 36).primary()
    table.string('status', 10).notNullable()
    table.string('file_name', 255).notNullable()
    table.string('owner', 100).notNullable()
    table.string('sha256', 64).notNullable()
    table.string('image_type', 20).notNullable()
    table.bigInteger('bytes').notNullable()
    table.integer('width').notNullable()
    table.integer('height').notNullable()
    table.string('thumbnail_type', 20)
    table.bigInteger('submitted_at').notNullable()
    table.bigInteger('started_at')
    table.bigInteger('ended_at')
    table.integer('attempts').notNullable().defaultTo(0)
    table.string('worker', 100)
    /** The five best classes and what computed them, as JSON: read and written only as a whole. */
    table.text('result')
    table.string('error_code', 40)
    table.text('error_detail')
  })
  // The queue's order, and the board's.
  await createIndex(knex, 'jobs', 'jobs_status_submitted_at_id_index', 'status, submitted_at, id')
  await createIndex(knex, 'jobs', 'jobs_submitted_at_id_index', 'submitted_at, id')
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('jobs')
}
