/** Opens the database and brings it to the present schema. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import knex, { type Knex } from 'knex'
import { LibsqlClient } from './libsql-dialect.ts'
import { migrations } from './migrations/index.ts'

/**
 * Opens the embedded SQLite, creating it where there is none, and migrates it.
 *
 * @param file path of the database file
 */
export async function openDatabase(file: string): Promise<Knex> {
  mkdirSync(dirname(file), { recursive: true })
  const database = knex({
    client: LibsqlClient,
    connection: { filename: file },
    useNullAsDefault: true,
    pool: { min: 1, max: 1 },
  })
  // WAL lets readers go on during a write; FULL makes a commit outlive a power cut, which 201 promises.
  await database.raw('PRAGMA journal_mode = WAL')
  await database.raw('PRAGMA synchronous = FULL')
  await database.raw('PRAGMA busy_timeout = 5000')
  await database.migrate.latest({ migrationSource: migrations })
  return database
}
