import { describe, expect, it } from 'vitest'
import { windowJob } from '../../testing/simulation/jobs.ts'
import { FairShare } from './fair-share.ts'
import { Window } from './window.ts'

/** The ranks of so many submits of an owner. */
function ranks(shares: FairShare, owner: string, count: number, priority = 0): number[] {
  return Array.from({ length: count }, () => shares.next(priority, owner))
}

describe('fair share', () => {
  it('ranks the jobs of one owner one behind the other', () => {
    expect(ranks(new FairShare(), 'ann', 3)).toEqual([1, 2, 3])
  })

  it('has owners take turns', () => {
    const shares = new FairShare()
    expect(ranks(shares, 'ann', 3)).toEqual([1, 2, 3])
    expect(ranks(shares, 'bob', 3)).toEqual([1, 2, 3])
  })

  it('lets nobody save turns up', () => {
    const shares = new FairShare()
    for (const rank of ranks(shares, 'ann', 500)) shares.dealt(0, rank)
    expect(shares.next(0, 'bob')).toBe(501)
  })

  it('deals the single job of one within two, whoever has 5,000 waiting', () => {
    const shares = new FairShare()
    const window = new Window()
    window.refill()
    window.fill([], () => false)
    const submit = (owner: string, number: number) => {
      const id = `${owner} ${String(number).padStart(4, '0')}`
      window.offer(windowJob(id, { rank: shares.next(0, owner) }))
    }
    const deal = () => {
      const [job] = window.waiting
      if (!job) throw new Error('Nothing waits')
      window.take(job.id)
      shares.dealt(job.priority, job.rank)
      return job.id
    }
    for (let number = 0; number < 5000; number += 1) submit('ann', number)
    for (let number = 0; number < 700; number += 1) deal()
    submit('bob', 1)
    expect([deal(), deal()]).toContain('bob 0001')
  })

  it('keeps priorities apart', () => {
    const shares = new FairShare()
    for (const rank of ranks(shares, 'ann', 100, 1)) shares.dealt(1, rank)
    expect(shares.next(0, 'ann')).toBe(1)
    expect(shares.next(1, 'ann')).toBe(101)
  })

  it('never goes back when a job of an earlier rank is dealt again', () => {
    const shares = new FairShare()
    shares.dealt(0, 10)
    shares.dealt(0, 3)
    expect(shares.next(0, 'ann')).toBe(11)
  })
})

describe('after a start of the master', () => {
  it('asks once for each owner and priority', () => {
    const shares = new FairShare()
    expect(shares.knows(0, 'ann')).toBe(false)
    shares.learn(0, 'ann', null, null)
    expect(shares.knows(0, 'ann')).toBe(true)
    expect(shares.knows(1, 'ann')).toBe(false)
    expect(shares.knows(0, 'bob')).toBe(false)
  })

  it('goes on behind what the owner has queued, and before the end of the queue for others', () => {
    const shares = new FairShare()
    shares.learn(0, 'ann', 40, 90)
    shares.learn(0, 'bob', 40, null)
    expect(shares.next(0, 'ann')).toBe(91)
    expect(shares.next(0, 'bob')).toBe(41)
  })

  it('begins anew where nothing is queued', () => {
    const shares = new FairShare()
    shares.learn(0, 'ann', null, null)
    expect(shares.next(0, 'ann')).toBe(1)
  })

  it('forgets nothing that it knows already', () => {
    const shares = new FairShare()
    ranks(shares, 'ann', 5)
    shares.learn(0, 'ann', 1, 2)
    expect(shares.next(0, 'ann')).toBe(6)
  })
})

describe('many owners', () => {
  it('are forgotten when all of their jobs were dealt, and come back at the same rank', () => {
    const shares = new FairShare()
    const late = 'owner 0'
    for (let number = 0; number < 10_000; number += 1) shares.next(0, `owner ${number}`)
    expect(ranks(shares, late, 2)).toEqual([2, 3])
    shares.dealt(0, 1)
    shares.next(0, 'one more')
    expect(shares.knows(0, 'owner 1')).toBe(false)
    expect(shares.knows(0, late)).toBe(true)
    expect(shares.next(0, 'owner 1')).toBe(2)
    expect(shares.next(0, late)).toBe(4)
  })
})
