import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { findMariaDb, TestMariaDb } from '../../testing/mariadb.ts'
import { silentLog } from '../../testing/unit.ts'
import { classify } from './database-errors.ts'
import { connect, cut, type MariaDbConnection, parseMariaDbUrl } from './mariadb-connection.ts'
import { MasterLock } from './master-lock.ts'

/** To make a data folder takes a second on an idle machine, and much more on a busy one. */
const START_MS = 60_000

const IN_USE = 'in use by another master'
/** A loss is noticed and made good by the next two pings. */
const SOON = { timeout: 5000 }

describe.skipIf(findMariaDb() === null)('the lock of the master', () => {
  let server: TestMariaDb
  let url: string
  let onTaken: () => void

  beforeAll(async () => {
    server = await TestMariaDb.start()
  }, START_MS)

  afterAll(() => server.stop())

  beforeEach(async () => {
    url = await server.createDatabase()
    onTaken = vi.fn<() => void>()
  })

  /** Takes it as another master would, with its connections, the last of which holds the lock. */
  async function take(
    waitSeconds: number,
    of = url,
  ): Promise<{ lock: MasterLock; made: MariaDbConnection[] }> {
    const made: MariaDbConnection[] = []
    const lock = await MasterLock.take({
      connect: async () => {
        const connection = await connect(parseMariaDbUrl(of))
        made.push(connection)
        return connection
      },
      onTaken,
      log: silentLog,
      waitSeconds,
    })
    onTestFinished(() => lock.release())
    return { lock, made }
  }

  /** A connection of the master's pool. */
  async function admitted(lock: MasterLock): Promise<MariaDbConnection> {
    const connection = await connect(parseMariaDbUrl(url))
    onTestFinished(() => connection.destroy())
    await lock.admit(connection)
    return connection
  }

  it('is one master’s alone', async () => {
    await take(1)
    await expect(take(1)).rejects.toThrow(IN_USE)
  })

  it('is of one database', async () => {
    await take(1)
    await take(1, await server.createDatabase())
  })

  it('is free when it was released', async () => {
    const { lock } = await take(1)
    lock.release()
    await take(1)
  })

  it('is waited for, since a predecessor that was killed may not be gone yet', async () => {
    const { made } = await take(1)
    const successor = take(20)
    await waitsForLock()
    for (const holder of made) holder.stream.destroy()
    await successor
  })

  it('lets connections work as long as it is held', async () => {
    const { lock } = await take(1)
    const connection = await admitted(lock)
    await connection.promise().query('DO 0')
    lock.release()
    await expect(admitted(lock)).rejects.toSatisfy((error) => classify(error) === 'unavailable')
  })

  it('is taken back when the server was started again', async () => {
    const { lock } = await take(1)
    await server.restart()
    await expect.poll(() => admitted(lock).then(() => 'works', classify), SOON).toBe('works')
    await expect(take(0)).rejects.toThrow(IN_USE)
    expect(onTaken).not.toHaveBeenCalled()
  })

  it('cuts all connections when it is lost, also those that wait for a server that does not answer', async () => {
    const { lock } = await take(1)
    const connection = await admitted(lock)
    await server.freeze()
    const startedAt = performance.now()
    const error = await connection
      .promise()
      .query('DO 0')
      .catch((error) => error)
      .finally(() => server.thaw())
    expect(classify(error)).toBe('unavailable')
    expect(performance.now() - startedAt).toBeLessThan(7000)
    await expect.poll(() => admitted(lock).then(() => 'works', classify), SOON).toBe('works')
  })

  it('says so when another master has taken it, whose connections alone work from then on', async () => {
    const { lock, made } = await take(1)
    const connection = await admitted(lock)
    const successor = take(20)
    await waitsForLock()
    for (const holder of made) cut(holder, new Error('cut by the test'))
    const { lock: successorLock } = await successor
    // At once: the loss may not even have been noticed.
    await expect(admitted(lock)).rejects.toSatisfy((error) => classify(error) === 'unavailable')
    await expect.poll(() => vi.mocked(onTaken).mock.calls.length, SOON).toBe(1)
    await expect(connection.promise().query('DO 0')).rejects.toThrow()
    await admitted(successorLock)
  })

  async function waitsForLock(): Promise<void> {
    const administrator = await createConnection(url)
    onTestFinished(() => administrator.end())
    await expect
      .poll(async () => {
        const [rows] = await administrator.query<RowDataPacket[]>('SHOW PROCESSLIST')
        return rows.map(({ State }) => State)
      })
      .toContain('User lock')
  }
})
