/** All migrations in their order, as a knex migration source: compiled code has no folder of them to scan. */
import type { Knex } from 'knex'
import * as jobs from './001-jobs.ts'
import * as runs from './002-runs.ts'
import * as lists from './003-lists.ts'

const ALL: ReadonlyArray<{ name: string; migration: Knex.Migration }> = [
  { name: '001-jobs', migration: jobs },
  { name: '002-runs', migration: runs },
  { name: '003-lists', migration: lists },
]

export const migrations: Knex.MigrationSource<(typeof ALL)[number]> = {
  getMigrations: async () => [...ALL],
  getMigrationName: ({ name }) => name,
  getMigration: async ({ migration }) => migration,
}
