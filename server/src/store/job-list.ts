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
import type { JobStatus } from '@argus/shared'
import type { Knex } from 'knex'

/** As many jobs are looked at in a scan: 5,000 take 20 ms. */
export const SCAN_JOBS = 5000
/** As many jobs at most are few. */
export const FEW_JOBS = 2000
/** As many indexes at most are walked side by side. */
const MAX_WALKS = 50

export type Order = 'submitted_at' | 'ended_at'

/** At or after `from` and before `before`; milliseconds since 1970. */
export interface TimeRange {
  readonly from?: number
  readonly before?: number
}

/** What all jobs of a list have in common. */
export interface JobConditions {
  readonly status?: readonly JobStatus[]
  /** Indexes of the best class. */
  readonly classes?: readonly number[]
  readonly fileNamePrefix?: string
  readonly batch?: string
  readonly worker?: string
  readonly owner?: string
  readonly tags?: ReadonlyArray<readonly [name: string, value: string]>
  readonly submitted?: TimeRange
  readonly ended?: TimeRange
}

/** Where a job stands in a list. */
export interface ListPlace {
  readonly time: number
  readonly id: string
}

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

type Column = 'status' | 'top_class' | 'batch_id' | 'worker' | 'owner' | 'file_name'

/** The indexes that have the jobs of one value in an order. */
const WALKS: Readonly<Partial<Record<Column | 'tag' | 'all', Partial<Record<Order, string>>>>> = {
  all: { submitted_at: 'jobs_submitted_at_id_index', ended_at: 'jobs_ended_at_index' },
  status: { submitted_at: 'jobs_status_submitted_index', ended_at: 'jobs_status_ended_index' },
  top_class: { submitted_at: 'jobs_class_submitted_index', ended_at: 'jobs_class_ended_index' },
  batch_id: { submitted_at: 'jobs_batch_submitted_index' },
  worker: { submitted_at: 'jobs_worker_submitted_index' },
  owner: { submitted_at: 'jobs_owner_submitted_index' },
  tag: { submitted_at: 'job_tags_submitted_index' },
}

/** The index by which the jobs of a filter are counted and picked. */
const PICKS: Readonly<Record<Column, string>> = {
  status: 'jobs_status_submitted_index',
  top_class: 'jobs_class_submitted_index',
  batch_id: 'jobs_batch_submitted_index',
  worker: 'jobs_worker_submitted_index',
  owner: 'jobs_owner_submitted_index',
  file_name: 'jobs_file_name_index',
}

/** Rows of jobs, or of tags, and the index by which they are read. */
interface Source {
  readonly table: 'jobs' | 'job_tags'
  readonly id: 'id' | 'job_id'
  readonly index: string
  readonly restrict: Restriction
}

type Query = Knex.QueryBuilder
type Restriction = (query: Query) => void

interface Filter {
  /** Of rows of jobs. */
  readonly restrict: Restriction
  /** What its jobs are counted and picked by; null where there is no such index. */
  readonly pick: Source | null
  /** What has its jobs in this order; empty where there is no such index, or there are too many values. */
  readonly walks: (order: Order) => Source[]
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

    const [walk] = walks
    if (!walk) throw new Error('There is always a walk')
    const end = await this.#scanned(walk, request)
    const found = await this.#read(walk, { ...request, until: end }, limit + 1, rest)
    const page = pageOf(found, limit)
    return page.next || !end ? page : { ...page, next: end }
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
    return pick && this.#counted(this.#rows(pick, { order }, this.#all(order)), most)
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
      if (!pick) continue
      const total = await this.#counted(this.#from(pick), FEW_JOBS + 1)
      if (total <= FEW_JOBS && total < (best?.total ?? Number.POSITIVE_INFINITY)) best = { pick, total }
    }
    return best?.pick ?? null
  }

  /** The last place of a scan; null where it comes to the end of the list. */
  async #scanned(walk: Source, request: PageRequest): Promise<ListPlace | null> {
    const places = await this.#read(walk, request, SCAN_JOBS, [])
    return places.length < SCAN_JOBS ? null : (places.at(-1) ?? null)
  }

  async #merged(walks: readonly Source[], request: PageRequest, limit: number): Promise<ListPlace[]> {
    const found: ListPlace[] = []
    for (const walk of walks) found.push(...(await this.#read(walk, request, limit, [])))
    const { isDescending } = request
    return found.sort((a, b) => (isDescending ? -1 : 1) * comparePlaces(a, b)).slice(0, limit)
  }

  async #read(
    source: Source,
    request: PageRequest & { readonly until?: ListPlace | null },
    limit: number,
    restrictions: readonly Restriction[],
  ): Promise<ListPlace[]> {
    const { order, isDescending } = request
    const direction = isDescending ? 'desc' : 'asc'
    const rows: Array<{ time: number; id: string }> = await this.#rows(source, request, restrictions)
      .orderBy([
        { column: order, order: direction },
        { column: source.id, order: direction },
      ])
      .limit(limit)
      .select({ time: order, id: source.id })
    return rows.map(({ time, id }) => ({ time: Number(time), id }))
  }

  #rows(
    source: Source,
    request: Pick<PageRequest, 'order'> & Partial<PageRequest> & { readonly until?: ListPlace | null },
    restrictions: readonly Restriction[] = [],
  ): Query {
    const { order, isDescending = false, after = null, until = null } = request
    const query = this.#from(source)
    for (const restrict of restrictions) restrict(query)
    // At least this, as jobs that have not ended are not in a list by their end.
    restrictTime(query, order, { from: 0, ...this.#ranges[order] })
    if (after) restrictPlace(query, order, source.id, isDescending ? '<' : '>', after)
    if (until) restrictPlace(query, order, source.id, isDescending ? '>=' : '<=', until)
    return query
  }

  #from({ table, index, restrict }: Source): Query {
    const isSqlite = /sqlite/.test(this.#database.client.dialect)
    const hint = isSqlite ? '?? INDEXED BY ??' : '?? FORCE INDEX (??)'
    const query = this.#database.queryBuilder().from(this.#database.raw(hint, [table, index]))
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

function filtersOf(conditions: JobConditions): Filter[] {
  const { status, classes, batch, worker, owner, tags = [], fileNamePrefix } = conditions
  // Those that match the fewest jobs, as a rule, first.
  return [
    ...tags.map(([name, value]) => tagged(name, value)),
    ...(batch === undefined ? [] : [anyOf('batch_id', [batch])]),
    ...(classes === undefined ? [] : [anyOf('top_class', classes)]),
    ...(worker === undefined ? [] : [anyOf('worker', [worker])]),
    ...(owner === undefined ? [] : [anyOf('owner', [owner])]),
    ...(status === undefined ? [] : [anyOf('status', status)]),
    ...(fileNamePrefix === undefined ? [] : [beginningWith(fileNamePrefix)]),
  ]
}

function anyOf(column: Column, values: readonly (string | number)[]): Filter {
  const restrict = (query: Query) => void query.whereIn(column, [...values])
  return {
    restrict,
    pick: { table: 'jobs', id: 'id', index: PICKS[column], restrict },
    walks: (order) => {
      const index = WALKS[column]?.[order]
      if (index === undefined || values.length > MAX_WALKS) return []
      return values.map((value) => ({
        table: 'jobs',
        id: 'id',
        index,
        restrict: (query) => void query.where(column, value),
      }))
    },
  }
}

function tagged(name: string, value: string): Filter {
  const tag = { name, value }
  const restrict = (query: Query) =>
    void query.whereIn('id', (tags) => tags.from('job_tags').where(tag).select('job_id'))
  return {
    restrict,
    pick: null,
    walks: (order) => {
      const index = WALKS.tag?.[order]
      if (index === undefined) return []
      return [{ table: 'job_tags', id: 'job_id', index, restrict: (query) => void query.where(tag) }]
    },
  }
}

function beginningWith(prefix: string): Filter {
  const end = successorOf(prefix)
  const restrict = (query: Query) => {
    query.where('file_name', '>=', prefix)
    if (end !== null) query.where('file_name', '<', end)
  }
  return {
    restrict,
    pick: { table: 'jobs', id: 'id', index: PICKS.file_name, restrict },
    walks: () => [],
  }
}

/** The first text that comes after all that begin so, by code points, as both databases compare; null: there is none. */
function successorOf(prefix: string): string | null {
  const points = [...prefix].map((character) => character.codePointAt(0) ?? 0)
  while (points.at(-1) === 0x10ffff) points.pop()
  const last = points.pop()
  if (last === undefined) return null
  // What lies between these are halves of characters.
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
}

function everything(order: Order): Source {
  const index = WALKS.all?.[order]
  if (index === undefined) throw new Error(`There is no index by ${order}`)
  return { table: 'jobs', id: 'id', index, restrict: () => undefined }
}

function restrictTime(query: Query, column: Order, { from, before }: TimeRange): void {
  if (from !== undefined) query.where(column, '>=', from)
  if (before !== undefined) query.where(column, '<', before)
}

/** MariaDB walks no index by a comparison of pairs, so the time alone is compared first. */
function restrictPlace(
  query: Query,
  order: Order,
  id: Source['id'],
  comparison: '<' | '>' | '<=' | '>=',
  place: ListPlace,
): void {
  const strict = comparison[0] ?? comparison
  query
    .where(order, `${strict}=`, place.time)
    .where((either) => either.where(order, strict, place.time).orWhere(id, comparison, place.id))
}

function comparePlaces(a: ListPlace, b: ListPlace): number {
  return a.time - b.time || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}

/** @param found one more than the page has, where there is a next one */
function pageOf(found: readonly ListPlace[], limit: number): Page {
  const places = found.slice(0, limit)
  return {
    ids: places.map(({ id }) => id),
    next: found.length > limit ? (places.at(-1) ?? null) : null,
  }
}
