/**
 * How soon the next frame may leave: a token bucket. A lone photo's three changes leave at once, each in its
 * own frame; a busy cluster's gather, and no second sees more than ten frames.
 */

/** Frames that may follow each other at once. */
const BURST = 3
/** 1 s / (10 frames − burst). */
const REFILL_MS = 1000 / 7

export class FrameBudget {
  #tokens = BURST
  #refilledAt = 0

  /** Milliseconds until a frame may leave; 0: now. Times are milliseconds of one clock. */
  delay(now: number): number {
    this.#refill(now)
    return this.#tokens >= 1 ? 0 : Math.ceil((1 - this.#tokens) * REFILL_MS)
  }

  /** A frame leaves. */
  spend(now: number): void {
    this.#refill(now)
    this.#tokens -= 1
  }

  #refill(now: number): void {
    this.#tokens = Math.min(BURST, this.#tokens + (now - this.#refilledAt) / REFILL_MS)
    this.#refilledAt = now
  }
}
