/** A job as the database has it, and its row. Times are milliseconds since 1970. */
import type { ImageType, JobStatus, ProblemCode, Thumbnail } from '@argus/shared'

/** What the master keeps of a result: class names are looked up when it is shown. */
export interface StoredResult {
  classes: Array<{ index: number; probability: number }>
  model: { name: string; digest: string }
  engine: string
  /** Milliseconds. `wait` is missing in results of workers before version 3 of the protocol. */
  timings: { fetch: number; wait?: number; decode: number; classify: number }
}

export interface JobRecord {
  id: string
  /** Of its last change, and of its submit: see revisions.ts. */
  revision: number
  createdRevision: number
  status: JobStatus
  fileName: string
  owner: string
  tags: Readonly<Record<string, string>>
  batch: string | null
  /** Index of the class that it truly shows, where the client knows it. */
  truth: number | null
  /** The place of that among the five best; 0 where it is none of them; null without a result or a truth. */
  truthPlace: number | null
  priority: number
  /** The fair queueing tag: its place among queued jobs of one priority. */
  rank: number
  sha256: string
  imageType: ImageType
  bytes: number
  width: number
  height: number
  thumbnailType: Thumbnail['type'] | null
  submittedAt: number
  /** When the present run began to wait. */
  queuedAt: number
  startedAt: number | null
  endedAt: number | null
  run: number
  /** Made in the present run. */
  attempts: number
  /** Name of the worker of the present or last attempt. */
  worker: string | null
  /** The attempt that holds it while it runs, and the boot id of its worker. */
  holder: { attempt: number; worker: string } | null
  isSuspect: boolean
  losses: number
  failures: number
  result: StoredResult | null
  /** The result is that of an earlier job. */
  isReused: boolean
  errorCode: ProblemCode | null
  errorDetail: string | null
}

export type NewJob = Pick<
  JobRecord,
  | 'id'
  | 'revision'
  | 'fileName'
  | 'owner'
  | 'tags'
  | 'batch'
  | 'truth'
  | 'priority'
  | 'rank'
  | 'sha256'
  | 'imageType'
  | 'bytes'
  | 'width'
  | 'height'
  | 'submittedAt'
>

/** What an earlier job of the same photo has come to. */
export type KnownResult = Pick<JobRecord, 'thumbnailType'> & { readonly result: StoredResult }

export interface JobRow {
  id: string
  revision: number
  created_revision: number
  status: JobStatus
  file_name: string
  owner: string
  tags: string | null
  batch_id: string | null
  truth: number | null
  truth_place: number | null
  priority: number
  fair_rank: number
  sha256: string
  image_type: ImageType
  bytes: number
  width: number
  height: number
  thumbnail_type: Thumbnail['type'] | null
  submitted_at: number
  queued_at: number
  started_at: number | null
  ended_at: number | null
  run: number
  attempts: number
  worker: string | null
  holder_attempt: number | null
  holder_boot_id: string | null
  suspect: number
  losses: number
  failures: number
  result: string | null
  top_class: number | null
  reused: number
  error_code: ProblemCode | null
  error_detail: string | null
}

export function toRecord(row: JobRow): JobRecord {
  const { holder_attempt: attempt, holder_boot_id: worker } = row
  return {
    id: row.id,
    revision: Number(row.revision),
    createdRevision: Number(row.created_revision),
    status: row.status,
    fileName: row.file_name,
    owner: row.owner,
    tags: row.tags === null ? {} : (JSON.parse(row.tags) as JobRecord['tags']),
    batch: row.batch_id,
    truth: row.truth,
    truthPlace: row.truth_place,
    priority: row.priority,
    rank: row.fair_rank,
    sha256: row.sha256,
    imageType: row.image_type,
    bytes: Number(row.bytes),
    width: row.width,
    height: row.height,
    thumbnailType: row.thumbnail_type,
    submittedAt: Number(row.submitted_at),
    queuedAt: Number(row.queued_at),
    startedAt: row.started_at === null ? null : Number(row.started_at),
    endedAt: row.ended_at === null ? null : Number(row.ended_at),
    run: row.run,
    attempts: row.attempts,
    worker: row.worker,
    holder: attempt === null || worker === null ? null : { attempt, worker },
    isSuspect: row.suspect !== 0,
    losses: row.losses,
    failures: row.failures,
    result: row.result === null ? null : (JSON.parse(row.result) as StoredResult),
    isReused: row.reused !== 0,
    errorCode: row.error_code,
    errorDetail: row.error_detail,
  }
}

/** Of a job that waits. */
export function toRow(job: NewJob): JobRow {
  return {
    id: job.id,
    revision: job.revision,
    created_revision: job.revision,
    status: 'QUEUED',
    file_name: job.fileName,
    owner: job.owner,
    tags: Object.keys(job.tags).length === 0 ? null : JSON.stringify(job.tags),
    batch_id: job.batch,
    truth: job.truth,
    truth_place: null,
    priority: job.priority,
    fair_rank: job.rank,
    sha256: job.sha256,
    image_type: job.imageType,
    bytes: job.bytes,
    width: job.width,
    height: job.height,
    thumbnail_type: null,
    submitted_at: job.submittedAt,
    queued_at: job.submittedAt,
    started_at: null,
    ended_at: null,
    run: 1,
    attempts: 0,
    worker: null,
    holder_attempt: null,
    holder_boot_id: null,
    suspect: 0,
    losses: 0,
    failures: 0,
    ...resultColumns(null),
    reused: 0,
    error_code: null,
    error_detail: null,
  }
}

/** @returns the place of a class among the best ones, from 1; 0 where it is none of them; null where it is not known */
export function placeOfTruth(truth: number | null, { classes }: StoredResult): number | null {
  return truth === null ? null : classes.findIndex(({ index }) => index === truth) + 1
}

/** The columns of a result. */
export function resultColumns(result: StoredResult | null): Pick<JobRow, 'result' | 'top_class'> {
  return {
    result: result && JSON.stringify(result),
    top_class: result?.classes[0]?.index ?? null,
  }
}
