/**
 * Jobs for Prometheus: how many there are, and what has become of them since the start of this master.
 *
 * It follows the changes of jobs and counts them as statistics/ does, so that the rates of both are the same. But
 * the reader of changes begins with those that an earlier master made and did not count: they are left out here,
 * as a counter that begins at 0 and leaps at once would look like so many jobs in one second.
 */
import { JOB_STATUSES, type JobCounts } from '@argus/shared'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { endOf, JOB_ENDS, type JobEnd } from '../statistics/job-end.ts'
import type { JobChange } from '../store/change-log.ts'
import { JOB_SECONDS } from './buckets.ts'

export class JobMetrics {
  readonly #start: number
  /** The revision up to which all is counted. */
  #position: number
  readonly #submitted: Counter
  readonly #ended: Counter<'end'>
  readonly #queued: Histogram
  readonly #running: Histogram
  readonly #whole: Histogram
  readonly #truths: Counter
  readonly #top1: Counter
  readonly #top5: Counter

  /**
   * @param counts how many jobs there are in each state now
   * @param start the last revision before the master takes anything in: what follows is counted
   */
  constructor(registry: Registry, counts: () => JobCounts, start: number) {
    this.#start = start
    this.#position = start
    const registers = [registry]
    new Gauge({
      name: 'argus_jobs',
      help: 'Jobs that there are now, by their status. Jobs that were removed are not among them.',
      labelNames: ['status'],
      registers,
      collect() {
        const now = counts()
        for (const status of JOB_STATUSES) this.set({ status }, now[status])
      },
    })
    new Gauge({
      name: 'argus_queue_depth',
      help: 'Jobs that wait for a worker now.',
      registers,
      collect() {
        this.set(counts().QUEUED)
      },
    })
    this.#submitted = new Counter({
      name: 'argus_jobs_submitted_total',
      help: 'Jobs that were accepted since the start of the master.',
      registers,
    })
    this.#ended = new Counter({
      name: 'argus_jobs_ended_total',
      help: 'Ends of jobs since the start of the master: succeeded, failed and cancelled ones, and apart from these the reused ones, whose result was known at submit. A job that is retried ends once more.',
      labelNames: ['end'],
      registers,
    })
    for (const end of JOB_ENDS) this.#ended.inc({ end }, 0)
    const latency = (name: string, help: string) =>
      new Histogram({ name, help, buckets: JOB_SECONDS, registers })
    this.#queued = latency(
      'argus_job_queued_seconds',
      'How long jobs that a worker recognised had waited, from submit or retry until the last attempt was handed to its worker.',
    )
    this.#running = latency(
      'argus_job_running_seconds',
      'How long jobs that a worker recognised took from the handing of the last attempt to the end.',
    )
    this.#whole = latency(
      'argus_job_whole_seconds',
      'How long jobs that a worker recognised took from submit or retry to the end.',
    )
    this.#truths = new Counter({
      name: 'argus_truths_known_total',
      help: 'Jobs that succeeded since the start of the master and whose true class the client had told.',
      registers,
    })
    this.#top1 = new Counter({
      name: 'argus_truths_top1_total',
      help: 'Jobs among those with a known truth whose best class was the truth.',
      registers,
    })
    this.#top5 = new Counter({
      name: 'argus_truths_top5_total',
      help: 'Jobs among those with a known truth whose five best classes had the truth among them.',
      registers,
    })
  }

  /** Takes the changes that follow those before, up to a revision. */
  count(changes: readonly JobChange[], upTo: number): void {
    for (const { revision, job } of changes) {
      if (!job || revision <= this.#start) continue
      // Seen for the first time, whatever has become of it since.
      if (job.createdRevision > this.#position) this.#submitted.inc()
      const end = endOf(job)
      if (end) this.#countEnd(end)
    }
    this.#position = Math.max(this.#position, upTo)
  }

  #countEnd({ kind, truthPlace, took }: JobEnd): void {
    this.#ended.inc({ end: kind })
    if (truthPlace !== null) this.#countTruth(truthPlace)
    if (!took) return
    this.#queued.observe(took.queued / 1000)
    this.#running.observe(took.running / 1000)
    this.#whole.observe(took.whole / 1000)
  }

  /** @param place among the five best classes; 0 where it is none of them */
  #countTruth(place: number): void {
    this.#truths.inc()
    if (place === 1) this.#top1.inc()
    if (place > 0) this.#top5.inc()
  }
}
