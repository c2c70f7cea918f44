/**
 * The SQL about statistics: one row a minute, an hour and a day, and the revision of jobs up to which they
 * count. A busy minute takes some 3 KB, and an idle one nothing: 1.6 GB a year of a cluster that never rests, which
 * is little beside its jobs.
 */
import type { Knex } from 'knex'

/** Minutes that a row covers. */
export const SPANS = [1, 60, 1440] as const
export type Span = (typeof SPANS)[number]

export interface StatisticsRow {
  readonly span: Span
  /** The first of its minutes, in minutes since 1970. */
  readonly start: number
  /** As JSON. */
  readonly body: string
}

/** How far the statistics have come. */
export interface StatisticsPosition {
  /** Of jobs: up to it all is counted. */
  readonly revision: number
  /** How often they were written down. */
  readonly writes: number
}

interface PositionRow extends StatisticsPosition {
  name: string
}

const POSITION = { name: 'statistics' }
/** Of one statement: SQLite takes 32,766 values. */
const ROWS_AT_ONCE = 500

export class StatisticsStore {
  readonly #database: Knex

  /** @param database or a transaction, whose part the statements then are */
  constructor(database: Knex) {
    this.#database = database
  }

  #rows() {
    return this.#database<StatisticsRow>('statistics')
  }

  async position(): Promise<StatisticsPosition> {
    const row = await this.#database<PositionRow>('positions').where(POSITION).first()
    return { revision: Number(row?.revision ?? 0), writes: Number(row?.writes ?? 0) }
  }

  /** False where it has come there before: the COMMIT of that was not answered. */
  async moveTo({ revision, writes }: StatisticsPosition): Promise<boolean> {
    const positions = this.#database<PositionRow>('positions')
    // A write, first: it waits for the end of a transaction that is still going on.
    await positions
      .clone()
      .insert({ ...POSITION, revision: 0, writes: 0 })
      .onConflict('name')
      .ignore()
    const moved = await positions
      .clone()
      .where(POSITION)
      .where('writes', '<', writes)
      .update({ revision, writes })
    return moved > 0
  }

  /** The rows of a span that begin in this window, in their order. Minutes since 1970. */
  async read(span: Span, from: number, before: number): Promise<StatisticsRow[]> {
    if (from >= before) return []
    const rows = await this.#rows()
      .where({ span })
      .where('start', '>=', from)
      .where('start', '<', before)
      .orderBy('start')
    return rows.map((row) => ({ ...row, start: Number(row.start) }))
  }

  /** Those of these rows that there are. */
  async find(span: Span, starts: readonly number[]): Promise<StatisticsRow[]> {
    const rows = await this.#rows()
      .where({ span })
      .whereIn('start', [...starts])
    return rows.map((row) => ({ ...row, start: Number(row.start) }))
  }

  /** Each takes the place of the one before it. */
  async write(rows: readonly StatisticsRow[]): Promise<void> {
    for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
      await this.#rows()
        .insert(rows.slice(at, at + ROWS_AT_ONCE))
        .onConflict(['span', 'start'])
        .merge()
    }
  }
}
