/**
 * A histogram whose buckets grow by 1.9 %: a quantile is within 1 % of the exact one, whatever the values are, and
 * two of them merge by adding their buckets. (Masson, Rim, Lee: DDSketch, 2019.)
 */
const GROWTH = 1.019
const LOG_GROWTH = Math.log(GROWTH)
/** Of values below 1, which here are as good as none. */
const ZERO = -1

/** As it is kept. */
export interface StoredHistogram {
  readonly sum: number
  readonly max: number
  /** Buckets and how many values each has, by turns. */
  readonly buckets: readonly number[]
}

export class Histogram {
  readonly #buckets = new Map<number, number>()
  #count = 0
  #sum = 0
  #max = 0

  static from({ sum, max, buckets }: StoredHistogram): Histogram {
    const histogram = new Histogram()
    histogram.#sum = sum
    histogram.#max = max
    for (let at = 0; at + 1 < buckets.length; at += 2) {
      histogram.#addToBucket(buckets[at] ?? ZERO, buckets[at + 1] ?? 0)
    }
    return histogram
  }

  get count(): number {
    return this.#count
  }

  get sum(): number {
    return this.#sum
  }

  get max(): number {
    return this.#max
  }

  /** The mean of all values; 0 where there are none. */
  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count
  }

  /** @param value 0 or more */
  add(value: number): void {
    this.#addToBucket(bucketOf(value), 1)
    this.#sum += value
    this.#max = Math.max(this.#max, value)
  }

  merge(other: Histogram): void {
    for (const [bucket, count] of other.#buckets) this.#addToBucket(bucket, count)
    this.#sum += other.#sum
    this.#max = Math.max(this.#max, other.#max)
  }

  /**
   * The smallest value such that this share of all is not above it (the nearest rank), within 1 %.
   *
   * @param share from 0 to 1
   * @returns 0 where there are no values
   */
  quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.#count))
    let seen = 0
    for (const [bucket, count] of [...this.#buckets].sort(([a], [b]) => a - b)) {
      seen += count
      if (seen >= rank) return Math.min(middleOf(bucket), this.#max)
    }
    return 0
  }

  toJSON(): StoredHistogram {
    return { sum: this.#sum, max: this.#max, buckets: [...this.#buckets].flat() }
  }

  #addToBucket(bucket: number, count: number): void {
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + count)
    this.#count += count
  }
}

function bucketOf(value: number): number {
  return value < 1 ? ZERO : Math.ceil(Math.log(value) / LOG_GROWTH)
}

/** At most 1 % away from all of its bucket, in as many digits as that is worth. */
function middleOf(bucket: number): number {
  return bucket === ZERO ? 0 : Number(((2 * GROWTH ** bucket) / (1 + GROWTH)).toPrecision(4))
}
