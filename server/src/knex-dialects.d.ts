/** knex ships its dialects without types; ours replaces the driver of this one. */
declare module 'knex/lib/dialects/better-sqlite3/index.js' {
  import { Knex } from 'knex'
  export default class BetterSqlite3Client extends Knex.Client {}
}

/** As above; ours adds to its connections. */
declare module 'knex/lib/dialects/mysql2/index.js' {
  import { Knex } from 'knex'
  export default class Mysql2Client extends Knex.Client {}
}
