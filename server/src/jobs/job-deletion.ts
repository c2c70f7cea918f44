/** Deletes all jobs that a filter means, in bounded time: where there are more, the client comes back with a cursor. */
import { type DeletedJobs, JOB_STATUSES, type JobFilter } from '@argus/shared'
import type { Committer } from '../store/committer.ts'
import { JobList, type ListPlace } from '../store/job-list.ts'
import { JobStore } from '../store/job-store.ts'
import type { JobChanges } from './job-changes.ts'
import { conditionsOf, placeOf, toCursor } from './job-search.ts'

/** One request begins no other transaction after so long. */
const TIME_MS = 150
/** Of one transaction, for which others wait: up to 100 ms in a table of a million. */
const JOBS_AT_ONCE = 50
const SORT = 'submitted'

/** @throws ProblemError `request/invalid` where the cursor is none that was given out, `store/…` */
export async function deleteJobs(
  committer: Committer,
  changes: JobChanges,
  { cursor, ...filter }: JobFilter & { readonly cursor?: string },
): Promise<DeletedJobs> {
  const deadline = performance.now() + TIME_MS
  let after = cursor === undefined ? null : placeOf(cursor, SORT)
  let deleted = 0
  do {
    const { removed, next } = await deleteSome(committer, filter, after)
    changes.removed(removed)
    deleted += removed.length
    after = next
  } while (after && performance.now() < deadline)
  return { deleted, next: after && toCursor(after, SORT) }
}

/** In one transaction, so that a job that is no longer meant, since it was retried, is not deleted. */
function deleteSome(committer: Committer, filter: JobFilter, after: ListPlace | null) {
  return committer.commit(async (transaction, revisions) => {
    const { ids, next } = await new JobList(transaction, conditionsOf(filter)).page({
      order: 'submitted_at',
      isDescending: false,
      after,
      limit: JOBS_AT_ONCE,
    })
    const removed = await new JobStore(transaction).remove(ids, revisions, Date.now(), JOB_STATUSES)
    return { next, removed }
  })
}
