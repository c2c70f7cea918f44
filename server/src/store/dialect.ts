/** Which of the two databases it is, where their SQL differs. */
import type { Knex } from 'knex'

export function isSqlite(database: Knex): boolean {
  return /sqlite/.test(database.client.dialect)
}
