import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import knex, { type Knex } from 'knex'
import { type Connection, createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { findMariaDb, TestMariaDb } from '../../testing/mariadb.ts'
import { tempFolder } from '../../testing/unit.ts'
import { classify, DatabaseUnavailableError } from './database-errors.ts'
import { LibsqlClient } from './libsql-dialect.ts'

/** To make a data folder takes a second on an idle machine, and much more on a busy one. */
const START_MS = 60_000

/** What the work fails with. */
async function errorOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work
  } catch (error) {
    return error
  }
  throw new Error('It did not fail')
}

/** Two tables with every constraint that a row can violate. */
async function createTables(database: Knex): Promise<void> {
  await database.schema.createTable('photos', (table) => {
    table.string('id', 10).primary()
    table.integer('size').notNullable()
    table.string('name', 10).unique()
    table.check('?? < ?', ['size', 100])
  })
  await database.schema.createTable('marks', (table) => {
    table.string('photo', 10).notNullable().references('photos.id')
  })
  await database('photos').insert([
    { id: 'a', size: 1, name: 'a' },
    { id: 'b', size: 1, name: 'b' },
  ])
}

const VIOLATIONS: ReadonlyArray<[what: string, table: string, row: object]> = [
  ['a primary key that is there', 'photos', { id: 'a', size: 1 }],
  ['a unique value that is there', 'photos', { id: 'c', size: 1, name: 'a' }],
  ['nothing where something has to be', 'photos', { id: 'c', size: null }],
  ['a value that a check refuses', 'photos', { id: 'c', size: 1000 }],
  ['a reference to no row', 'marks', { photo: 'c' }],
]

describe('an error of SQLite', () => {
  let file: string
  let database: Knex

  function open(): Knex {
    const opened = knex({
      client: LibsqlClient,
      connection: { filename: file },
      useNullAsDefault: true,
      pool: { min: 1, max: 1 },
    })
    onTestFinished(() => opened.destroy())
    return opened
  }

  beforeEach(async () => {
    file = join(await tempFolder(), 'errors.sqlite')
    database = open()
    await database.raw('PRAGMA foreign_keys = ON')
    await createTables(database)
  })

  it.each(VIOLATIONS)('is a constraint: %s', async (_, table, row) => {
    expect(classify(await errorOf(database(table).insert(row)))).toBe('constraint')
  })

  it('is a full disk where the file may not grow', async () => {
    await database.raw('PRAGMA max_page_count = 8')
    const fill = async () => {
      for (let id = 0; ; id += 1)
        await database('photos').insert({ id, size: 1, name: 'x'.repeat(2000) + id })
    }
    expect(classify(await errorOf(fill()))).toBe('disk-full')
  })

  it('is to be tried again where another connection writes', async () => {
    await database.raw('BEGIN EXCLUSIVE')
    expect(classify(await errorOf(open()('photos').insert({ id: 'c', size: 1 })))).toBe('retry')
  })

  it('is another one where the statement is wrong', async () => {
    expect(classify(await errorOf(database.raw('SELEKT 1')))).toBe('other')
  })
})

describe.skipIf(findMariaDb() === null)('an error of MariaDB', () => {
  let server: TestMariaDb
  let database: Knex

  function open(settings: Partial<Knex.Config> = {}): Knex {
    const opened = knex({
      client: 'mysql2',
      connection: server.url,
      pool: { min: 0, max: 3 },
      log: { warn: () => undefined },
      ...settings,
    })
    onTestFinished(() => opened.destroy())
    return opened
  }

  beforeAll(async () => {
    server = await TestMariaDb.start('--max-connections=10')
    const creator = knex({ client: 'mysql2', connection: server.url })
    await createTables(creator)
    await creator.destroy()
  }, START_MS)

  afterAll(() => server.stop())

  beforeEach(() => {
    database = open()
  })

  it.each([
    ...VIOLATIONS,
    ['more text than its column takes', 'photos', { id: 'c'.repeat(11), size: 1 }],
    ['a number beyond its column', 'photos', { id: 'c', size: 1e12 }],
  ] satisfies typeof VIOLATIONS)('is a constraint: %s', async (_, table, row) => {
    expect(classify(await errorOf(database(table).insert(row)))).toBe('constraint')
  })

  it('is to be tried again: a deadlock', async () => {
    let bothHoldOne = () => {}
    const held = new Promise<void>((resolve) => {
      bothHoldOne = resolve
    })
    let holding = 0
    const lockInTurn = (first: string, second: string) =>
      database.transaction(async (transaction) => {
        await transaction('photos').where({ id: first }).update({ size: 2 })
        holding += 1
        if (holding === 2) bothHoldOne()
        await held
        await transaction('photos').where({ id: second }).update({ size: 3 })
      })
    const error = await errorOf(Promise.all([lockInTurn('a', 'b'), lockInTurn('b', 'a')]))
    expect(classify(error)).toBe('retry')
    expect(error).toMatchObject({ code: 'ER_LOCK_DEADLOCK' })
  })

  it('is to be tried again: a lock that does not come free', async () => {
    const error = await database.transaction(async (holder) => {
      await holder('photos').where({ id: 'a' }).update({ size: 2 })
      return errorOf(
        database.transaction(async (waiter) => {
          await waiter.raw('SET SESSION innodb_lock_wait_timeout = 1')
          await waiter('photos').where({ id: 'a' }).update({ size: 3 })
        }),
      )
    })
    expect(classify(error)).toBe('retry')
  })

  it('is to be tried again: a record that has changed since it was read', async () => {
    const error = await errorOf(
      database.transaction(
        async (reader) => {
          await reader.raw('SET SESSION innodb_snapshot_isolation = ON')
          await reader('photos')
          await database('photos').where({ id: 'a' }).increment('size')
          await reader('photos').where({ id: 'a' }).increment('size')
        },
        { isolationLevel: 'repeatable read' },
      ),
    )
    expect(error).toMatchObject({ errno: 1020 })
    expect(classify(error)).toBe('retry')
  })

  it('is to be tried again: an administrator ended the statement', async () => {
    const error = await database.transaction(async (holder) => {
      await holder('photos').where({ id: 'a' }).update({ size: 2 })
      return errorOf(
        database.transaction(async (waiter) => {
          const [[{ id }]] = await waiter.raw('SELECT CONNECTION_ID() AS id')
          const waiting = errorOf(waiter('photos').where({ id: 'a' }).forUpdate())
          await new Promise((resolve) => setTimeout(resolve, 100))
          await database.raw('KILL QUERY ?', [id])
          throw await waiting
        }),
      )
    })
    expect(error).toMatchObject({ errno: 1317 })
    expect(classify(error)).toBe('retry')
  })

  it('is a full disk where a table may not grow', async () => {
    const fill = database.transaction(async (transaction) => {
      await transaction.raw('SET SESSION max_heap_table_size = 16384')
      await transaction.raw('CREATE TEMPORARY TABLE small (word CHAR(200)) ENGINE = MEMORY')
      for (;;) await transaction('small').insert({ word: 'word' })
    })
    expect(classify(await errorOf(fill))).toBe('disk-full')
  })

  it.each(['SELEKT 1', 'SELECT * FROM nothing'])(
    'is another one where the statement is wrong: %s',
    async (sql) => {
      expect(classify(await errorOf(database.raw(sql)))).toBe('other')
    },
  )

  it('is another one where the server refuses', async () => {
    const connection = createConnection(server.url.replace(/:[^:@]*@/, ':wrong@'))
    expect(classify(await errorOf(connection))).toBe('other')
  })

  it('is an outage: too many connections', async () => {
    const connections: Connection[] = []
    const connectOn = async () => {
      for (;;) connections.push(await createConnection(server.url))
    }
    const error = await errorOf(connectOn())
    expect(error).toMatchObject({ code: 'ER_CON_COUNT_ERROR' })
    expect(classify(error)).toBe('unavailable')
    for (const connection of connections) connection.destroy()
    // The server takes a moment to let them go.
    const connected = () =>
      database.raw("SHOW STATUS LIKE 'Threads_connected'").then(([[row]]) => Number(row.Value))
    await expect.poll(connected).toBeLessThan(5)
  })

  it('is an outage: too many connections of this user', async () => {
    await database.raw("CREATE USER limited@'127.0.0.1' IDENTIFIED BY 'secret' WITH MAX_USER_CONNECTIONS 1")
    const { port } = new URL(server.url)
    const first = await createConnection(`mysql://limited:secret@127.0.0.1:${port}`)
    onTestFinished(() => first.destroy())
    const error = await errorOf(createConnection(`mysql://limited:secret@127.0.0.1:${port}`))
    expect(error).toMatchObject({ errno: 1226 })
    expect(classify(error)).toBe('unavailable')
  })

  it('is an outage: the pool has no connection left', async () => {
    const small = open({ pool: { min: 0, max: 1 }, acquireConnectionTimeout: 100 })
    await small.transaction(async (holder) => {
      await holder('photos')
      expect(classify(await errorOf(small('photos')))).toBe('unavailable')
    })
  })

  it('is an outage: the connection was killed between two statements', async () => {
    const error = await errorOf(
      database.transaction(async (transaction) => {
        const [[{ id }]] = await transaction.raw('SELECT CONNECTION_ID() AS id')
        await database.raw('KILL ?', [id])
        await transaction('photos').forUpdate()
      }),
    )
    expect(classify(error)).toBe('unavailable')
  })

  it.each(['kill', 'shutDown'] as const)(
    'is an outage, before and after the server ends: %s',
    async (end) => {
      const pending = errorOf(database.raw('SELECT SLEEP(20) FROM photos FOR UPDATE'))
      const inTransaction = errorOf(
        database.transaction(async (transaction) => {
          await transaction('photos').where({ id: 'b' })
          await pending
          await transaction('photos').where({ id: 'b' }).update({ size: 2 })
        }),
      )
      await expect
        .poll(() => database.raw('SHOW PROCESSLIST').then(([rows]) => JSON.stringify(rows)))
        .toContain('SLEEP')
      await server[end]()
      onTestFinished(() => server.restart())
      expect(classify(await pending)).toBe('unavailable')
      expect(classify(await inTransaction)).toBe('unavailable')
      expect(classify(await errorOf(database('photos')))).toBe('unavailable')
    },
  )

  it('is an outage: a server that does not answer', async () => {
    await server.freeze()
    onTestFinished(() => server.thaw())
    const error = await errorOf(createConnection({ uri: server.url, connectTimeout: 300 }))
    expect(classify(error)).toBe('unavailable')
  })

  it('is an outage: a name that nobody knows', async () => {
    const error = await errorOf(createConnection(server.url.replace('127.0.0.1', 'nowhere.invalid')))
    expect(classify(error)).toBe('unavailable')
  })
})

describe('classify', () => {
  const serverError = (errno: number, sqlMessage: string, sqlState = 'HY000') =>
    Object.assign(new Error(sqlMessage), { errno, sqlState, sqlMessage })
  const withCode = (code: string) => Object.assign(new Error(code), { code })

  it.each([
    serverError(1021, 'Disk full (/tmp); waiting for someone to free some space...'),
    serverError(1026, `Error writing file '/tmp/MLd' (errno: 28 "No space left on device")`),
    serverError(1026, `Error writing file '/tmp/MLd' (errno: 122 "Disk quota exceeded")`),
    serverError(1030, 'Got error 28 "No space left on device" from storage engine InnoDB'),
    serverError(1180, 'Got error 28 during COMMIT'),
    withCode('ENOSPC'),
    withCode('EDQUOT'),
  ])('takes for a full disk: $message', (error) => {
    expect(classify(error)).toBe('disk-full')
  })

  it.each([
    serverError(1053, 'Server shutdown in progress', ''),
    serverError(1158, 'Got an error reading communication packets', '08S01'),
    serverError(1203, 'User argus already has more than max_user_connections active connections', '42000'),
    serverError(1927, 'Connection was killed', '70100'),
    withCode('ECONNREFUSED'),
    withCode('ECONNRESET'),
    withCode('EPIPE'),
    withCode('ETIMEDOUT'),
    withCode('PROTOCOL_CONNECTION_LOST'),
    new DatabaseUnavailableError('no lock'),
  ])('takes for an outage: $message', (error) => {
    expect(classify(error)).toBe('unavailable')
  })

  it.each(['SQLITE_LOCKED', 'SQLITE_LOCKED_SHAREDCACHE', 'SQLITE_BUSY_SNAPSHOT'])(
    'would try again: %s',
    (code) => {
      expect(classify(withCode(code))).toBe('retry')
    },
  )

  it.skipIf(process.platform !== 'linux')('knows a full disk by what writing a file fails with', async () => {
    expect(classify(await errorOf(writeFile('/dev/full', 'text')))).toBe('disk-full')
  })

  it('does not take what people wrote, which knex puts before the message, for the error', () => {
    const statement = "insert into `jobs` (`file_name`) values ('Disk quota exceeded, error 28.jpg')"
    const error = serverError(1146, "Table 'jobs' doesn't exist")
    error.message = `${statement} - ${error.message}`
    expect(classify(error)).toBe('other')
  })

  it.each([new Error('odd'), new TypeError('odd'), 'ECONNRESET', null, undefined, { code: 'ECONNRESET' }])(
    'has no idea of %s',
    (error) => {
      expect(classify(error)).toBe('other')
    },
  )
})
