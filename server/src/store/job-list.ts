/**
 * The SQL that lists jobs: by any filters, in one of two orders, a page at a time, and in bounded time however
 * many jobs there are. There are three ways to a page, of which the first that can be gone is:
 *
 * - *walk*: one filter at most, and an index that has its jobs in this order. The page is read off the index.
 *   A filter of several values (two states, the classes of a label) is as many walks, merged.
 * - *pick*: few jobs match one of the filters. All of them are looked at, and sorted.
 * - *scan*: the order is walked for so many jobs, and of these the ones that match are taken. The page may be
 *   short; the next one goes on where this one has stopped.
 *
 * A place is kept as time and id, never as a number of jobs to skip, so that pages neither repeat nor leave out
 * a job when others come and go.
 */
import { comparePlaces, type Place } from '@argus/shared'
import type { Knex } from 'knex'
import { isSqlite } from './dialect.ts'
import {
  everything,
  type Filter,
  filtersOf,
  type JobConditions,
  type Order,
  type Query,
  type Restriction,
  restrictTime,
  type Source,
  type TimeRange,
} from './job-filters.ts'

/** As many jobs are looked at in a scan: 5,000 take 20 ms. */
export const SCAN_JOBS = 5000
/** Of these at a time: where many match, the first chunk has a page in it. */
const CHUNK_JOBS = 500
/** As many jobs at most are few. */
export const FEW_JOBS = 2000
/** Where a job stands in a list; the time in milliseconds since 1970. */
export type ListPlace = Place<number>

export interface PageRequest {
  /** By `ended_at`, the list has only jobs that have ended. */
  readonly order: Order
  /** The latest first. */
  readonly isDescending: boolean
  /** The last place of the page before; null for the first page. */
  readonly after: ListPlace | null
  readonly limit: number
}

export interface Page {
  /** In their order. */
  readonly ids: readonly string[]
  /** Where the next page begins; null where this is the last one. */
  readonly next: ListPlace | null
}

export class JobList {
  readonly #database: Knex
  readonly #filters: readonly Filter[]
  readonly #ranges: Readonly<Record<Order, TimeRange | undefined>>
  #fewest: Promise<Source | null> | undefined

  /** @param database or a transaction, whose part the statements then are */
  constructor(database: Knex, conditions: JobConditions) {
    this.#database = database
    this.#filters = filtersOf(conditions)
    this.#ranges = { submitted_at: conditions.submitted, ended_at: conditions.ended }
  }

  async page(request: PageRequest): Promise<Page> {
    const { order, limit } = request
    const { walks, rest } = this.#way(order)
    if (rest.length === 0) return pageOf(await this.#merged(walks, request, limit + 1), limit)

    const pick = await this.#few()
    if (pick) return pageOf(await this.#read(pick, request, limit + 1, this.#all(order)), limit)

    const found: ListPlace[] = []
    let goesOn: ListPlace | null = null
    for await (const chunk of this.#scan(only(walks), request, rest)) {
      found.push(...chunk.found)
      goesOn = chunk.next
      if (found.length > limit) break
    }
    const page = pageOf(found, limit)
    return page.next ? page : { ...page, next: goesOn }
  }

  /**
   * How many jobs match; at most `most`, which stands for that many or more.
   *
   * @returns null where counting them would take too long
   */
  async count(order: Order, most: number): Promise<number | null> {
    const { walks, rest } = this.#way(order)
    if (rest.length === 0) {
      let total = 0
      for (const walk of walks) {
        if (total < most) total += await this.#counted(this.#rows(walk, { order }), most - total)
      }
      return total
    }
    const pick = await this.#few()
    if (pick) return this.#counted(this.#rows(pick, { order }, this.#all(order)), most)
    // Only a list that is short as a whole: no page is worth a scan of its own.
    const walk = only(walks)
    if ((await this.#counted(this.#rows(walk, { order }), SCAN_JOBS + 1)) > SCAN_JOBS) return null
    let total = 0
    const whole = { order, isDescending: false, after: null, limit: SCAN_JOBS }
    for await (const { found } of this.#scan(walk, whole, rest)) total += found.length
    return Math.min(total, most)
  }

  /** What to walk in this order, and what is left to be looked at in each job. */
  #way(order: Order): { walks: Source[]; rest: Restriction[] } {
    const other = order === 'submitted_at' ? 'ended_at' : 'submitted_at'
    const range = this.#ranges[other]
    const outside = range ? [(query: Query) => restrictTime(query, other, range)] : []
    const ways = this.#filters.map((filter) => {
      const rest = this.#filters.filter((each) => each !== filter).map(({ restrict }) => restrict)
      return { walks: filter.walks(order), rest: [...rest, ...outside] }
    })
    // Several walks cannot be scanned: nobody knows how far each of them comes.
    const way = ways.find(({ walks, rest }) => walks.length === 1 || (walks.length > 1 && rest.length === 0))
    return (
      way ?? { walks: [everything(order)], rest: [...this.#filters.map((each) => each.restrict), ...outside] }
    )
  }

  /** All conditions but that of the order's own time. */
  #all(order: Order): Restriction[] {
    const { rest } = this.#way(order)
    return [...this.#filters.map(({ restrict }) => restrict), ...rest]
  }

  /** The filter that matches the fewest jobs, if those are few; counted once for page and total. */
  #few(): Promise<Source | null> {
    this.#fewest ??= this.#countFilters()
    return this.#fewest
  }

  async #countFilters(): Promise<Source | null> {
    let best: { pick: Source; total: number } | null = null
    for (const { pick } of this.#filters) {
      const total = await this.#counted(this.#from(pick), FEW_JOBS + 1)
      if (total <= FEW_JOBS && total < (best?.total ?? Number.POSITIVE_INFINITY)) best = { pick, total }
    }
    return best && this.#ofJobs(best.pick)
  }

  /** A source of rows of jobs: those of tags are few, and named. */
  async #ofJobs(source: Source): Promise<Source> {
    if (source.table === 'jobs') return source
    const rows: Array<{ id: string }> = await this.#from(source).select({ id: source.id })
    const ids = rows.map(({ id }) => id)
    return { table: 'jobs', id: 'id', index: null, restrict: (query) => void query.whereIn('id', ids) }
  }

  /**
   * Walks, chunk by chunk, so many jobs at most.
   *
   * @returns of each chunk those that match, and where the next one begins; null where there is none
   */
  async *#scan(
    walk: Source,
    request: PageRequest,
    rest: readonly Restriction[],
  ): AsyncGenerator<{ found: ListPlace[]; next: ListPlace | null }> {
    let { after } = request
    for (let looked = 0; looked < SCAN_JOBS; looked += CHUNK_JOBS) {
      const places = await this.#read(walk, { ...request, after }, CHUNK_JOBS)
      const matching = await this.#matching(places, rest)
      after = places.length < CHUNK_JOBS ? null : (places.at(-1) ?? null)
      yield { found: places.filter(({ id }) => matching.has(id)), next: after }
      if (!after) return
    }
  }

  async #matching(places: readonly ListPlace[], rest: readonly Restriction[]): Promise<Set<string>> {
    const ids = places.map(({ id }) => id)
    const source: Source = {
      table: 'jobs',
      id: 'id',
      index: null,
      restrict: (query) => void query.whereIn('id', ids),
    }
    const query = this.#from(source)
    for (const restrict of rest) restrict(query)
    const rows: Array<{ id: string }> = await query.select('id')
    return new Set(rows.map(({ id }) => id))
  }

  /** In one statement: a job that goes from one state to another meanwhile is neither found twice nor missed. */
  async #merged(walks: readonly Source[], request: PageRequest, limit: number): Promise<ListPlace[]> {
    const [first, ...others] = walks.map((walk) =>
      this.#database
        .queryBuilder()
        .select('time', 'id')
        .from(this.#places(walk, request, limit, []).as('walk')),
    )
    if (!first) return []
    const found = placesOf(await first.unionAll(others))
    const { isDescending } = request
    return found.sort((a, b) => (isDescending ? -1 : 1) * comparePlaces(a, b, 'submitted')).slice(0, limit)
  }

  async #read(
    source: Source,
    request: PageRequest,
    limit: number,
    restrictions: readonly Restriction[] = [],
  ): Promise<ListPlace[]> {
    return placesOf(await this.#places(source, request, limit, restrictions))
  }

  #places(source: Source, request: PageRequest, limit: number, restrictions: readonly Restriction[]): Query {
    const { order, isDescending } = request
    const direction = isDescending ? 'desc' : 'asc'
    return this.#rows(source, request, restrictions)
      .orderBy([
        { column: order, order: direction },
        { column: source.id, order: direction },
      ])
      .limit(limit)
      .select({ time: order, id: source.id })
  }

  #rows(
    source: Source,
    request: Pick<PageRequest, 'order'> & Partial<PageRequest>,
    restrictions: readonly Restriction[] = [],
  ): Query {
    const { order, isDescending = false, after = null } = request
    const query = this.#from(source)
    for (const restrict of restrictions) restrict(query)
    // At least this, as jobs that have not ended are not in a list by their end.
    restrictTime(query, order, { from: 0, ...this.#ranges[order] })
    if (after) restrictPlace(query, order, source.id, isDescending ? '<' : '>', after)
    return query
  }

  /**
   * By the index that is named: left to themselves, both databases take another where their statistics are old
   * or there are none, and sort what it brings.
   */
  #from({ table, index, restrict }: Source): Query {
    const onSqlite = isSqlite(this.#database)
    const hint = onSqlite ? '?? INDEXED BY ??' : '?? FORCE INDEX (??)'
    const byId = onSqlite ? 'sqlite_autoindex_jobs_1' : 'PRIMARY'
    const rows = this.#database.raw(hint, [table, index ?? byId])
    const query = this.#database.queryBuilder().from(rows)
    restrict(query)
    return query
  }

  async #counted(query: Query, most: number): Promise<number> {
    const rows: Array<{ total: number }> = await this.#database
      .queryBuilder()
      .from(
        query
          .select({ one: this.#database.raw('1') })
          .limit(most)
          .as('matching'),
      )
      .count({ total: '*' })
    return Number(rows[0]?.total ?? 0)
  }
}

/** MariaDB walks no index by a comparison of pairs, so the time alone is compared first. */
function restrictPlace(
  query: Query,
  order: Order,
  id: Source['id'],
  comparison: '<' | '>',
  place: ListPlace,
): void {
  query
    .where(order, `${comparison}=`, place.time)
    .where((either) => either.where(order, comparison, place.time).orWhere(id, comparison, place.id))
}

/** The walk of a scan. */
function only(walks: readonly Source[]): Source {
  const [walk] = walks
  if (!walk) throw new Error('There is nothing to walk')
  return walk
}

function placesOf(rows: ReadonlyArray<{ time: number; id: string }>): ListPlace[] {
  return rows.map(({ time, id }) => ({ time: Number(time), id }))
}

/** @param found one more than the page has, where there is a next one */
function pageOf(found: readonly ListPlace[], limit: number): Page {
  const places = found.slice(0, limit)
  return {
    ids: places.map(({ id }) => id),
    next: found.length > limit ? (places.at(-1) ?? null) : null,
  }
}
