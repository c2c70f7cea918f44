import { join } from 'node:path'
import { setTimeout as pause, setImmediate as turnOfLoop } from 'node:timers/promises'
import { ProblemError } from '@argus/shared'
import type { Knex } from 'knex'
import { beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { findMariaDb, TestMariaDb } from '../../testing/mariadb.ts'
import { inPlaceOf, silentLog, tempFolder } from '../../testing/unit.ts'
import { type Commit, Committer } from './committer.ts'
import { type DatabaseTarget, openDatabase } from './database.ts'
import type { Revisions } from './revisions.ts'

const UNAVAILABLE = { code: 'store/unavailable' }
const LOST = Object.assign(new Error('connection lost'), { code: 'ECONNRESET' })
const DEADLOCK = Object.assign(new Error('deadlock'), { sqlMessage: '', sqlState: '40001', errno: 1213 })

/** Milliseconds in which even a machine under load gets there: what is waited for takes a fraction of it. */
const PATIENT = 20_000

let database: Knex
let committer: Committer

/** What the database was told to do, as far as transactions go. */
let statements: string[]

async function use(target: DatabaseTarget): Promise<void> {
  database = await openDatabase(target, silentLog)
  onTestFinished(() => database.destroy())
  await database.schema.createTable('notes', (table) => {
    table.integer('id').primary()
    table.string('text', 100)
  })
  statements = []
  database.on('query', ({ sql }: { sql: string }) => {
    if (/^(BEGIN|COMMIT|ROLLBACK)/.test(sql)) statements.push(sql)
  })
  committer = new Committer(database, silentLog)
  onTestFinished(() => committer.stop())
}

async function useSqlite(): Promise<void> {
  await use({ file: join(await tempFolder(), 'argus.sqlite') })
}

function transactions(): number {
  return statements.filter((sql) => sql === 'BEGIN;').length
}

const insert = (id: number) => async (transaction: Knex.Transaction) => {
  await transaction('notes').insert({ id })
  return id
}

/** Inserts and returns how many rows there were before. */
const insertCounting = (id: number) => async (transaction: Knex.Transaction) => {
  const [row] = await transaction('notes').count({ total: '*' })
  await transaction('notes').insert({ id })
  return Number(row?.total)
}

function writtenIds(): Promise<number[]> {
  return database('notes').orderBy('id').pluck('id')
}

function codes(results: ReadonlyArray<PromiseSettledResult<unknown>>): unknown[] {
  return results.map((result) => (result.status === 'fulfilled' ? result.value : result.reason.code))
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index)
}

function untilBack(): Promise<void> {
  return vi.waitFor(() => expect(committer.available).toBe(true), PATIENT)
}

/** As a database that goes away before it has received the statement. */
const lose = async (run: (sql: string) => Promise<unknown>) => {
  // It does this by itself when it loses a client.
  await run('ROLLBACK;')
  throw LOST
}

function fail(error: Error): () => never {
  return () => {
    throw error
  }
}

/** Something that whoever comes by waits at. */
function gate() {
  let reach = () => {}
  let open = () => {}
  const reached = new Promise<void>((resolve) => {
    reach = resolve
  })
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  const pass = () => {
    reach()
    return opened
  }
  return { reached, pass, open }
}

/** What the committer promises on whichever database. */
function contract() {
  describe('groups', () => {
    it('commits what was handed in at once in few transactions', async () => {
      const ids = range(1000)
      expect(await Promise.all(ids.map((id) => committer.commit(insert(id))))).toEqual(ids)
      expect(await writtenIds()).toEqual(ids)
      expect(transactions()).toBe(5)
    })

    it('gathers what separate events hand in', async () => {
      const units = range(50).map(async (id) => {
        await turnOfLoop()
        return committer.commit(insert(id))
      })
      await Promise.all(units)
      expect(transactions()).toBeLessThan(5)
    })

    it('waits for no timer', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] })
      onTestFinished(() => void vi.useRealTimers())
      expect(await committer.commit(insert(1))).toBe(1)
      expect(await committer.commit(insert(2))).toBe(2)
      expect(statements).toEqual(['BEGIN;', 'COMMIT;', 'BEGIN;', 'COMMIT;'])
    })

    it('runs the units in their order, each after the effects of all before it', async () => {
      const ids = range(500)
      const units = ids.map((id) =>
        id % 3 ? committer.commit(insertCounting(id)) : committer.persist(insertCounting(id)),
      )
      expect(await Promise.all(units)).toEqual(ids)
    })

    it('settles no unit before its COMMIT', async () => {
      const commit = gate()
      inPlaceOf(database, 'COMMIT;', async (run) => {
        await commit.pass()
        return run('COMMIT;')
      })
      const settled: number[] = []
      const units = range(3).map((id) => committer.commit(insert(id)).then((value) => settled.push(value)))
      await commit.reached
      await turnOfLoop()
      expect(settled).toEqual([])
      commit.open()
      await Promise.all(units)
      expect(settled).toEqual([0, 1, 2])
    })
  })

  describe('revisions', () => {
    /** Writes, and returns the revision that it has got for that. */
    const number = (id: number) => async (transaction: Knex.Transaction, revisions: Revisions) => {
      await transaction('notes').insert({ id })
      return revisions.next()
    }

    it('ascend in the order in which the units are committed', async () => {
      const units = range(500).map((id) => committer[id % 2 ? 'commit' : 'persist'](number(id)))
      expect(await Promise.all(units)).toEqual(range(500).map((id) => id + 1))
      expect(committer.revisions.committed).toBe(500)
    })

    it('leave a gap where a transaction is rolled back, and none comes again', async () => {
      const given: number[] = []
      const units = range(40).map((id) =>
        committer.commit(async (transaction, revisions) => {
          const revision = await number(id)(transaction, revisions)
          given.push(revision)
          if (id % 7 === 3) throw new ProblemError('job/ended')
          return revision
        }),
      )
      const results = await Promise.allSettled(units)
      const kept = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
      expect(kept).toHaveLength(34)
      // More than there were units: those that ran again got others.
      expect(given.length).toBeGreaterThan(40)
      expect(given).toEqual(range(given.length).map((at) => at + 1))
      expect(kept).toEqual(kept.toSorted((one, other) => one - other))
      expect(committer.revisions.committed).toBeGreaterThanOrEqual(kept.at(-1) ?? Number.NaN)
    })

    it('count as committed after the COMMIT, and then before anyone hears of it', async () => {
      const commit = gate()
      inPlaceOf(database, 'COMMIT;', async (run) => {
        await commit.pass()
        return run('COMMIT;')
      })
      const seen: Array<[revision: number, committed: number]> = []
      const units = range(3).map(async (id) => {
        const revision = await committer.commit(number(id))
        seen.push([revision, committer.revisions.committed])
      })
      await commit.reached
      await turnOfLoop()
      expect(committer.revisions.committed).toBe(0)
      commit.open()
      await Promise.all(units)
      expect(seen).toEqual([1, 2, 3].map((revision) => [revision, 3]))
    })

    it('do not count as committed while they are rolled back and nothing else was written', async () => {
      await committer.commit(number(1))
      const refused = committer.commit(async (transaction, revisions) => {
        await number(2)(transaction, revisions)
        throw new ProblemError('job/ended')
      })
      await expect(refused).rejects.toMatchObject({ code: 'job/ended' })
      expect(committer.revisions.committed).toBe(1)
      expect(await committer.commit(number(3))).toBe(3)
      expect(committer.revisions.committed).toBe(3)
    })

    it('count as committed after a COMMIT whose answer was lost, as soon as the database is back', async () => {
      const comeBack = inPlaceOf(database, 'COMMIT;', async (run) => {
        await run('COMMIT;')
        throw LOST
      })
      const given = vi.fn((revision: number) => revision)
      const unknown = committer.commit(async (transaction, revisions) =>
        given(await number(1)(transaction, revisions)),
      )
      await expect(unknown).rejects.toMatchObject(UNAVAILABLE)
      expect(given).toHaveBeenCalledExactlyOnceWith(1)
      expect(committer.revisions.committed).toBe(0)
      comeBack()
      await untilBack()
      expect(await writtenIds()).toEqual([1])
      expect(committer.revisions.committed).toBe(1)
      expect(await committer.commit(number(2))).toBe(2)
    })

    it('are given anew where a COMMIT did not happen', async () => {
      let isAway = true
      inPlaceOf(database, 'COMMIT;', async (run) => {
        if (!isAway) return run('COMMIT;')
        isAway = false
        return lose(run)
      })
      expect(await committer.persist(number(1))).toBe(2)
      expect(committer.revisions.committed).toBe(2)
      expect(await writtenIds()).toEqual([1])
    })
  })

  describe('who listens to commits', () => {
    let commits: Commit[]

    beforeEach(() => {
      commits = []
      committer.onCommit((commit) => commits.push(commit))
    })

    it('hears of each how many writes it had', async () => {
      await Promise.all(range(450).map((id) => committer.commit(insert(id))))
      expect(commits.map(({ writes }) => writes)).toEqual([200, 200, 50])
      await committer.commit(insert(1000))
      expect(commits.map(({ writes }) => writes)).toEqual([200, 200, 50, 1])
    })

    it('hears how long it took', async () => {
      inPlaceOf(database, 'COMMIT;', async (run) => {
        await pause(120)
        return run('COMMIT;')
      })
      const startedAt = performance.now()
      await committer.commit(insert(1))
      const elapsed = performance.now() - startedAt
      expect(commits).toEqual([{ writes: 1, milliseconds: expect.any(Number) }])
      // A timer may be early by one.
      expect(commits[0]?.milliseconds).toBeGreaterThan(115)
      expect(commits[0]?.milliseconds).toBeLessThanOrEqual(elapsed)
    })

    it('hears nothing of what is rolled back, nor of what cannot be reached', async () => {
      await expect(committer.commit(fail(new ProblemError('job/ended')))).rejects.toThrow()
      expect(commits).toEqual([])
      const comeBack = inPlaceOf(database, 'COMMIT;', lose)
      await expect(committer.commit(insert(1))).rejects.toMatchObject(UNAVAILABLE)
      expect(commits).toEqual([])
      comeBack()
      await untilBack()
      // It tried with nothing in it, whether it is back.
      expect(commits).toMatchObject([{ writes: 0 }])
    })

    it('finds all of it on disk, and the revisions settled', async () => {
      const found: Array<Promise<number[]>> = []
      const committed: number[] = []
      committer.onCommit(() => {
        committed.push(committer.revisions.committed)
        found.push(writtenIds())
      })
      await committer.commit(async (transaction, revisions) => {
        revisions.next()
        return insert(1)(transaction)
      })
      expect(committed).toEqual([1])
      expect(await Promise.all(found)).toEqual([[1]])
    })
  })

  describe('a unit that throws', () => {
    const problem = new ProblemError('job/ended')
    const insertAndThrow = (id: number) => async (transaction: Knex.Transaction) => {
      await transaction('notes').insert({ id })
      throw problem
    }

    it.each([[[0]], [[5]], [[9]], [[0, 1, 5, 8, 9]], [range(10)]])(
      'fails alone and leaves nothing behind, as %j of ten',
      async (throwers) => {
        const units = range(10).map((id) => {
          const unit = throwers.includes(id) ? insertAndThrow(id) : insert(id)
          return id % 2 ? committer.commit(unit) : committer.persist(unit)
        })
        const results = await Promise.allSettled(units)
        expect(codes(results)).toEqual(range(10).map((id) => (throwers.includes(id) ? 'job/ended' : id)))
        expect(await writtenIds()).toEqual(range(10).filter((id) => !throwers.includes(id)))
      },
    )

    it('sees the effects of all units before it, and is not seen by those after it', async () => {
      const seen: number[] = []
      const units = range(20).map((id) =>
        committer.commit(async (transaction) => {
          const count = await insertCounting(id)(transaction)
          seen[id] = count
          if (id % 5 === 4) throw problem
        }),
      )
      await Promise.allSettled(units)
      expect(seen).toEqual(range(20).map((id) => id - Math.floor(id / 5)))
    })

    it('costs a few transactions more, not one for each neighbour', async () => {
      const units = range(200).map((id) => committer.commit(id % 50 === 49 ? insertAndThrow(id) : insert(id)))
      await Promise.allSettled(units)
      expect(await writtenIds()).toHaveLength(196)
      expect(transactions()).toBeLessThanOrEqual(12)
      // And those after it none.
      statements = []
      await Promise.all(range(200).map((id) => committer.commit(insert(1000 + id))))
      expect(transactions()).toBe(1)
    })

    it('fails its own caller with the conflict of two rows in one group', async () => {
      const results = await Promise.allSettled([1, 2, 1, 3].map((id) => committer.commit(insert(id))))
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
      expect(await writtenIds()).toEqual([1, 2, 3])
    })

    it('may throw what is no promise, and what is no error', async () => {
      const results = await Promise.allSettled([
        committer.commit(fail(new TypeError('sync'))),
        committer.commit(() => Promise.reject('text')),
        committer.commit(insert(1)),
      ])
      expect(results).toMatchObject([{ reason: { message: 'sync' } }, { reason: 'text' }, { value: 1 }])
    })

    it('does not make the database count as away', async () => {
      await expect(committer.commit(insertAndThrow(1))).rejects.toBe(problem)
      expect(committer.available).toBe(true)
      expect(await committer.commit(insert(1))).toBe(1)
    })
  })

  describe('a transaction that others were in the way of', () => {
    it('runs again, as often as it takes to find who was', async () => {
      let failures = 3
      inPlaceOf(database, 'COMMIT;', async (run) => {
        failures -= 1
        if (failures < 0) return run('COMMIT;')
        await run('ROLLBACK;')
        throw DEADLOCK
      })
      expect(await Promise.all(range(10).map((id) => committer.commit(insert(id))))).toEqual(range(10))
      expect(await writtenIds()).toEqual(range(10))
      statements = []
      await Promise.all(range(10).map((id) => committer.commit(insert(100 + id))))
      expect(transactions()).toBe(1)
    })

    it('is given to its caller when it fails five times', async () => {
      let runs = 0
      const stuck = async (transaction: Knex.Transaction) => {
        await transaction('notes').insert({ id: 100 })
        runs += 1
        throw DEADLOCK
      }
      const results = await Promise.allSettled([
        committer.commit(insert(1)),
        committer.commit(stuck),
        committer.commit(insert(2)),
      ])
      expect(results).toMatchObject([{ value: 1 }, { reason: DEADLOCK }, { value: 2 }])
      expect(await writtenIds()).toEqual([1, 2])
      // And once after the first unit, in the transaction of all three.
      expect(runs).toBe(6)
    })

    it('is run for as long as it takes where it must be on disk', async () => {
      let runs = 0
      const stuck = async (transaction: Knex.Transaction) => {
        await transaction('notes').insert({ id: 100 })
        runs += 1
        if (runs < 8) throw DEADLOCK
        return 100
      }
      expect(await committer.persist(stuck)).toBe(100)
      expect(await writtenIds()).toEqual([100])
    })
  })

  describe('while the database is away', () => {
    let changes: boolean[]

    beforeEach(() => {
      changes = []
      committer.onAvailability((available) => changes.push(available))
    })

    it.each(['BEGIN;', 'COMMIT;'])(
      'refuses who cannot wait and keeps who can (lost in %s)',
      async (statement) => {
        const comeBack = inPlaceOf(database, statement, lose)
        const order: number[] = []
        const kept = range(5).map((id) => committer.persist(insertCounting(id)).then(() => order.push(id)))
        const run = vi.fn(insert(10))
        await expect(committer.commit(run)).rejects.toMatchObject(UNAVAILABLE)
        expect(committer.available).toBe(false)

        run.mockClear()
        await expect(committer.commit(run)).rejects.toMatchObject(UNAVAILABLE)
        kept.push(committer.persist(insertCounting(5)).then(() => order.push(5)))
        const [tries, since] = [transactions(), performance.now()]
        await vi.waitFor(() => expect(transactions()).toBeGreaterThan(tries + 2), PATIENT)
        // Two pauses lie between three tries.
        expect(performance.now() - since).toBeGreaterThan(450)
        expect(order).toEqual([])

        comeBack()
        await Promise.all(kept)
        expect(order).toEqual(range(6))
        expect(await writtenIds()).toEqual(range(6))
        expect(run).not.toHaveBeenCalled()
        expect(changes).toEqual([false, true])
        expect(await committer.commit(insert(10))).toBe(10)
      },
    )

    it('finds out by itself that it is back', async () => {
      const comeBack = inPlaceOf(database, 'BEGIN;', lose)
      await expect(committer.commit(insert(1))).rejects.toMatchObject(UNAVAILABLE)
      comeBack()
      await untilBack()
      expect(changes).toEqual([false, true])
      expect(await committer.commit(insert(1))).toBe(1)
    })

    it('is away when a transaction cannot begin, for whatever reason', async () => {
      const comeBack = inPlaceOf(database, 'BEGIN;', async () => {
        throw new Error('Access denied')
      })
      await expect(committer.commit(insert(1))).rejects.toMatchObject(UNAVAILABLE)
      comeBack()
      await untilBack()
    })

    it('repeats a unit whose COMMIT got through although its answer was lost', async () => {
      const comeBack = inPlaceOf(database, 'COMMIT;', async (run) => {
        await run('COMMIT;')
        comeBack()
        throw LOST
      })
      const record = vi.fn(async (transaction: Knex.Transaction) => {
        const row = await transaction('notes').where({ id: 1 }).first()
        if (!row) await transaction('notes').insert({ id: 1 })
        return 'recorded'
      })
      expect(await committer.persist(record)).toBe('recorded')
      expect(record).toHaveBeenCalledTimes(2)
      expect(await writtenIds()).toEqual([1])
    })

    it('rejects who waits at the stop', async () => {
      inPlaceOf(database, 'BEGIN;', lose)
      const kept = [committer.persist(insert(1)), committer.persist(insert(2))]
      const refused = expect(Promise.allSettled(kept).then(codes)).resolves.toEqual(
        Array(2).fill('store/unavailable'),
      )
      await vi.waitFor(() => expect(committer.available).toBe(false), PATIENT)
      await committer.stop()
      await refused
    })
  })

  describe('stop', () => {
    it('commits what has gathered and takes no more', async () => {
      const units = range(500).map((id) => committer.commit(insert(id)))
      let done = 0
      for (const unit of units) void unit.then(() => (done += 1))
      const stopped = committer.stop()
      await expect(committer.commit(insert(1000))).rejects.toMatchObject(UNAVAILABLE)
      await expect(committer.persist(insert(1000))).rejects.toMatchObject(UNAVAILABLE)
      await stopped
      expect(done).toBe(500)
      expect(await writtenIds()).toEqual(range(500))
    })

    it('waits for them whenever it is called', async () => {
      const done = vi.fn()
      void committer.commit(insert(1)).then(done)
      void committer.stop()
      await committer.stop()
      expect(done).toHaveBeenCalled()
    })
  })
}

describe('on SQLite', () => {
  beforeEach(useSqlite)
  contract()

  // The clock of these tests would upset what watches over the connections to MariaDB.
  describe('while the database hangs', () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
      onTestFinished(() => void vi.useRealTimers())
    })

    it('refuses after 10 seconds who cannot wait, and does not run them later', async () => {
      const hang = gate()
      const refused = vi.fn(insert(2))
      const units = [
        committer.commit(async (transaction) => {
          await hang.pass()
          return insert(1)(transaction)
        }),
        committer.commit(refused),
      ]
      const late = Promise.allSettled(units)
      const kept = committer.persist(insert(3))
      await hang.reached
      await vi.advanceTimersByTimeAsync(9_900)
      expect(committer.available).toBe(true)
      await vi.advanceTimersByTimeAsync(200)
      expect(codes(await late)).toEqual(['store/unavailable', 'store/unavailable'])
      await expect(committer.commit(refused)).rejects.toMatchObject(UNAVAILABLE)

      hang.open()
      expect(await kept).toBe(3)
      expect(committer.available).toBe(true)
      expect(refused).not.toHaveBeenCalled()
    })

    it('refuses after 10 seconds who waits behind slow units, none of which hangs', async () => {
      const [first, second] = [gate(), gate()]
      const slow = [committer.persist(first.pass)]
      await first.reached
      slow.push(committer.persist(second.pass))
      const refused = vi.fn(insert(1))
      const late = expect(committer.commit(refused)).rejects.toMatchObject(UNAVAILABLE)
      await vi.advanceTimersByTimeAsync(9_000)
      first.open()
      await second.reached
      await vi.advanceTimersByTimeAsync(9_000)
      second.open()
      await Promise.all(slow)
      await late
      expect(refused).not.toHaveBeenCalled()
      expect(committer.available).toBe(true)
    })

    it('does not take what has ended, well or not, for hanging', async () => {
      const changed = vi.fn()
      committer.onAvailability(changed)
      await committer.commit(insert(1))
      await expect(committer.commit(insert(1))).rejects.toThrow()
      await vi.advanceTimersByTimeAsync(11_000)
      expect(changed).not.toHaveBeenCalled()
    })

    it('rejects at the stop who waits, and does not wait itself', async () => {
      const hang = gate()
      const kept = expect(committer.persist(hang.pass)).rejects.toMatchObject(UNAVAILABLE)
      await hang.reached
      await vi.advanceTimersByTimeAsync(10_100)
      expect(committer.available).toBe(false)
      await committer.stop()
      await kept
      hang.open()
    })
  })

  describe('while the disk is full', () => {
    /** As many rows as fill the last pages. */
    async function fillDisk() {
      const [{ page_count: pages }] = await database.raw('PRAGMA page_count')
      await database.raw(`PRAGMA max_page_count = ${pages}`)
      return async () => {
        await database.raw(`PRAGMA max_page_count = ${pages + 1000}`)
      }
    }

    const insertMany = (first: number) => async (transaction: Knex.Transaction) => {
      for (const id of range(200))
        await transaction('notes').insert({ id: first + id, text: 'x'.repeat(100) })
    }

    it('refuses who cannot wait, and keeps who can until there is room', async () => {
      const makeRoom = await fillDisk()
      const kept = committer.persist(insertMany(0))
      const settled = vi.fn()
      void kept.then(settled)
      await expect(committer.commit(insertMany(1000))).rejects.toMatchObject({ code: 'store/disk-full' })
      const since = performance.now()
      await expect(committer.commit(insertMany(1000))).rejects.toMatchObject({ code: 'store/disk-full' })
      // It was tried together with the one that waits.
      expect(performance.now() - since).toBeGreaterThan(900)
      expect(settled).not.toHaveBeenCalled()
      expect(committer.available).toBe(true)
      await makeRoom()
      await kept
      expect(await writtenIds()).toEqual(range(200))
    })

    it('rejects who waits at the stop', async () => {
      await fillDisk()
      const kept = committer.persist(insertMany(0))
      await Promise.all([expect(kept).rejects.toMatchObject({ code: 'store/disk-full' }), committer.stop()])
    })
  })
})

describe.skipIf(findMariaDb() === null)('on MariaDB', () => {
  let server: TestMariaDb
  beforeAll(async () => {
    server = await TestMariaDb.start()
    return () => server.stop()
  })
  beforeEach(async () => use({ url: await server.createDatabase() }))

  contract()

  it('loses nothing that it acknowledged, and runs nothing of it again, when the server is killed', async () => {
    const acknowledged = new Set<number>()
    const runAfterwards: number[] = []
    let nextId = 0
    const hand = async (method: 'commit' | 'persist') => {
      const id = nextId
      nextId += 1
      await committer[method](async (transaction) => {
        if (acknowledged.has(id)) runAfterwards.push(id)
        // Writes first, as a unit does that may find its own row.
        await transaction('notes').insert({ id }).onConflict('id').ignore()
      })
      acknowledged.add(id)
    }
    let loading = true
    let refused = 0
    const load = range(20).map(async (caller) => {
      while (loading) {
        if (caller % 2) await hand('persist')
        else {
          await hand('commit').catch((error) => {
            expect(error).toMatchObject(UNAVAILABLE)
            refused += 1
          })
        }
        await turnOfLoop()
      }
    })

    for (const round of range(2)) {
      await vi.waitFor(() => expect(acknowledged.size).toBeGreaterThan(200 * (round + 1)), PATIENT)
      await server.kill()
      await vi.waitFor(() => expect(committer.available).toBe(false), PATIENT)
      const before = acknowledged.size
      await server.restart()
      await untilBack()
      await vi.waitFor(() => expect(acknowledged.size).toBeGreaterThan(before), PATIENT)
    }
    loading = false
    await Promise.all(load)

    const written = new Set(await writtenIds())
    expect([...acknowledged].filter((id) => !written.has(id))).toEqual([])
    expect(runAfterwards).toEqual([])
    expect(refused).toBeGreaterThan(0)
    expect(acknowledged.size + refused).toBe(nextId)
  }, 90_000)

  it('refuses who cannot wait while the server is frozen, and goes on when it thaws', async () => {
    await committer.commit(insert(0))
    await server.freeze()
    onTestFinished(() => server.thaw())
    const kept = committer.persist(insert(1))
    await expect(committer.commit(insert(2))).rejects.toMatchObject(UNAVAILABLE)
    expect(committer.available).toBe(false)
    server.thaw()
    expect(await kept).toBe(1)
    expect(committer.available).toBe(true)
    expect(await committer.commit(insert(3))).toBe(3)
  })

  it('runs a group again that lost a deadlock', async () => {
    await committer.commit((transaction) => transaction('notes').insert([{ id: 1 }, { id: 2 }]))
    const other = await database.transaction()
    // The server ends whoever has changed less.
    await other('notes').insert(range(100).map((id) => ({ id: 1000 + id })))
    await other('notes').where({ id: 1 }).update({ text: 'other' })

    const runs = vi.fn()
    const group = [
      committer.commit(insert(3)),
      committer.persist(async (transaction) => {
        await transaction('notes').where({ id: 2 }).update({ text: 'mine' })
        runs()
        await transaction('notes').where({ id: 1 }).update({ text: 'mine' })
        return 'updated'
      }),
      committer.commit(insert(4)),
    ]
    await vi.waitFor(() => expect(runs).toHaveBeenCalled(), PATIENT)
    await other('notes').where({ id: 2 }).update({ text: 'other' })
    await other.commit()
    expect(await Promise.all(group)).toEqual([3, 'updated', 4])
    expect(runs).toHaveBeenCalledTimes(2)
    expect(await database('notes').whereIn('id', [1, 2, 3, 4]).orderBy('id').pluck('text')).toEqual([
      'mine',
      'mine',
      null,
      null,
    ])
  })
})
