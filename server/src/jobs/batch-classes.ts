/** What was recognised in the photos of a batch, and what was taken for what, from how often each class was. */
import { type BatchClasses, MAX_BATCH_CLASSES } from '@argus/shared'
import { LABELS } from '@argus/shared/labels'
import type { BatchClassTally } from '../store/batch-store.ts'

/** @param tally in any order */
export function batchClasses(tally: readonly BatchClassTally[]): BatchClasses {
  const byClass = new Map<number, number>()
  for (const { best, jobs } of tally) byClass.set(best, (byClass.get(best) ?? 0) + jobs)
  const classes = [...byClass].map(([index, jobs]) => ({ ...named(index), jobs })).sort(mostFirst)
  const listed = classes.slice(0, MAX_BATCH_CLASSES)
  const confusions = tally.flatMap(({ best, truth, jobs }) =>
    truth === null || truth === best ? [] : [{ truth: named(truth), taken: named(best), jobs }],
  )
  return {
    classes: listed,
    others: classes.slice(MAX_BATCH_CLASSES).reduce((sum, { jobs }) => sum + jobs, 0),
    confusions: confusions.sort(mostFirst).slice(0, MAX_BATCH_CLASSES),
  }
}

function named(index: number): { index: number; label: string } {
  return { index, label: LABELS[index]?.label ?? String(index) }
}

function mostFirst(a: { jobs: number }, b: { jobs: number }): number {
  return b.jobs - a.jobs
}
