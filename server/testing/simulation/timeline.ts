/** Virtual time: what is to happen, in the order of its time, and at one time in the order of its planning. */

interface Entry {
  readonly at: number
  readonly order: number
  readonly happen: () => void
}

export class Timeline {
  #now = 0
  #planned = 0
  /** A binary heap. */
  readonly #entries: Entry[] = []

  /** Milliseconds since the beginning. */
  get now(): number {
    return this.#now
  }

  after(milliseconds: number, happen: () => void): void {
    const entries = this.#entries
    const entry = { at: this.#now + milliseconds, order: this.#planned++, happen }
    let at = entries.length
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = entries[above]
      if (!parent || comesBefore(parent, entry)) break
      entries[at] = parent
      at = above
    }
    entries[at] = entry
  }

  /** Has all happen that happens within so long. */
  pass(milliseconds: number): void {
    const end = this.#now + milliseconds
    for (;;) {
      const [first] = this.#entries
      if (!first || first.at > end) break
      const last = this.#entries.pop()
      if (last && last !== first) this.#sink(last)
      this.#now = first.at
      first.happen()
    }
    this.#now = end
  }

  #sink(entry: Entry): void {
    const entries = this.#entries
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      let child = entries[below]
      const other = entries[below + 1]
      if (child && other && comesBefore(other, child)) {
        child = other
        below += 1
      }
      if (!child || comesBefore(entry, child)) break
      entries[at] = child
      at = below
    }
    entries[at] = entry
  }
}

function comesBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
