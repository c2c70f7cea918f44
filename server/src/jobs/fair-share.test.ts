import { describe, expect, it } from 'vitest'
import { FairShare } from './fair-share.ts'

/** The ranks of the next jobs of an owner. */
function next(shares: FairShare, owner: string, count: number, priority = 0): number[] {
  return Array.from({ length: count }, () => shares.next(priority, owner))
}

describe('ranks', () => {
  it('go up by one for each owner', () => {
    const shares = new FairShare()
    expect(next(shares, 'ann', 3)).toEqual([1, 2, 3])
    expect(next(shares, 'bob', 2)).toEqual([1, 2])
    expect(next(shares, 'ann', 1)).toEqual([4])
  })

  it('begin behind what has been dealt', () => {
    const shares = new FairShare()
    next(shares, 'ann', 10)
    shares.dealt(0, 3)
    expect(next(shares, 'bob', 2)).toEqual([4, 5])
    // Nor does who has been away gain by it.
    shares.dealt(0, 8)
    expect(next(shares, 'bob', 1)).toEqual([9])
    expect(next(shares, 'ann', 1)).toEqual([11])
  })

  it('do not go back when a job of an earlier rank is dealt again', () => {
    const shares = new FairShare()
    shares.dealt(0, 8)
    shares.dealt(0, 2)
    expect(next(shares, 'ann', 1)).toEqual([9])
  })

  it('are of one priority', () => {
    const shares = new FairShare()
    next(shares, 'ann', 10)
    shares.dealt(0, 10)
    expect(next(shares, 'ann', 1, 1)).toEqual([1])
    expect(next(shares, 'ann', 1, -1)).toEqual([1])
  })
})

describe('what the store knows', () => {
  it('is asked for once an owner and priority', () => {
    const shares = new FairShare()
    expect(shares.knows(0, 'ann')).toBe(false)
    shares.learn(0, 'ann', null, null)
    expect(shares.knows(0, 'ann')).toBe(true)
    expect(shares.knows(1, 'ann')).toBe(false)
    expect(shares.knows(0, 'bob')).toBe(false)
  })

  it('is where the ranks go on after a restart', () => {
    const shares = new FairShare()
    shares.learn(0, 'ann', 500, 520)
    expect(next(shares, 'ann', 2)).toEqual([521, 522])
    shares.learn(0, 'bob', 500, null)
    expect(next(shares, 'bob', 2)).toEqual([501, 502])
  })

  it('does not take back what has been given out meanwhile', () => {
    const shares = new FairShare()
    shares.learn(0, 'ann', 10, 12)
    next(shares, 'ann', 3)
    shares.learn(0, 'ann', 10, 12)
    expect(next(shares, 'ann', 1)).toEqual([16])
  })

  it('is no place before what was dealt, before anyone asked', () => {
    const shares = new FairShare()
    shares.dealt(0, 700)
    shares.learn(0, 'ann', 701, 705)
    shares.learn(0, 'bob', 701, null)
    expect([next(shares, 'ann', 1), next(shares, 'bob', 1)]).toEqual([[706], [701]])
  })
})

describe('ten thousand owners', () => {
  it('are forgotten where all of theirs is dealt, which costs them nothing', () => {
    const shares = new FairShare()
    for (let number = 0; number < 10_000; number += 1) next(shares, `owner ${number}`, number < 10 ? 3 : 1)
    shares.dealt(0, 2)
    next(shares, 'one more', 1)
    expect(shares.knows(0, 'owner 500')).toBe(false)
    expect(shares.knows(0, 'owner 5')).toBe(true)
    expect(next(shares, 'owner 500', 1)).toEqual([3])
    expect(next(shares, 'owner 5', 1)).toEqual([4])
  })
})
