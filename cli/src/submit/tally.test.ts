import { expect, it } from 'vitest'
import { failedJob, jobOf } from '../../testing/jobs.ts'
import { Tally } from './tally.ts'

const ids = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'] as const

it('counts jobs whose events come before the answer that tells of them', () => {
  const tally = new Tally(1)
  tally.note(jobOf({ id: ids[0] }))
  expect(tally.counts).toMatchObject({ accepted: 0, succeeded: 0 })
  tally.accept(0, ids[0])
  expect(tally.counts).toMatchObject({ accepted: 1, succeeded: 1, ended: 1 })
  expect(tally.isComplete).toBe(true)
})

it('does not take an older state for a newer one', () => {
  const tally = new Tally(1)
  tally.accept(0, ids[0])
  tally.note(failedJob({ id: ids[0], revision: 5 }))
  tally.note(jobOf({ id: ids[0], revision: 4, status: 'RUNNING', endedAt: null }))
  expect(tally.counts).toMatchObject({ failed: 1, ended: 1 })
  expect(tally.failures).toEqual([[0, 'The image is damaged and cannot be read (image/unreadable)']])
  tally.note(jobOf({ id: ids[0], revision: 6 }))
  expect(tally.counts).toMatchObject({ failed: 0, succeeded: 1 })
  expect(tally.failures).toEqual([])
})

it('is complete when each file was refused, or its job has ended or was deleted', () => {
  const tally = new Tally(3)
  tally.refuse(2, { title: 'The file is empty' })
  tally.accept(0, ids[0])
  tally.note(jobOf({ id: ids[0] }))
  expect(tally.isSubmitted).toBe(false)
  tally.accept(1, ids[1])
  expect([tally.isSubmitted, tally.isComplete, tally.open]).toEqual([true, false, [ids[1]]])
  tally.remove(ids[1])
  expect(tally.isComplete).toBe(true)
  expect(tally.counts).toEqual({
    files: 3,
    accepted: 2,
    refused: 1,
    succeeded: 1,
    failed: 0,
    cancelled: 0,
    removed: 1,
    ended: 2,
  })
})

it('leaves out the jobs of others', () => {
  const tally = new Tally(1)
  tally.accept(0, ids[0])
  tally.note(jobOf({ id: ids[1] }))
  expect(tally.counts).toMatchObject({ accepted: 1, ended: 0 })
  expect(tally.fileOf(ids[1])).toBeUndefined()
})
