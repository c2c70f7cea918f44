/** Jobs on the master: their addresses, and changing one. */
import type { Job } from '@argus/shared'
import { post, remove } from './request.ts'

export const JOBS_PATH = '/api/v1/jobs'

/** Where a job is described as JSON. */
export function jobPath(id: string): string {
  return `${JOBS_PATH}/${encodeURIComponent(id)}`
}

/** Cancels a job that has not ended; returns it as that has left it. */
export async function cancelJob(id: string): Promise<Job> {
  return (await post(`${jobPath(id)}/cancel`)).json()
}

/** Queues a job that has ended once more; returns it as that has left it. */
export async function retryJob(id: string): Promise<Job> {
  return (await post(`${jobPath(id)}/retry`)).json()
}

/** Removes a job, whatever it is doing. */
export function deleteJob(id: string): Promise<void> {
  return remove(jobPath(id))
}
