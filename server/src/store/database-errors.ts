/**
 * What an error of the database means for who asked, whichever database it is. SQLite tells by the name of its
 * code, MariaDB by SQLSTATE and error number (mysql2 takes the names from MySQL, which differ), a lost
 * connection by the code of Node or of mysql2.
 */

/**
 * - `constraint`: the row itself is at fault (it is there already, refers to none, does not fit its column)
 * - `retry`: another transaction was in the way and this one has no effect: run it again
 * - `unavailable`: the database cannot be reached at present; of a COMMIT the outcome is unknown
 * - `disk-full`: no room, or no quota, on the disk of the database
 */
export type DatabaseErrorKind = 'constraint' | 'retry' | 'unavailable' | 'disk-full' | 'other'

/** Ours, where a connection could be had but may not be used. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError'
}

/** Classes of SQLSTATE (its first two characters). */
const SQLSTATE_KINDS: ReadonlyMap<string, DatabaseErrorKind> = new Map([
  ['08', 'unavailable'], // connection
  ['22', 'constraint'], // a value that its column cannot hold
  ['23', 'constraint'], // integrity
  ['40', 'retry'], // rolled back: a deadlock
])

/** Errors of MariaDB whose SQLSTATE does not tell, or that come before there is one. */
const SERVER_ERROR_KINDS: ReadonlyMap<number, DatabaseErrorKind> = new Map([
  [1020, 'retry'], // ER_CHECKREAD: the record has changed since it was read
  [1205, 'retry'], // ER_LOCK_WAIT_TIMEOUT
  [1317, 'retry'], // ER_QUERY_INTERRUPTED: an administrator ended the statement
  [1021, 'disk-full'], // ER_DISK_FULL
  [1114, 'disk-full'], // ER_RECORD_FILE_FULL
  [1040, 'unavailable'], // ER_CON_COUNT_ERROR: too many connections
  [1053, 'unavailable'], // ER_SERVER_SHUTDOWN
  [1290, 'unavailable'], // ER_OPTION_PREVENTS_STATEMENT: read_only, as while another server takes over
  [1836, 'unavailable'], // ER_READ_ONLY_MODE
  [1203, 'unavailable'], // ER_TOO_MANY_USER_CONNECTIONS
  [1226, 'unavailable'], // ER_USER_LIMIT_REACHED
  [1927, 'unavailable'], // ER_CONNECTION_KILLED
])

/** SQLite's codes are its primary code, or it with a detail: `SQLITE_CONSTRAINT_UNIQUE`. */
const SQLITE_KINDS: ReadonlyMap<string, DatabaseErrorKind> = new Map([
  ['CONSTRAINT', 'constraint'],
  ['BUSY', 'retry'],
  ['LOCKED', 'retry'],
  ['FULL', 'disk-full'],
  // Of the disk below: who waits for it tries again, until it is mended.
  ['IOERR', 'unavailable'],
  ['READONLY', 'unavailable'],
  ['CANTOPEN', 'unavailable'],
])

/** Codes of Node and of mysql2. There are more by which a connection can fail: see `fatal` below. */
const SYSTEM_KINDS: ReadonlyMap<string, DatabaseErrorKind> = new Map([
  ['ENOSPC', 'disk-full'],
  ['EDQUOT', 'disk-full'],
  ['ECONNREFUSED', 'unavailable'],
  ['ECONNRESET', 'unavailable'],
  ['EPIPE', 'unavailable'],
  ['ETIMEDOUT', 'unavailable'],
  ['PROTOCOL_CONNECTION_LOST', 'unavailable'],
])

/** As MariaDB words it inside errors of other numbers: `Got error 28 "No space left on device"`. */
const DISK_FULL_MESSAGE = /No space left on device|Disk quota exceeded|\b(?:errno|error):? 28\b/

/** Tells what an error of either database means; what is none of a database is `other`. */
export function classify(error: unknown): DatabaseErrorKind {
  if (!(error instanceof Error)) return 'other'
  // Of knex: all connections of the pool are in use, or none can be made.
  if (error instanceof DatabaseUnavailableError || error.name === 'KnexTimeoutError') return 'unavailable'
  if ('sqlMessage' in error) return serverErrorKind(error)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const [, sqliteCode] = /^SQLITE_([A-Z]+)/.exec(code) ?? []
  if (sqliteCode !== undefined) return SQLITE_KINDS.get(sqliteCode) ?? 'other'
  const kind = SYSTEM_KINDS.get(code)
  if (kind !== undefined) return kind
  // mysql2 sets it where the connection cannot be used any more, with or without a code.
  return 'fatal' in error && error.fatal === true ? 'unavailable' : 'other'
}

/** `sqlMessage` is the server's own message: knex puts the statement, with people's data, before `message`. */
function serverErrorKind(error: Error & { sqlMessage: unknown }): DatabaseErrorKind {
  const number = 'errno' in error && typeof error.errno === 'number' ? error.errno : 0
  const state = 'sqlState' in error && typeof error.sqlState === 'string' ? error.sqlState : ''
  const kind = SERVER_ERROR_KINDS.get(number) ?? SQLSTATE_KINDS.get(state.slice(0, 2))
  if (kind !== undefined) return kind
  return DISK_FULL_MESSAGE.test(String(error.sqlMessage)) ? 'disk-full' : 'other'
}
