/** What a job is doing, in words; none where its status says it all. */
import type { Job } from '@argus/shared'
import { text } from '../../text/index.ts'

export function sentenceFor({ status, attempts, worker }: Job): string {
  const { jobs } = text
  switch (status) {
    case 'QUEUED':
      return attempts > 0 ? jobs.requeued(attempts) : jobs.queued
    case 'RUNNING':
      return worker === null ? jobs.running : jobs.runningOn(worker)
    case 'SUCCEEDED':
      return worker === null ? '' : jobs.recognisedBy(worker)
    case 'FAILED':
      return jobs.failed
    case 'CANCELLED':
      return jobs.cancelled
  }
}
