/** Opens the database that the settings name, SQLite or MariaDB, and brings it to the present schema. */
import type { Knex } from 'knex'
import type { Logger } from '../log.ts'
import { openMariaDb } from './mariadb.ts'
import { migrations } from './migrations/index.ts'
import { openSqlite } from './sqlite.ts'

/** The path of an SQLite file, or the address of a MariaDB: `mysql://user:password@host:3306/argus`. */
export type DatabaseTarget = { readonly file: string } | { readonly url: string }

/**
 * Opens the database for this master alone, creating it where there is none, and migrates it. Waits for ever
 * for a MariaDB that cannot be reached yet.
 *
 * @returns to be ended by `destroy()`
 * @throws ConfigError where it cannot be used, or another master has it: two would deal the same jobs
 */
export async function openDatabase(target: DatabaseTarget, log: Logger): Promise<Knex> {
  const database = 'file' in target ? await openSqlite(target.file) : await openMariaDb(target.url, log)
  try {
    // Of a master that was killed while it migrated; another one that is at it there cannot be.
    await database.migrate.forceFreeMigrationsLock({ migrationSource: migrations })
    await database.migrate.latest({ migrationSource: migrations })
  } catch (error) {
    await database.destroy()
    throw error
  }
  return database
}
