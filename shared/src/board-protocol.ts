/**
 * What the master pushes to a job board on the Socket.IO namespace `/board`.
 *
 * A board opens one view, a window of a list of jobs, and is answered with a snapshot; then frames follow, numbered
 * from the snapshot's number on. A gap in the numbers, or another boot id, means that the board must open its view
 * again. The master itself sends the view afresh, as a snapshot, where that is less than what has changed.
 *
 * Beside its view a board watches subjects: one job, one batch, the figures of the machines, the activity of the
 * last minutes. Of these it is sent the whole latest state, at first and after changes.
 */
import { z } from 'zod'
import { batchClassesSchema, batchSchema } from './batch.ts'
import { idSchema, jobCountsSchema, jobDetailSchema, jobSchema } from './job.ts'
import { jobFilterSchema, jobSortSchema, totalSchema } from './job-query.ts'
import { problemCodeSchema } from './problems.ts'
import { activitySchema, masterFiguresSchema, workerFiguresSchema } from './statistics.ts'
import { MAX_AHEAD, MAX_VIEW_ROWS } from './vocabulary.ts'
import { clusterViewSchema } from './worker.ts'

const placeSchema = z.strictObject({
  time: z.iso
    .datetime({ precision: 3 })
    .describe('What the list is sorted by: when the job was submitted, or ended.'),
  id: idSchema,
})

export const viewSchema = z.strictObject({
  filter: jobFilterSchema.describe('As of `GET /api/v1/jobs`.'),
  sort: jobSortSchema,
  limit: z.int().min(0).max(MAX_VIEW_ROWS).describe('Rows; with 0 only counts and cluster are sent.'),
  after: placeSchema
    .nullable()
    .describe('The window begins behind this place; null: at the top of the list.'),
  top: placeSchema
    .nullable()
    .describe(
      'The first row that the board knows: it is told how many have come before that. Null: not of interest.',
    ),
})
export type View = z.infer<typeof viewSchema>

/** A job as one row of a board. */
export const jobRowSchema = jobSchema
  .pick({
    id: true,
    revision: true,
    status: true,
    fileName: true,
    owner: true,
    batch: true,
    truth: true,
    thumbnailUrl: true,
    submittedAt: true,
    queuedAt: true,
    startedAt: true,
    endedAt: true,
    run: true,
    attempts: true,
    worker: true,
    reused: true,
    error: true,
  })
  .extend({
    best: z
      .object({ label: z.string(), probability: z.number().min(0).max(1) })
      .nullable()
      .describe('The best class; null unless SUCCEEDED.'),
  })
  .meta({ id: 'JobRow' })
export type JobRow = z.infer<typeof jobRowSchema>

const aheadSchema = z
  .int()
  .min(0)
  .max(MAX_AHEAD)
  .describe(`Jobs of the list that stand before \`top\`; ${MAX_AHEAD} stands for as many or more.`)

const frameShape = {
  bootId: z.string().describe('New at every start of the master.'),
  seq: z.int().min(0),
  counts: jobCountsSchema.describe('Of all jobs.'),
}

export const snapshotSchema = z.object({
  ...frameShape,
  cluster: clusterViewSchema,
  limits: z
    .object({ maxUploadBytes: z.int().positive(), maxPixels: z.int().positive() })
    .describe('Of one photo.'),
  rows: z.array(jobRowSchema).describe('The window, in its order.'),
  isLast: z.boolean().describe('The list ends with the window.'),
  total: totalSchema.describe('How many jobs the filter means, as in a page of `GET /api/v1/jobs`.'),
  ahead: aheadSchema,
})
export type Snapshot = z.infer<typeof snapshotSchema>

export const frameSchema = z.object({
  ...frameShape,
  /** What is left out has not changed. */
  cluster: clusterViewSchema.optional(),
  rows: z
    .array(jobRowSchema)
    .describe(
      'Rows that have changed or have come into the window, in their latest state. Of more rows than the window has, the last ones have left it.',
    ),
  left: z.array(z.uuid()).describe('Ids of jobs that were removed, or that the filter no longer means.'),
  isLast: z.boolean(),
  total: totalSchema.optional(),
  ahead: aheadSchema.optional(),
})
export type Frame = z.infer<typeof frameSchema>

const minutesSchema = z.union([z.literal(15), z.literal(60), z.literal(1440)])

export const subjectSchema = z.discriminatedUnion('of', [
  z.strictObject({ of: z.literal('job'), id: idSchema }),
  z.strictObject({ of: z.literal('batch'), id: idSchema }),
  z.strictObject({ of: z.literal('machines') }),
  z.strictObject({ of: z.literal('activity'), minutes: minutesSchema }),
])
export type Subject = z.infer<typeof subjectSchema>

/** The most subjects that one board watches at a time. */
export const MAX_SUBJECTS = 8

export const newsSchema = z.discriminatedUnion('of', [
  z.object({
    of: z.literal('job'),
    id: z.uuid(),
    job: jobDetailSchema.nullable().describe('Null where it was removed.'),
  }),
  z.object({
    of: z.literal('batch'),
    id: z.uuid(),
    batch: batchSchema.nullable().describe('Null where it was removed.'),
    classes: batchClassesSchema.nullable().describe('Null where it was removed.'),
  }),
  z.object({ of: z.literal('machines'), master: masterFiguresSchema, workers: z.array(workerFiguresSchema) }),
  z.object({
    of: z.literal('activity'),
    minutes: minutesSchema,
    whole: activitySchema,
    series: z.array(activitySchema).describe('The first step first; the last one is under way.'),
  }),
])
export type News = z.infer<typeof newsSchema>

/** Why a subject cannot be watched. */
export const refusalSchema = z.object({
  code: problemCodeSchema,
  title: z.string(),
  detail: z.string().optional(),
})
export type Refusal = z.infer<typeof refusalSchema>

export interface BoardToMaster {
  /** Takes the place of the view that was open. */
  open: (view: View, ack: (snapshot: Snapshot) => void) => void
  /** Answered with the state of the subject as it is now. */
  watch: (subject: Subject, ack: (answer: { news: News } | { refusal: Refusal }) => void) => void
  unwatch: (subject: Subject) => void
}

export interface MasterToBoard {
  frame: (frame: Frame) => void
  /** The view afresh, without having been asked for; the frames that follow are numbered from it on. */
  snapshot: (snapshot: Snapshot) => void
  news: (news: News) => void
}
