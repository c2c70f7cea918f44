/**
 * How soon the next frame may leave: two token buckets. A lone photo's three changes leave at once, each in its own
 * frame; a busy cluster's gather: no second sees more than ten frames, or many more bytes than a board is sent.
 */

/** Frames that may follow each other at once. */
const BURST = 3
/** 1 s / (10 frames − burst). */
const REFILL_MS = 1000 / 7
/**
 * With the reserve, and a whole view of 60 rows (27 KB) that may leave as long as any of it is left, no second sees
 * more than 64 KB.
 */
const BYTES_PER_SECOND = 32_000
const RESERVE_BYTES = 4000

export class FrameBudget {
  #frames = BURST
  /** Below zero after a frame that was larger than what there was. */
  #bytes = RESERVE_BYTES
  #refilledAt = 0

  /** Milliseconds until a frame may leave; 0: now. Times are milliseconds of one clock. */
  delay(now: number): number {
    this.#refill(now)
    const forFrames = this.#frames >= 1 ? 0 : (1 - this.#frames) * REFILL_MS
    const forBytes = this.#bytes >= 0 ? 0 : (-this.#bytes / BYTES_PER_SECOND) * 1000
    return Math.ceil(Math.max(forFrames, forBytes))
  }

  /** A frame of so many bytes leaves; of those without a limit on bytes there are 0. */
  spend(now: number, bytes = 0): void {
    this.#refill(now)
    this.#frames -= 1
    this.#bytes -= bytes
  }

  /** So many bytes were sent beside the frames: the first of those waits for its turn. */
  charge(now: number, bytes: number): void {
    this.#refill(now)
    this.#bytes -= bytes
  }

  #refill(now: number): void {
    const passed = now - this.#refilledAt
    this.#frames = Math.min(BURST, this.#frames + passed / REFILL_MS)
    this.#bytes = Math.min(RESERVE_BYTES, this.#bytes + (passed * BYTES_PER_SECOND) / 1000)
    this.#refilledAt = now
  }
}
