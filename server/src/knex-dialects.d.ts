/** knex ships its dialects without types; ours replaces the driver of this one. */
declare module 'knex/lib/dialects/better-sqlite3/index.js' {
  import { Knex } from 'knex'
  export default class BetterSqlite3Client extends Knex.Client {}
}
