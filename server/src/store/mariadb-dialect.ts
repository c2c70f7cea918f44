/** MariaDB for knex on mysql2: a pool whose connections work only while this master holds the database. */
import Mysql2Client from 'knex/lib/dialects/mysql2/index.js'
import { type MariaDbConnection, setUpSession } from './mariadb-connection.ts'
import { LOCK_IDLE_S, type MasterLock } from './master-lock.ts'

/** Shorter than the lock's: a master that was frozen loses its connections before it loses the lock. */
export const IDLE_S = LOCK_IDLE_S / 2

/** For knex's setting `client`. The lock ends with the pool. */
export function mariaDbClient(lock: MasterLock): typeof Mysql2Client {
  return class MariaDbClient extends Mysql2Client {
    override async acquireRawConnection(): Promise<MariaDbConnection> {
      const connection: MariaDbConnection = await super.acquireRawConnection()
      try {
        await setUpSession(connection, IDLE_S)
        await lock.admit(connection)
        return connection
      } catch (error) {
        connection.destroy()
        throw error
      }
    }

    override async destroy(callback?: (error?: Error) => void): Promise<void> {
      await super.destroy(callback)
      lock.release()
    }
  }
}
