import { join } from 'node:path'
import type { Knex } from 'knex'
import Database from 'libsql'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { silentLog, tempFolder } from '../../testing/unit.ts'
import { openDatabase } from './database.ts'

describe('the statement cache', () => {
  let database: Knex
  let prepared: string[]

  beforeEach(async () => {
    // Before it is opened, because the cache takes hold of the method then.
    const prepare = vi.spyOn(Database.prototype, 'prepare')
    onTestFinished(() => prepare.mockRestore())
    database = await openDatabase({ file: join(await tempFolder(), 'argus.sqlite') }, silentLog)
    onTestFinished(() => database.destroy())
    await database.schema.createTable('words', (table) => {
      table.integer('id').primary()
      table.string('word')
    })
    prepare.mockClear()
    prepared = []
    prepare.mockImplementation(function (this: Database.Database, sql: string) {
      prepared.push(sql)
      return original.call(this, sql)
    })
  })

  const original = Database.prototype.prepare

  it('prepares a statement once, however often it runs', async () => {
    for (let id = 0; id < 100; id += 1) await database('words').insert({ id, word: `word ${id}` })
    for (let id = 0; id < 100; id += 1) {
      expect(await database('words').where({ id }).first()).toEqual({ id, word: `word ${id}` })
    }
    expect(prepared).toHaveLength(2)
  })

  it('lets go of the statements that are unused for longest', async () => {
    const run = (number: number) => database.raw(`select ${number} as number`)
    await run(0)
    await run(1)
    for (let number = 2; number < 200; number += 1) await run(number)
    await run(0)
    await run(200)
    prepared = []
    expect(await run(0)).toEqual([{ number: 0 }])
    expect(prepared).toEqual([])
    expect(await run(1)).toEqual([{ number: 1 }])
    expect(prepared).toEqual(['select 1 as number'])
  })

  it('keeps a statement usable that failed', async () => {
    await database('words').insert({ id: 1, word: 'one' })
    await expect(database('words').insert({ id: 1, word: 'two' })).rejects.toThrow()
    await database('words').insert({ id: 2, word: 'two' })
    expect(await database('words').pluck('word')).toEqual(['one', 'two'])
  })

  it('keeps statements usable that run inside a transaction, rolled back or not', async () => {
    await expect(
      database.transaction(async (transaction) => {
        await transaction('words').insert({ id: 1, word: 'one' })
        throw new Error('rolled back')
      }),
    ).rejects.toThrow('rolled back')
    expect(await database('words').pluck('word')).toEqual([])
    await database.transaction((transaction) => transaction('words').insert({ id: 1, word: 'one' }))
    expect(await database('words').pluck('word')).toEqual(['one'])
  })

  it('sees the columns that a table has got since', async () => {
    await database('words').insert({ id: 1, word: 'one' })
    expect(await database('words').select()).toEqual([{ id: 1, word: 'one' }])
    await database.schema.alterTable('words', (table) => {
      table.string('language')
    })
    expect(await database('words').select()).toEqual([{ id: 1, word: 'one', language: null }])
  })
})
