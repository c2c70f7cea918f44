/** Which jobs a client asks for, in which order, and the page of them that it gets. */
import { z } from 'zod'
import { idSchema, integerText, jobSchema, jobStatusSchema, ownerSchema, tagSchema } from './job.ts'
import { flagSchema } from './job-options.ts'
import { JOB_SORTS, MAX_TOTAL } from './vocabulary.ts'

const time = z.iso.datetime({ offset: true })

const cursorSchema = z.string().max(500).optional()

/** A job is meant where all that are given hold. */
export const jobFilterSchema = z.strictObject({
  status: z.array(jobStatusSchema).min(1).max(5).optional().describe('Any of these.'),
  class: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .optional()
    .describe(
      'Of its best class: its WordNet id; its label or a synonym; or else the beginnings of words of one of these.',
    ),
  fileName: z.string().min(1).max(255).optional().describe('How the name of the file begins; case matters.'),
  batch: idSchema.optional().describe('The batch that it belongs to.'),
  worker: z.string().min(1).max(100).optional().describe('Name of the worker of its last attempt.'),
  owner: ownerSchema.optional(),
  tag: z.array(tagSchema).min(1).max(5).optional().describe('All of these, each as `name=value`.'),
  submittedAfter: time.optional().describe('Then or later.'),
  submittedBefore: time.optional().describe('Earlier than this.'),
  endedAfter: time.optional().describe('Then or later.'),
  endedBefore: time.optional().describe('Earlier than this.'),
})
export type JobFilter = z.infer<typeof jobFilterSchema>

export const jobSortSchema = z.enum(JOB_SORTS)

export const jobQuerySchema = jobFilterSchema.extend({
  sort: jobSortSchema
    .default('-submitted')
    .describe('By `ended`, only jobs that have ended are listed. A minus stands for the latest first.'),
  limit: integerText(1, 100).default(20),
  cursor: cursorSchema.describe('`next` of the page before, with the same filters and sort.'),
})
export type JobQuery = z.infer<typeof jobQuerySchema>

export const totalSchema = z.union([z.int().min(0), z.literal(`${MAX_TOTAL}+`)]).nullable()
export type Total = z.infer<typeof totalSchema>

export const jobPageSchema = z
  .object({
    jobs: z.array(jobSchema),
    next: z
      .string()
      .nullable()
      .describe('The cursor of the next page. A page may be short, and even empty, before the last one.'),
    total: totalSchema.describe(
      `How many jobs match. Exact where nothing or only \`status\` is filtered by; else counted to ${MAX_TOTAL.toLocaleString('en')}, above that \`${MAX_TOTAL}+\`. Null where counting would take too long.`,
    ),
  })
  .meta({ id: 'JobPage' })
export type JobPage = z.infer<typeof jobPageSchema>

export const jobDeletionSchema = jobFilterSchema.extend({
  all: flagSchema.default(false).describe('Required to delete without a filter, and refused beside one.'),
  cursor: cursorSchema.describe('`next` of the answer before, with the same filters.'),
})

export const deletedJobsSchema = z
  .object({
    deleted: z.int().min(0),
    next: z
      .string()
      .nullable()
      .describe('There may be more: send it as `cursor`, with the same filters, until it is null.'),
  })
  .meta({ id: 'DeletedJobs' })
export type DeletedJobs = z.infer<typeof deletedJobsSchema>
