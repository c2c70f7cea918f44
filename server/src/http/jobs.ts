/** `/api/v1/jobs`: submit a photo, list jobs, look at one. */
import { rm } from 'node:fs/promises'
import { ProblemError } from '@argus/shared'
import { type Request, Router } from 'express'
import { z } from 'zod'
import type { JobService } from '../jobs/job-service.ts'
import { toJob } from '../jobs/job-view.ts'
import type { ImageStore } from '../store/image-store.ts'
import type { JobRecord } from '../store/job-store.ts'
import { onlyMethods, route } from './route.ts'
import { sendStoredFile } from './stored-file.ts'
import { receiveUpload } from './upload.ts'

const MAX_WAIT_SECONDS = 60

export interface JobRoutesParts {
  readonly jobs: JobService
  readonly images: ImageStore
  readonly maxUploadBytes: number
}

export function jobRoutes({ jobs, images, maxUploadBytes }: JobRoutesParts): Router {
  const router = Router()

  router
    .route('/')
    .post(
      route({}, async (request, response) => {
        const submitted = await submit(request)
        response.location(`/api/v1/jobs/${submitted.id}`)
        const waitSeconds = preferredWait(request.get('prefer'))
        if (waitSeconds === null) {
          response.status(201).json(toJob(submitted))
          return
        }
        const job = await jobs.waitForEnd(submitted.id, waitSeconds * 1000)
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
        response.json(toJob(await find(request)))
      }),
    )
    .all(onlyMethods('GET'))

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

  async function submit(request: Request): Promise<JobRecord> {
    const uploadPath = images.newUploadPath()
    try {
      const upload = await receiveUpload(request, uploadPath, maxUploadBytes)
      return await jobs.submit({ ...upload, uploadPath, owner: request.ip ?? 'unknown' })
    } catch (error) {
      await rm(uploadPath, { force: true })
      throw error
    }
  }

  async function find(request: Request<Record<string, string>>): Promise<JobRecord> {
    const id = request.params.id ?? ''
    const job = z.uuid().safeParse(id).success ? await jobs.find(id) : null
    if (!job) throw new ProblemError('job/not-found', id)
    return job
  }
}

/** Seconds of `Prefer: wait=N` (RFC 7240), at most 60; null where the client would not wait. */
function preferredWait(header: string | undefined): number | null {
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?/i.exec(header ?? '')?.[1]
  return seconds === undefined ? null : Math.min(Number(seconds), MAX_WAIT_SECONDS)
}
