import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { newJob } from '../../testing/store.ts'
import { type EventParts, type JobParts, openEvents, openJobs, silentLog } from '../../testing/unit.ts'
import { until } from '../../testing/until.ts'
import type { JobChange } from '../store/change-log.ts'
import { JobStore } from '../store/job-store.ts'
import { JobTransitions } from '../store/job-transitions.ts'
import { ChangeReader } from './change-reader.ts'

/** Milliseconds in which even a machine under load gets there. */
const PATIENT = 20_000

/** Inserts jobs in one transaction. */
function insert({ committer }: JobParts, ...ids: string[]): Promise<void> {
  return committer.persist(async (transaction, revisions) => {
    for (const id of ids) {
      await new JobStore(transaction).insert(newJob(id, { revision: revisions.next() }))
    }
  })
}

function cancel({ committer }: JobParts, id: string): Promise<unknown> {
  return committer.persist((transaction, revisions) =>
    new JobTransitions(transaction, revisions).cancel(id, 1000),
  )
}

interface Read {
  readonly changes: readonly JobChange[]
  readonly upTo: number
}

/** What listeners are told from now on. */
function listen(reader: ChangeReader): Read[] {
  const reads: Read[] = []
  reader.onChanges((changes, upTo) => reads.push({ changes, upTo }))
  return reads
}

function told(reads: readonly Read[]): Array<[revision: number, id: string]> {
  return reads.flatMap(({ changes }) => changes.map(({ revision, id }): [number, string] => [revision, id]))
}

/** Until it has told of all that is committed. */
function caughtUp({ committer }: JobParts, { reader }: Pick<EventParts, 'reader'>): Promise<void> {
  return until(() => expect(reader.position).toBe(committer.revisions.committed))
}

async function open() {
  const parts = await openJobs()
  const events = openEvents(parts)
  return { parts, events, reads: listen(events.reader) }
}

describe('the reader of changes', () => {
  it('tells each change as soon as it is committed, once, in their order', async () => {
    const { parts, events, reads } = await open()
    const steps: Array<[() => Promise<unknown>, string]> = [
      [() => insert(parts, 'a'), 'a'],
      [() => insert(parts, 'b'), 'b'],
      [() => cancel(parts, 'a'), 'a'],
      [() => parts.jobs.delete('b'), 'b'],
    ]
    for (const [step, id] of steps) {
      await step()
      await caughtUp(parts, events)
      expect(reads.at(-1)?.changes).toEqual([expect.objectContaining({ id })])
    }
    expect(told(reads)).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'a'],
      [4, 'b'],
    ])
    expect(reads.flatMap(({ changes }) => changes.map(({ job }) => job?.status))).toEqual([
      'QUEUED',
      'QUEUED',
      'CANCELLED',
      undefined,
    ])
  })

  it('tells all listeners the same', async () => {
    const { parts, events, reads } = await open()
    const others = listen(events.reader)
    await insert(parts, 'a')
    await caughtUp(parts, events)
    expect(told(others)).toEqual([[1, 'a']])
    expect(others).toEqual(reads)
  })

  it('begins behind its position, with what an earlier master has left', async () => {
    const parts = await openJobs()
    await insert(parts, 'a', 'b', 'c')
    const events = openEvents(parts, 1)
    const reads = listen(events.reader)
    await caughtUp(parts, events)
    expect(told(reads)).toEqual([
      [2, 'b'],
      [3, 'c'],
    ])
  })

  it('goes on behind revisions that nothing has', async () => {
    const { parts, events, reads } = await open()
    // As a transition that finds that it came too late.
    await parts.committer.commit(async (_transaction, revisions) => void revisions.next())
    await caughtUp(parts, events)
    expect(reads).toEqual([{ changes: [], upTo: 1 }])
    await insert(parts, 'a')
    await caughtUp(parts, events)
    expect(told(reads)).toEqual([[2, 'a']])
  })

  it('reads much in pages, and lets others have their turn in between', async () => {
    const { parts, events, reads } = await open()
    const ids = Array.from({ length: 1500 }, (_, number) => `job-${number}`)
    await insert(parts, ...ids)
    await caughtUp(parts, events)
    expect(told(reads)).toEqual(ids.map((id, number) => [number + 1, id]))
    expect(Math.max(...reads.map(({ changes }) => changes.length))).toBeLessThanOrEqual(500)
    expect(reads.map(({ upTo }) => upTo)).toEqual(reads.map(({ changes }) => changes.at(-1)?.revision))
  })

  it('reads once at a time, and together what is committed meanwhile', async () => {
    const { parts, events, reads } = await open()
    const read = events.changes.read.bind(events.changes)
    let letGo = () => {}
    const held = new Promise<void>((resolve) => {
      letGo = resolve
    })
    let atOnce = 0
    let most = 0
    const spy = vi.spyOn(events.changes, 'read').mockImplementation(async (...range) => {
      atOnce += 1
      most = Math.max(most, atOnce)
      const page = await read(...range)
      await held
      atOnce -= 1
      return page
    })
    await insert(parts, 'a')
    await until(() => expect(spy).toHaveBeenCalled())
    for (const id of ['b', 'c', 'd']) await insert(parts, id)
    expect(reads).toEqual([])
    letGo()
    await caughtUp(parts, events)
    expect(most).toBe(1)
    expect(reads.map(({ changes }) => changes.map(({ id }) => id))).toEqual([['a'], ['b', 'c', 'd']])
  })

  it('survives reads that fail, tries again by itself, and loses nothing', async () => {
    const { parts, events, reads } = await open()
    const noted = vi.spyOn(events.storage, 'note')
    const away = Object.assign(new Error('connection lost'), { code: 'ECONNRESET' })
    const read = vi.spyOn(events.changes, 'read').mockRejectedValueOnce(away).mockRejectedValueOnce(away)
    const startedAt = performance.now()
    await insert(parts, 'a', 'b')
    await until(() => expect(read).toHaveBeenCalledTimes(1))
    expect(events.reader.position).toBe(0)
    await caughtUp(parts, events)
    expect(told(reads)).toEqual([
      [1, 'a'],
      [2, 'b'],
    ])
    expect(noted.mock.calls).toEqual([[away], [away]])
    // Not as fast as it can.
    expect(read.mock.calls.length).toBeLessThanOrEqual(4)
    expect(performance.now() - startedAt).toBeLessThan(PATIENT)
  })

  it('tries again with the next commit, and then once', async () => {
    const { parts, events, reads } = await open()
    vi.spyOn(events.changes, 'read').mockRejectedValueOnce(new Error('once'))
    await insert(parts, 'a')
    await insert(parts, 'b')
    await caughtUp(parts, events)
    await sleep(700)
    expect(told(reads)).toEqual([
      [1, 'a'],
      [2, 'b'],
    ])
  })

  describe('that is stopped', () => {
    it('tells what was committed so far, and then no more', async () => {
      const { parts, events, reads } = await open()
      const ids = Array.from({ length: 900 }, (_, number) => `job-${number}`)
      await insert(parts, ...ids)
      await events.reader.stop()
      expect(told(reads).map(([, id]) => id)).toEqual(ids)
      await insert(parts, 'late')
      await sleep(30)
      expect(told(reads)).toHaveLength(900)
    })

    it('tries no more where it could not read', async () => {
      const { parts, events, reads } = await open()
      const read = vi.spyOn(events.changes, 'read').mockRejectedValue(new Error('away'))
      await insert(parts, 'a')
      await until(() => expect(read).toHaveBeenCalled())
      await events.reader.stop()
      const calls = read.mock.calls.length
      await sleep(700)
      expect(read).toHaveBeenCalledTimes(calls)
      expect(reads).toEqual([])
    })

    it('may not have been started', async () => {
      const parts = await openJobs()
      const { changes, storage } = openEvents(parts)
      await new ChangeReader({ ...parts, changes, storage, log: silentLog }, 0).stop()
    })
  })
})
