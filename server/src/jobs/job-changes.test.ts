import { beforeEach, describe, expect, it } from 'vitest'
import { JobChanges } from './job-changes.ts'
import { SUBMITTED } from './job-machine.ts'
import type { WindowJob } from './window.ts'

const NONE = { QUEUED: 0, RUNNING: 0, SUCCEEDED: 0, FAILED: 0, CANCELLED: 0 }
const JOB: WindowJob = {
  ...SUBMITTED,
  id: 'a',
  priority: 0,
  rank: 1,
  image: { sha256: '', type: 'image/png', width: 8, height: 8 },
}

let changes: JobChanges
let heard: unknown[]

beforeEach(() => {
  changes = new JobChanges({ ...NONE, RUNNING: 3, FAILED: 1 })
  heard = []
  changes.onChange((id, status) => heard.push([id, status, changes.counts[status]]))
  changes.onQueued((job) => heard.push(job))
  changes.onEnd((id, run) => heard.push([id, run]))
  changes.onRemoved((ids) => heard.push(ids))
})

describe('the counts', () => {
  it('begin as they are given, and are changed by nobody else', () => {
    changes.counts.QUEUED = 9
    expect(changes.counts).toEqual({ ...NONE, RUNNING: 3, FAILED: 1 })
  })

  it('follow jobs from state to state', () => {
    changes.submitted(JOB)
    expect(changes.counts).toEqual({ ...NONE, QUEUED: 1, RUNNING: 3, FAILED: 1 })
    changes.moved('a', 1, 'RUNNING', { run: 1, from: 'QUEUED', to: 'RUNNING' })
    changes.moved('a', 1, 'CANCELLED', { run: 1, from: 'RUNNING', to: 'CANCELLED' })
    expect(changes.counts).toEqual({ ...NONE, RUNNING: 3, FAILED: 1, CANCELLED: 1 })
    changes.retried(JOB, { run: 2, from: 'CANCELLED', to: 'QUEUED' })
    expect(changes.counts).toEqual({ ...NONE, QUEUED: 1, RUNNING: 3, FAILED: 1 })
    changes.removed([{ id: 'b', status: 'FAILED', run: 1 }])
    expect(changes.counts).toEqual({ ...NONE, QUEUED: 1, RUNNING: 3 })
  })

  it('stay for a change that did not happen', () => {
    changes.moved('a', 1, 'SUCCEEDED', null)
    expect(changes.counts).toEqual({ ...NONE, RUNNING: 3, FAILED: 1 })
    expect(heard).toEqual([])
  })

  it('stay for a change that had happened before, of which nobody was told', () => {
    changes.moved('a', 2, 'SUCCEEDED', 'repeated')
    expect(changes.counts).toEqual({ ...NONE, RUNNING: 3, FAILED: 1 })
    expect(heard).toEqual([
      ['a', 'SUCCEEDED', 0],
      ['a', 2],
    ])
  })

  it('are set right by a recount', () => {
    changes.recounted({ ...NONE, SUCCEEDED: 7 })
    expect(changes.counts).toEqual({ ...NONE, SUCCEEDED: 7 })
  })
})

describe('listeners', () => {
  it('hear of a job that is submitted, when it has been counted', () => {
    changes.submitted(JOB)
    expect(heard).toEqual([['a', 'QUEUED', 1], JOB])
  })

  it('hear of a run that ends, and which', () => {
    changes.moved('a', 2, 'SUCCEEDED', { run: 2, from: 'RUNNING', to: 'SUCCEEDED' })
    changes.moved('b', 1, 'CANCELLED', { run: 1, from: 'QUEUED', to: 'CANCELLED' })
    changes.moved('c', 5, 'FAILED', { run: 5, from: 'RUNNING', to: 'FAILED' })
    expect(heard).toEqual([
      ['a', 'SUCCEEDED', 1],
      ['a', 2],
      ['b', 'CANCELLED', 1],
      ['b', 1],
      ['c', 'FAILED', 2],
      ['c', 5],
    ])
  })

  it('hear of a job that waits again only as of a change: it keeps its place', () => {
    changes.moved('a', 1, 'QUEUED', { run: 1, from: 'RUNNING', to: 'QUEUED' })
    expect(heard).toEqual([['a', 'QUEUED', 1]])
  })

  it('hear of a job that is retried', () => {
    changes.retried(JOB, { run: 2, from: 'FAILED', to: 'QUEUED' })
    expect(heard).toEqual([['a', 'QUEUED', 1], JOB])
  })

  it('hear of jobs that are removed', () => {
    changes.removed([
      { id: 'a', status: 'FAILED', run: 1 },
      { id: 'b', status: 'SUCCEEDED', run: 1 },
    ])
    expect(heard).toEqual([['a', 'b']])
  })

  it('hear nothing once they have stopped', () => {
    const own: string[] = []
    const stop = changes.onChange((id) => own.push(id))
    changes.moved('a', 1, 'RUNNING', { run: 1, from: 'QUEUED', to: 'RUNNING' })
    stop()
    changes.moved('a', 1, 'QUEUED', { run: 1, from: 'RUNNING', to: 'QUEUED' })
    expect(own).toEqual(['a'])
    expect(heard).toHaveLength(2)
  })
})
