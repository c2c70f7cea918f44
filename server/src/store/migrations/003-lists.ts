/** What jobs are listed and found by: tags, batches, the best class, and an index for each such list. */
import type { Knex } from 'knex'
import { addColumns, createIndex, dropIndex } from './steps.ts'

const JOB_COLUMNS: Parameters<typeof addColumns>[2] = {
  /** The index of the best class of the result. */
  top_class: (table, name) => table.integer(name),
  batch_id: (table, name) => table.string(name, 36),
  /** As JSON, to be shown; job_tags is what they are found by. */
  tags: (table, name) => table.text(name),
  /** 1 where the result is that of an earlier job. */
  reused: (table, name) => table.integer(name).notNullable().defaultTo(0),
}

const FORMER_PHOTO_INDEX = 'jobs_sha256_index'

const JOB_INDEXES: Readonly<Record<string, string>> = {
  // Of lists: see job-list.ts.
  jobs_status_submitted_index: 'status, submitted_at, id',
  jobs_status_ended_index: 'status, ended_at, id',
  jobs_class_submitted_index: 'top_class, submitted_at, id',
  jobs_class_ended_index: 'top_class, ended_at, id',
  jobs_owner_submitted_index: 'owner, submitted_at, id',
  jobs_worker_submitted_index: 'worker, submitted_at, id',
  jobs_batch_submitted_index: 'batch_id, submitted_at, id',
  jobs_file_name_index: 'file_name',
  // Of the sweep, of retention, and of results that are used again.
  jobs_photo_index: 'sha256, owner, status, ended_at',
}

export async function up(knex: Knex): Promise<void> {
  await addColumns(knex, 'jobs', JOB_COLUMNS)
  await knex('jobs')
    .whereNotNull('result')
    .update({ top_class: knex.raw("JSON_EXTRACT(result, '$.classes[0].index')") })
  for (const [name, columns] of Object.entries(JOB_INDEXES)) await createIndex(knex, 'jobs', name, columns)
  await dropIndex(knex, 'jobs', FORMER_PHOTO_INDEX)

  await knex.schema.dropTableIfExists('job_tags')
  await knex.schema.createTable('job_tags', (table) => {
    table.string('job_id', 36).notNullable()
    table.string('name', 50).notNullable()
    table.string('value', 200).notNullable()
    /** Of the job, so that the index has the order of a list in it. */
    table.bigInteger('submitted_at').notNullable()
    table.primary(['job_id', 'name'])
  })
  await createIndex(knex, 'job_tags', 'job_tags_submitted_index', 'name, value, submitted_at, job_id')
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('job_tags')
  await createIndex(knex, 'jobs', FORMER_PHOTO_INDEX, 'sha256')
  for (const name of Object.keys(JOB_INDEXES)) await dropIndex(knex, 'jobs', name)
  await knex.schema.alterTable('jobs', (table) => table.dropColumns(...Object.keys(JOB_COLUMNS)))
}
