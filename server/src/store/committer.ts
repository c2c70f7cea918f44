/**
 * Group commit: what the master writes, it writes through here, because what costs is the commit (one wait for
 * the disk), and one commit can carry hundreds of writes.
 *
 * Callers hand in units of work. They wait in one queue, in their order, and one loop takes them from its head:
 *
 *   idle ──unit──► committing ──queue empty──► idle
 *                   │      ▲
 *    database away, │      │ a transaction succeeds
 *    or it hangs    ▼      │
 *                    away: `commit` is refused, `persist` waits; tried again every 250 ms, with an empty
 *                          transaction where nothing waits
 *
 * A transaction takes what has gathered while the one before it was committing. No timer makes anything wait:
 * an idle master commits at once, a busy one in large groups.
 *
 * When a unit throws, the transaction is rolled back, so nothing of it is left. Then the units before it are
 * committed without it, and it runs again as the first of a transaction. If it throws there as well, it fails
 * alone: all that it has seen is on disk, and all that came after it is still to run.
 */
import { setTimeout as pause, setImmediate as turnOfLoop } from 'node:timers/promises'
import { ProblemError } from '@argus/shared'
import type { Knex } from 'knex'
import type { Logger } from '../log.ts'
import { classify } from './database-errors.ts'
import { Revisions } from './revisions.ts'

/**
 * On SQLite the statements run on the master's own thread and hold up all else: 200 inserts for 25 ms at most,
 * 500 for 45 ms, 1,000 for 80 ms. With 1,000 callers it makes 16,700 units a second with 50, 19,200 with 200
 * and 19,500 with 500.
 */
const MAX_GROUP = 200

/**
 * No client waits longer for its turn, and a transaction that takes longer hangs: the longest wait of the database
 * itself, for a lock, is shorter.
 */
const PATIENCE_MS = 10_000
const AWAY_PAUSE_MS = 250
const DISK_FULL_PAUSE_MS = 1000
/** How often a unit that a client waits for runs when it finds another transaction in its way each time. */
const MAX_TRIES = 5

/**
 * Work of one caller, under these rules:
 * - It may run several times, of which the last counts: it changes nothing but the database.
 * - After a COMMIT whose answer was lost it finds its own rows, and says so. It writes first and then looks,
 *   since that COMMIT may still be going on: a write waits for it, a look does not.
 * - It awaits nothing but queries of its transaction. Any other would, on SQLite, whose pool is one connection,
 *   wait for the unit itself.
 * - Of database errors it may catch those of constraints only, since others end the transaction.
 * - A refusal that is common is better returned than thrown, since a throw costs a rollback.
 */
export type UnitOfWork<T> = (transaction: Knex.Transaction, revisions: Revisions) => Promise<T>

interface Unit {
  /** When its caller gives up, on the clock of `performance`; `Infinity` for `persist`. */
  readonly deadline: number
  /** Runs the work, and returns what tells its value to the caller. */
  readonly run: (transaction: Knex.Transaction) => Promise<() => void>
  readonly reject: (error: unknown) => void
  tries: number
}

/** A transaction that is on disk. */
export interface Commit {
  /** Units of work in it. */
  readonly writes: number
  readonly milliseconds: number
}

/** Whether a client waits for it. */
function isClient(unit: Unit): boolean {
  return unit.deadline < Number.POSITIVE_INFINITY
}

/** What one transaction has come to. */
interface Group {
  /** In their order; of these the last one threw, if one did. */
  readonly begun: Unit[]
  readonly fulfil: Array<() => void>
  thrown?: { error: unknown }
}

export class Committer {
  readonly #database: Knex
  readonly #log: Logger
  /** Of the changes that its units make. */
  readonly revisions = new Revisions()
  readonly #listeners: Array<(available: boolean) => void> = []
  readonly #commitListeners: Array<(commit: Commit) => void> = []
  /** All that is not settled, including what the present transaction works on. */
  readonly #queue = new Set<Unit>()
  /** How many units the next transaction may take. */
  #limit = MAX_GROUP
  #available = true
  #diskFull = false
  #running = false
  /** From `stop` on: settled when all is. */
  #last?: Promise<void>

  constructor(database: Knex, log: Logger) {
    this.#database = database
    this.#log = log
  }

  /** Whether the database could be reached at the last try. */
  get available(): boolean {
    return this.#available
  }

  /** Calls back whenever `available` changes. */
  onAvailability(listener: (available: boolean) => void): void {
    this.#listeners.push(listener)
  }

  /** Calls back after each commit, when all who waited for it have been told. */
  onCommit(listener: (commit: Commit) => void): void {
    this.#commitListeners.push(listener)
  }

  /**
   * For what a client waits for. Settles when it is on disk, with what the unit returned; the unit has seen
   * all that units handed in before it have written.
   *
   * @throws ProblemError `store/unavailable` at once where the database is away, and after some 10 seconds where
   *   it hangs or is too slow. If the unit had begun, it may be on disk all the same.
   * @throws ProblemError `store/disk-full`
   * @throws what the unit threw
   */
  commit<T>(unit: UnitOfWork<T>): Promise<T> {
    if (!this.#available) return Promise.reject(new ProblemError('store/unavailable'))
    return this.#add(unit, performance.now() + PATIENCE_MS)
  }

  /**
   * For what must be on disk sooner or later: as `commit`, but it waits while the database is away or its disk
   * is full, for as long as it takes.
   *
   * @throws ProblemError `store/unavailable` or `store/disk-full` where that lasts until `stop`
   * @throws what the unit threw
   */
  persist<T>(unit: UnitOfWork<T>): Promise<T> {
    return this.#add(unit, Number.POSITIVE_INFINITY)
  }

  /** Finds out whether the database is there: someone who only read could not reach it. */
  check(): void {
    // Where it is known to be away, it is being tried already.
    if (this.#available) this.persist(async () => undefined).catch(() => undefined)
  }

  /** Commits what has gathered and takes no more; returns when every unit is settled. */
  async stop(): Promise<void> {
    this.#last ??= this.persist(async () => undefined)
    if (!this.#available) this.#refuse('store/unavailable')
    await Promise.allSettled([this.#last])
  }

  #add<T>(work: UnitOfWork<T>, deadline: number): Promise<T> {
    if (this.#last) {
      return Promise.reject(new ProblemError('store/unavailable', 'The master is stopping.'))
    }
    return new Promise<T>((resolve, reject) => {
      const run = async (transaction: Knex.Transaction) => {
        const value = await work(transaction, this.revisions)
        return () => resolve(value)
      }
      this.#queue.add({ deadline, run, reject, tries: 0 })
      if (!this.#running) void this.#run()
    })
  }

  async #run(): Promise<void> {
    this.#running = true
    while (this.#queue.size > 0 || (!this.#available && !this.#last)) {
      await this.#gather()
      const group: Group = { begun: [], fulfil: [] }
      const startedAt = performance.now()
      const failure = await this.#attempt(group)
      if (failure) await this.#fail(group, failure.error)
      else this.#succeed(group, performance.now() - startedAt)
    }
    this.#running = false
  }

  /**
   * SQLite blocks the thread, so that nobody could hand in anything while it commits: lets them first, for as
   * long as each turn of the loop brings more.
   */
  async #gather(): Promise<void> {
    let gathered = -1
    while (this.#queue.size > gathered && gathered < this.#limit) {
      gathered = this.#queue.size
      await turnOfLoop()
    }
  }

  async #attempt(group: Group): Promise<{ error: unknown } | undefined> {
    const hanging = setTimeout(() => this.#lose(new Error('The database hangs')), PATIENCE_MS)
    try {
      await this.#database.transaction((transaction) => this.#work(transaction, group))
      return undefined
    } catch (error) {
      // A ROLLBACK that fails as well hides from knex what made it necessary.
      return group.thrown ?? { error }
    } finally {
      clearTimeout(hanging)
    }
  }

  async #work(transaction: Knex.Transaction, group: Group): Promise<void> {
    // knex comes here even where BEGIN has failed.
    if (transaction.isCompleted()) return
    for (const unit of [...this.#queue].slice(0, this.#limit)) {
      if (unit.deadline < performance.now()) this.#reject(unit, new ProblemError('store/unavailable'))
      // Refused just now, or since the transaction began, because it hung.
      if (!this.#queue.has(unit)) continue
      group.begun.push(unit)
      try {
        group.fulfil.push(await unit.run(transaction))
      } catch (error) {
        group.thrown = { error }
        throw error
      }
    }
  }

  #succeed(group: Group, milliseconds: number): void {
    this.revisions.settle()
    for (const unit of group.begun) this.#queue.delete(unit)
    this.#limit = MAX_GROUP
    this.#diskFull = false
    this.#setAvailable(true)
    for (const fulfil of group.fulfil) fulfil()
    const commit = { writes: group.begun.length, milliseconds }
    for (const listener of this.#commitListeners) listener(commit)
  }

  /** Decides who fails and who runs again, and how. */
  async #fail({ begun, thrown }: Group, error: unknown): Promise<void> {
    const [first] = begun
    // A transaction that fails before the first unit is the database's fault, whatever it says.
    const kind = first ? classify(error) : 'unavailable'
    if (kind === 'unavailable') {
      this.#lose(error)
      await pause(AWAY_PAUSE_MS)
    } else if (kind === 'disk-full') {
      // Once, since a log that grows every second is the last thing a full disk needs.
      if (!this.#diskFull) this.#log.error({ err: error }, 'The disk of the database is full')
      this.#diskFull = true
      this.#refuse('store/disk-full', error)
      await pause(DISK_FULL_PAUSE_MS)
    } else if (begun.length > 1) {
      // COMMIT does not say whose fault it is: halving finds it.
      this.#limit = thrown ? begun.length - 1 : Math.floor(begun.length / 2)
    } else if (first) {
      first.tries += 1
      if (kind === 'retry' && (first.tries < MAX_TRIES || !isClient(first))) {
        await pause(Math.random() * 20 * 2 ** Math.min(first.tries, MAX_TRIES))
      } else {
        if (!isClient(first) && kind !== 'constraint' && !(error instanceof ProblemError)) {
          this.#log.error({ err: error }, 'A write failed that had to succeed')
        }
        this.#reject(first, error)
      }
    }
  }

  #lose(error: unknown): void {
    this.#setAvailable(false, error)
    this.#refuse('store/unavailable', error)
  }

  /** Refuses those who do not wait, or at the stop all. */
  #refuse(code: 'store/unavailable' | 'store/disk-full', cause?: unknown): void {
    for (const unit of this.#queue) {
      if (isClient(unit) || this.#last) this.#reject(unit, new ProblemError(code, undefined, { cause }))
    }
  }

  #reject(unit: Unit, error: unknown): void {
    this.#queue.delete(unit)
    unit.reject(error)
  }

  #setAvailable(available: boolean, cause?: unknown): void {
    if (this.#available === available) return
    this.#available = available
    if (available) this.#log.info('The database is back')
    else this.#log.error({ err: cause }, 'The database cannot be reached')
    for (const listener of this.#listeners) listener(available)
  }
}
