/**
 * Ends of attempts for Prometheus.
 *
 * What the recorder writes is an end that someone told. An attempt whose job ends in any other way, be it
 * cancelled, deleted, or recognised by another attempt, is revoked in the same transaction, of which no one tells
 * it: so those that are open are remembered here. There are no more of them than the workers hold.
 */
import { ATTEMPT_ENDS, type AttemptEnd } from '@argus/shared'
import { Counter, type Registry } from 'prom-client'
import type { JobChanges } from '../jobs/job-changes.ts'
import type { JobRecorder } from '../jobs/job-recorder.ts'
import { type HeldAttempt, keyOf } from '../jobs/scheduler.ts'
import type { Change } from '../store/job-transitions.ts'

/** A master ends what ran under an earlier one while it starts: before its counters begin. */
const COUNTED = ATTEMPT_ENDS.filter((end) => end !== 'restarted')

export interface AttemptMetricsParts {
  readonly recorder: Pick<JobRecorder, 'onAttempt'>
  readonly changes: Pick<JobChanges, 'onEnd'>
}

export class AttemptMetrics {
  readonly #ended: Counter<'end'>
  /** Attempts that go on, by the id of their job. */
  readonly #open = new Map<string, Map<string, HeldAttempt>>()

  constructor(registry: Registry, { recorder, changes }: AttemptMetricsParts) {
    this.#ended = new Counter({
      name: 'argus_attempts_ended_total',
      help: 'Ends of attempts since the start of the master, by how they ended. An attempt that seemed lost and went on after all ends once more.',
      labelNames: ['end'],
      registers: [registry],
    })
    for (const end of COUNTED) this.#ended.inc({ end }, 0)
    recorder.onAttempt((held, end, change) => {
      if (end === null) this.#begin(held, change)
      else this.#end(held, end, change)
    })
    changes.onEnd((jobId, run) => this.#revoke(jobId, run))
  }

  #begin(held: HeldAttempt, change: Change): void {
    if (change === null) return
    const attempts = this.#open.get(held.jobId) ?? new Map<string, HeldAttempt>()
    this.#open.set(held.jobId, attempts.set(keyOf(held), held))
  }

  #end(held: HeldAttempt, end: AttemptEnd, change: Change): void {
    const wasOpen = this.#close(held)
    if (change === null) {
      // Its job had ended otherwise, and nobody told, as where the answer to that COMMIT was lost.
      if (wasOpen) this.#ended.inc({ end: 'revoked' })
    } else if (change !== 'repeated' || wasOpen) {
      // A worker may send an outcome twice; but what happened by a COMMIT without an answer is repeated, too.
      this.#ended.inc({ end })
    }
  }

  #revoke(jobId: string, run: number): void {
    for (const held of this.#open.get(jobId)?.values() ?? []) {
      if (held.run > run) continue
      this.#close(held)
      this.#ended.inc({ end: 'revoked' })
    }
  }

  /** Whether it was open. */
  #close(held: HeldAttempt): boolean {
    const attempts = this.#open.get(held.jobId)
    const wasOpen = attempts?.delete(keyOf(held)) ?? false
    if (attempts?.size === 0) this.#open.delete(held.jobId)
    return wasOpen
  }
}
