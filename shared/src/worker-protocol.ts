/**
 * What the master and a worker say to each other on the Socket.IO namespace `/workers`.
 *
 * A worker connects with a hello in its handshake and is answered `welcome`; the master names the model with
 * `model`; the worker fetches it over HTTP, tests it and says `ready`, or `modelRefused`. From then on `assign`
 * brings attempts, `outcomes` returns what became of them, and `answers` lets go of them. These travel as
 * arrays, one message a tick. `beat` comes once a second and renews the leases of what the worker holds.
 *
 * An attempt is named by its ticket, which is its authority as well: the master signed it over job, run,
 * attempt, worker and image. Nobody but the master reads what is in it.
 *
 * Socket.IO's acknowledgements carry nothing here: one that the connection breaks under never settles.
 *
 * What a field means is said by `describe`, so that docs/worker-protocol.md, which is made from this file, says
 * it as well: `npm run protocol --workspace shared`.
 */
import { z } from 'zod'
import { imageTypeSchema } from './job.ts'
import { modelDescriptorSchema, SHA256 } from './model.ts'
import { problemCodeSchema } from './problems.ts'
import { engineNameSchema } from './worker.ts'

/** Raised with every change that an older peer would misread. */
export const PROTOCOL_VERSION = 3

export const WORKER_NAMESPACE = '/workers'

/** The name under which a worker's token stands in the data folder of the master. */
export const WORKER_TOKEN_FILE = 'worker-token'

/** How often a worker says that it is alive, and with which attempts. */
export const BEAT_MS = 1000
/** An attempt that no beat has named for so long is taken away. */
export const LEASE_MS = 5000

const ticketSchema = z.string().min(1).max(400).describe('Names the attempt.')
/** No worker holds more: 256 slots and as much ahead. */
const MAX_HELD = 512
const ticketsSchema = z.array(ticketSchema).max(MAX_HELD)

/** `auth` of the Socket.IO handshake. */
export const workerHelloSchema = z.object({
  token: z.string().describe('The worker token of this master.'),
  protocol: z.int().describe('The version of this protocol that the worker speaks.'),
  bootId: z
    .uuid()
    .describe("New at every start of the worker's process; a second connection with it displaces the first."),
  name: z.string().min(1).max(100).describe('The worker on the job board.'),
  slots: z.int().min(1).max(256).describe('Photos that it recognises at once.'),
  prefetch: z
    .int()
    .min(0)
    .max(256)
    .describe(
      'Photos that it holds beyond its slots, fetched already, so that no slot waits for the network.',
    ),
  draining: z.boolean().describe('It takes no new work.'),
  held: ticketsSchema.describe('Tickets of the attempts that it still works on, after a reconnect.'),
})
export type WorkerHello = z.infer<typeof workerHelloSchema>

export const welcomeSchema = z.object({
  claims: z
    .array(z.object({ ticket: ticketSchema, answer: z.enum(['continue', 'drop']) }))
    .describe(
      'For each ticket of the hello: go on with it, or drop it, since another worker has the job or it ended.',
    ),
})
export type Welcome = z.infer<typeof welcomeSchema>

export const workerReadySchema = z.object({
  digest: z.string().regex(SHA256).describe('Names the model.'),
  engine: engineNameSchema,
  imagesPerSecond: z.number().positive().describe('Measured on one thread, decoding excluded.'),
})
export type WorkerReady = z.infer<typeof workerReadySchema>

export const modelRefusalSchema = z.object({
  digest: z.string().regex(SHA256).describe('Names the model.'),
  code: problemCodeSchema.describe('Its files are at fault (`model/…`) or this worker is (`worker/…`).'),
  detail: z.string().max(2_000).describe('What happened, for a person.'),
})
export type ModelRefusal = z.infer<typeof modelRefusalSchema>

export const assignmentSchema = z.object({
  ticket: ticketSchema.describe('Opens `GET /api/v1/images/:sha256`, and comes back with the outcome.'),
  jobId: z.uuid().describe('For the log.'),
  image: z.object({
    sha256: z.string().regex(SHA256),
    type: imageTypeSchema.describe('As the master tells it from the bytes.'),
    width: z.int().positive().describe("Pixels, as the file's header states them (before EXIF orientation)."),
    height: z.int().positive(),
  }),
})
export type Assignment = z.infer<typeof assignmentSchema>

export const beatSchema = z.object({
  tickets: ticketsSchema.describe(
    'The attempts that the worker holds and whose recogniser is alive and inside the limit for one photo.',
  ),
  usage: z
    .object({
      cpu: z.number().min(0).describe('Cores that its process uses: 1 is one whole core.'),
      rssBytes: z.int().min(0).describe('Memory of its process.'),
    })
    .optional()
    .describe('For people to see.'),
})
export type Beat = z.infer<typeof beatSchema>

/** A thumbnail above this is a defect of the worker: 192 px pictures take some 5 KB. */
export const MAX_THUMBNAIL_BYTES = 64 * 1024

export const thumbnailSchema = z
  .object({
    type: z.enum(['image/webp', 'image/jpeg']).describe('JPEG comes from workers without sharp.'),
    bytes: z
      .instanceof(Uint8Array)
      .refine((bytes) => bytes.byteLength <= MAX_THUMBNAIL_BYTES)
      // JSON Schema has no word for bytes, and cannot see into a function.
      .meta({ format: 'binary', maxLength: MAX_THUMBNAIL_BYTES }),
  })
  .describe('A small picture of the photo.')
export type Thumbnail = z.infer<typeof thumbnailSchema>

export const outcomeSchema = z.discriminatedUnion('end', [
  z.object({
    end: z.literal('succeeded'),
    ticket: ticketSchema,
    digest: z.string().regex(SHA256).describe('Names the model that recognised the photo.'),
    engine: engineNameSchema,
    classes: z
      .array(
        z.object({
          index: z
            .int()
            .min(0)
            .max(999)
            .describe('ImageNet-1k index, 0 to 999, in the order of Keras and PyTorch.'),
          probability: z.number().min(0).max(1),
        }),
      )
      .min(1)
      .max(5)
      .describe('Best first.'),
    timings: z
      .object({
        fetch: z.number().min(0),
        wait: z.number().min(0).describe('From then until a slot was free.'),
        decode: z.number().min(0),
        classify: z.number().min(0),
      })
      .describe('Milliseconds.'),
    thumbnail: thumbnailSchema,
  }),
  z
    .object({
      end: z.literal('failed'),
      ticket: ticketSchema,
      code: problemCodeSchema,
      detail: z.string().max(2_000).describe('What happened, for a person.'),
    })
    .describe(
      'The photo is at fault (`image/…`), or this worker is (`worker/…`), and then it is tried again.',
    ),
  z
    .object({ end: z.literal('returned'), ticket: ticketSchema })
    .describe(
      "The worker had not begun: it drains, or could not fetch the photo. It is no fault of anyone's.",
    ),
])
export type Outcome = z.infer<typeof outcomeSchema>

export const outcomesSchema = z.array(outcomeSchema).max(MAX_HELD)

export const outcomeAnswersSchema = z.array(
  z.object({
    ticket: ticketSchema,
    answer: z
      .enum(['recorded', 'obsolete'])
      .describe(
        '`recorded`: it is on disk. `obsolete`: the job went on without this attempt. Either frees the slot.',
      ),
  }),
)
export type OutcomeAnswer = z.infer<typeof outcomeAnswersSchema>[number]

export const drainSchema = z.object({
  draining: z
    .boolean()
    .describe(
      'The worker takes no new work, finishes what it has begun, and returns the rest; or takes work again.',
    ),
})
export type Drain = z.infer<typeof drainSchema>

/** One event of the protocol: what it carries, and what it is for. */
interface ProtocolEvent {
  readonly schema: z.ZodType
  readonly summary: string
}

/** What a worker sends. The master checks each message against its schema. */
export const WORKER_TO_MASTER = {
  ready: { schema: workerReadySchema, summary: 'The worker serves this model from now on.' },
  modelRefused: { schema: modelRefusalSchema, summary: 'The worker cannot serve this model.' },
  beat: { schema: beatSchema, summary: `Sent every ${BEAT_MS} ms: renews the leases of these attempts.` },
  outcomes: {
    schema: outcomesSchema,
    summary: 'What became of attempts. Sent again after a reconnect, until it is answered.',
  },
  draining: { schema: drainSchema, summary: 'The worker was told to end, or to take work again.' },
} as const satisfies Record<string, ProtocolEvent>

/** What the master sends. */
export const MASTER_TO_WORKER = {
  welcome: {
    schema: welcomeSchema,
    summary: 'The first message on a connection: what becomes of the attempts that the worker still holds.',
  },
  model: { schema: modelDescriptorSchema, summary: 'The model to serve, fetched over HTTP by its digest.' },
  assign: { schema: z.array(assignmentSchema), summary: 'Attempts to work on, at most as many as fit.' },
  answers: { schema: outcomeAnswersSchema, summary: 'Outcomes that the worker may forget now.' },
  revoke: {
    schema: ticketsSchema,
    summary:
      'Attempts that nobody waits for any more: the worker skips those that it has not begun, and drops the outcome of the others.',
  },
  drain: { schema: drainSchema, summary: 'Someone drains the worker by REST, or resumes it.' },
} as const satisfies Record<string, ProtocolEvent>

type Events<Table extends Record<string, ProtocolEvent>> = {
  [Name in keyof Table]: (message: z.infer<Table[Name]['schema']>) => void
}
export type WorkerToMaster = Events<typeof WORKER_TO_MASTER>
export type MasterToWorker = Events<typeof MASTER_TO_WORKER>
