/**
 * The database with the committer before it: writes are committed in their order, those that gathered in one
 * transaction; reads return after a while what was true at some time in between. It can be away, and then
 * nobody knows of the present transaction whether it happened. It outlives the master, whose writes and reads
 * end with it.
 */
import type { Dice } from './dice.ts'
import type { Rows } from './rows.ts'
import type { Timeline } from './timeline.ts'

interface Write {
  /** Whether it waits for the return of the database: `persist` of the committer, and not `commit`. */
  readonly patient: boolean
  /** Does it; returns what tells its caller. */
  readonly apply: () => () => void
  readonly refuse: () => void
}

/** What one transaction commits. */
interface Group {
  readonly writes: readonly Write[]
  /** What tells the callers, once it has happened. */
  tell: Array<() => void> | null
}

export class Database {
  readonly rows: Rows
  readonly #timeline: Timeline
  readonly #random: Dice
  #waiting: Write[] = []
  #group: Group | null = null
  /** Whether it answers. */
  #isThere = true
  /** Whether it did at the last try: as the committer knows it. */
  #available = true
  /** Reads and writes of a master that has died since call nobody back. */
  #master = 0
  #onReturn: () => void = () => undefined

  constructor(rows: Rows, timeline: Timeline, random: Dice) {
    this.rows = rows
    this.#timeline = timeline
    this.#random = random
  }

  get isThere(): boolean {
    return this.#isThere
  }

  /** A master has started. */
  connect(onReturn: () => void): void {
    this.#onReturn = onReturn
    this.#available = true
    this.rows.restart()
  }

  /** The master has died. Its writes are lost; those that were being committed, perhaps. */
  disconnect(): void {
    this.#master += 1
    this.#onReturn = () => undefined
    this.#break()
    this.#waiting = []
  }

  /** It goes away, for so long. */
  leave(milliseconds: number): void {
    if (!this.#isThere) return
    this.#isThere = false
    this.#available = false
    // Who waits repeats it; who does not is told that it may have happened.
    const unsettled = [...this.#break(), ...this.#waiting]
    this.#waiting = unsettled.filter(({ patient }) => patient)
    for (const { patient, refuse } of unsettled) if (!patient) refuse()
    this.#timeline.after(milliseconds, () => {
      this.#isThere = true
      this.#work()
    })
  }

  /** As `persist` of the committer: waits while it is away. */
  persist<T>(work: (rows: Rows) => T, then: (value: T) => void): void {
    this.#write(true, work, then, () => undefined)
  }

  /**
   * As `commit` of the committer.
   *
   * @param refuse it is away, and the write may have happened all the same
   */
  commit<T>(work: (rows: Rows) => T, then: (value: T) => void, refuse: () => void = () => undefined): void {
    if (this.#available) this.#write(false, work, then, refuse)
    else refuse()
  }

  read<T>(work: (rows: Rows) => T, then: (value: T) => void, fail: () => void): void {
    const master = this.#master
    this.#timeline.after(this.#delay(), () => {
      const read = this.#isThere ? { value: work(this.rows) } : null
      this.#timeline.after(this.#delay(), () => {
        if (master !== this.#master) return
        if (read) then(read.value)
        else fail()
      })
    })
  }

  #write<T>(patient: boolean, work: (rows: Rows) => T, then: (value: T) => void, refuse: () => void): void {
    const apply = () => {
      const value = work(this.rows)
      return () => then(value)
    }
    this.#waiting.push({ patient, apply, refuse })
    this.#work()
  }

  /** Commits what waits, if only nothing, to see whether the database is back. */
  #work(): void {
    const hasWork = this.#waiting.length > 0 || !this.#available
    if (this.#group || !this.#isThere || !hasWork) return
    const group: Group = { writes: this.#waiting, tell: null }
    this.#waiting = []
    this.#group = group
    this.#timeline.after(this.#delay(), () => {
      if (this.#group !== group) return
      group.tell = group.writes.map(({ apply }) => apply())
      // Others may see it before its callers hear of it.
      this.#timeline.after(this.#random.chance(0.8) ? 0 : this.#random.int(1, 30), () => this.#settle(group))
    })
  }

  #settle(group: Group): void {
    if (this.#group !== group) return
    this.#group = null
    const returns = !this.#available
    this.#available = true
    if (returns) this.#onReturn()
    for (const tell of group.tell ?? []) tell()
    this.#work()
  }

  /** Breaks the present transaction off: nobody knows whether it happened. Returns what it was to commit. */
  #break(): readonly Write[] {
    const group = this.#group
    this.#group = null
    if (group?.tell === null && this.#random.chance(0.5)) for (const { apply } of group.writes) apply()
    return group?.writes ?? []
  }

  #delay(): number {
    return this.#random.chance(0.05) ? this.#random.int(20, 400) : this.#random.int(1, 10)
  }
}
