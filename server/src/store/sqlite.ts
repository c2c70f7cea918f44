/** The embedded SQLite: one file, one connection, one process. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { ConfigError } from '@argus/shared/process'
import knex, { type Knex } from 'knex'
import { LibsqlClient } from './libsql-dialect.ts'

/**
 * Opens it for this process alone, creating it where there is none.
 *
 * @param file path of the database file
 * @throws ConfigError where another master has it open: two would deal the same jobs
 */
export async function openSqlite(file: string): Promise<Knex> {
  mkdirSync(dirname(file), { recursive: true })
  const database = knex({
    client: LibsqlClient,
    connection: { filename: file },
    useNullAsDefault: true,
    pool: { min: 1, max: 1 },
  })
  try {
    // WAL lets readers go on during a write.
    await database.raw('PRAGMA journal_mode = WAL')
    // The kernel drops the lock when the process dies, however it dies. It is taken with the first write.
    await database.raw('PRAGMA locking_mode = EXCLUSIVE')
    await database.raw('BEGIN EXCLUSIVE')
    await database.raw('COMMIT')
  } catch (error) {
    await database.destroy()
    if (error instanceof Error && error.message.includes('locked')) {
      throw new ConfigError(`${file} is in use by another master: give this one another DATA_DIR.`)
    }
    throw error
  }
  // 32 MB, of 2: the indexes of a million jobs are read where they are, not from the disk.
  await database.raw('PRAGMA cache_size = -32000')
  // 32 MB, of 4: a page that is written again and again is copied into the file once.
  await database.raw('PRAGMA wal_autocheckpoint = 8000')
  // FULL makes a commit outlive a power cut, which 201 promises.
  await database.raw('PRAGMA synchronous = FULL')
  return database
}
