/** A batch: jobs that belong together, with how far they have come, and what becomes of its files at submit. */
import { z } from 'zod'
import { accuracySchema, idSchema, integerText, jobCountsSchema, ownerSchema } from './job.ts'
import { jobOptionsSchema } from './job-options.ts'
import { problemCodeSchema } from './problems.ts'

const instant = z.iso.datetime()

export const batchSchema = z
  .object({
    id: z.uuid(),
    name: z.string().nullable(),
    owner: ownerSchema.describe('Of its jobs too, unless they name another.'),
    createdAt: instant,
    cancelledAt: instant.nullable().describe('Since then it takes no more photos.'),
    total: z.int().min(0).describe('Jobs in it.'),
    counts: jobCountsSchema,
    progress: z.number().min(0).max(1).describe('Share of its jobs that have ended; 0 while it has none.'),
    rate: z
      .number()
      .min(0)
      .nullable()
      .describe('Jobs of it that end a second just now; null while none runs or has ended.'),
    secondsLeft: z
      .number()
      .min(0)
      .nullable()
      .describe('At this rate; 0 when all have ended, null while there is no rate.'),
    accuracy: accuracySchema.nullable().describe('Null where the truth of no recognised photo is known.'),
  })
  .meta({ id: 'Batch' })
export type Batch = z.infer<typeof batchSchema>

const classCountSchema = z.object({
  index: z.int().min(0).max(999),
  label: z.string(),
  jobs: z.int().positive(),
})

/** The most lines of each list. */
export const MAX_BATCH_CLASSES = 20

/** What was recognised in the photos of a batch, and what was taken for what. */
export const batchClassesSchema = z
  .object({
    classes: z
      .array(classCountSchema)
      .describe(`The best classes of its jobs, the most frequent first; ${MAX_BATCH_CLASSES} at most.`),
    others: z.int().min(0).describe('Jobs whose best class is not listed.'),
    confusions: z
      .array(
        z.object({
          truth: classCountSchema.pick({ index: true, label: true }),
          taken: classCountSchema.pick({ index: true, label: true }),
          jobs: z.int().positive(),
        }),
      )
      .describe(
        `What was taken for something else, where the truth is known; the most frequent first, ${MAX_BATCH_CLASSES} at most.`,
      ),
  })
  .meta({ id: 'BatchClasses' })
export type BatchClasses = z.infer<typeof batchClassesSchema>

export const batchNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u, 'has control characters')

/** Of a new batch, and of each of the photos that come with it. */
export const batchOptionsSchema = jobOptionsSchema
  .omit({ batch: true, fileName: true })
  .extend({ name: batchNameSchema.optional().describe('For display.') })
export type BatchOptions = z.infer<typeof batchOptionsSchema>

/** The place of a file in its request, from 1. */
const fileNumber = z.int().min(1)

export const acceptedFileSchema = z.object({
  file: fileNumber,
  fileName: z.string(),
  job: z.uuid().describe('Its job.'),
})
export type AcceptedFile = z.infer<typeof acceptedFileSchema>

export const refusedFileSchema = z.object({
  file: fileNumber,
  fileName: z.string().nullable().describe('Null where the request broke off.'),
  code: problemCodeSchema,
  title: z.string(),
  detail: z.string().optional(),
})
export type RefusedFile = z.infer<typeof refusedFileSchema>

/** What became of the files of one request, each list in their order. */
export const batchReceiptSchema = z
  .object({
    batch: batchSchema,
    accepted: z.array(acceptedFileSchema).describe('On disk: their jobs will reach an end.'),
    refused: z.array(refusedFileSchema).describe('Why the others were not taken.'),
  })
  .meta({ id: 'BatchReceipt' })
export type BatchReceipt = z.infer<typeof batchReceiptSchema>

export const batchQuerySchema = z.strictObject({
  owner: ownerSchema.optional(),
  limit: integerText(1, 100).default(20),
  cursor: idSchema.optional().describe('`next` of the page before, with the same filter.'),
})
export type BatchQuery = z.infer<typeof batchQuerySchema>

export const batchPageSchema = z
  .object({
    batches: z.array(batchSchema).describe('The newest first.'),
    next: z.string().nullable().describe('The cursor of the next page.'),
  })
  .meta({ id: 'BatchPage' })
export type BatchPage = z.infer<typeof batchPageSchema>
