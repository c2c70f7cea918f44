/** What is to be said of a batch: its name, what it is doing, how much of it has ended. */
import type { Batch, JobCounts } from '@argus/shared'
import { isTerminal, JOB_STATUSES } from '@argus/shared/vocabulary'
import { text } from '../../text/index.ts'

export type BatchState = keyof typeof text.batch.states

export function stateOf({ cancelledAt, total, progress }: Batch): BatchState {
  if (cancelledAt !== null) return 'cancelled'
  if (total === 0) return 'empty'
  return progress === 1 ? 'done' : 'running'
}

/** Whether nothing of it is going to change by itself. */
export function isOver({ cancelledAt, total, counts }: Batch): boolean {
  return endedOf(counts) === total && (total > 0 || cancelledAt !== null)
}

/** How many jobs have ended. */
export function endedOf(counts: JobCounts): number {
  return JOB_STATUSES.filter(isTerminal).reduce((sum, status) => sum + counts[status], 0)
}

export function nameOf({ id, name }: Batch): string {
  return name ?? text.batch.unnamed(id)
}
