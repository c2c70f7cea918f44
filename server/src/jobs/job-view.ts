/** A job as REST and the board show it, and as the scheduler takes it, made from its record. */
import { type Attempt, type Job, type JobDetail, PROBLEMS, type ProblemCode } from '@argus/shared'
import { LABELS } from '@argus/shared/labels'
import type { AttemptRecord } from '../store/attempt-store.ts'
import type { JobRecord, StoredResult } from '../store/job-record.ts'
import type { WindowJob } from './window.ts'

export function toJob(record: JobRecord): Job {
  const path = `/api/v1/jobs/${record.id}`
  return {
    id: record.id,
    revision: record.revision,
    status: record.status,
    fileName: record.fileName,
    owner: record.owner,
    priority: record.priority,
    tags: record.tags,
    batch: record.batch,
    truth: toTruth(record),
    image: {
      sha256: record.sha256,
      type: record.imageType,
      bytes: record.bytes,
      width: record.width,
      height: record.height,
      url: `${path}/image`,
    },
    thumbnailUrl: record.thumbnailType ? `${path}/thumbnail` : null,
    submittedAt: toInstant(record.submittedAt),
    queuedAt: toInstant(record.queuedAt),
    startedAt: toInstantOrNull(record.startedAt),
    endedAt: toInstantOrNull(record.endedAt),
    run: record.run,
    attempts: record.attempts,
    worker: record.worker,
    reused: record.isReused,
    result: record.result && toResult(record.result),
    timings: toTimings(record),
    error: toError(record.errorCode, record.errorDetail),
  }
}

export function toJobDetail(record: JobRecord, attempts: readonly AttemptRecord[]): JobDetail {
  return { ...toJob(record), history: attempts.map(toAttempt) }
}

/** What the scheduler needs of a job. */
export function toWindowJob(record: JobRecord): WindowJob {
  const { id, status, run, attempts, holder, isSuspect, losses, failures, priority, rank } = record
  const { sha256, imageType: type, width, height } = record
  return {
    id,
    status,
    run,
    attempts,
    holder: holder && { run, ...holder },
    isSuspect,
    losses,
    failures,
    error: record.errorCode,
    priority,
    rank,
    image: { sha256, type, width, height },
  }
}

function toAttempt(attempt: AttemptRecord): Attempt {
  const { run, number, worker, engine, model, end, errorCode, errorDetail } = attempt
  return {
    run,
    number,
    worker,
    engine,
    model,
    startedAt: toInstant(attempt.startedAt),
    endedAt: toInstantOrNull(attempt.endedAt),
    end,
    error: errorCode && { code: errorCode, detail: errorDetail ?? undefined },
  }
}

function toError(code: ProblemCode | null, detail: string | null): Job['error'] {
  return code && { code, title: PROBLEMS[code].title, detail: detail ?? undefined }
}

/** Of a result that was taken from an earlier job, none of the steps was done. */
function toTimings({ queuedAt, startedAt, endedAt, result, isReused }: JobRecord): Job['timings'] {
  const queued = startedAt === null ? null : Math.max(0, startedAt - queuedAt)
  const none = { queued, fetched: null, waited: null, decoded: null, classified: null, recorded: null }
  if (!result || isReused || startedAt === null || endedAt === null) return none
  const { fetch, wait = 0, decode, classify } = result.timings
  const recorded = Math.max(0, endedAt - startedAt - fetch - wait - decode - classify)
  return {
    queued,
    fetched: toTenths(fetch),
    waited: toTenths(wait),
    decoded: toTenths(decode),
    classified: toTenths(classify),
    recorded: toTenths(recorded),
  }
}

/** Of a millisecond: no clock here knows more. */
function toTenths(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10
}

function toTruth({ truth, truthPlace }: JobRecord): Job['truth'] {
  const known = truth === null ? undefined : LABELS[truth]
  if (!known) return null
  const { index, wordnetId, label } = known
  return { index, wordnetId, label, place: truthPlace || null }
}

function toResult({ timings: _timings, ...result }: StoredResult): Job['result'] {
  return {
    ...result,
    classes: result.classes.flatMap(({ index, probability }) => {
      const label = LABELS[index]
      if (!label) return []
      const { wordnetId, category, gloss } = label
      return { index, wordnetId, label: label.label, category, description: gloss, probability }
    }),
  }
}

function toInstant(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

function toInstantOrNull(milliseconds: number | null): string | null {
  return milliseconds === null ? null : toInstant(milliseconds)
}
