import { describe, expect, it } from 'vitest'
import { accuracyOf } from './accuracy.ts'

describe('the accuracy', () => {
  it('is none of no jobs', () => {
    expect(accuracyOf(new Map())).toBeNull()
    expect(
      accuracyOf(
        new Map([
          [0, 0],
          [1, 0],
        ]),
      ),
    ).toBeNull()
  })

  it('counts the first place, and the five best', () => {
    const places = new Map([
      [0, 2],
      [1, 5],
      [2, 1],
      [4, 1],
      [5, 1],
    ])
    expect(accuracyOf(places)).toEqual({ jobs: 10, top1: 0.5, top5: 0.8 })
  })

  it('is exact where all are right, and where none is', () => {
    expect(accuracyOf(new Map([[1, 7]]))).toEqual({ jobs: 7, top1: 1, top5: 1 })
    expect(accuracyOf(new Map([[0, 7]]))).toEqual({ jobs: 7, top1: 0, top5: 0 })
    expect(accuracyOf(new Map([[5, 3]]))).toEqual({ jobs: 3, top1: 0, top5: 1 })
  })
})
