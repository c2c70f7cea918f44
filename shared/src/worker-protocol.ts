/**
 * What the master and a worker say to each other on the Socket.IO namespace `/workers`.
 *
 * A worker connects with a hello in its handshake; the master names the model with `model`; the worker
 * fetches it over HTTP, tests it and says `ready`, or `modelRefused`. From then on `assign` brings jobs and
 * `outcomes` returns what became of them. Both travel as arrays, one message a tick.
 */
import { z } from 'zod'
import { imageTypeSchema } from './job.ts'
import type { ModelDescriptor } from './model.ts'
import { SHA256 } from './model.ts'
import { problemCodeSchema } from './problems.ts'
import { engineNameSchema } from './worker.ts'

/** Raised with every change that an older peer would misread. */
export const PROTOCOL_VERSION = 1

export const WORKER_NAMESPACE = '/workers'

/** The name under which a worker's token stands in the data folder of the master. */
export const WORKER_TOKEN_FILE = 'worker-token'

/** `auth` of the Socket.IO handshake. */
export const workerHelloSchema = z.object({
  token: z.string(),
  protocol: z.int(),
  /** New at every start of the worker's process. */
  bootId: z.uuid(),
  name: z.string().min(1).max(100),
  slots: z.int().min(1).max(256),
})
export type WorkerHello = z.infer<typeof workerHelloSchema>

export const workerReadySchema = z.object({
  digest: z.string().regex(SHA256),
  engine: engineNameSchema,
  imagesPerSecond: z.number().positive(),
})
export type WorkerReady = z.infer<typeof workerReadySchema>

/** The worker cannot serve the model: its files are at fault (`model/…`) or this worker is (`worker/…`). */
export const modelRefusalSchema = z.object({
  digest: z.string().regex(SHA256),
  code: problemCodeSchema,
  detail: z.string().max(2_000),
})
export type ModelRefusal = z.infer<typeof modelRefusalSchema>

export const assignmentSchema = z.object({
  jobId: z.uuid(),
  attempt: z.int().min(1),
  image: z.object({
    sha256: z.string().regex(SHA256),
    type: imageTypeSchema,
    width: z.int().positive(),
    height: z.int().positive(),
  }),
  /** Opens `GET /api/v1/images/:sha256` for this attempt. */
  ticket: z.string(),
})
export type Assignment = z.infer<typeof assignmentSchema>

/** A thumbnail above this is a defect of the worker: 192 px pictures take some 5 KB. */
export const MAX_THUMBNAIL_BYTES = 64 * 1024

/** A small picture of the photo. JPEG comes from workers without sharp. */
export const thumbnailSchema = z.object({
  type: z.enum(['image/webp', 'image/jpeg']),
  bytes: z.instanceof(Uint8Array).refine((bytes) => bytes.byteLength <= MAX_THUMBNAIL_BYTES),
})
export type Thumbnail = z.infer<typeof thumbnailSchema>

export const outcomeSchema = z.discriminatedUnion('end', [
  z.object({
    end: z.literal('succeeded'),
    jobId: z.uuid(),
    attempt: z.int().min(1),
    digest: z.string().regex(SHA256),
    engine: engineNameSchema,
    /** Best first. */
    classes: z
      .array(z.object({ index: z.int().min(0).max(999), probability: z.number().min(0).max(1) }))
      .min(1)
      .max(5),
    /** Milliseconds. */
    timings: z.object({ fetch: z.number(), decode: z.number(), classify: z.number() }),
    thumbnail: thumbnailSchema,
  }),
  z.object({
    end: z.literal('failed'),
    jobId: z.uuid(),
    attempt: z.int().min(1),
    code: problemCodeSchema,
    detail: z.string().max(2_000),
  }),
])
export type Outcome = z.infer<typeof outcomeSchema>

/** `recorded`: it is on disk. `obsolete`: the job went on without this attempt. Either frees the slot. */
export type OutcomeAnswer = { jobId: string; attempt: number; answer: 'recorded' | 'obsolete' }

export interface WorkerToMaster {
  ready: (ready: WorkerReady) => void
  modelRefused: (refusal: ModelRefusal) => void
  outcomes: (outcomes: Outcome[], ack: (answers: OutcomeAnswer[]) => void) => void
}

export interface MasterToWorker {
  model: (model: ModelDescriptor) => void
  assign: (assignments: Assignment[]) => void
}
