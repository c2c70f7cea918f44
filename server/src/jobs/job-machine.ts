/**
 * The life of a job, as a pure state machine: a state and an event in, the next state out.
 *
 * A job is submitted QUEUED. A worker takes it as an attempt, and it is RUNNING, held by that attempt. The
 * attempt may succeed, and the job has SUCCEEDED; it may fail for good, and the job has FAILED; or the job
 * goes back to QUEUED: because its worker was lost or let the lease run out, because the worker returned it
 * unbegun, because it failed in a way that another try may mend, or because the master restarted. Anyone may
 * cancel a job that has not ended. One that has ended changes only by a retry, which starts the next run.
 *
 *     submit → QUEUED ── start ──► RUNNING ── succeed ──► SUCCEEDED ─┐
 *                ▲ ▲ │                │ │                            │
 *                │ │ └───── cancel ───┼─┼───────────────► CANCELLED ─┤
 *                │ │                  │ └── fail, lose ─► FAILED ────┤
 *                │ └── lose, fail, return                            │
 *                └───────────────────────────── retry ───────────────┘
 *
 * Execution is at least once, recording exactly once. Recognition is a pure function of the photo and the
 * model, so a success of any attempt of the present run ends the job, even of one that has lost it; a failure
 * counts only from the attempt that holds the job now.
 *
 * Losses (the worker went away) and failures (the worker said so) are counted apart. A first loss carries no
 * blame: it makes the job a suspect, which is dealt alone. Only losses of a suspect count, and the third ends
 * it. So a photo that kills workers cannot eat the cluster, and its neighbours are not charged.
 *
 * The store repeats these conditions in its UPDATEs; its contract walks both at random and compares.
 */
import type { JobStatus, ProblemCode } from '@argus/shared'
import { isTerminal } from '@argus/shared'

/** Losses of a job that was dealt alone, until it is the photo's fault. */
export const MAX_LOSSES = 3
/** Failures of one run that another try might have mended. */
export const MAX_FAILURES = 3

/** Which handing of a job to a worker is meant. */
export interface AttemptRef {
  readonly run: number
  /** 1 for the first of its run. */
  readonly attempt: number
  /** Boot id of the worker. */
  readonly worker: string
}

export interface JobState {
  readonly status: JobStatus
  readonly run: number
  /** Attempts made in this run. */
  readonly attempts: number
  /** While RUNNING. */
  readonly holder: AttemptRef | null
  /** A worker was lost under it in this run: it is dealt alone. */
  readonly isSuspect: boolean
  /** Losses while it was dealt alone. */
  readonly losses: number
  readonly failures: number
  /** Why it failed; null unless FAILED. */
  readonly error: ProblemCode | null
}

export type JobEvent =
  | ({ readonly type: 'start' } & AttemptRef)
  /** An attempt that was counted as lost, and turns out to go on; the loss is taken back. */
  | ({ readonly type: 'resume'; readonly forgive: boolean } & AttemptRef)
  /** The worker went away, or let the lease run out. */
  | ({ readonly type: 'lose' } & AttemptRef)
  /** Nobody's fault: returned unbegun, or the master restarted. */
  | ({ readonly type: 'return' } & AttemptRef)
  | ({ readonly type: 'fail'; readonly code: ProblemCode } & AttemptRef)
  | { readonly type: 'succeed'; readonly run: number }
  | { readonly type: 'cancel' }
  | { readonly type: 'retry' }

/** The state of a job that was just submitted. */
export const SUBMITTED: JobState = {
  status: 'QUEUED',
  run: 1,
  attempts: 0,
  holder: null,
  isSuspect: false,
  losses: 0,
  failures: 0,
  error: null,
}

/** Whether another try cannot help: the photo itself is at fault. */
export function isPermanent(code: ProblemCode): boolean {
  return code.startsWith('image/')
}

/** The next state; null where the event comes too late, or never applies to this state. */
export function transition(job: JobState, event: JobEvent): JobState | null {
  switch (event.type) {
    case 'start':
    case 'resume':
      return started(job, event)
    case 'lose':
      return isHeldBy(job, event) ? lost(job) : null
    case 'return':
      return isHeldBy(job, event) ? queued(job) : null
    case 'fail':
      return isHeldBy(job, event) ? failed(job, event.code) : null
    case 'succeed':
      return isTerminal(job.status) || job.run !== event.run ? null : ended(job, 'SUCCEEDED')
    case 'cancel':
      return isTerminal(job.status) ? null : ended(job, 'CANCELLED')
    case 'retry':
      return isTerminal(job.status) ? { ...SUBMITTED, run: job.run + 1 } : null
  }
}

/** Takes the last loss back: the worker under which the job seemed lost is still there. */
export function forgiven<T extends Pick<JobState, 'isSuspect' | 'losses'>>(job: T): T {
  return job.losses > 0 ? { ...job, losses: job.losses - 1 } : { ...job, isSuspect: false }
}

export function isHeldBy(job: JobState, { run, attempt, worker }: AttemptRef): boolean {
  const { holder } = job
  return holder?.run === run && holder.attempt === attempt && holder.worker === worker
}

function started(job: JobState, event: AttemptRef & { forgive?: boolean }): JobState | null {
  const { run, attempt, worker } = event
  if (job.status !== 'QUEUED' || job.run !== run) return null
  return {
    ...(event.forgive ? forgiven(job) : job),
    status: 'RUNNING',
    attempts: Math.max(job.attempts, attempt),
    holder: { run, attempt, worker },
  }
}

function lost(job: JobState): JobState {
  if (!job.isSuspect) return queued({ ...job, isSuspect: true })
  const losses = job.losses + 1
  return losses < MAX_LOSSES ? queued({ ...job, losses }) : ended({ ...job, losses }, 'FAILED', 'worker/lost')
}

function failed(job: JobState, code: ProblemCode): JobState {
  const failures = job.failures + 1
  const isFinal = isPermanent(code) || failures >= MAX_FAILURES
  return isFinal ? ended({ ...job, failures }, 'FAILED', code) : queued({ ...job, failures })
}

function queued(job: JobState): JobState {
  return { ...job, status: 'QUEUED', holder: null }
}

function ended(
  job: JobState,
  status: 'SUCCEEDED' | 'FAILED' | 'CANCELLED',
  error: ProblemCode | null = null,
): JobState {
  return { ...job, status, holder: null, error }
}
