/**
 * SQLite for knex on libsql, which installs without a compiler and has the interface of better-sqlite3.
 *
 * Why a statement cache: knex prepares on every query, and libsql frees a statement only when the garbage
 * collector gets to it: 120,000 inserts grew the process by 320 MB without the cache and by nothing with it.
 */
import BetterSqlite3Client from 'knex/lib/dialects/better-sqlite3/index.js'
import Database from 'libsql'

const MAX_CACHED_STATEMENTS = 200

/** For knex's setting `client`. Use it with a pool of one: the driver works on the calling thread. */
export class LibsqlClient extends BetterSqlite3Client {
  _driver(): unknown {
    return Database
  }

  override async acquireRawConnection(): Promise<Database.Database> {
    const connection: Database.Database = await super.acquireRawConnection()
    cacheStatements(connection)
    return connection
  }
}

function cacheStatements(connection: Database.Database): void {
  const prepare = connection.prepare.bind(connection)
  const statements = new Map<string, Database.Statement>()
  const prepareOnce = (sql: string): Database.Statement => {
    const statement = statements.get(sql) ?? prepare(sql)
    // Set anew at every use, so that the map's first key is the one unused for longest.
    statements.delete(sql)
    statements.set(sql, statement)
    const oldest = statements.keys().next().value
    if (statements.size > MAX_CACHED_STATEMENTS && oldest !== undefined) statements.delete(oldest)
    return statement
  }
  connection.prepare = prepareOnce as typeof connection.prepare
}
