/** A job as everyone outside the master sees it: one photo, its state, and what was recognised in it. */
import { z } from 'zod'
import { problemCodeSchema } from './problems.ts'
import { ATTEMPT_ENDS, IMAGE_TYPES, JOB_STATUSES, TAG } from './vocabulary.ts'

export const jobStatusSchema = z.enum(JOB_STATUSES)

export const imageTypeSchema = z.enum(IMAGE_TYPES)

export const recognisedClassSchema = z
  .object({
    index: z.int().min(0).max(999).describe('ImageNet-1k index, in the order of Keras and PyTorch.'),
    wordnetId: z.string().describe('WordNet 3.0 id.').meta({ example: 'n02676566' }),
    label: z.string().meta({ example: 'acoustic guitar' }),
    category: z.string().describe("WordNet's lexical category, e.g. `animal`, `artifact`."),
    description: z.string(),
    probability: z.number().min(0).max(1),
  })
  .meta({ id: 'RecognisedClass' })
export type RecognisedClass = z.infer<typeof recognisedClassSchema>

/**
 * The class that a photo truly shows, where the client knows it: the tag `truth` of a job, as a WordNet id or a
 * class index. It makes the accuracy of batches and of statistics.
 */
export const TRUTH_TAG = 'truth'

export const accuracySchema = z
  .object({
    jobs: z.int().positive().describe('Recognised jobs whose truth is known.'),
    top1: z.number().min(0).max(1).describe('Share of these whose best class is the truth.'),
    top5: z.number().min(0).max(1).describe('Share of these whose five best classes have the truth.'),
  })
  .meta({ id: 'Accuracy' })
export type Accuracy = z.infer<typeof accuracySchema>

/** Of a job or a batch, as a client writes it. */
export const idSchema = z.uuid().toLowerCase()

const instant = z.iso.datetime()
const milliseconds = z.number().min(0)

/** An integer as it is written in an address or a form. */
export function integerText(minimum: number, maximum: number) {
  return (
    z
      .string()
      // `Number` would take '', '0x10' and '1e1' as well.
      .refine((text) => /^-?\d{1,15}$/.test(text), 'has to be an integer')
      .transform(Number)
      .pipe(z.int().min(minimum).max(maximum))
      .meta({ type: 'integer', minimum, maximum })
  )
}

export const prioritySchema = integerText(-100, 100).describe(
  'The higher, the sooner; jobs of a lower one wait until none of a higher one does.',
)

export const ownerSchema = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^\P{Cc}*$/u, 'has control characters')
  .describe(
    "Whose it is: what the client said, or else the client's address. Owners take turns in the queue.",
  )

/** As a client writes it: `name=value`. */
export const tagSchema = z
  .string()
  .regex(TAG, {
    error: 'has to be name=value, the name of letters, digits, "_", "." and "-"',
  })
  .meta({ example: 'camera=A7' })

export const jobSchema = z
  .object({
    id: z.uuid(),
    revision: z
      .int()
      .min(0)
      .describe('Number of its last change. Every change of any job has a higher one than those before.'),
    status: jobStatusSchema,
    fileName: z.string(),
    owner: ownerSchema,
    priority: z.int().describe('The higher, the sooner.'),
    tags: z.record(z.string(), z.string()).describe('What the client noted about it.'),
    batch: z.uuid().nullable().describe('The batch that it belongs to.'),
    truth: z
      .object({
        index: z.int().min(0).max(999),
        wordnetId: z.string(),
        label: z.string(),
        place: z
          .int()
          .min(1)
          .max(5)
          .nullable()
          .describe(
            'Its place among the five best classes; null where it is none of them, or none are known.',
          ),
      })
      .nullable()
      .describe('What the photo truly shows, where the client said so by the tag `truth`.'),
    image: z.object({
      sha256: z.string().length(64),
      type: imageTypeSchema,
      bytes: z.int().positive(),
      width: z
        .int()
        .positive()
        .describe("Pixels, as the file's header states them (before EXIF orientation)."),
      height: z.int().positive(),
      url: z.string(),
    }),
    thumbnailUrl: z.string().nullable().describe('A small square picture; null until there is one.'),
    submittedAt: instant,
    queuedAt: instant.describe('When the present run began to wait: at submit, or when it was retried.'),
    startedAt: instant.nullable().describe('When the present or last attempt was handed to its worker.'),
    endedAt: instant.nullable(),
    run: z.int().min(1).describe('1, and one more with each retry.'),
    attempts: z.int().min(0).describe('How many times it was handed to a worker in the present run.'),
    worker: z.string().nullable().describe('Of the present or last attempt.'),
    reused: z
      .boolean()
      .describe(
        'The same photo of the same owner had been recognised with the same model: its result was taken, with no attempt.',
      ),
    result: z
      .object({
        classes: z.array(recognisedClassSchema).describe('The five best classes, best first.'),
        model: z.object({ name: z.string(), digest: z.string() }),
        engine: z.string(),
      })
      .nullable()
      .describe('What was recognised, and by which model and engine; null unless SUCCEEDED.'),
    timings: z
      .object({
        queued: milliseconds.nullable().describe('Until the attempt was handed to its worker.'),
        fetched: milliseconds.nullable().describe('Until the worker had the photo.'),
        waited: milliseconds.nullable().describe('Until the worker had a slot free.'),
        decoded: milliseconds.nullable(),
        classified: milliseconds.nullable(),
        recorded: milliseconds.nullable().describe('Until the master had the outcome and wrote it down.'),
      })
      .describe('Milliseconds that each step of the present run took; null where it has not come to that.'),
    error: z
      .object({ code: problemCodeSchema, title: z.string(), detail: z.string().optional() })
      .nullable()
      .describe('Why it failed; null unless FAILED.'),
  })
  .meta({ id: 'Job' })
export type Job = z.infer<typeof jobSchema>

/** One handing of a job to a worker. */
export const attemptSchema = z
  .object({
    run: z.int().min(1),
    number: z.int().min(1).describe('1 for the first of its run.'),
    worker: z.string(),
    engine: z.string().nullable().describe('Of the worker, at the start.'),
    model: z.string().nullable().describe('Digest of the model that the worker served at the start.'),
    startedAt: instant,
    endedAt: instant.nullable(),
    end: z
      .enum(ATTEMPT_ENDS)
      .nullable()
      .describe(
        'Null while it goes on. `lost`: its worker went away. `expired`: its worker stopped renewing the lease. ' +
          '`returned`: the worker gave it back unbegun. `revoked`: the job ended without it. `restarted`: the master did.',
      ),
    error: z
      .object({ code: problemCodeSchema, detail: z.string().optional() })
      .nullable()
      .describe('Why it failed; null unless it did.'),
  })
  .meta({ id: 'Attempt' })
export type Attempt = z.infer<typeof attemptSchema>

/** A job with its whole history. */
export const jobDetailSchema = jobSchema
  .extend({
    history: z.array(attemptSchema).describe('All attempts of all runs, the first of the first run first.'),
  })
  .meta({ id: 'JobDetail' })
export type JobDetail = z.infer<typeof jobDetailSchema>

/** How many jobs there are in each state. */
export const jobCountsSchema = z.record(jobStatusSchema, z.int().min(0))
export type JobCounts = z.infer<typeof jobCountsSchema>
