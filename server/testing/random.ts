/** Chance for tests, which can be had again: a failure names its seed, and ARGUS_SEED starts from it. */
import { randomInt } from 'node:crypto'

/** Another one at each run, unless ARGUS_SEED names one. */
export const SEED = Number(process.env.ARGUS_SEED ?? randomInt(2 ** 31))

export class Random {
  readonly seed: number
  #state: number

  constructor(seed: number) {
    this.seed = seed
    this.#state = seed
  }

  /** From 0 up to 1, exclusively: mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** An integer from 0 up to this, exclusively. */
  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new Error('There is nothing to pick')
    return item
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }
}
