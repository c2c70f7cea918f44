/**
 * One master per MariaDB database: the one that holds a named lock of the server (GET_LOCK), which lives as
 * long as the one connection that took it.
 *
 *     held ── a ping fails ──► lost: all other connections of this master are cut, new ones refused
 *       ▲                        │
 *       └── the server is back ──┴── another master has the lock ──► this one has to end
 *
 * A master that is cut off, or frozen, and so pings no longer is deposed by the server after LOCK_IDLE_S.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigError } from '@argus/shared/process'
import type { RowDataPacket } from 'mysql2'
import type { Logger } from '../log.ts'
import { DatabaseUnavailableError } from './database-errors.ts'
import { cut, type MariaDbConnection, setUpSession } from './mariadb-connection.ts'

/** The server ends a connection, and with it the lock, when no ping has come for so long. */
export const LOCK_IDLE_S = 10
/** For a predecessor that was killed, or whose machine was. */
const WAIT_S = LOCK_IDLE_S + 2
const PING_MS = 500
/** A server, or a way to it, that does not answer for so long is lost. */
const ANSWER_S = 4

/** The server's locks are common to its databases, and their names have at most 64 characters. */
const NAME = "CONCAT('argus master of ', MD5(DATABASE()))"

export interface MasterLockOptions {
  /** Opens a connection to the database; it is tried again when the lock was lost. */
  readonly connect: () => Promise<MariaDbConnection>
  /** Called where another master has the lock that was lost: nothing may be written any more. */
  readonly onTaken: () => void
  readonly log: Logger
  /** How long another holder is waited for. */
  readonly waitSeconds?: number
}

export class MasterLock {
  readonly #options: MasterLockOptions
  readonly #admitted = new Set<MariaDbConnection>()
  readonly #released = new AbortController()
  /** The connection that holds the lock; null while it is lost. */
  #holder: MariaDbConnection | null = null

  private constructor(options: MasterLockOptions) {
    this.#options = options
  }

  /** @throws ConfigError where another master has it and keeps it */
  static async take(options: MasterLockOptions): Promise<MasterLock> {
    const lock = new MasterLock(options)
    if (!(await lock.#acquire())) {
      throw new ConfigError('The database is in use by another master: give this one another DATABASE_URL.')
    }
    void lock.#watch()
    return lock
  }

  /**
   * Lets a new connection of this master work until the lock is lost.
   *
   * @throws DatabaseUnavailableError where the lock is lost
   */
  async admit(connection: MariaDbConnection): Promise<void> {
    const [rows] = await connection.promise().query<RowDataPacket[]>(`SELECT IS_USED_LOCK(${NAME}) AS holder`)
    // The server knows best: the loss may not have been noticed yet.
    if (this.#holder === null || rows[0]?.holder !== this.#holder.threadId) throw lockLost()
    this.#admitted.add(connection)
    connection.stream.once('close', () => this.#admitted.delete(connection))
  }

  /** Gives the lock back. */
  release(): void {
    this.#released.abort()
    this.#holder?.end()
    this.#holder = null
  }

  /** @returns whether it is held now; not where another connection has it and keeps it */
  async #acquire(): Promise<boolean> {
    const { connect, waitSeconds = WAIT_S } = this.#options
    const connection = await connect()
    const limit = setTimeout(() => cut(connection, lockLost()), (waitSeconds + ANSWER_S) * 1000)
    try {
      await setUpSession(connection, LOCK_IDLE_S)
      const [rows] = await connection
        .promise()
        .query<RowDataPacket[]>(`SELECT GET_LOCK(${NAME}, ?) AS got`, [waitSeconds])
      const got = rows[0]?.got
      // It is null where an administrator ended the wait.
      if (got !== 0 && got !== 1) throw lockLost()
      if (got === 1 && !this.#released.signal.aborted) this.#holder = connection
      return got === 1
    } finally {
      clearTimeout(limit)
      if (this.#holder !== connection) connection.destroy()
    }
  }

  async #watch(): Promise<void> {
    const { signal } = this.#released
    for (;;) {
      await sleep(PING_MS, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      try {
        if (this.#holder) {
          await this.#holder.promise().query({ sql: 'DO 0', timeout: ANSWER_S * 1000 })
        } else if (await this.#acquire()) {
          this.#options.log.info('The database is back')
        } else if (!signal.aborted) {
          this.#options.onTaken()
          return
        }
      } catch (error) {
        if (signal.aborted) return
        if (this.#holder) this.#lose(this.#holder, error)
        else this.#options.log.debug({ err: error }, 'The database could not be taken back yet')
      }
    }
  }

  #lose(holder: MariaDbConnection, error: unknown): void {
    this.#options.log.warn({ err: error }, 'The database does not answer: trying again')
    this.#holder = null
    for (const connection of [holder, ...this.#admitted]) cut(connection, lockLost())
  }
}

function lockLost(): DatabaseUnavailableError {
  return new DatabaseUnavailableError('This master does not hold the database at present')
}
