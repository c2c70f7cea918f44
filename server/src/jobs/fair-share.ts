/**
 * Whose turn it is: start-time fair queueing (Goyal, Vin and Cheng, 1996). Each job gets a rank when it is
 * submitted, one beyond its owner's last, but not before the virtual time: the highest rank that has been
 * dealt. So one person's 10,000 photos and another's single one take turns, and the queue's order is one
 * indexed column. Pure: what it does not know it is told.
 */

/** Owners that are remembered before those are forgotten whose jobs have all been dealt. */
const MAX_OWNERS = 10_000

interface Level {
  virtualTime: number
  /** The rank of the last job by owner. */
  readonly last: Map<string, number>
}

/** Virtual times and ranks are kept a priority: jobs of different ones never compete by rank. */
export class FairShare {
  readonly #levels = new Map<number, Level>()

  /** Whether `learn` has told of this owner, or nothing needs to be told. */
  knows(priority: number, owner: string): boolean {
    return this.#levels.get(priority)?.last.has(owner) ?? false
  }

  /**
   * Takes up from the store where it does not know the owner.
   *
   * @param lowest rank of all queued jobs of this priority; null where there is none
   * @param last highest rank of those of the owner; null where there is none
   */
  learn(priority: number, owner: string, lowest: number | null, last: number | null): void {
    const level = this.#level(priority, lowest ?? 0)
    const known = level.last.get(owner)
    level.last.set(owner, Math.max(known ?? 0, last ?? 0))
  }

  /** The rank of the owner's next job. */
  next(priority: number, owner: string): number {
    const level = this.#level(priority, 0)
    const rank = Math.max(level.virtualTime, level.last.get(owner) ?? 0) + 1
    if (level.last.size >= MAX_OWNERS) forgetIdle(level)
    level.last.set(owner, rank)
    return rank
  }

  /** A job of this rank was dealt. */
  dealt(priority: number, rank: number): void {
    const level = this.#level(priority, rank)
    level.virtualTime = Math.max(level.virtualTime, rank)
  }

  #level(priority: number, virtualTime: number): Level {
    const level = this.#levels.get(priority) ?? { virtualTime, last: new Map() }
    this.#levels.set(priority, level)
    return level
  }
}

/** An owner whose last rank is not beyond the virtual time starts there anyway. */
function forgetIdle(level: Level): void {
  for (const [owner, rank] of level.last) if (rank <= level.virtualTime) level.last.delete(owner)
}
