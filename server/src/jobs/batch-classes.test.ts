/** The classes and confusions of a batch, from tallies. */
import { batchClassesSchema, MAX_BATCH_CLASSES } from '@argus/shared'
import { LABELS } from '@argus/shared/labels'
import { describe, expect, it } from 'vitest'
import type { BatchClassTally } from '../store/batch-store.ts'
import { batchClasses } from './batch-classes.ts'

function nameOf(index: number) {
  return { index, label: LABELS[index]?.label }
}

describe('the classes of a batch', () => {
  it('are none while nothing is recognised', () => {
    expect(batchClasses([])).toEqual({ classes: [], others: 0, confusions: [] })
  })

  it('are added up whatever is true, the most frequent first', () => {
    const tally: BatchClassTally[] = [
      { best: 7, truth: null, jobs: 2 },
      { best: 417, truth: 417, jobs: 3 },
      { best: 417, truth: 7, jobs: 1 },
      { best: 417, truth: null, jobs: 4 },
      { best: 0, truth: 0, jobs: 5 },
    ]
    const { classes, others } = batchClasses(tally)
    expect(classes).toEqual([
      { ...nameOf(417), jobs: 8 },
      { ...nameOf(0), jobs: 5 },
      { ...nameOf(7), jobs: 2 },
    ])
    expect(others).toBe(0)
  })

  it('beyond those that are listed are counted together', () => {
    const tally = Array.from({ length: MAX_BATCH_CLASSES + 3 }, (_, best) => ({
      best,
      truth: null,
      jobs: 100 - best,
    }))
    const made = batchClasses(tally)
    expect(made.classes.map(({ index }) => index)).toEqual(
      Array.from({ length: MAX_BATCH_CLASSES }, (_, index) => index),
    )
    expect(made.others).toBe(80 + 79 + 78)
    expect(batchClassesSchema.parse(made)).toEqual(made)
  })

  it('are confused where the truth is known and is another one, the most frequent first', () => {
    const tally: BatchClassTally[] = [
      { best: 7, truth: null, jobs: 50 },
      { best: 7, truth: 7, jobs: 40 },
      { best: 7, truth: 8, jobs: 1 },
      { best: 8, truth: 7, jobs: 3 },
      { best: 8, truth: 0, jobs: 2 },
    ]
    expect(batchClasses(tally).confusions).toEqual([
      { truth: nameOf(7), taken: nameOf(8), jobs: 3 },
      { truth: nameOf(0), taken: nameOf(8), jobs: 2 },
      { truth: nameOf(8), taken: nameOf(7), jobs: 1 },
    ])
  })

  it('are confused in so many ways at most', () => {
    const tally = Array.from({ length: 3 * MAX_BATCH_CLASSES }, (_, at) => ({
      best: at,
      truth: at + 1,
      jobs: at + 1,
    }))
    const { confusions } = batchClasses(tally)
    expect(confusions).toHaveLength(MAX_BATCH_CLASSES)
    expect(confusions[0]?.jobs).toBe(3 * MAX_BATCH_CLASSES)
  })

  it('do not change what they are made of', () => {
    const tally: readonly BatchClassTally[] = Object.freeze([
      Object.freeze({ best: 1, truth: 2, jobs: 1 }),
      Object.freeze({ best: 2, truth: 1, jobs: 2 }),
    ])
    expect(batchClasses(tally)).toEqual(batchClasses([...tally].reverse()))
  })
})
