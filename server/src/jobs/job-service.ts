/**
 * The life of jobs: submit, start, end, and who is told. Every change of state goes through here, so the
 * counters are right and every listener hears of it.
 */
import type { JobCounts, JobStatus, ProblemCode, Thumbnail } from '@argus/shared'
import { isTerminal } from '@argus/shared'
import { v7 as uuidv7 } from 'uuid'
import { inspectImage } from '../images/inspect.ts'
import type { ImageStore } from '../store/image-store.ts'
import type { JobRecord, JobStore, StoredResult } from '../store/job-store.ts'

export interface Submission {
  /** The received file, which `submit` moves away or removes. */
  readonly uploadPath: string
  readonly fileName: string
  readonly owner: string
  readonly bytes: number
  readonly sha256: string
}

type ChangeListener = (id: string, status: JobStatus) => void

export class JobService {
  readonly #jobs: JobStore
  readonly #images: ImageStore
  readonly #maxPixels: number
  readonly #listeners = new Set<ChangeListener>()
  readonly #counts: JobCounts

  private constructor(jobs: JobStore, images: ImageStore, maxPixels: number, counts: JobCounts) {
    this.#jobs = jobs
    this.#images = images
    this.#maxPixels = maxPixels
    this.#counts = counts
  }

  /**
   * Opens the service after a start of the master: jobs that ran then are queued again, since no worker that
   * held one is known any more.
   */
  static async open(jobs: JobStore, images: ImageStore, maxPixels: number): Promise<JobService> {
    await jobs.requeueAllRunning()
    return new JobService(jobs, images, maxPixels, await jobs.countByStatus())
  }

  /** How many jobs there are in each state now. */
  get counts(): JobCounts {
    return { ...this.#counts }
  }

  /** Calls back after each change of a job's state, once it is on disk. */
  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Accepts a photo. When it returns, photo and job are on disk, and the job will reach an end.
   *
   * @throws ProblemError `image/…` where the photo is refused
   */
  async submit(submission: Submission): Promise<JobRecord> {
    const image = await inspectImage(submission.uploadPath, this.#maxPixels)
    await this.#images.keepImage(submission.uploadPath, submission.sha256)
    const id = uuidv7()
    await this.#jobs.insert({
      id,
      fileName: submission.fileName,
      owner: submission.owner,
      sha256: submission.sha256,
      bytes: submission.bytes,
      imageType: image.type,
      width: image.width,
      height: image.height,
      submittedAt: Date.now(),
    })
    this.#changed(id, null, 'QUEUED')
    return this.#mustFind(id)
  }

  find(id: string): Promise<JobRecord | null> {
    return this.#jobs.find(id)
  }

  newest(limit: number): Promise<JobRecord[]> {
    return this.#jobs.newest(limit)
  }

  nextQueued(limit: number): Promise<JobRecord[]> {
    return this.#jobs.nextQueued(limit)
  }

  /** The job when it has ended, or as it is after `milliseconds`. */
  async waitForEnd(id: string, milliseconds: number): Promise<JobRecord> {
    await new Promise<void>((resolve, reject) => {
      const finish = () => {
        clearTimeout(timer)
        stopListening()
        resolve()
      }
      const timer = setTimeout(finish, milliseconds)
      const stopListening = this.onChange((changed, status) => {
        if (changed === id && isTerminal(status)) finish()
      })
      // It may have ended before anyone listened.
      this.#mustFind(id).then((job) => isTerminal(job.status) && finish(), reject)
    })
    return this.#mustFind(id)
  }

  /** QUEUED → RUNNING. False where the job is not queued any more. */
  async start(job: JobRecord, attempt: number, worker: string): Promise<boolean> {
    const done = await this.#jobs.start(job.id, attempt, worker, Date.now())
    if (done) this.#changed(job.id, 'QUEUED', 'RUNNING')
    return done
  }

  /** RUNNING → QUEUED, where its worker has gone. */
  async requeue(id: string, attempt: number): Promise<void> {
    if (await this.#jobs.requeue(id, attempt)) this.#changed(id, 'RUNNING', 'QUEUED')
  }

  /** RUNNING → SUCCEEDED. False where the job went on without this attempt. */
  async succeed(id: string, attempt: number, result: StoredResult, thumbnail: Thumbnail): Promise<boolean> {
    const job = await this.#jobs.find(id)
    if (job?.status !== 'RUNNING' || job.attempts !== attempt) return false
    await this.#images.keepThumbnail(job.sha256, thumbnail)
    const done = await this.#jobs.succeed(id, attempt, result, thumbnail.type, Date.now())
    if (done) this.#changed(id, 'RUNNING', 'SUCCEEDED')
    return done
  }

  /** RUNNING → FAILED. False where the job went on without this attempt. */
  async fail(id: string, attempt: number, code: ProblemCode, detail: string): Promise<boolean> {
    const done = await this.#jobs.fail(id, attempt, code, detail, Date.now())
    if (done) this.#changed(id, 'RUNNING', 'FAILED')
    return done
  }

  async #mustFind(id: string): Promise<JobRecord> {
    const job = await this.#jobs.find(id)
    if (!job) throw new Error(`Job ${id} has no row`)
    return job
  }

  #changed(id: string, from: JobStatus | null, to: JobStatus): void {
    if (from) this.#counts[from] -= 1
    this.#counts[to] += 1
    for (const listener of this.#listeners) listener(id, to)
  }
}
