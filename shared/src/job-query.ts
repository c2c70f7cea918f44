/** Which jobs a client asks for, in which order, and the page of them that it gets. */
import { z } from 'zod'
import { idSchema, integerText, jobSchema, jobStatusSchema, ownerSchema, tagSchema } from './job.ts'
import { flagSchema } from './job-options.ts'

const time = z.iso.datetime({ offset: true })

/** A job is meant where all that are given hold. */
export const jobFilterSchema = z.strictObject({
  status: z.array(jobStatusSchema).min(1).max(5).optional().describe('Any of these.'),
  class: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .optional()
    .describe('Of its best class: the WordNet id, the label, or else how words of the label begin.'),
  fileName: z.string().min(1).max(255).optional().describe('How the name of the file begins.'),
  batch: idSchema.optional(),
  worker: z.string().min(1).max(100).optional().describe('Name of the worker of its last attempt.'),
  owner: ownerSchema.optional(),
  tag: z.array(tagSchema).min(1).max(5).optional().describe('All of these, each as `name=value`.'),
  submittedAfter: time.optional().describe('Then or later.'),
  submittedBefore: time.optional(),
  endedAfter: time.optional().describe('Then or later.'),
  endedBefore: time.optional(),
})
export type JobFilter = z.infer<typeof jobFilterSchema>

/** A minus stands for the latest first. */
export const JOB_SORTS = ['-submitted', 'submitted', '-ended', 'ended'] as const
export const jobSortSchema = z.enum(JOB_SORTS)
export type JobSort = z.infer<typeof jobSortSchema>

export const jobQuerySchema = jobFilterSchema.extend({
  sort: jobSortSchema
    .default('-submitted')
    .describe('By `ended`, only jobs that have ended are listed. A minus stands for the latest first.'),
  limit: integerText(1, 100).default(20),
  cursor: z
    .string()
    .max(500)
    .optional()
    .describe('`next` of the page before, with the same filters and sort.'),
})
export type JobQuery = z.infer<typeof jobQuerySchema>

/** Totals are counted so far. */
export const MAX_TOTAL = 10_000

export const jobPageSchema = z
  .object({
    jobs: z.array(jobSchema),
    next: z
      .string()
      .nullable()
      .describe('The cursor of the next page. A page may be short, and even empty, before the last one.'),
    total: z
      .union([z.int().min(0), z.literal(`${MAX_TOTAL}+`)])
      .nullable()
      .describe(
        'How many jobs match. Counted to 10,000 where there are filters beside one of `status`. Null where that would take too long.',
      ),
  })
  .meta({ id: 'JobPage' })
export type JobPage = z.infer<typeof jobPageSchema>

export const jobDeletionSchema = jobFilterSchema.extend({
  all: flagSchema.default(false).describe('Without a filter, this has to be said.'),
})
export type JobDeletion = z.infer<typeof jobDeletionSchema>

export const deletedJobsSchema = z
  .object({
    deleted: z.int().min(0),
    isDone: z
      .boolean()
      .describe('No job matches any more. Otherwise, send the same request again: one deletes so many.'),
  })
  .meta({ id: 'DeletedJobs' })
