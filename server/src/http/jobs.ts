/** `/api/v1/jobs`: submit a photo, list jobs, look at one, cancel it, retry it. */
import { rm } from 'node:fs/promises'
import { ownerSchema, ProblemError, prioritySchema } from '@argus/shared'
import { type Request, Router } from 'express'
import { z } from 'zod'
import type { JobService, Submitted } from '../jobs/job-service.ts'
import { toJob, toJobDetail } from '../jobs/job-view.ts'
import type { DiskGuard } from '../store/disk-guard.ts'
import type { ImageStore } from '../store/image-store.ts'
import type { JobRecord } from '../store/job-record.ts'
import { onlyMethods, route } from './route.ts'
import { sendStoredFile } from './stored-file.ts'
import { receiveUpload } from './upload.ts'

const MAX_WAIT_SECONDS = 60

/** The fields of the form beside the photo. */
const OPTIONS = {
  /** By default the client's address. */
  owner: ownerSchema.optional(),
  priority: prioritySchema.default(0),
}
const optionsSchema = z.strictObject(OPTIONS)

/** Printable ASCII: what a header carries unharmed. */
const idempotencyKeySchema = z
  .string()
  .regex(/^[\x20-\x7e]{1,255}$/, 'Idempotency-Key: 1 to 255 printable characters')
  .optional()

export interface JobRoutesParts {
  readonly jobs: JobService
  readonly images: ImageStore
  readonly disk: DiskGuard
  readonly maxUploadBytes: number
}

export function jobRoutes({ jobs, images, disk, maxUploadBytes }: JobRoutesParts): Router {
  const router = Router()

  router
    .route('/')
    .post(
      route({}, async (request, response) => {
        const { job: submitted, isReplay } = await submit(request)
        response.location(`/api/v1/jobs/${submitted.id}`)
        if (isReplay) response.set('Idempotent-Replayed', 'true')
        const waitSeconds = preferredWait(request.get('prefer'))
        if (waitSeconds === null) {
          response.status(201).json(toJob(submitted))
          return
        }
        // It is on disk, so whoever waits is not told that it failed: they would submit it once more.
        const job = await jobs.waitForEnd(submitted.id, waitSeconds * 1000).catch(() => submitted)
        response.set('Preference-Applied', `wait=${waitSeconds}`)
        response.status(job.endedAt === null ? 202 : 201).json(toJob(job))
      }),
    )
    .get(
      route(
        { limit: z.coerce.number().int().min(1).max(100).default(20) },
        async (_request, response, { limit }) => {
          const newest = await jobs.newest(limit)
          response.json({ jobs: newest.map(toJob) })
        },
      ),
    )
    .all(onlyMethods('GET', 'POST'))

  router
    .route('/:id')
    .get(
      route({}, async (request, response) => {
        const job = await find(request)
        response.json(toJobDetail(job, await jobs.history(job.id)))
      }),
    )
    .all(onlyMethods('GET'))

  router
    .route('/:id/cancel')
    .post(
      route({}, async (request, response) => {
        response.json(toJob(await jobs.cancel(idOf(request))))
      }),
    )
    .all(onlyMethods('POST'))

  router
    .route('/:id/retry')
    .post(
      route({}, async (request, response) => {
        response.json(toJob(await jobs.retry(idOf(request))))
      }),
    )
    .all(onlyMethods('POST'))

  router
    .route('/:id/image')
    .get(
      route({}, async (request, response) => {
        const job = await find(request)
        await sendStoredFile(response, images.imagePath(job.sha256), job.imageType)
      }),
    )
    .all(onlyMethods('GET'))

  router
    .route('/:id/thumbnail')
    .get(
      route({}, async (request, response) => {
        const job = await find(request)
        if (!job.thumbnailType) throw new ProblemError('job/no-thumbnail')
        await sendStoredFile(response, images.thumbnailPath(job.sha256, job.thumbnailType), job.thumbnailType)
      }),
    )
    .all(onlyMethods('GET'))

  return router

  async function submit(request: Request): Promise<Submitted> {
    const uploadPath = images.newUploadPath()
    try {
      const rules = {
        maxBytes: maxUploadBytes,
        fields: Object.keys(OPTIONS),
        admit: () => {
          disk.assertRoom()
          idempotencyKeySchema.parse(request.get('idempotency-key'))
        },
      }
      const { fields, ...upload } = await receiveUpload(request, uploadPath, rules)
      const { owner = request.ip ?? 'unknown', priority } = optionsSchema.parse(fields)
      const idempotencyKey = request.get('idempotency-key')
      return await jobs.submit({ ...upload, uploadPath, owner, priority, idempotencyKey })
    } finally {
      // Of a photo that was taken it is somewhere else by now.
      await rm(uploadPath, { force: true })
    }
  }

  async function find(request: Request<Record<string, string>>): Promise<JobRecord> {
    const id = idOf(request)
    const job = await jobs.find(id)
    if (!job) throw new ProblemError('job/not-found', id)
    return job
  }
}

/** @throws ProblemError `job/not-found` where it can be none */
function idOf(request: Request<Record<string, string>>): string {
  const id = request.params.id ?? ''
  if (!z.uuid().safeParse(id).success) throw new ProblemError('job/not-found', id)
  return id
}

/** Seconds of `Prefer: wait=N` (RFC 7240), at most 60; null where the client would not wait. */
function preferredWait(header: string | undefined): number | null {
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?/i.exec(header ?? '')?.[1]
  return seconds === undefined ? null : Math.min(Number(seconds), MAX_WAIT_SECONDS)
}
