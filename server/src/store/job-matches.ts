/** Whether a job meets the conditions of a list, as job-filters.ts has the database decide it. */
import type { JobConditions, TimeRange } from './job-filters.ts'
import type { JobRecord } from './job-record.ts'

/** For a job that is in memory already; the store's tests hold it against the SQL. */
export function matches(job: JobRecord, conditions: JobConditions): boolean {
  const { status, classes, fileNamePrefix, batch, worker, owner, tags, submitted, ended } = conditions
  const best = job.result?.classes[0]?.index
  return (
    (status === undefined || status.includes(job.status)) &&
    (classes === undefined || (best !== undefined && classes.includes(best))) &&
    (fileNamePrefix === undefined || beginsWith(job.fileName, fileNamePrefix)) &&
    (batch === undefined || job.batch === batch) &&
    (worker === undefined || job.worker === worker) &&
    (owner === undefined || job.owner === owner) &&
    (tags === undefined || tags.every(([name, value]) => job.tags[name] === value)) &&
    isIn(submitted, job.submittedAt) &&
    isIn(ended, job.endedAt)
  )
}

/** No name that is stored begins with half a character. */
function beginsWith(name: string, prefix: string): boolean {
  return name.startsWith(prefix) && !/\p{Surrogate}/u.test(prefix)
}

function isIn(range: TimeRange | undefined, time: number | null): boolean {
  if (range === undefined) return true
  const { from = Number.NEGATIVE_INFINITY, before = Number.POSITIVE_INFINITY } = range
  return time !== null && time >= from && time < before
}
