/** `/api/v1/batches`: many photos in one request or one by one, how far they are, and what came of them. */
import { Readable, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  type BatchOptions,
  batchClassesSchema,
  batchOptionsSchema,
  batchPageSchema,
  batchQuerySchema,
  batchReceiptSchema,
  batchSchema,
  idSchema,
  MAX_BATCH_FILES,
  ProblemError,
  tagsOf,
} from '@argus/shared'
import { stringify } from 'csv-stringify'
import type { Request, Response } from 'express'
import { z } from 'zod'
import { RESULT_COLUMNS, resultRow } from '../jobs/batch-results.ts'
import type { BatchService } from '../jobs/batch-service.ts'
import { toJob } from '../jobs/job-view.ts'
import { resolveTruth } from '../jobs/truth.ts'
import type { JobRecord } from '../store/job-record.ts'
import { type ReceivedFiles, receiveBatchFiles } from './batch-files.ts'
import { dropBody } from './drop-body.ts'
import { type Operation, operation } from './operation.ts'
import type { PhotoIntake } from './photo-intake.ts'
import type { TellProblem } from './problem.ts'
import { clientOf, idempotencyKeySchema, photoBytes, type SubmitLimits } from './submit-request.ts'
import { isForm } from './upload.ts'
import { atPace } from './upload-pace.ts'

const BATCHES = '/api/v1/batches'
const BATCH = `${BATCHES}/{id}`
const topic = 'batches'

const formSchema = batchOptionsSchema.extend({
  image: z.array(photoBytes).max(MAX_BATCH_FILES).optional().describe('The photos, behind all options.'),
})

const oneBatch = { params: { id: idSchema }, missing: 'batch/not-found' } as const

export interface BatchRoutesParts {
  readonly batches: BatchService
  readonly intake: PhotoIntake
  readonly tellProblem: TellProblem
  readonly limits: SubmitLimits
}

export function batchOperations({ batches, intake, tellProblem, limits }: BatchRoutesParts): Operation[] {
  return [
    operation(
      {
        id: 'createBatch',
        method: 'post',
        path: BATCHES,
        topic,
        summary: 'Make a batch',
        description: `With up to ${MAX_BATCH_FILES.toLocaleString('en')} photos in a form, or empty, to be filled by \`POST /api/v1/jobs?batch=…\`. Options hold for the batch and for each photo of the form. A photo that is refused does not keep the others from being taken: the answer says what became of each. With an \`Idempotency-Key\` a request that broke off can be repeated; photos that were taken are then not taken twice.`,
        query: batchOptionsSchema.shape,
        headers: { 'idempotency-key': idempotencyKeySchema },
        body: { 'multipart/form-data': formSchema },
        bodyOptional: true,
        answers: {
          201: {
            description: 'The batch is made, and what was accepted is on disk.',
            schema: batchReceiptSchema,
            headers: {
              Location: z.string().describe('Address of the batch.'),
              'Idempotent-Replayed': z
                .literal('true')
                .optional()
                .describe('The key had made this batch before.'),
            },
          },
        },
        problems: [
          'request/malformed-upload',
          'request/idempotency-mismatch',
          'batch/not-found',
          'store/unavailable',
          'store/disk-full',
        ],
      },
      async ({ request, response, query, headers }) => {
        const received = await receive(request, query, headers['idempotency-key'])
        const { batch, isReplay, accepted, refused } = received
        // Where the form was left in the middle, the client may still be sending.
        await dropBody(request, response)
        response.location(`${BATCHES}/${batch.id}`)
        if (isReplay) response.set('Idempotent-Replayed', 'true')
        const view = await batches.look(batch.id)
        response.status(201).json({ batch: view.batch, accepted, refused })
      },
    ),

    operation(
      {
        id: 'listBatches',
        method: 'get',
        path: BATCHES,
        topic,
        summary: 'List batches',
        query: batchQuerySchema.shape,
        answers: { 200: { description: 'A page, the newest first.', schema: batchPageSchema } },
        problems: ['store/unavailable'],
      },
      async ({ response, query }) => {
        response.json(await batches.list(query))
      },
    ),

    operation(
      {
        id: 'getBatch',
        method: 'get',
        path: BATCH,
        topic,
        summary: 'Look at a batch',
        description: 'Its jobs are listed by `GET /api/v1/jobs?batch=…`.',
        ...oneBatch,
        answers: { 200: { description: 'The batch.', schema: batchSchema } },
        problems: ['batch/not-found', 'store/unavailable'],
      },
      async ({ response, params }) => {
        response.json((await batches.look(params.id)).batch)
      },
    ),

    operation(
      {
        id: 'cancelBatch',
        method: 'post',
        path: `${BATCH}/cancel`,
        topic,
        summary: 'Cancel a batch',
        description:
          'Its jobs that have not ended are cancelled, and it takes no more photos. Cancelling it twice is no error.',
        ...oneBatch,
        answers: { 200: { description: 'The batch; none of its jobs waits or runs.', schema: batchSchema } },
        problems: ['batch/not-found', 'store/unavailable', 'store/disk-full'],
      },
      async ({ response, params }) => {
        response.json(await batches.cancel(params.id))
      },
    ),

    operation(
      {
        id: 'retryFailedOfBatch',
        method: 'post',
        path: `${BATCH}/retry-failed`,
        topic,
        summary: 'Retry what failed of a batch',
        description: 'Its jobs that have failed wait once more, as their next run.',
        ...oneBatch,
        answers: { 200: { description: 'The batch.', schema: batchSchema } },
        problems: ['batch/not-found', 'store/unavailable', 'store/disk-full'],
      },
      async ({ response, params }) => {
        response.json(await batches.retryFailed(params.id))
      },
    ),

    operation(
      {
        id: 'deleteBatch',
        method: 'delete',
        path: BATCH,
        topic,
        summary: 'Delete a batch',
        description: 'With its jobs. Those that have not ended are taken off their workers.',
        ...oneBatch,
        answers: { 204: { description: 'It is gone.' } },
        problems: ['batch/not-found', 'store/unavailable', 'store/disk-full'],
      },
      async ({ response, params }) => {
        await batches.delete(params.id)
        response.status(204).end()
      },
    ),

    operation(
      {
        id: 'getBatchClasses',
        method: 'get',
        path: `${BATCH}/classes`,
        topic,
        summary: 'See what was recognised in a batch',
        description: 'How often each class was, and where the truth is known, what was taken for what.',
        ...oneBatch,
        answers: { 200: { description: 'The classes.', schema: batchClassesSchema } },
        problems: ['batch/not-found', 'store/unavailable'],
      },
      async ({ response, params }) => {
        const { id } = await batches.find(params.id)
        response.json(await batches.classes(id))
      },
    ),

    operation(
      {
        id: 'getBatchTable',
        method: 'get',
        path: `${BATCH}/results.csv`,
        topic,
        summary: 'Get the results for a spreadsheet',
        description: `Of each job so far, in the order of their submit: ${RESULT_COLUMNS.map((name) => `\`${name}\``).join(', ')}.`,
        ...oneBatch,
        answers: { 200: { description: 'CSV (RFC 4180), with a header.', types: ['text/csv'] } },
        problems: ['batch/not-found', 'store/unavailable'],
      },
      async ({ response, params }) => {
        // A name that begins like a formula would be one to a spreadsheet.
        const table = stringify({
          header: true,
          columns: [...RESULT_COLUMNS],
          cast: { boolean: String },
          escape_formulas: true,
          record_delimiter: 'windows',
        })
        await send(response, params.id, 'csv', 'text/csv', (jobs) => [
          Readable.from(mapped(jobs, (job) => resultRow(toJob(job)))),
          table,
        ])
      },
    ),

    operation(
      {
        id: 'getBatchJobs',
        method: 'get',
        path: `${BATCH}/results.ndjson`,
        topic,
        summary: 'Get the results for a program',
        description: 'Each job so far, one a line, in the order of their submit.',
        ...oneBatch,
        answers: { 200: { description: 'A job a line.', types: ['application/x-ndjson'] } },
        problems: ['batch/not-found', 'store/unavailable'],
      },
      ({ response, params }) =>
        send(response, params.id, 'ndjson', 'application/x-ndjson', (jobs) => [
          Readable.from(mapped(jobs, (job) => `${JSON.stringify(toJob(job))}\n`)),
        ]),
    ),
  ]

  async function receive(
    request: Request,
    query: BatchOptions,
    idempotencyKey: string | undefined,
  ): Promise<ReceivedFiles> {
    const create = async ({ name, owner, tag }: BatchOptions) => {
      // Not once for each photo: it is the request that is at fault.
      resolveTruth(tagsOf(tag ?? []))
      return batches.create({ name: name ?? null, owner: owner ?? clientOf(request), idempotencyKey })
    }
    if (!hasBody(request)) return { ...(await create(query)), accepted: [], refused: [] }
    if (!isForm(request)) {
      throw new ProblemError(
        'request/malformed-upload',
        'Send a form (multipart/form-data) with photos in fields "image", or nothing.',
      )
    }
    const parts = { intake, tellProblem, maxUploadBytes: limits.maxUploadBytes, create }
    return atPace(request, limits.minUploadBytesPerSecond, (signal) =>
      receiveBatchFiles(request, query, idempotencyKey, signal, parts),
    )
  }

  async function send(
    response: Response,
    id: string,
    ending: string,
    type: string,
    stages: (jobs: AsyncIterable<JobRecord>) => ReadonlyArray<Readable | Transform>,
  ): Promise<void> {
    const { name } = await batches.find(id)
    response.attachment(`${name ?? `batch-${id}`}.${ending}`)
    response.type(type)
    try {
      await pipeline([...stages(batches.jobs(id)), response])
    } catch (error) {
      // The client has gone in the middle: there is nobody left to tell.
      if (!response.closed) throw error
    }
  }
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

async function* mapped<T, U>(values: AsyncIterable<T>, map: (value: T) => U): AsyncGenerator<U> {
  for await (const value of values) yield map(value)
}
