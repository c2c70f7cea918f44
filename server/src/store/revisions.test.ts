import { describe, expect, it } from 'vitest'
import { Revisions } from './revisions.ts'

describe('revisions', () => {
  it('ascend from 1, and none is given out twice', () => {
    const revisions = new Revisions()
    expect([1, 2, 3].map(() => revisions.next())).toEqual([1, 2, 3])
    revisions.settle()
    expect(revisions.next()).toBe(4)
  })

  it('are committed as soon as they are settled, not when they are given out', () => {
    const revisions = new Revisions()
    expect(revisions.committed).toBe(0)
    revisions.next()
    revisions.next()
    expect(revisions.committed).toBe(0)
    revisions.settle()
    expect(revisions.committed).toBe(2)
    revisions.next()
    expect(revisions.committed).toBe(2)
  })

  it('go on behind those of an earlier master, and never go back', () => {
    const revisions = new Revisions()
    revisions.startAfter(40)
    expect(revisions.committed).toBe(0)
    expect(revisions.next()).toBe(41)
    revisions.startAfter(7)
    expect(revisions.next()).toBe(42)
    revisions.settle()
    expect(revisions.committed).toBe(42)
  })
})
