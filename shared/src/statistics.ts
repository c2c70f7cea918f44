/** What the cluster has done in a window of time, and how its machines are now. */
import { z } from 'zod'
import { accuracySchema, integerText } from './job.ts'
import { workerViewSchema } from './worker.ts'

const instant = z.iso.datetime()
const count = z.int().min(0)
const share = z.number().min(0)
const milliseconds = z.number().min(0)

/** How long something took, over many jobs. */
export const latencySchema = z
  .object({
    jobs: z.int().positive(),
    mean: milliseconds,
    p50: milliseconds,
    p90: milliseconds,
    p95: milliseconds,
    p99: milliseconds,
    max: milliseconds,
  })
  .describe('Milliseconds, each within 1 % of the exact value.')
  .meta({ id: 'Latency' })
export type Latency = z.infer<typeof latencySchema>

const latencyOf = (what: string) => latencySchema.nullable().describe(`${what} Null where there are none.`)

/** What happened in a span of time. */
const activityShape = {
  from: instant,
  to: instant,
  counts: z.object({
    submitted: count.describe('Jobs accepted.'),
    reused: count.describe('Of these, answered at once with the known result of the same photo.'),
    succeeded: count.describe('Recognised by a worker.'),
    failed: count,
    cancelled: count,
  }),
  throughput: share.describe('Runs that came to an end by a worker, succeeded or failed, a second.'),
  goodput: share.describe('Of these, those that succeeded, a second.'),
  latency: z
    .object({
      queued: latencyOf('From the submit, or the retry, until the last attempt was handed to its worker.'),
      running: latencyOf('From then to the end.'),
      whole: latencyOf('From the submit, or the retry, to the end.'),
    })
    .describe('Of the runs that succeeded in this time.'),
  accuracy: accuracySchema.nullable().describe('Null where the truth of no recognised photo is known.'),
  queue: z
    .object({ mean: z.number().min(0), max: count })
    .describe('Jobs that waited, as sampled every few seconds; none while the master did not run.'),
}

export const activitySchema = z.object(activityShape).meta({ id: 'Activity' })
export type Activity = z.infer<typeof activitySchema>

/** The master's process and its machine, over the last seconds. */
export const masterFiguresSchema = z
  .object({
    uptimeSeconds: z.number().min(0),
    cpu: share.describe('Cores in use: 1 is one whole core.'),
    rssBytes: count,
    eventLoopLag: z
      .object({ p50: milliseconds, p99: milliseconds, max: milliseconds })
      .describe('Milliseconds that whatever was due came late, over the last minute.'),
    commits: z
      .object({
        perSecond: share,
        milliseconds: z.object({ p50: milliseconds, p99: milliseconds }).nullable(),
        writes: z.object({ p50: z.number(), p99: z.number() }).nullable().describe('Of one commit.'),
      })
      .describe('Over the last minute.'),
    freeDiskBytes: count.nullable().describe('On the disk of the data folder; null until it was measured.'),
    boards: count.describe('Job boards that are open.'),
    eventStreams: count.describe('Streams of events that are open.'),
  })
  .meta({ id: 'MasterFigures' })
export type MasterFigures = z.infer<typeof masterFiguresSchema>

export const workerFiguresSchema = workerViewSchema
  .extend({
    cpu: share.nullable().describe('Cores in use; null until it has told.'),
    rssBytes: count.nullable(),
    beatAgeMs: milliseconds.nullable().describe('Since its last heartbeat.'),
    recognised: count.describe('Photos in the last minute.'),
    recent: z
      .array(count)
      .describe(
        'Photos in each ten seconds of the last five minutes, the oldest first; the last is under way.',
      ),
  })
  .meta({ id: 'WorkerFigures' })
export type WorkerFigures = z.infer<typeof workerFiguresSchema>

/** The most points of one answer: a day by the minute. */
export const MAX_SERIES = 1440

const time = z.iso.datetime({ offset: true })

export const statisticsQuerySchema = z.strictObject({
  from: time
    .optional()
    .describe('Begin of the window, by default an hour before its end; down to the minute.'),
  to: time.optional().describe('End of the window, by default now; up to the minute.'),
  step: integerText(1, 525_600)
    .optional()
    .describe(`Minutes: asks for the series of so long steps, at most ${MAX_SERIES.toLocaleString('en')}.`),
})
export type StatisticsQuery = z.infer<typeof statisticsQuerySchema>

export const statisticsSchema = z
  .object({
    ...activityShape,
    series: z
      .array(activitySchema)
      .nullable()
      .describe('By steps, where `step` is given; the first one first.'),
    master: masterFiguresSchema,
    workers: z.array(workerFiguresSchema),
  })
  .meta({ id: 'Statistics' })
export type Statistics = z.infer<typeof statisticsSchema>
