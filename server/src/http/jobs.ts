/** `/api/v1/jobs`: submit a photo, list jobs, look at one, cancel it, retry it, delete it. */
import {
  deletedJobsSchema,
  IMAGE_TYPES,
  idSchema,
  type JobOptions,
  jobDeletionSchema,
  jobDetailSchema,
  jobOptionsSchema,
  jobPageSchema,
  jobQuerySchema,
  jobSchema,
  ProblemError,
} from '@argus/shared'
import type { Request } from 'express'
import { z } from 'zod'
import type { BatchService } from '../jobs/batch-service.ts'
import type { JobService, Submitted } from '../jobs/job-service.ts'
import { toJob, toJobDetail } from '../jobs/job-view.ts'
import type { ImageStore } from '../store/image-store.ts'
import { SCAN_JOBS } from '../store/job-list.ts'
import type { JobRecord } from '../store/job-record.ts'
import { type Operation, operation } from './operation.ts'
import { describe, type PhotoIntake } from './photo-intake.ts'
import { sendStoredFile } from './stored-file.ts'
import {
  clientOf,
  formFields,
  idempotencyKeySchema,
  photoBytes,
  type SubmitLimits,
  withFields,
} from './submit-request.ts'
import { displayName, receiveUpload } from './upload.ts'

const JOBS = '/api/v1/jobs'
const JOB = `${JOBS}/{id}`
const topic = 'jobs'

const MAX_WAIT_SECONDS = 60

const formSchema = jobOptionsSchema.extend({ image: photoBytes.describe('The photo.') })

const submitHeaders = {
  'idempotency-key': idempotencyKeySchema.describe(
    'Makes the submit repeatable: the same key of the same owner is the same job, for 24 hours.',
  ),
  prefer: z
    .string()
    .optional()
    .describe(
      `\`wait=N\` waits up to N seconds, ${MAX_WAIT_SECONDS} at most, for the end of the job (RFC 7240).`,
    )
    .meta({ example: 'wait=10' }),
}

const submitAnswerHeaders = {
  Location: z.string().describe('Address of the job.'),
  'Idempotent-Replayed': z.literal('true').optional().describe('The key had made this job before.'),
  'Preference-Applied': z.string().optional().describe('The `wait` that was granted, in seconds.'),
}

const oneJob = { params: { id: idSchema }, missing: 'job/not-found' } as const

export interface JobRoutesParts {
  readonly jobs: JobService
  readonly batches: BatchService
  readonly intake: PhotoIntake
  readonly images: ImageStore
  readonly limits: SubmitLimits
}

export function jobOperations({ jobs, batches, intake, images, limits }: JobRoutesParts): Operation[] {
  return [
    operation(
      {
        id: 'submitJob',
        method: 'post',
        path: JOBS,
        topic,
        summary: 'Submit a photo',
        description:
          'As a form, or as the body itself with a type of `image/*`; its true type is told from its bytes. Options are query parameters or fields of the form. When the answer is 201 or 202, the photo and its job are on disk, and the job will reach an end. Where the latest result of the same photo and owner is from the model that serves now, the job ends at once with that result (`reused`), unless it is to be `fresh`.',
        query: jobOptionsSchema.shape,
        headers: submitHeaders,
        body: { 'multipart/form-data': formSchema, 'image/*': photoBytes },
        answers: {
          201: {
            description:
              'It is accepted. It may have ended already: it was waited for, its result was known, or its key had made it before.',
            schema: jobSchema,
            headers: submitAnswerHeaders,
          },
          202: {
            description: 'It is accepted, and has not ended in the time of `Prefer`.',
            schema: jobSchema,
            headers: submitAnswerHeaders,
          },
        },
        problems: [
          'request/malformed-upload',
          'request/idempotency-mismatch',
          'image/missing',
          'image/empty',
          'image/unsupported-type',
          'image/heic',
          'image/svg',
          'image/too-large',
          'image/too-many-pixels',
          'image/unreadable',
          'batch/not-found',
          'batch/cancelled',
          'queue/full',
          'store/unavailable',
          'store/disk-full',
        ],
      },
      async ({ request, response, query, headers }) => {
        const { job: submitted, isReplay } = await submit(request, query, headers['idempotency-key'])
        response.location(`${JOBS}/${submitted.id}`)
        if (isReplay) response.set('Idempotent-Replayed', 'true')
        const waitSeconds = preferredWait(headers.prefer)
        if (waitSeconds === null) {
          response.status(201).json(toJob(submitted))
          return
        }
        // It is on disk, so whoever waits is not told that it failed: they would submit it once more.
        const job = await jobs.waitForEnd(submitted.id, waitSeconds * 1000).catch(() => submitted)
        response.set('Preference-Applied', `wait=${waitSeconds}`)
        response.status(job.endedAt === null ? 202 : 201).json(toJob(job))
      },
    ),

    operation(
      {
        id: 'listJobs',
        method: 'get',
        path: JOBS,
        topic,
        summary: 'List jobs',
        description: `A job is listed where all filters that are given hold. Answers come fast for one filter of \`status\`, \`class\`, \`owner\`, \`worker\`, \`batch\` or \`tag\` by the time of submit, for \`status\` and \`class\` by the time of the end, and wherever few jobs match one of the filters. Otherwise a page is what one look at ${SCAN_JOBS.toLocaleString('en')} jobs finds, and \`next\` goes on.`,
        query: jobQuerySchema.shape,
        answers: { 200: { description: 'A page.', schema: jobPageSchema } },
        problems: ['store/unavailable'],
      },
      async ({ response, query }) => {
        const { jobs: listed, next, total } = await jobs.list(query)
        response.json({ jobs: listed.map(toJob), next, total })
      },
    ),

    operation(
      {
        id: 'deleteJobs',
        method: 'delete',
        path: JOBS,
        topic,
        summary: 'Delete jobs',
        description:
          'Those for which all filters hold, and without any filter all, where `all=true` says so. Jobs that have not ended are taken off their workers.',
        query: jobDeletionSchema.shape,
        answers: { 200: { description: 'How many are gone.', schema: deletedJobsSchema } },
        problems: ['request/needs-filter', 'store/unavailable', 'store/disk-full'],
      },
      async ({ response, query: { all, cursor, ...filter } }) => {
        const isFiltered = Object.values(filter).some((value) => value !== undefined)
        if (!isFiltered && !all) throw new ProblemError('request/needs-filter')
        if (isFiltered && all) throw new ProblemError('request/invalid', 'all: there is a filter as well')
        response.json(await jobs.deleteAll({ ...filter, cursor }))
      },
    ),

    operation(
      {
        id: 'getJob',
        method: 'get',
        path: JOB,
        topic,
        summary: 'Look at a job',
        description: 'With the attempts of all its runs.',
        ...oneJob,
        answers: { 200: { description: 'The job.', schema: jobDetailSchema } },
        problems: ['job/not-found', 'store/unavailable'],
      },
      async ({ response, params }) => {
        const job = await find(params.id)
        response.json(toJobDetail(job, await jobs.history(job.id)))
      },
    ),

    operation(
      {
        id: 'deleteJob',
        method: 'delete',
        path: JOB,
        topic,
        summary: 'Delete a job',
        description: 'One that has not ended is taken off its worker.',
        ...oneJob,
        answers: { 204: { description: 'It is gone.' } },
        problems: ['job/not-found', 'store/unavailable', 'store/disk-full'],
      },
      async ({ response, params }) => {
        await jobs.delete(params.id)
        response.status(204).end()
      },
    ),

    operation(
      {
        id: 'cancelJob',
        method: 'post',
        path: `${JOB}/cancel`,
        topic,
        summary: 'Cancel a job',
        description: 'Cancelling it twice is no error.',
        ...oneJob,
        answers: { 200: { description: 'The job, cancelled.', schema: jobSchema } },
        problems: ['job/not-found', 'job/ended', 'store/unavailable', 'store/disk-full'],
      },
      async ({ response, params }) => {
        response.json(toJob(await jobs.cancel(params.id)))
      },
    ),

    operation(
      {
        id: 'retryJob',
        method: 'post',
        path: `${JOB}/retry`,
        topic,
        summary: 'Retry a job',
        description: 'One that has ended waits once more, as its next run.',
        ...oneJob,
        answers: { 200: { description: 'The job, waiting.', schema: jobSchema } },
        problems: ['job/not-found', 'job/not-ended', 'store/unavailable', 'store/disk-full'],
      },
      async ({ response, params }) => {
        response.json(toJob(await jobs.retry(params.id)))
      },
    ),

    operation(
      {
        id: 'getJobImage',
        method: 'get',
        path: `${JOB}/image`,
        topic,
        summary: 'Get the photo',
        ...oneJob,
        answers: { 200: { description: 'The photo as it was submitted.', types: IMAGE_TYPES } },
        problems: ['job/not-found', 'image/not-found', 'store/unavailable'],
      },
      async ({ response, params }) => {
        const job = await find(params.id)
        await sendStoredFile(response, images.imagePath(job.sha256), job.imageType)
      },
    ),

    operation(
      {
        id: 'getJobThumbnail',
        method: 'get',
        path: `${JOB}/thumbnail`,
        topic,
        summary: 'Get a small picture of the photo',
        ...oneJob,
        answers: { 200: { description: 'A small square picture.', types: ['image/webp', 'image/jpeg'] } },
        problems: ['job/not-found', 'job/no-thumbnail', 'image/not-found', 'store/unavailable'],
      },
      async ({ response, params }) => {
        const job = await find(params.id)
        if (!job.thumbnailType) throw new ProblemError('job/no-thumbnail')
        await sendStoredFile(response, images.thumbnailPath(job.sha256, job.thumbnailType), job.thumbnailType)
      },
    ),
  ]

  async function submit(request: Request, query: JobOptions, idempotencyKey?: string): Promise<Submitted> {
    intake.assertRoom()
    // What is repeated may have been taken before the batch was cancelled.
    const lookUp = (id: string) => (idempotencyKey === undefined ? batches.findOpen(id) : batches.find(id))
    // Before the photo is read.
    const named = query.batch === undefined ? null : await lookUp(query.batch)
    return intake.take(async (path) => {
      const { fields, fileName, bytes, sha256 } = await receiveUpload(request, path, {
        maxBytes: limits.maxUploadBytes,
        minBytesPerSecond: limits.minUploadBytesPerSecond,
        fields: formFields(jobOptionsSchema.shape),
      })
      const options = withFields(jobOptionsSchema, query, fields)
      const batch = named ?? (options.batch === undefined ? null : await lookUp(options.batch))
      return {
        ...describe(options, batch, clientOf(request)),
        bytes,
        sha256,
        fileName: options.fileName === undefined ? fileName : displayName(options.fileName),
        idempotencyKey,
      }
    })
  }

  async function find(id: string): Promise<JobRecord> {
    const job = await jobs.find(id)
    if (!job) throw new ProblemError('job/not-found', id)
    return job
  }
}

/** Seconds of `Prefer: wait=N` (RFC 7240), at most 60; null where the client would not wait. */
function preferredWait(header: string | undefined): number | null {
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?/i.exec(header ?? '')?.[1]
  return seconds === undefined ? null : Math.min(Number(seconds), MAX_WAIT_SECONDS)
}
