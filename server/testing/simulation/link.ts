/**
 * The connection of a worker to the master: messages arrive in their order, each way, after random delays,
 * until it breaks; then what is under way is lost. Each side notices by itself that it broke.
 */
import type { Dice } from './dice.ts'
import type { Timeline } from './timeline.ts'

/** One way of it. */
export class Way {
  readonly #timeline: Timeline
  readonly #random: Dice
  #lastAt = 0
  #isOpen = true

  constructor(timeline: Timeline, random: Dice) {
    this.#timeline = timeline
    this.#random = random
  }

  /** Has the message arrive, unless it is lost. */
  send(arrive: () => void): void {
    const { now } = this.#timeline
    const delay = this.#random.chance(0.03) ? this.#random.int(50, 500) : this.#random.int(0, 5)
    this.#lastAt = Math.max(this.#lastAt, now + delay)
    this.#timeline.after(this.#lastAt - now, () => {
      if (this.#isOpen) arrive()
    })
  }

  /** What is under way, and what is sent later, is lost. */
  close(): void {
    this.#isOpen = false
  }
}

export class Link {
  readonly toMaster: Way
  readonly toWorker: Way

  constructor(timeline: Timeline, random: Dice) {
    this.toMaster = new Way(timeline, random)
    this.toWorker = new Way(timeline, random)
  }

  close(): void {
    this.toMaster.close()
    this.toWorker.close()
  }
}
