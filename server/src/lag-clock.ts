/**
 * A clock that stands still while the master does not listen: it leaves out the time by which its event loop
 * lagged. Deadlines on it are extended by as much, so a master that was busy or suspended takes no attempt
 * away whose beat lies in its own socket, unread.
 */

const SAMPLE_MS = 50

export class LagClock {
  #lag = 0
  #expected: number
  readonly #listeners = new Set<(lag: number) => void>()
  readonly #timer: NodeJS.Timeout

  constructor() {
    this.#expected = performance.now() + SAMPLE_MS
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS).unref()
  }

  /** Milliseconds; never goes back. */
  now(): number {
    return Math.min(performance.now(), this.#expected) - this.#lag
  }

  /** Calls back 20 times a second with the milliseconds by which that was late. */
  onSample(listener: (lag: number) => void): void {
    this.#listeners.add(listener)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #sample(): void {
    const now = performance.now()
    const lag = Math.max(0, now - this.#expected)
    this.#lag += lag
    for (const listener of this.#listeners) listener(lag)
    this.#expected = now + SAMPLE_MS
  }
}
