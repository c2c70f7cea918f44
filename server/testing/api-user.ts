/** A user of the REST API in tests: sends photos, looks at jobs, drains the worker, each by a call of its own. */
import { createHash } from 'node:crypto'
import {
  type Batch,
  type BatchReceipt,
  batchReceiptSchema,
  batchSchema,
  type DeletedJobs,
  deletedJobsSchema,
  type Job,
  type JobDetail,
  type JobPage,
  jobDetailSchema,
  jobPageSchema,
  jobSchema,
  type WorkerView,
  workersSchema,
  workerViewSchema,
} from '@argus/shared'
import { expect, vi } from 'vitest'
import { ApiClient } from './api-client.ts'
import { pngHeader } from './images.ts'
import type { ApiRequest } from './openapi-check.ts'

export type Query = NonNullable<ApiRequest['query']>

/** One that no other call makes: the result of a photo that is known would be taken. */
let photosMade = 0
export function photo(): Uint8Array<ArrayBuffer> {
  photosMade += 1
  return new Uint8Array(pngHeader(8, photosMade))
}

/** A photo as a body of its own. */
export function raw(bytes: Uint8Array<ArrayBuffer>, type = 'image/png'): Blob {
  return new Blob([bytes], { type })
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

export function idsOf(jobs: readonly Job[]): string[] {
  return jobs.map(({ id }) => id).sort()
}

export class ApiUser {
  readonly api: ApiClient

  private constructor(api: ApiClient) {
    this.api = api
  }

  /** @param url of a master */
  static async of(url: string): Promise<ApiUser> {
    return new ApiUser(await ApiClient.open(url))
  }

  /** Submits, and holds the job against what the answer says about it. */
  async submit(request: ApiRequest): Promise<Job> {
    const answer = await this.api.call('submitJob', request)
    expect(answer.status).toBe(201)
    const job = jobSchema.parse(answer.json)
    expect(answer.headers.get('location')).toBe(`/api/v1/jobs/${job.id}`)
    return job
  }

  /** Submits a photo of its own as raw bytes. */
  submitPhoto(query: Query = {}, headers: Record<string, string> = {}): Promise<Job> {
    return this.submit({ query, headers, body: raw(photo()) })
  }

  /** Makes a batch, of photos in a form or empty. */
  async createBatch(request: ApiRequest = {}): Promise<BatchReceipt> {
    const answer = await this.api.call('createBatch', request)
    const receipt = batchReceiptSchema.parse(answer.json)
    expect(answer.headers.get('location')).toBe(`/api/v1/batches/${receipt.batch.id}`)
    return receipt
  }

  /** The id of an empty batch. */
  async emptyBatch(query: Query = {}): Promise<string> {
    return (await this.createBatch({ query })).batch.id
  }

  async getBatch(id: string): Promise<Batch> {
    return batchSchema.parse((await this.api.call('getBatch', { params: { id } })).json)
  }

  /** The batch when all of its jobs have ended. */
  batchEnds(id: string): Promise<Batch> {
    return vi.waitFor(
      async () => {
        const batch = await this.getBatch(id)
        expect([batch.progress, batch.secondsLeft]).toEqual([1, 0])
        return batch
      },
      { timeout: 100_000, interval: 100 },
    )
  }

  async actOnBatch(operation: 'cancelBatch' | 'retryFailedOfBatch', id: string): Promise<Batch> {
    return batchSchema.parse((await this.api.call(operation, { params: { id } })).json)
  }

  /** Its jobs in the order of their submit. */
  async jobsOfBatch(id: string): Promise<Job[]> {
    const text = (await this.bytesOf('getBatchJobs', { id })).toString()
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => jobSchema.parse(JSON.parse(line)))
  }

  async get(id: string): Promise<JobDetail> {
    return jobDetailSchema.parse((await this.api.call('getJob', { params: { id } })).json)
  }

  /** The job when it has come to this. */
  becomes(id: string, status: Job['status']): Promise<JobDetail> {
    return vi.waitFor(
      async () => {
        const job = await this.get(id)
        expect(job.status).toBe(status)
        return job
      },
      { timeout: 60_000, interval: 50 },
    )
  }

  async act(operation: 'cancelJob' | 'retryJob', id: string): Promise<Job> {
    return jobSchema.parse((await this.api.call(operation, { params: { id } })).json)
  }

  async page(query: Query = {}): Promise<JobPage> {
    return jobPageSchema.parse((await this.api.call('listJobs', { query })).json)
  }

  /** All pages of a list, from this cursor on. */
  async pages(query: Query, cursor: string | null = null): Promise<JobPage[]> {
    const read: JobPage[] = []
    let next = cursor
    do {
      const found = await this.page({ ...query, ...(next !== null && { cursor: next }) })
      read.push(found)
      next = found.next
    } while (next !== null)
    return read
  }

  async deleteAll(query: Query): Promise<DeletedJobs> {
    return deletedJobsSchema.parse((await this.api.call('deleteJobs', { query })).json)
  }

  /** The only one. */
  async theWorker(): Promise<WorkerView> {
    const { workers } = workersSchema.parse((await this.api.call('listWorkers')).json)
    const [worker] = workers
    if (!worker) throw new Error('There is no worker')
    return worker
  }

  async getWorker(id: string): Promise<WorkerView> {
    return workerViewSchema.parse((await this.api.call('getWorker', { params: { id } })).json)
  }

  async drain(): Promise<WorkerView> {
    const { id } = await this.theWorker()
    return workerViewSchema.parse((await this.api.call('drainWorker', { params: { id } })).json)
  }

  async resume(): Promise<WorkerView> {
    const { id } = await this.theWorker()
    return workerViewSchema.parse((await this.api.call('resumeWorker', { params: { id } })).json)
  }

  async bytesOf(operation: string, params: Record<string, string>, headers = {}): Promise<Buffer> {
    return Buffer.from((await this.api.call(operation, { params, headers })).bytes)
  }
}
