/**
 * What streams of server-sent events carry. Events of jobs have the job's revision as their id, so a client that
 * comes back with the last id it has seen (`Last-Event-ID`, or `after`) gets what has changed since, once each.
 */
import { z } from 'zod'
import { batchSchema } from './batch.ts'
import { integerText, jobCountsSchema, jobSchema } from './job.ts'
import { clusterViewSchema } from './worker.ts'

export const revisionSchema = integerText(0, Number.MAX_SAFE_INTEGER)

export const eventQuerySchema = z.strictObject({
  after: revisionSchema
    .optional()
    .describe('As the header `Last-Event-ID`, for a first connection: 0 stands for all that there is.'),
})

/** A job that was deleted. */
export const removedJobSchema = z.object({ id: z.uuid(), batch: z.uuid().nullable() })

/** By name. */
export const EVENTS = {
  /** A job has changed, and is so now; its revision is the event's id. */
  job: jobSchema,
  /** A job was deleted; has an id too. */
  removed: removedJobSchema,
  /** Of the stream of a batch: how far it has come; without an id. */
  batch: batchSchema,
  /** Of the stream of everything: how many jobs there are in each state, and the cluster; without an id. */
  cluster: clusterViewSchema.extend({ counts: jobCountsSchema }),
} as const

export type EventName = keyof typeof EVENTS
export type EventData<Name extends EventName> = z.infer<(typeof EVENTS)[Name]>
