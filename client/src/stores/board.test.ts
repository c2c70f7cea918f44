/** The board's reducer: order, limit, identity of rows, and every way in which a frame can be out of place. */
import type { ClusterView, Frame, Job, JobCounts, Snapshot } from '@argus/shared'
import { expect, test } from 'vitest'
import { makeJob } from '../../testing/job.ts'
import { applyFrame, type BoardState, catchUp, fromSnapshot, ROWS } from './board-state.ts'

const counts: JobCounts = { QUEUED: 0, RUNNING: 0, SUCCEEDED: 0, FAILED: 0, CANCELLED: 0 }
const cluster: ClusterView = {
  ready: false,
  storage: { database: 'ok', disk: 'ok' },
  model: { state: 'resolving' },
  workers: [],
}

function numberedJob(number: number, change: Partial<Job> = {}): Job {
  const id = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
  const submittedAt = new Date(Date.UTC(2025, 0, 1) + number * 1_000).toISOString()
  return makeJob(id, { fileName: `${number}.png`, submittedAt, queuedAt: submittedAt, ...change })
}

function makeSnapshot(change: Partial<Snapshot> = {}): Snapshot {
  return { bootId: 'one', seq: 7, counts, cluster, jobs: [numberedJob(2), numberedJob(1)], ...change }
}

function makeFrame(seq: number, jobs: Job[], change: Partial<Frame> = {}): Frame {
  return { bootId: 'one', seq, counts, jobs, removed: [], ...change }
}

function applied(effect: BoardState | 'known' | 'gap'): BoardState {
  if (typeof effect === 'string') throw new Error(`expected a new state, got "${effect}"`)
  return effect
}

const names = (state: BoardState) => state.jobs.map((job) => job.fileName)

test('a frame replaces jobs that changed and puts new ones on top', () => {
  const before = fromSnapshot(makeSnapshot())
  const changed = numberedJob(1, { status: 'RUNNING' })
  const after = applied(applyFrame(before, makeFrame(8, [changed, numberedJob(3)])))
  expect(names(after)).toEqual(['3.png', '2.png', '1.png'])
  expect(after.seq).toBe(8)
  expect(after.jobs[1]).toBe(before.jobs[0])
  expect(after.jobs[2]).toBe(changed)
  expect([...after.arrived]).toEqual([numberedJob(3).id])
})

test('jobs of the same instant stand by descending id', () => {
  const submittedAt = numberedJob(5).submittedAt
  const jobs = [
    numberedJob(1, { submittedAt }),
    numberedJob(3, { submittedAt }),
    numberedJob(2, { submittedAt }),
  ]
  expect(names(fromSnapshot(makeSnapshot({ jobs })))).toEqual(['3.png', '2.png', '1.png'])
})

test('only the newest rows stay, and what falls out is forgotten', () => {
  const jobs = Array.from({ length: ROWS }, (_, number) => numberedJob(number + 10))
  const before = fromSnapshot(makeSnapshot({ jobs }))
  const after = applied(applyFrame(before, makeFrame(8, [numberedJob(1), numberedJob(100)])))
  expect(after.jobs).toHaveLength(ROWS)
  expect(names(after)[0]).toBe('100.png')
  expect(names(after).at(-1)).toBe('11.png')
  expect([...after.arrived]).toEqual([numberedJob(100).id])
})

test('jobs that were removed leave the rows, and the others keep their identity', () => {
  const before = fromSnapshot(makeSnapshot({ jobs: [numberedJob(3), numberedJob(2), numberedJob(1)] }))
  const elsewhere = numberedJob(99).id
  const left = { ...counts, SUCCEEDED: 2 }
  const removed = [numberedJob(2).id, elsewhere]
  const after = applied(applyFrame(before, makeFrame(8, [], { counts: left, removed })))
  expect(names(after)).toEqual(['3.png', '1.png'])
  expect(after.jobs[0]).toBe(before.jobs[0])
  expect(after.removed).toEqual(removed)
  const next = applied(applyFrame(after, makeFrame(9, [], { counts: left })))
  expect(next.jobs).toBe(after.jobs)
  expect(next.removed).toEqual([])
})

test('a job that came with a frame and is removed is no longer one that arrived', () => {
  const before = applied(applyFrame(fromSnapshot(makeSnapshot()), makeFrame(8, [numberedJob(3)])))
  const after = applied(applyFrame(before, makeFrame(9, [], { removed: [numberedJob(3).id] })))
  expect(names(after)).toEqual(['2.png', '1.png'])
  expect(after.arrived.size).toBe(0)
})

test('older jobs are to be fetched where removed ones leave room for them', () => {
  const jobs = Array.from({ length: ROWS }, (_, number) => numberedJob(number + 10))
  const state = fromSnapshot(makeSnapshot({ jobs }))
  const removed = [numberedJob(10).id]
  const left = (SUCCEEDED: number) => ({ counts: { ...counts, SUCCEEDED }, removed })
  expect(applyFrame(state, makeFrame(8, [], left(ROWS)))).toBe('gap')
  expect(applied(applyFrame(state, makeFrame(8, [], left(ROWS - 1)))).jobs).toHaveLength(ROWS - 1)
  // A newer one has taken its place already.
  expect(applied(applyFrame(state, makeFrame(8, [numberedJob(100)], left(ROWS)))).jobs).toHaveLength(ROWS)
})

test('counts come with every frame, the cluster only when it changed', () => {
  const before = fromSnapshot(makeSnapshot())
  const quiet = applied(applyFrame(before, makeFrame(8, [], { counts: { ...counts, FAILED: 4 } })))
  expect(quiet.counts.FAILED).toBe(4)
  expect(quiet.cluster).toBe(before.cluster)
  expect(quiet.jobs).toBe(before.jobs)
  const ready = applied(applyFrame(quiet, makeFrame(9, [], { cluster: { ...cluster, ready: true } })))
  expect(ready.cluster.ready).toBe(true)
})

test('a missing number, or another start of the master, is a gap', () => {
  const state = fromSnapshot(makeSnapshot())
  expect(applyFrame(state, makeFrame(9, []))).toBe('gap')
  expect(applyFrame(state, makeFrame(8, [], { bootId: 'two' }))).toBe('gap')
})

test('a frame that the snapshot contains already changes nothing', () => {
  const state = fromSnapshot(makeSnapshot())
  expect(applyFrame(state, makeFrame(7, [numberedJob(9)]))).toBe('known')
})

test('frames that overtook their snapshot are applied on top of it', () => {
  const waiting = [
    makeFrame(99, [numberedJob(50)], { bootId: 'zero' }),
    makeFrame(7, [numberedJob(51)]),
    makeFrame(8, [numberedJob(3)]),
  ]
  const state = applied(catchUp(makeSnapshot(), waiting))
  expect(state.seq).toBe(8)
  expect(names(state)).toEqual(['3.png', '2.png', '1.png'])
  expect(catchUp(makeSnapshot(), [makeFrame(9, [])])).toBe('gap')
})
