/** What happened in the last minute, for figures of how something is just now, and how often in the last five. */
import { Histogram } from './histogram.ts'

const SLICE_MS = 10_000
/** Of the last minute. */
const SLICES = 6
/** Of five minutes. */
const KEPT = 30

interface Slice {
  readonly number: number
  readonly histogram: Histogram
}

export class Recent {
  readonly #now: () => number
  readonly #startedAt: number
  #slices: Slice[] = []

  /** @param now in milliseconds, of a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
    this.#startedAt = now()
  }

  add(value: number): void {
    this.#current().add(value)
  }

  /** The values of the last minute, give or take ten seconds. */
  histogram(): Histogram {
    const oldest = this.#number() - SLICES
    const sum = new Histogram()
    for (const { number, histogram } of this.#slices) if (number > oldest) sum.merge(histogram)
    return sum
  }

  /** How many of them there are a second. */
  get perSecond(): number {
    const now = this.#now()
    const inSlice = now - this.#number() * SLICE_MS
    const seconds = Math.min(now - this.#startedAt, (SLICES - 1) * SLICE_MS + inSlice) / 1000
    return this.histogram().count / Math.max(1, seconds)
  }

  /** How many there were in each ten seconds of the last five minutes, the oldest first; the last is under way. */
  get counts(): number[] {
    const counts = new Array<number>(KEPT).fill(0)
    const oldest = this.#number() - KEPT + 1
    for (const { number, histogram } of this.#slices) {
      if (number >= oldest) counts[number - oldest] = histogram.count
    }
    return counts
  }

  #current(): Histogram {
    const number = this.#number()
    const last = this.#slices.at(-1)
    if (last?.number === number) return last.histogram
    const slice = { number, histogram: new Histogram() }
    this.#slices = [...this.#slices.slice(1 - KEPT), slice]
    return slice.histogram
  }

  #number(): number {
    return Math.floor(this.#now() / SLICE_MS)
  }
}
