/** Counts what was recognised in the photos of a batch without a look at its jobs. */
import type { Knex } from 'knex'
import { createIndex, dropIndex } from './steps.ts'

const INDEX = 'jobs_batch_class_index'

export async function up(knex: Knex): Promise<void> {
  // Most jobs belong to no batch.
  await createIndex(knex, 'jobs', INDEX, 'batch_id, top_class, truth', 'batch_id IS NOT NULL')
}

export async function down(knex: Knex): Promise<void> {
  await dropIndex(knex, 'jobs', INDEX)
}
