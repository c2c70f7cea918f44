/** What happened in a span of time, as counts that can be added up: of a minute, an hour, or any window. */
import type { Activity, Latency } from '@argus/shared'
import { accuracyOf } from './accuracy.ts'
import { Histogram, type StoredHistogram } from './histogram.ts'
import { JOB_ENDS, type JobEnd } from './job-end.ts'

const COUNTERS = ['submitted', ...JOB_ENDS] as const
const LATENCIES = ['queued', 'running', 'whole'] as const

/** As it is kept. */
export interface StoredTally {
  readonly counts: Readonly<Record<(typeof COUNTERS)[number], number>>
  readonly latency: Readonly<Record<(typeof LATENCIES)[number], StoredHistogram>>
  /** How many recognised jobs have their truth at which place among their classes; 0 stands for none. */
  readonly places: ReadonlyArray<readonly [place: number, jobs: number]>
  /** Jobs that waited, times the seconds that they did; and the most of them. */
  readonly queue: { readonly jobSeconds: number; readonly max: number }
}

export class Tally {
  readonly #counts: Record<(typeof COUNTERS)[number], number> = {
    submitted: 0,
    reused: 0,
    succeeded: 0,
    failed: 0,
    cancelled: 0,
  }
  readonly #latency = { queued: new Histogram(), running: new Histogram(), whole: new Histogram() }
  readonly #places = new Map<number, number>()
  readonly #queue = { jobSeconds: 0, max: 0 }

  static from({ counts, latency, places, queue }: StoredTally): Tally {
    const tally = new Tally()
    for (const name of COUNTERS) tally.#counts[name] = counts[name]
    for (const name of LATENCIES) tally.#latency[name].merge(Histogram.from(latency[name]))
    for (const [place, jobs] of places) tally.#places.set(place, jobs)
    Object.assign(tally.#queue, queue)
    return tally
  }

  addSubmit(): void {
    this.#counts.submitted += 1
  }

  addEnd({ kind, truthPlace, took }: JobEnd): void {
    this.#counts[kind] += 1
    if (truthPlace !== null) this.#addPlace(truthPlace, 1)
    if (!took) return
    for (const name of LATENCIES) this.#latency[name].add(took[name])
  }

  /** So many jobs have waited for so long. */
  addQueue(jobs: number, seconds: number): void {
    this.#queue.jobSeconds += jobs * seconds
    this.#queue.max = Math.max(this.#queue.max, jobs)
  }

  merge(other: Tally): void {
    for (const name of COUNTERS) this.#counts[name] += other.#counts[name]
    for (const name of LATENCIES) this.#latency[name].merge(other.#latency[name])
    for (const [place, jobs] of other.#places) this.#addPlace(place, jobs)
    this.#queue.jobSeconds += other.#queue.jobSeconds
    this.#queue.max = Math.max(this.#queue.max, other.#queue.max)
  }

  /**
   * What it says of its window.
   *
   * @param from milliseconds since 1970
   * @param seconds of the window that have passed
   */
  over(from: number, to: number, seconds: number): Activity {
    const { succeeded, failed } = this.#counts
    const { queued, running, whole } = this.#latency
    return {
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      counts: { ...this.#counts },
      throughput: perSecond(succeeded + failed, seconds),
      goodput: perSecond(succeeded, seconds),
      latency: { queued: latencyOf(queued), running: latencyOf(running), whole: latencyOf(whole) },
      accuracy: accuracyOf(this.#places),
      queue: { mean: perSecond(this.#queue.jobSeconds, seconds), max: this.#queue.max },
    }
  }

  toJSON(): StoredTally {
    return {
      counts: this.#counts,
      latency: {
        queued: this.#latency.queued.toJSON(),
        running: this.#latency.running.toJSON(),
        whole: this.#latency.whole.toJSON(),
      },
      places: [...this.#places],
      queue: this.#queue,
    }
  }

  #addPlace(place: number, jobs: number): void {
    this.#places.set(place, (this.#places.get(place) ?? 0) + jobs)
  }
}

function perSecond(amount: number, seconds: number): number {
  return seconds <= 0 ? 0 : amount / seconds
}

function latencyOf(histogram: Histogram): Latency | null {
  if (histogram.count === 0) return null
  return {
    jobs: histogram.count,
    mean: Number(histogram.mean.toPrecision(4)),
    p50: histogram.quantile(0.5),
    p90: histogram.quantile(0.9),
    p95: histogram.quantile(0.95),
    p99: histogram.quantile(0.99),
    max: histogram.max,
  }
}
