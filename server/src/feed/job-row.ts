/** A job as one row of a board: a fifth of its bytes. */
import type { JobRow } from '@argus/shared'
import { toJob } from '../jobs/job-view.ts'
import type { JobRecord } from '../store/job-record.ts'

export function toJobRow(record: JobRecord): JobRow {
  const { result, image: _image, tags: _tags, priority: _priority, timings: _timings, ...row } = toJob(record)
  const [best] = result?.classes ?? []
  return { ...row, best: best ? { label: best.label, probability: best.probability } : null }
}
