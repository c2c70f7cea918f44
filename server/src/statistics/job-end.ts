/** What the end of a job counts as, wherever ends are counted. */
import { isTerminal } from '@argus/shared'
import type { JobRecord } from '../store/job-record.ts'

/** A result that was known at submit is an end without any work, and told apart. */
export const JOB_ENDS = ['succeeded', 'failed', 'cancelled', 'reused'] as const

export interface JobEnd {
  readonly kind: (typeof JOB_ENDS)[number]
  /** Milliseconds since 1970. */
  readonly at: number
  /** The place of the truth among the five best classes; 0 where it is none of them; null where it is not known. */
  readonly truthPlace: number | null
  /** Milliseconds: see `latency` of the API. Null unless a worker recognised it. */
  readonly took: { readonly queued: number; readonly running: number; readonly whole: number } | null
}

/** Null where it has not ended. */
export function endOf(job: JobRecord): JobEnd | null {
  const { status, queuedAt, startedAt, endedAt, truthPlace } = job
  if (!isTerminal(status) || endedAt === null) return null
  const kind = kindOf(job)
  const isWork = kind === 'succeeded' && startedAt !== null
  return {
    kind,
    at: endedAt,
    truthPlace: status === 'SUCCEEDED' ? truthPlace : null,
    took: isWork
      ? {
          queued: between(queuedAt, startedAt),
          running: between(startedAt, endedAt),
          whole: between(queuedAt, endedAt),
        }
      : null,
  }
}

function kindOf({ status, isReused }: JobRecord): JobEnd['kind'] {
  if (status === 'FAILED') return 'failed'
  if (status === 'CANCELLED') return 'cancelled'
  return isReused ? 'reused' : 'succeeded'
}

/** The clock of the machine may have been set back. */
function between(from: number, to: number): number {
  return Math.max(0, to - from)
}
