/** Removes all jobs that a filter means. */
import type { DeletedJobs } from '@argus/shared'
import { JOBS_PATH } from './jobs.ts'
import { request } from './request.ts'

/**
 * Removes as many of them as the master does at a time; without a filter, of all jobs.
 *
 * @param filter the query parameters of `GET /api/v1/jobs`
 * @param cursor `next` of the answer before; null at first
 */
export async function deleteJobs(filter: URLSearchParams, cursor: string | null): Promise<DeletedJobs> {
  const query = new URLSearchParams(filter)
  if (filter.size === 0) query.set('all', 'true')
  if (cursor !== null) query.set('cursor', cursor)
  return (await request('DELETE', `${JOBS_PATH}?${query}`)).json()
}
