/** Batches on the master: their addresses, listing them, and changing one. */
import type { Batch, BatchPage, Job, JobPage } from '@argus/shared'
import { JOBS_PATH } from './jobs.ts'
import { get, post, remove } from './request.ts'

export const BATCHES_PATH = '/api/v1/batches'

/** Where a batch is described as JSON. */
export function batchPath(id: string): string {
  return `${BATCHES_PATH}/${encodeURIComponent(id)}`
}

/** Where its results are, as a table for a spreadsheet or as a job a line. */
export function resultsPath(id: string, format: 'csv' | 'ndjson'): string {
  return `${batchPath(id)}/results.${format}`
}

/**
 * Reads a page of the batches, the newest first.
 *
 * @param cursor `next` of the page before; null: from the newest on
 */
export async function fetchBatches(limit: number, cursor: string | null): Promise<BatchPage> {
  const query = new URLSearchParams({ limit: String(limit) })
  if (cursor !== null) query.set('cursor', cursor)
  return (await get(`${BATCHES_PATH}?${query}`)).json()
}

/** Reads the newest jobs of a batch. */
export async function fetchNewestJobs(batch: string, limit: number): Promise<Job[]> {
  const query = new URLSearchParams({ batch, limit: String(limit) })
  const page: JobPage = await (await get(`${JOBS_PATH}?${query}`)).json()
  return page.jobs
}

/** Cancels what has not ended of a batch; it takes no more photos. Returns it as that has left it. */
export async function cancelBatch(id: string): Promise<Batch> {
  return (await post(`${batchPath(id)}/cancel`)).json()
}

/** Queues those of its jobs that have failed once more; returns it as that has left it. */
export async function retryFailedOf(id: string): Promise<Batch> {
  return (await post(`${batchPath(id)}/retry-failed`)).json()
}

/** Removes a batch with its jobs. */
export function deleteBatch(id: string): Promise<void> {
  return remove(batchPath(id))
}
