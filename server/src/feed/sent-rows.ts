/** The rows of a view as all its boards have them, and so what they have to be told. Pure. */
import type { JobChange } from '../store/change-log.ts'
import type { ListPlace } from '../store/job-list.ts'
import type { JobRecord } from '../store/job-record.ts'
import type { ListWindow } from './list-window.ts'

interface SentRow {
  readonly revision: number
  readonly place: ListPlace
}

/** In the place of a revision: not all boards have the row. */
const UNTOLD = -1

export class SentRows {
  #rows = new Map<string, SentRow>()
  /** Rows that boards have, and that are in this place of the list no more. */
  readonly #left = new Set<string>()

  /** A change was applied to the window. */
  note({ id, revision, job }: JobChange, window: ListWindow): void {
    const sent = this.#rows.get(id)
    if (!sent || sent.revision > revision) return
    const now = job && window.find(id)
    // In another place it is another row: boards keep those in order that they are told of.
    const stays = now && samePlace(window.place(now), sent.place)
    if (!stays) this.#left.add(id)
  }

  /** The rows that boards do not have, or not as they are now. */
  changedIn({ shown }: ListWindow): JobRecord[] {
    return shown.filter(({ id, revision }) => this.#rows.get(id)?.revision !== revision)
  }

  /** Rows that boards are to drop; those that others have pushed out they drop by themselves. */
  lostFrom(window: ListWindow): string[] {
    const lost = new Set(this.#left)
    for (const [id, { place }] of this.#rows) {
      const now = window.find(id)
      if (now ? !samePlace(window.place(now), place) : window.covers(place)) lost.add(id)
    }
    return [...lost]
  }

  /** All boards have been told. */
  replace(window: ListWindow): void {
    this.#rows = new Map(
      window.shown.map((job) => [job.id, { revision: job.revision, place: window.place(job) }]),
    )
    this.#left.clear()
  }

  /** One board has been told. It is to hear, too, of what leaves before the others have had it. */
  addFor(window: ListWindow): void {
    for (const job of window.shown) {
      if (!this.#rows.has(job.id)) this.#rows.set(job.id, { revision: UNTOLD, place: window.place(job) })
    }
  }
}

function samePlace(a: ListPlace, b: ListPlace): boolean {
  return a.time === b.time && a.id === b.id
}
