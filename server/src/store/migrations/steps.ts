/**
 * Steps of migrations that may be repeated: MariaDB commits each change of the schema by itself, so a master
 * that is killed in the middle of a migration leaves a part of it, and the next start goes on.
 */
import type { Knex } from 'knex'
import { isSqlite } from '../dialect.ts'

/** Adds those of the columns that are not there. */
export async function addColumns(
  knex: Knex,
  table: string,
  columns: Readonly<Record<string, (builder: Knex.AlterTableBuilder, name: string) => void>>,
): Promise<void> {
  for (const [name, define] of Object.entries(columns)) {
    if (await knex.schema.hasColumn(table, name)) continue
    await knex.schema.alterTable(table, (builder) => define(builder, name))
  }
}

/**
 * @param columns as SQL; knex knows no descending ones
 * @param where the rows that matter; MariaDB has only indexes of all rows
 */
export async function createIndex(
  knex: Knex,
  table: string,
  name: string,
  columns: string,
  where?: string,
): Promise<void> {
  const part = where !== undefined && isSqlite(knex) ? ` WHERE ${where}` : ''
  await knex.raw(`CREATE INDEX IF NOT EXISTS ${name} ON ${table} (${columns})${part}`)
}

/** Unless that has been done. Its indexes go along. */
export async function renameColumn(knex: Knex, table: string, from: string, to: string): Promise<void> {
  if (await knex.schema.hasColumn(table, to)) return
  await knex.raw('ALTER TABLE ?? RENAME COLUMN ?? TO ??', [table, from, to])
}

export async function dropIndex(knex: Knex, table: string, name: string): Promise<void> {
  // SQLite's indexes have names of their own in the whole database.
  const onTable = isSqlite(knex) ? '' : ` ON ${table}`
  await knex.raw(`DROP INDEX IF EXISTS ${name}${onTable}`)
}
