import { JOB_STATUSES, type JobStatus } from '@argus/shared'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { EndWaiters } from './end-waiters.ts'
import { JobChanges } from './job-changes.ts'

const ENDS = ['SUCCEEDED', 'FAILED', 'CANCELLED'] as const

let changes: JobChanges
let waiters: EndWaiters

beforeEach(() => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  changes = new JobChanges({ QUEUED: 0, RUNNING: 10, SUCCEEDED: 0, FAILED: 0, CANCELLED: 0 })
  waiters = new EndWaiters(changes)
})

/** Waits for a job; says, once all that is due has happened, whether that is over. */
function waitFor(id: string, milliseconds = 1000) {
  let isOver = false
  const waiter = waiters.wait(id, milliseconds)
  void waiter.ended.then(() => {
    isOver = true
  })
  const hasEnded = async () => {
    await vi.advanceTimersByTimeAsync(0)
    return isOver
  }
  return { stop: waiter.stop, hasEnded }
}

function move(id: string, to: JobStatus): void {
  changes.moved(id, 1, to, { run: 1, from: 'RUNNING', to })
}

describe('whoever waits for the end of a job', () => {
  it.each(ENDS)('is released when it has %s', async (status) => {
    const { hasEnded } = waitFor('a')
    expect(await hasEnded()).toBe(false)
    move('a', status)
    expect(await hasEnded()).toBe(true)
  })

  it('waits through all states that are no end', async () => {
    const { hasEnded } = waitFor('a')
    for (const status of JOB_STATUSES.filter((each) => !ENDS.some((end) => end === each))) {
      move('a', status)
      expect(await hasEnded()).toBe(false)
    }
  })

  it.each(JOB_STATUSES)('is released when it is removed, and was %s', async (status) => {
    const [gone, other] = [waitFor('a'), waitFor('b')]
    changes.removed([
      { id: 'other', status, run: 1 },
      { id: 'a', status, run: 1 },
    ])
    expect(await gone.hasEnded()).toBe(true)
    expect(await other.hasEnded()).toBe(false)
  })

  it('is released when the time is over, and not before', async () => {
    const { hasEnded } = waitFor('a', 1000)
    vi.advanceTimersByTime(999)
    expect(await hasEnded()).toBe(false)
    vi.advanceTimersByTime(1)
    expect(await hasEnded()).toBe(true)
  })

  it('is released by stopping, which may be done twice', async () => {
    const [one, other] = [waitFor('a'), waitFor('a')]
    one.stop()
    one.stop()
    expect(await one.hasEnded()).toBe(true)
    expect(await other.hasEnded()).toBe(false)
  })

  it('waits for no other job', async () => {
    const { hasEnded } = waitFor('a')
    move('b', 'SUCCEEDED')
    expect(await hasEnded()).toBe(false)
  })

  it('may be one of several, of whom each has its own time', async () => {
    const [short, long, another] = [waitFor('a', 100), waitFor('a', 1000), waitFor('a', 1000)]
    vi.advanceTimersByTime(100)
    expect(await short.hasEnded()).toBe(true)
    expect(await long.hasEnded()).toBe(false)
    move('a', 'FAILED')
    expect(await long.hasEnded()).toBe(true)
    expect(await another.hasEnded()).toBe(true)
  })

  it('may wait again for the next run', async () => {
    const first = waitFor('a')
    move('a', 'FAILED')
    expect(await first.hasEnded()).toBe(true)
    const second = waitFor('a')
    expect(await second.hasEnded()).toBe(false)
    move('a', 'SUCCEEDED')
    expect(await second.hasEnded()).toBe(true)
  })

  it('is found by who comes when another has just gone', async () => {
    const first = waitFor('a')
    first.stop()
    const second = waitFor('a')
    // The first one is done with: this must not take the second one's place away.
    first.stop()
    move('a', 'SUCCEEDED')
    expect(await second.hasEnded()).toBe(true)
  })

  it.each<[string, (stop: () => void) => void]>([
    ['at the end', () => move('a', 'SUCCEEDED')],
    ['at a removal', () => changes.removed([{ id: 'a', status: 'QUEUED', run: 1 }])],
    ['when the time is over', () => vi.advanceTimersByTime(1000)],
    ['when it is stopped', (stop) => stop()],
  ])('leaves no clock behind %s', async (_when, end) => {
    const [one, other] = [waitFor('a'), waitFor('b')]
    expect(vi.getTimerCount()).toBe(2)
    end(one.stop)
    expect(await one.hasEnded()).toBe(true)
    other.stop()
    expect(vi.getTimerCount()).toBe(0)
  })
})
