/** The requests that the commands make. */
import {
  type Batch,
  batchReceiptSchema,
  batchSchema,
  type Job,
  type JobPage,
  jobPageSchema,
  jobSchema,
  type WorkerView,
  workersSchema,
} from '@argus/shared'
import type { Master, Query } from './master.ts'

export function batchPath(id: string): string {
  return `/batches/${encodeURIComponent(id)}`
}

/** Makes an empty batch; the same key makes the same one. */
export async function createBatch(
  master: Master,
  query: Query,
  idempotencyKey: string,
  signal: AbortSignal,
): Promise<Batch> {
  const headers = { 'idempotency-key': idempotencyKey }
  return (await master.post('/batches', batchReceiptSchema, { query, headers, signal })).batch
}

export function fetchBatch(master: Master, id: string, signal: AbortSignal): Promise<Batch> {
  return master.get(batchPath(id), batchSchema, { signal })
}

/** Submits a photo; the same key makes the same job. */
export function submitPhoto(
  master: Master,
  photo: Uint8Array<ArrayBuffer>,
  query: Query,
  idempotencyKey: string,
  signal: AbortSignal,
): Promise<Job> {
  // The master tells the true type from the bytes: this says only that they are no form.
  const headers = { 'content-type': 'image/jpeg', 'idempotency-key': idempotencyKey }
  return master.post('/jobs', jobSchema, { query, headers, body: photo, signal })
}

/** All jobs of a batch as they are now. */
export function fetchBatchJobs(master: Master, id: string, signal: AbortSignal): AsyncGenerator<Job> {
  return master.lines(`${batchPath(id)}/results.ndjson`, jobSchema, { signal })
}

export function fetchJobs(master: Master, query: Query): Promise<JobPage> {
  return master.get('/jobs', jobPageSchema, { query })
}

export async function fetchWorkers(master: Master): Promise<WorkerView[]> {
  return (await master.get('/workers', workersSchema)).workers
}
