/** A MariaDB, on this machine or another one: waits for it, makes the database, and holds it for this master. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigError, EXIT_UNUSABLE_SETTINGS } from '@argus/shared/process'
import knex, { type Knex } from 'knex'
import type { RowDataPacket } from 'mysql2'
import type { Logger } from '../log.ts'
import { classify } from './database-errors.ts'
import { COLLATION, connect, type MariaDbSettings, parseMariaDbUrl } from './mariadb-connection.ts'
import { IDLE_S, mariaDbClient } from './mariadb-dialect.ts'
import { MasterLock } from './master-lock.ts'

const RETRY_MS = 1000
/** An outage shows as an error after so long. */
const ACQUIRE_TIMEOUT_MS = 3000
const MAX_CONNECTIONS = 8

/**
 * Opens the database for this master alone, creating it where there is none. Waits for ever for a server that
 * cannot be reached yet: the order in which machines start must not matter.
 *
 * @param url `mysql://user:password@host:3306/argus`
 * @throws ConfigError where the server refuses, or another master has the database
 */
export async function openMariaDb(url: string, log: Logger): Promise<Knex> {
  const settings = parseMariaDbUrl(url)
  const lock = await whenReachable(settings, log, async () => {
    await prepareDatabase(settings, log)
    return MasterLock.take({ connect: () => connect(settings), onTaken: () => end(log), log })
  })
  return knex({
    client: mariaDbClient(lock),
    connection: settings,
    // Idle connections are closed from here, before the server does it.
    pool: {
      min: 0,
      max: MAX_CONNECTIONS,
      idleTimeoutMillis: (IDLE_S * 1000) / 2,
      createTimeoutMillis: ACQUIRE_TIMEOUT_MS,
    },
    acquireConnectionTimeout: ACQUIRE_TIMEOUT_MS,
    // Who asked gets each error of a connection and says what is to be said: here it would be said twice.
    log: { warn: (message) => log.debug(message) },
  })
}

async function whenReachable<T>(
  { host, port }: MariaDbSettings,
  log: Logger,
  attempt: () => Promise<T>,
): Promise<T> {
  let lastReason: unknown = null
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof Error)) throw error
      if (classify(error) !== 'unavailable') throw refusal(`${host}:${port}`, error)
      // Where a name has several addresses the error of all of them has no message.
      const reason = error.message || ('code' in error && error.code) || error.name
      if (reason !== lastReason) {
        log.warn({ host, port, reason }, 'The database cannot be reached: trying again every second')
      }
      lastReason = reason
      await sleep(RETRY_MS)
    }
  }
}

/** The server's own words name the user, the database and the address it sees, never the password. */
function refusal(server: string, error: Error): Error {
  if (!('sqlMessage' in error)) return error
  return new ConfigError(`DATABASE_URL cannot be used: ${server} says: ${error.sqlMessage}`)
}

/** Makes the database where there is none; its tables get the collation from it. */
async function prepareDatabase({ database, ...server }: MariaDbSettings, log: Logger): Promise<void> {
  const connection = await connect(server)
  try {
    const sql = connection.promise()
    const charset = `CHARACTER SET utf8mb4 COLLATE ${COLLATION}`
    await sql.query(`CREATE DATABASE IF NOT EXISTS ?? ${charset}`, [database])
    await sql.query('USE ??', [database])
    const [[found]] = await sql.query<RowDataPacket[]>(
      'SELECT @@collation_database AS collation, @@innodb_flush_log_at_trx_commit AS flush',
    )
    if (found?.collation !== COLLATION) await sql.query(`ALTER DATABASE ?? ${charset}`, [database])
    if (found?.flush !== 1) {
      log.warn(
        'The database has innodb_flush_log_at_trx_commit other than 1: a power cut there can take accepted jobs away',
      )
    }
  } finally {
    connection.end()
  }
}

function end(log: Logger): void {
  log.fatal('Another master took the database while it was out of reach of this one, which therefore ends')
  process.exit(EXIT_UNUSABLE_SETTINGS)
}
