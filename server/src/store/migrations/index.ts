/** All migrations in their order, as a knex migration source: compiled code has no folder of them to scan. */
import type { Knex } from 'knex'
import * as jobs from './001-jobs.ts'
import * as runs from './002-runs.ts'
import * as lists from './003-lists.ts'
import * as changes from './004-changes.ts'
import * as classes from './005-classes.ts'

const ALL: ReadonlyArray<{ name: string; migration: Knex.Migration }> = [
  { name: '001-jobs', migration: jobs },
  { name: '002-runs', migration: runs },
  { name: '003-lists', migration: lists },
  { name: '004-changes', migration: changes },
  { name: '005-classes', migration: classes },
]

export const migrations: Knex.MigrationSource<(typeof ALL)[number]> = {
  getMigrations: async () => [...ALL],
  getMigrationName: ({ name }) => name,
  getMigration: async ({ migration }) => migration,
}
