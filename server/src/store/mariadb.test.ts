import { ConfigError, EXIT_UNUSABLE_SETTINGS } from '@argus/shared/process'
import type { Knex } from 'knex'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { findMariaDb, TestMariaDb } from '../../testing/mariadb.ts'
import { silentLog } from '../../testing/unit.ts'
import { openDatabase } from './database.ts'
import { classify } from './database-errors.ts'
import { openMariaDb } from './mariadb.ts'
import { connect, parseMariaDbUrl } from './mariadb-connection.ts'
import { MasterLock } from './master-lock.ts'

/** To make a data folder takes a second on an idle machine, and much more on a busy one. */
const START_MS = 60_000

describe.skipIf(findMariaDb() === null)('a MariaDB', () => {
  let server: TestMariaDb
  let url: string

  beforeAll(async () => {
    server = await TestMariaDb.start()
  }, START_MS)

  afterAll(() => server.stop())

  beforeEach(async () => {
    url = await server.createDatabase()
  })

  async function open(of = url, log = silentLog): Promise<Knex> {
    const database = await openMariaDb(of, log)
    onTestFinished(() => database.destroy())
    return database
  }

  async function asAdministrator<T>(sql: string, values: unknown[] = []): Promise<T[]> {
    const connection = await createConnection(server.url)
    try {
      const [rows] = await connection.query<(T & RowDataPacket)[]>(sql, values)
      return rows
    } finally {
      await connection.end()
    }
  }

  function withPath(pathname: string): string {
    return Object.assign(new URL(url), { pathname }).href
  }

  it('is made where there is none, with the tables', async () => {
    const fresh = withPath('/made%20here')
    const database = await openDatabase({ url: fresh }, silentLog)
    onTestFinished(() => database.destroy())
    expect(await database('jobs')).toEqual([])
  })

  it('is migrated even if a master was killed while it did that', async () => {
    const first = await openDatabase({ url }, silentLog)
    await first('knex_migrations_lock').update({ is_locked: 1 })
    await first.destroy()
    const second = await openDatabase({ url }, silentLog)
    onTestFinished(() => second.destroy())
    expect(await second('knex_migrations_lock').pluck('is_locked')).toEqual([0])
  })

  it('works alike whatever the server’s own settings are', async () => {
    const adverse = [
      "sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",
      "tx_isolation = 'REPEATABLE-READ'",
      "time_zone = '+05:00'",
      'autocommit = 0',
      'innodb_lock_wait_timeout = 100',
    ]
    await asAdministrator(`SET GLOBAL ${adverse.join(', GLOBAL ')}`)
    onTestFinished(() => server.restart())
    const database = await open()
    const [[session]] = await database.raw(
      `SELECT @@tx_isolation AS isolation, @@sql_mode AS mode, @@time_zone AS zone, @@autocommit AS autocommit,
        @@innodb_lock_wait_timeout AS wait, @@wait_timeout AS idle, @@character_set_client AS charset, @@collation_connection AS collation`,
    )
    expect(session).toEqual({
      isolation: 'READ-COMMITTED',
      mode: 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION',
      zone: '+00:00',
      autocommit: 1,
      wait: 5,
      // Less than the lock's 10: a frozen master has no connection left when it loses the lock.
      idle: 5,
      charset: 'utf8mb4',
      collation: 'utf8mb4_nopad_bin',
    })
  })

  it('gives numbers back as numbers, and all of Unicode', async () => {
    const database = await open()
    await database.schema.createTable('things', (table) => {
      table.bigInteger('big')
      table.double('real')
      table.string('word', 20)
    })
    const thing = { big: Number.MAX_SAFE_INTEGER, real: 0.1 + 0.2, word: 'Größe 😀 \\ "\'' }
    await database('things').insert(thing)
    expect(await database('things').first()).toEqual(thing)
    const sums = await database('things')
      .sum({ sum: 'big' })
      .avg({ mean: 'real' })
      .count({ count: '*' })
      .first()
    expect(sums).toEqual({ sum: thing.big, mean: thing.real, count: 1 })
  })

  it('tells strings apart by their bytes, also where someone made the database otherwise', async () => {
    await asAdministrator('CREATE DATABASE lax CHARACTER SET latin1 COLLATE latin1_german1_ci')
    const database = await open(withPath('/lax'))
    await database.schema.createTable('keys', (table) => {
      table.string('key', 20).primary()
    })
    const keys = ['Key', 'key', 'key ', 'kéy', 'ключ']
    await database('keys').insert(keys.map((key) => ({ key })))
    expect(await database('keys').where({ key: 'key' }).pluck('key')).toEqual(['key'])
    expect(await database('keys').orderBy('key').pluck('key')).toEqual(keys)
  })

  it('counts rows that match, not those that changed, as SQLite does', async () => {
    const database = await open()
    await database.schema.createTable('things', (table) => {
      table.integer('size')
    })
    await database('things').insert({ size: 1 })
    expect(await database('things').update({ size: 1 })).toBe(1)
  })

  it('is one master’s alone until that one ends', async () => {
    const first = await openMariaDb(url, silentLog)
    const takeNow = () =>
      MasterLock.take({
        connect: () => connect(parseMariaDbUrl(url)),
        onTaken: () => undefined,
        log: silentLog,
        waitSeconds: 1,
      })
    await expect(takeNow()).rejects.toThrow('in use by another master')
    await first.destroy()
    const lock = await takeNow()
    lock.release()
  })

  it('ends the process when another master has taken it', async () => {
    const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never)
    onTestFinished(() => exit.mockRestore())
    await open()
    const thief = await createConnection(url)
    onTestFinished(() => thief.destroy())
    const [[lock]] = await thief.query<RowDataPacket[]>(
      "SELECT IS_USED_LOCK(CONCAT('argus master of ', MD5(DATABASE()))) AS holder",
    )
    const stolen = thief.query("SELECT GET_LOCK(CONCAT('argus master of ', MD5(DATABASE())), 10)")
    await asAdministrator('KILL ?', [lock?.holder])
    await stolen
    await expect.poll(() => exit.mock.calls, { timeout: 20_000 }).toEqual([[EXIT_UNUSABLE_SETTINGS]])
  })

  it('is waited for while its server does not run, and says so once', async () => {
    await server.kill()
    const lines: { level: number; msg: string; reason: string }[] = []
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
    const opening = open(url, log)
    await new Promise((resolve) => setTimeout(resolve, 2500))
    await server.restart()
    await (await opening).raw('SELECT 1')
    expect(lines).toEqual([
      expect.objectContaining({
        level: 40,
        msg: expect.stringContaining('cannot be reached'),
        reason: expect.stringContaining('ECONNREFUSED'),
      }),
    ])
  })

  it('shows an outage as an error, soon, and works again after it', async () => {
    const database = await open()
    const ask = () => database.raw('SELECT 1').then(() => 'works', classify)
    expect(await ask()).toBe('works')
    await server.kill()
    const startedAt = performance.now()
    expect(await ask()).toBe('unavailable')
    expect(performance.now() - startedAt).toBeLessThan(3000)
    await server.restart()
    await expect.poll(ask, { timeout: 5000 }).toBe('works')
  })

  it('shows it as an error, too, when the server takes connections and says nothing', async () => {
    const database = await open()
    await server.freeze()
    onTestFinished(() => server.thaw())
    const startedAt = performance.now()
    expect(await database.raw('SELECT 1').catch(classify)).toBe('unavailable')
    expect(performance.now() - startedAt).toBeLessThan(6000)
  })

  it('lets nobody wait long for a connection while all are in use', async () => {
    const database = await open()
    const transactions = await Promise.all(Array.from({ length: 8 }, () => database.transaction()))
    const startedAt = performance.now()
    expect(await database.raw('SELECT 1').catch(classify)).toBe('unavailable')
    expect(performance.now() - startedAt).toBeLessThan(6000)
    await Promise.all(transactions.map((transaction) => transaction.rollback()))
  })

  it('warns where a power cut can take what was committed', async () => {
    const lines: string[] = []
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) })
    await asAdministrator('SET GLOBAL innodb_flush_log_at_trx_commit = 2')
    onTestFinished(() => server.restart())
    await open(url, log)
    expect(lines.join()).toContain('innodb_flush_log_at_trx_commit')
  })

  it('refuses with the server’s reason, and without the password', async () => {
    await asAdministrator("CREATE USER guest@'127.0.0.1' IDENTIFIED BY 'guest-secret'")
    const guest = Object.assign(new URL(url), { username: 'guest', password: 'guest-secret' }).href
    const stranger = Object.assign(new URL(url), { password: 'wrong-secret' }).href
    for (const [refused, reason] of [
      [stranger, "Access denied for user 'argus'"],
      [guest, "Access denied for user 'guest'@'127.0.0.1' to database"],
    ] as const) {
      const error = await openMariaDb(refused, silentLog).catch((error) => error)
      expect(error).toBeInstanceOf(ConfigError)
      expect(error.message).toContain(
        `DATABASE_URL cannot be used: 127.0.0.1:${new URL(url).port} says: ${reason}`,
      )
      expect(`${error.message} ${JSON.stringify(error)} ${error.cause}`).not.toContain('secret')
    }
  })
})

describe('the address of a MariaDB', () => {
  it('has all parts in it', () => {
    expect(parseMariaDbUrl('mysql://arg%40us:p%2Fw%3Ard@db.lan:3307/photos')).toMatchObject({
      host: 'db.lan',
      port: 3307,
      user: 'arg@us',
      password: 'p/w:rd',
      database: 'photos',
    })
  })

  it('may leave out port and password, and name an IPv6 address', () => {
    expect(parseMariaDbUrl('mysql://argus@[::1]/photos')).toMatchObject({
      host: '::1',
      port: 3306,
      password: '',
    })
  })

  it.each([
    'mysql://argus:secret@db.lan',
    'mysql://argus:secret@db.lan/',
    'mysql://:secret@db.lan/photos',
    'mysql://argus:sec/ret@db.lan/photos',
    'mysql://argus:secret%@db.lan/photos',
    'mysql://argus:secret@/photos',
    'mysql://argus:secret@db.lan:port/photos',
    // A setting that would not be heeded, such as TLS, must not look as if it were.
    'mysql://argus:secret@db.lan/photos?ssl=true',
    'mysql://argus:secret@db.lan/photos#secret',
    'postgres://argus:secret@db.lan/photos',
  ])('is refused without being repeated: %s', (url) => {
    const parse = () => parseMariaDbUrl(url)
    expect(parse).toThrow(ConfigError)
    expect(parse).toThrow(/^(?!.*secret).*DATABASE_URL has to be of the form/)
  })
})
