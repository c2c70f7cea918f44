/** Takes photos in, one at a time: each is received into a file, becomes a job, and leaves nothing behind if it does not. */
import { rm } from 'node:fs/promises'
import { type JobOptions, ProblemError, tagsOf } from '@argus/shared'
import type { JobService, Submission, Submitted } from '../jobs/job-service.ts'
import { resolveTruth } from '../jobs/truth.ts'
import type { BatchRecord } from '../store/batch-store.ts'
import type { DiskGuard } from '../store/disk-guard.ts'
import type { ImageStore } from '../store/image-store.ts'

export interface PhotoIntakeParts {
  readonly jobs: JobService
  readonly images: ImageStore
  readonly disk: DiskGuard
  readonly limits: { readonly maxQueued: number }
}

export class PhotoIntake {
  readonly #parts: PhotoIntakeParts

  constructor(parts: PhotoIntakeParts) {
    this.#parts = parts
  }

  /**
   * To be asked before a photo is read.
   *
   * @throws ProblemError `store/disk-full`, `queue/full`
   */
  assertRoom(): void {
    const { disk, jobs, limits } = this.#parts
    disk.assertRoom()
    const { QUEUED } = jobs.changes.counts
    if (QUEUED >= limits.maxQueued) throw new ProblemError('queue/full', `${QUEUED} jobs wait.`)
  }

  /**
   * Takes one.
   *
   * @param receive writes it to this path, and tells the rest of its submission
   * @throws ProblemError what `receive` and `JobService.submit` throw
   */
  async take(receive: (path: string) => Promise<Omit<Submission, 'uploadPath'>>): Promise<Submitted> {
    const uploadPath = this.#parts.images.newUploadPath()
    let isMoved = false
    try {
      const submission = await receive(uploadPath)
      const submitted = await this.#parts.jobs.submit({ uploadPath, ...submission })
      isMoved = !submitted.isReplay
      return submitted
    } finally {
      if (!isMoved) await rm(uploadPath, { force: true })
    }
  }
}

/**
 * What a submission says of itself, or its batch says for it, or else goes without saying.
 *
 * @param client whose a photo is that says nothing of it: the client's address
 * @throws ProblemError `request/invalid` where the truth is no class
 */
export function describe(
  { owner, priority, tag, fresh }: Pick<JobOptions, 'owner' | 'priority' | 'tag' | 'fresh'>,
  batch: BatchRecord | null,
  client: string,
): Pick<Submission, 'owner' | 'priority' | 'tags' | 'truth' | 'batch' | 'fresh'> {
  return {
    owner: owner ?? batch?.owner ?? client,
    priority: priority ?? 0,
    ...resolveTruth(tagsOf(tag ?? [])),
    batch: batch?.id ?? null,
    fresh: fresh ?? false,
  }
}
