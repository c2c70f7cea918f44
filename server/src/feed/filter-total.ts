/** How many jobs a view's filter means: from counters where there are some, else counted now and then. */
import type { JobFilter, JobSort, Total } from '@argus/shared'
import { totalFromCounts } from '../jobs/job-search.ts'
import type { JobService } from '../jobs/job-service.ts'

/** Between two countings, each of which reads up to 10,000 entries of an index. */
const REST_MS = 5000

export class FilterTotal {
  readonly #jobs: JobService
  readonly #filter: JobFilter
  readonly #sort: JobSort
  #counted: Total = null
  #countedAt = Number.NEGATIVE_INFINITY
  #isOld = false
  #isCounting = false

  constructor(jobs: JobService, filter: JobFilter, sort: JobSort) {
    this.#jobs = jobs
    this.#filter = filter
    this.#sort = sort
  }

  /** As it is known. */
  get value(): Total {
    return this.#fromCounts() ?? this.#counted
  }

  /** It was counted. */
  set(total: Total): void {
    this.#counted = total
    this.#countedAt = performance.now()
    this.#isOld = false
  }

  /** Jobs have changed. */
  note(): void {
    this.#isOld = true
  }

  /**
   * Milliseconds until it is to be counted; 0: now; null: it is right.
   *
   * @param now on the clock of `performance`
   */
  wait(now: number): number | null {
    if (!this.#isOld || this.#isCounting || this.#fromCounts() !== null) return null
    return Math.max(0, this.#countedAt + REST_MS - now)
  }

  /** Counts it. */
  async count(): Promise<void> {
    this.#isCounting = true
    this.#isOld = false
    try {
      this.#counted = await this.#jobs.total(this.#filter, this.#sort)
    } catch (error) {
      this.#isOld = true
      throw error
    } finally {
      this.#isCounting = false
      this.#countedAt = performance.now()
    }
  }

  #fromCounts(): number | null {
    return totalFromCounts(this.#filter, this.#sort, this.#jobs.changes.counts)
  }
}
