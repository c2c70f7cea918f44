/** How fast photos leave the browser, and how long the rest will take, by the last seconds. */
import type { Tally } from './tally.ts'

const WINDOW_MS = 10_000
const STEP_MS = 500
/** Before that, the first photos' waiting for an answer would be all that is measured. */
const MIN_SPAN_MS = 1_500

export interface Pace {
  readonly bytesPerSecond: number
  /** Null while nothing is done. */
  readonly msLeft: number | null
}

interface Sample {
  readonly at: number
  readonly done: number
  readonly left: number
}

export class Pacer {
  #samples: Sample[] = []

  /** Forgets what was: nothing is being sent. */
  reset(): void {
    this.#samples = []
  }

  /** @returns null until enough was seen */
  note({ bytes, doneBytes, leftBytes }: Tally, now: number): Pace | null {
    const last = this.#samples.at(-1)
    if (last === undefined || now - last.at >= STEP_MS) {
      this.#samples.push({ at: now, done: doneBytes, left: leftBytes })
    }
    this.#samples = this.#samples.filter(({ at }) => now - at <= WINDOW_MS)
    const first = this.#samples[0]
    if (first === undefined || now - first.at < MIN_SPAN_MS) return null
    const span = now - first.at
    const done = doneBytes - first.done
    return {
      bytesPerSecond: ((leftBytes - first.left) / span) * 1_000,
      msLeft: done > 0 ? ((bytes - doneBytes) * span) / done : null,
    }
  }
}
