/** Connections to MariaDB that behave alike, whatever the server's own settings are. */
import type { Socket } from 'node:net'
import { ConfigError } from '@argus/shared/process'
import { type Connection, createConnection } from 'mysql2'

/**
 * Strings are equal where their bytes are, as in SQLite. `utf8mb4_bin` itself takes `a` and `a ` for equal.
 */
export const COLLATION = 'utf8mb4_nopad_bin'

const CONNECT_TIMEOUT_MS = 3000
const LOCK_WAIT_S = 5

/** Named outright, so that no setting of the server changes what a statement means. */
const SQL_MODE = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'

/** A connection of mysql2, with the socket that its types leave out. */
export type MariaDbConnection = Connection & { readonly stream: Socket }

export type MariaDbSettings = ReturnType<typeof parseMariaDbUrl>

/**
 * What mysql2 needs to connect to `mysql://user:password@host:3306/argus`.
 *
 * @throws ConfigError that does not repeat the URL, since it has a password in it
 */
export function parseMariaDbUrl(url: string) {
  try {
    const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(url)
    const database = decodeURIComponent(pathname.slice(1))
    if (protocol !== 'mysql:' || !hostname || !username || !database || search || hash) throw new Error()
    return {
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(port) || 3306,
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database,
      connectTimeout: CONNECT_TIMEOUT_MS,
      timezone: 'Z',
      // Sums and means come as numbers, as from SQLite, not as text.
      decimalNumbers: true,
      // No `charset`: knex would name it for each table, and with it the server's collation, not the database's.
    }
  } catch {
    throw new ConfigError(
      'DATABASE_URL has to be of the form mysql://user:password@host:3306/database, ' +
        'with signs that mean something in a URL written as %40 and the like.',
    )
  }
}

/** Opens a connection. What befalls it later shows in its next statement. */
export async function connect(settings: Partial<MariaDbSettings>): Promise<MariaDbConnection> {
  const connection = createConnection(settings) as MariaDbConnection
  // Without a listener a lost connection would end the process.
  connection.on('error', () => undefined)
  await connection.promise().connect()
  return connection
}

/** @param idleSeconds the server closes the connection when no statement has come for so long */
export async function setUpSession(connection: MariaDbConnection, idleSeconds: number): Promise<void> {
  const session = connection.promise()
  await session.query(`SET NAMES utf8mb4 COLLATE ${COLLATION}`)
  await session.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED')
  await session.query(
    "SET SESSION sql_mode = ?, time_zone = '+00:00', autocommit = 1, innodb_lock_wait_timeout = ?, wait_timeout = ?",
    [SQL_MODE, LOCK_WAIT_S, idleSeconds],
  )
}

/** Ends a connection at once, and whatever waits on it with this error. */
export function cut(connection: MariaDbConnection, reason: Error): void {
  // Not its own `destroy`, after which what waits would wait for ever.
  connection.stream.destroy(reason)
}
