/** The steps of a job's present run, one after the other: what each took, and what is still going on. */
import type { Job } from '@argus/shared'
import { spanBetween } from '../../format.ts'

/** What the worker and the master tell, with the result, of what was done between them. */
const TOLD = ['fetched', 'waited', 'decoded', 'classified', 'recorded'] as const

export interface Step {
  /** `worker` is all of those that are told with the result. */
  readonly name: 'queued' | 'worker' | (typeof TOLD)[number]
  /** Milliseconds from when the run was queued to its begin; null where it has not begun, or that is not known. */
  readonly offset: number | null
  /** What it took; so far, where it goes on. */
  readonly ms: number | null
  readonly isGoing: boolean
}

type Timed = Pick<Job, 'status' | 'queuedAt' | 'startedAt' | 'endedAt' | 'reused' | 'timings'>

/** All steps in their order, as far as they are known by `now`; none where the result was known before. */
export function stepsOf(job: Timed, now: number): Step[] {
  const { status, queuedAt, startedAt, endedAt, reused, timings } = job
  if (reused) return []
  // One that lost its worker waits again, from when the run began.
  const isWaiting = startedAt === null || status === 'QUEUED'
  const waitedUntil = isWaiting ? (endedAt ?? now) : startedAt
  const queued = Math.max(0, spanBetween(queuedAt, waitedUntil))
  const steps: Step[] = [{ name: 'queued', offset: 0, ms: queued, isGoing: isWaiting && endedAt === null }]
  steps.push(
    isWaiting
      ? unknown('worker')
      : {
          name: 'worker',
          offset: queued,
          ms: Math.max(0, spanBetween(startedAt, endedAt ?? now)),
          isGoing: endedAt === null,
        },
  )
  let offset = queued
  for (const name of TOLD) {
    const ms = isWaiting ? null : timings[name]
    steps.push(ms === null ? unknown(name) : { name, offset, ms, isGoing: false })
    offset += ms ?? 0
  }
  return steps
}

function unknown(name: Step['name']): Step {
  return { name, offset: null, ms: null, isGoing: false }
}

/** Milliseconds from the begin of the first step to the end of the last. */
export function spanOf(steps: readonly Step[]): number {
  return Math.max(0, ...steps.map(({ offset, ms }) => (offset ?? 0) + (ms ?? 0)))
}
