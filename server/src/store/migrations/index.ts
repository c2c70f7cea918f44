/** All migrations in their order, as a knex migration source: compiled code has no folder of them to scan. */
import type { Knex } from 'knex'
import * as jobs from './001-jobs.ts'

const ALL: ReadonlyArray<{ name: string; migration: Knex.Migration }> = [
  { name: '001-jobs', migration: jobs },
]

export const migrations: Knex.MigrationSource<(typeof ALL)[number]> = {
  getMigrations: async () => [...ALL],
  getMigrationName: ({ name }) => name,
  getMigration: async ({ migration }) => migration,
}
