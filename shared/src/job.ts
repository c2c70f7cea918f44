/** A job as everyone outside the master sees it: one photo, its state, and what was recognised in it. */
import { z } from 'zod'
import { problemCodeSchema } from './problems.ts'

export const JOB_STATUSES = ['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'] as const
export const jobStatusSchema = z.enum(JOB_STATUSES)
export type JobStatus = z.infer<typeof jobStatusSchema>

/** A job in one of these states changes no more, unless it is retried. */
export function isTerminal(status: JobStatus): boolean {
  return status === 'SUCCEEDED' || status === 'FAILED' || status === 'CANCELLED'
}

/** The types of image that are taken, as the master tells them from the bytes. */
export const IMAGE_TYPES = [
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/gif',
  'image/tiff',
  'image/avif',
  'image/bmp',
] as const
export const imageTypeSchema = z.enum(IMAGE_TYPES)
export type ImageType = z.infer<typeof imageTypeSchema>

/**
 * The most pixels that are taken of a type, where that is less than the master's general limit: what a
 * decoder of it needs a pixel was measured at some 19 bytes for AVIF (libheif, 946 MB at 50 megapixels) and
 * 30 for BMP (jimp, in plain JavaScript).
 */
export const MAX_PIXELS_BY_TYPE: Readonly<Partial<Record<ImageType, number>>> = {
  'image/avif': 15_000_000,
  'image/bmp': 10_000_000,
}

/** One recognised class, best first in a result. */
export const recognisedClassSchema = z.object({
  /** ImageNet-1k index, 0 to 999, in the order of Keras and PyTorch. */
  index: z.int().min(0).max(999),
  /** WordNet 3.0 id, e.g. `n01440764`. */
  wordnetId: z.string(),
  label: z.string(),
  /** WordNet's lexical category, e.g. `animal`, `artifact`. */
  category: z.string(),
  description: z.string(),
  probability: z.number().min(0).max(1),
})
export type RecognisedClass = z.infer<typeof recognisedClassSchema>

const instant = z.iso.datetime()

/** The higher, the sooner; jobs of a lower one wait until none of a higher one does. */
export const prioritySchema = z.coerce.number().int().min(-100).max(100)

export const ownerSchema = z.string().trim().min(1).max(100)

export const jobSchema = z.object({
  id: z.uuid(),
  status: jobStatusSchema,
  fileName: z.string(),
  /** Whose it is: what the client said, or its address. Owners take turns in the queue. */
  owner: z.string(),
  priority: z.int(),
  image: z.object({
    sha256: z.string().length(64),
    type: imageTypeSchema,
    bytes: z.int().positive(),
    /** Pixels, as the file's header states them (before EXIF orientation). */
    width: z.int().positive(),
    height: z.int().positive(),
    url: z.string(),
  }),
  /** Address of a small square picture made by the worker; null until there is one. */
  thumbnailUrl: z.string().nullable(),
  submittedAt: instant,
  /** When the present run began to wait: at submit, or when the job was retried. */
  queuedAt: instant,
  /** When the present or last attempt was handed to its worker. */
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
  /** 1, and one more with each retry. */
  run: z.int().min(1),
  /** How many times it was handed to a worker in the present run. */
  attempts: z.int().min(0),
  worker: z.string().nullable(),
  /** What recognised it; null until it succeeded. */
  result: z
    .object({
      /** The five best classes, best first. */
      classes: z.array(recognisedClassSchema),
      model: z.object({ name: z.string(), digest: z.string() }),
      engine: z.string(),
      /** Milliseconds that the worker spent on each step. */
      timings: z.object({ fetch: z.number(), decode: z.number(), classify: z.number() }),
    })
    .nullable(),
  /** Why it failed; null unless FAILED. */
  error: z.object({ code: problemCodeSchema, title: z.string(), detail: z.string().optional() }).nullable(),
})
export type Job = z.infer<typeof jobSchema>

/**
 * How an attempt ended. `lost`: its worker went away. `expired`: its worker stopped renewing the lease.
 * `returned`: the worker gave it back unbegun. `revoked`: the job ended without it. `restarted`: the master
 * did.
 */
export const ATTEMPT_ENDS = [
  'succeeded',
  'failed',
  'lost',
  'expired',
  'returned',
  'revoked',
  'restarted',
] as const
export type AttemptEnd = (typeof ATTEMPT_ENDS)[number]

/** One handing of a job to a worker. */
export const attemptSchema = z.object({
  run: z.int().min(1),
  /** 1 for the first of its run. */
  number: z.int().min(1),
  worker: z.string(),
  /** Of the worker, at the start. */
  engine: z.string().nullable(),
  /** Digest of the model that the worker served at the start. */
  model: z.string().nullable(),
  startedAt: instant,
  endedAt: instant.nullable(),
  /** Null while it goes on. */
  end: z.enum(ATTEMPT_ENDS).nullable(),
  /** Why it failed; null unless it did. */
  error: z.object({ code: problemCodeSchema, detail: z.string().optional() }).nullable(),
})
export type Attempt = z.infer<typeof attemptSchema>

/** A job with its whole history, the first attempt of the first run first. */
export const jobDetailSchema = jobSchema.extend({ history: z.array(attemptSchema) })
export type JobDetail = z.infer<typeof jobDetailSchema>

/** How many jobs there are in each state. */
export const jobCountsSchema = z.record(jobStatusSchema, z.int().min(0))
export type JobCounts = z.infer<typeof jobCountsSchema>
