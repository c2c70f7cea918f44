/**
 * The one table of errors. REST answers problem documents (RFC 9457) built from it, sockets carry the
 * same codes, and the web app turns them into sentences. A code is `subject/what`; it never changes its
 * meaning once released. To add an error, add a row.
 */
import { z } from 'zod'

export interface ProblemKind {
  /** HTTP status, where the error is answered over REST. */
  readonly status: number
  /** One short sentence that is the same for every occurrence. */
  readonly title: string
  /** It passes by itself: when another try is worth while. */
  readonly retryAfterSeconds?: number
}

export const PROBLEMS = {
  'request/invalid': { status: 400, title: 'The request is not valid' },
  'request/unknown-parameter': { status: 400, title: 'The request has a parameter that does not exist' },
  'request/malformed-upload': { status: 400, title: 'The upload is neither a valid form nor a photo' },
  'request/needs-filter': {
    status: 400,
    title: 'To delete all jobs, say all=true',
  },
  'request/expectation': { status: 417, title: 'The request expects what this master does not do' },
  'request/too-slow': { status: 408, title: 'The request takes too long' },
  'request/headers-too-large': { status: 431, title: 'The headers of the request are too large' },
  'request/not-found': { status: 404, title: 'There is nothing at this address' },
  'request/method-not-allowed': { status: 405, title: 'This address does not take this method' },
  'request/idempotency-mismatch': {
    status: 422,
    title: 'The Idempotency-Key was used before, with another photo or other options',
  },
  'request/internal': { status: 500, title: 'The master failed to handle the request' },

  'door/host': { status: 403, title: 'The Host of the request is not an allowed name of this master' },
  'door/origin': { status: 403, title: 'The request comes from a page of another origin' },
  'auth/required': { status: 401, title: 'This door needs a token' },
  'auth/ticket': { status: 403, title: 'The ticket does not open this image' },
  'protocol/version': { status: 400, title: 'The worker speaks another version of the protocol' },
  'protocol/malformed': { status: 400, title: 'The message does not follow the protocol' },

  'image/missing': { status: 400, title: 'The upload has no file in the field "image"' },
  'image/empty': { status: 400, title: 'The file is empty' },
  'image/unsupported-type': { status: 415, title: 'The file is not an image of a supported type' },
  'image/heic': { status: 415, title: 'HEIC photos are not supported' },
  'image/svg': { status: 415, title: 'SVG drawings are not supported' },
  'image/too-large': { status: 413, title: 'The file is too large' },
  'image/too-many-pixels': { status: 413, title: 'The image has too many pixels' },
  'image/unreadable': { status: 422, title: 'The image is damaged and cannot be read' },
  'image/not-found': { status: 404, title: 'There is no such image' },

  'queue/full': {
    status: 429,
    title: 'Too many jobs wait already',
    retryAfterSeconds: 10,
  },

  'job/not-found': { status: 404, title: 'There is no such job' },
  'job/no-thumbnail': { status: 404, title: 'The job has no thumbnail' },
  'job/ended': { status: 409, title: 'The job has ended already' },
  'job/not-ended': { status: 409, title: 'The job has not ended yet' },

  'events/too-many-streams': {
    status: 503,
    title: 'Too many programs follow events already',
    retryAfterSeconds: 10,
  },

  'board/too-many-subjects': { status: 400, title: 'The board watches too many things already' },

  'batch/not-found': { status: 404, title: 'There is no such batch' },
  'batch/cancelled': { status: 409, title: 'The batch was cancelled, and takes no more photos' },
  'batch/too-many-files': { status: 413, title: 'The request has too many files' },

  'model/not-found': { status: 404, title: 'There is no such model file' },
  'model/source-failed': { status: 502, title: 'The model cannot be had from this source' },
  'model/self-test': { status: 422, title: 'The model did not pass its self-test' },

  'worker/not-found': { status: 404, title: 'There is no such worker' },
  'worker/leaving': { status: 409, title: 'The worker was told to end, and leaves' },
  'worker/lost': { status: 500, title: 'Workers die of this photo' },
  'worker/out-of-memory': { status: 500, title: 'The worker ran out of memory on this photo' },
  'worker/timeout': { status: 500, title: 'The worker took too long for this photo' },
  'worker/no-decoder': { status: 422, title: 'The worker has no decoder for this type of image' },
  'worker/failed': { status: 500, title: 'The worker failed on this photo' },
  'worker/no-engine': { status: 500, title: 'The worker has no engine that can run the model' },

  'store/unavailable': {
    status: 503,
    title: 'The database cannot be reached just now',
    retryAfterSeconds: 1,
  },
  'store/disk-full': { status: 507, title: "The master's disk is full", retryAfterSeconds: 30 },
} as const satisfies Record<string, ProblemKind>

export type ProblemCode = keyof typeof PROBLEMS

export const problemCodeSchema = z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]])

/** A problem document as REST answers it (RFC 9457), media type `application/problem+json`. */
export const problemSchema = z
  .object({
    type: z.string().describe('`urn:argus:problem:<code>`'),
    title: z.string().describe('The same for every occurrence.'),
    status: z.int(),
    detail: z.string().optional().describe('What happened this time, for a person.'),
    code: problemCodeSchema,
  })
  .meta({ id: 'Problem' })
export type Problem = z.infer<typeof problemSchema>

/** The error that every part throws for what a user or a peer has to be told. */
export class ProblemError extends Error {
  readonly code: ProblemCode

  /**
   * @param code a row of the table
   * @param detail what happened this time, safe to show to whoever asked
   */
  constructor(code: ProblemCode, detail?: string, options?: ErrorOptions) {
    super(detail ?? PROBLEMS[code].title, options)
    this.name = 'ProblemError'
    this.code = code
  }
}

/** Builds the problem document for one occurrence. */
export function problemDocument(code: ProblemCode, detail?: string): Problem {
  const { status, title } = PROBLEMS[code]
  const told = detail === title ? undefined : detail
  return { type: `urn:argus:problem:${code}`, title, status, detail: told, code }
}
