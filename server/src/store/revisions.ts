/**
 * Numbers the changes of jobs in the order in which they are committed, so that whoever has seen all up to one
 * can ask for what came after it. (etcd calls it `mod_revision`, CouchDB `seq`.)
 *
 * They are given out by the committer's transactions, of which there is one at a time. A transaction that is
 * rolled back leaves a gap. Several masters on one database will need a sequence of the database's.
 */
export class Revisions {
  #last = 0
  #committed = 0

  /** For a change that the present transaction makes. */
  next(): number {
    this.#last += 1
    return this.#last
  }

  /** All changes up to this one can be read, or never happened. */
  get committed(): number {
    return this.#committed
  }

  /** Goes on behind what an earlier master has given out. */
  startAfter(revision: number): void {
    this.#last = Math.max(this.#last, revision)
  }

  /**
   * No transaction is open, and the last one is on disk. That also settles what became of one before, whose
   * COMMIT was not answered: it has happened by now, or it never will.
   */
  settle(): void {
    this.#committed = this.#last
  }
}
