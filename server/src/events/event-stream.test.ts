import { setTimeout as sleep } from 'node:timers/promises'
import { EVENTS, JOB_STATUSES } from '@argus/shared'
import type { Knex } from 'knex'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Random, SEED } from '../../testing/random.ts'
import { newJob } from '../../testing/store.ts'
import {
  type EventParts,
  FakeSink,
  type JobParts,
  openEvents,
  openJobs,
  silentLog,
  startJob,
  submitPhoto,
  succeedJob,
} from '../../testing/unit.ts'
import { until } from '../../testing/until.ts'
import { JobService } from '../jobs/job-service.ts'
import { toJob } from '../jobs/job-view.ts'
import { ChangeLog, type ChangeScope, changeOf } from '../store/change-log.ts'
import { Committer } from '../store/committer.ts'
import { type NewJob, toRow } from '../store/job-record.ts'
import { JobStore } from '../store/job-store.ts'
import { JobTransitions } from '../store/job-transitions.ts'
import type { Revisions } from '../store/revisions.ts'
import { JobEvent } from './event-log.ts'
import { EventStream, type Summary } from './event-stream.ts'

type Parts = JobParts & EventParts

async function open(): Promise<Parts> {
  const parts = await openJobs()
  return { ...parts, ...openEvents(parts) }
}

/** Until all that is committed can be sent. */
function caughtUp({ committer, log }: Parts): Promise<void> {
  return until(() => expect(log.end).toBe(committer.revisions.committed))
}

interface Following {
  readonly scope?: ChangeScope
  readonly summary?: Summary
  readonly sink?: FakeSink
  /** Default: true. */
  readonly isResumed?: boolean
}

/** Follows what is behind a revision until the test ends. */
function follow({ log, changes }: EventParts, after: number, following: Following = {}) {
  const { scope = {}, summary, sink = new FakeSink(), isResumed = true } = following
  const stream = new EventStream({ log, changes, sink, scope, summary }, { after, isResumed })
  sink.onClose(() => stream.end())
  const ended = stream.run()
  onTestFinished(async () => {
    sink.close()
    await ended.catch(() => undefined)
  })
  return { sink, ended }
}

async function write<T>(
  { committer }: JobParts,
  work: (transaction: Knex.Transaction, revisions: Revisions) => Promise<T>,
): Promise<T> {
  return committer.persist(work)
}

/** Inserts a job; returns its revision. */
function insert(parts: JobParts, id: string, changes: Partial<NewJob> = {}): Promise<number> {
  return write(parts, async (transaction, revisions) => {
    const revision = revisions.next()
    await new JobStore(transaction).insert(newJob(id, { ...changes, revision }))
    return revision
  })
}

/** Cancels jobs, or has those wait again that were cancelled. */
function change(parts: JobParts, ...ids: string[]): Promise<void> {
  return write(parts, async (transaction, revisions) => {
    const transitions = new JobTransitions(transaction, revisions)
    for (const id of ids) {
      if ((await transitions.cancel(id, 1000)) === 'repeated') await transitions.retry(id, 1, 2000)
    }
  })
}

function remove(parts: JobParts, ...ids: string[]): Promise<unknown> {
  return write(parts, (transaction, revisions) =>
    new JobStore(transaction).remove(ids, revisions, 1000, JOB_STATUSES),
  )
}

/** Inserts so many jobs at once, every other one into the batch. */
function insertMany(parts: JobParts, count: number, batch: string): Promise<void> {
  return write(parts, async (transaction, revisions) => {
    for (let number = 0; number < count; ) {
      const rows = []
      for (; rows.length < 400 && number < count; number += 1) {
        const id = `bulk-${number}`
        rows.push(toRow(newJob(id, { batch: number % 2 ? batch : null, revision: revisions.next() })))
      }
      await transaction('jobs').insert(rows)
    }
  })
}

/** The texts of all that has changed since, each job and removal once. */
async function compacted({ database }: JobParts, after: number, scope: ChangeScope = {}): Promise<string[]> {
  const { changes } = await new ChangeLog(database).read(after, Number.MAX_SAFE_INTEGER, 1_000_000, scope)
  return changes.map((change) => new JobEvent(change).text)
}

function textsOf({ messages }: FakeSink): string[] {
  return messages.flatMap(({ text }) => text.split(/(?<=\n\n)/))
}

function ascending(numbers: readonly number[]): boolean {
  return numbers.every((number, at) => at === 0 || number > (numbers[at - 1] ?? number))
}

/** Something that opens when it is told to. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

describe('a stream of events', () => {
  it('has every change of a job once, in their order, as it is made', async () => {
    const parts = await open()
    const { sink } = follow(parts, 0)
    const job = await submitPhoto(parts)
    const expected: unknown[] = []
    const shouldSee = async () => {
      const record = await parts.store.find(job.id)
      if (record) expected.push({ name: 'job', id: record.revision, data: toJob(record) })
      else expected.push(expect.objectContaining({ name: 'removed', data: { id: job.id, batch: null } }))
      await until(() => expect(sink.events).toEqual(expected))
    }
    await shouldSee()
    await startJob(parts, job)
    await shouldSee()
    await succeedJob(parts, job)
    await shouldSee()
    await parts.jobs.retry(job.id)
    await shouldSee()
    await parts.jobs.delete(job.id)
    await shouldSee()
    expect(sink.ids).toHaveLength(5)
    expect(ascending(sink.ids)).toBe(true)
    for (const { name, data } of sink.events) {
      const schema = name === 'job' ? EVENTS.job.strict() : EVENTS.removed.strict()
      expect(schema.parse(data)).toEqual(data)
    }
  })

  it(`has the last change of each of many jobs that change all the time (seed ${SEED})`, async () => {
    const random = new Random(SEED)
    const parts = await open()
    const { sink } = follow(parts, 0)
    const [late, lateScoped] = [new FakeSink(), new FakeSink()]
    const there: string[] = []
    const gone = new Set<string>()
    for (let count = 0; count < 400; count += 1) {
      const kind = there.length === 0 ? 0 : random.next()
      const id = kind < 0.4 ? `job-${count}` : random.pick(there)
      let done: Promise<unknown>
      if (kind < 0.4) {
        there.push(id)
        done = insert(parts, id, { batch: random.pick([null, 'batch']) })
      } else if (kind < 0.85) {
        done = change(parts, id)
      } else {
        gone.add(id)
        there.splice(there.indexOf(id), 1)
        done = remove(parts, id)
      }
      if (random.chance(0.3)) await done
      if (count === 200) {
        follow(parts, 0, { sink: late })
        follow(parts, 0, { sink: lateScoped, scope: { batch: 'batch' } })
      }
    }
    await write(parts, async () => undefined)
    const all = await compacted(parts, 0)
    const ofBatch = await compacted(parts, 0, { batch: 'batch' })
    for (const [client, expected] of [
      [sink, all],
      [late, all],
      [lateScoped, ofBatch],
    ] as const) {
      await until(() => expect(textsOf(client).at(-1)).toBe(expected.at(-1)))
      expect(ascending(client.ids)).toBe(true)
      const texts = new Set(textsOf(client))
      expect(expected.filter((text) => !texts.has(text))).toEqual([])
    }
    expect(sink.events.filter(({ name }) => name === 'removed')).toHaveLength(gone.size)
  })

  describe('that begins', () => {
    it('in the middle has what came after, and nothing before', async () => {
      const parts = await open()
      const revisions: number[] = []
      for (const id of ['a', 'b', 'c', 'd']) revisions.push(await insert(parts, id))
      await change(parts, 'a')
      await caughtUp(parts)
      const { sink } = follow(parts, revisions[1] ?? Number.NaN)
      await until(() => expect(sink.ids).toEqual([revisions[2], revisions[3], 5]))
      expect(sink.events.map(({ data }) => data)).toMatchObject([{ id: 'c' }, { id: 'd' }, { id: 'a' }])
    })

    it('at the end has what comes from then on', async () => {
      const parts = await open()
      await insert(parts, 'a')
      await caughtUp(parts)
      const { sink } = follow(parts, parts.log.end)
      const revision = await insert(parts, 'b')
      await until(() => expect(sink.ids).toEqual([revision]))
    })

    it('behind what there is, as after another database, has what comes from now on', async () => {
      const parts = await open()
      await insert(parts, 'a')
      await caughtUp(parts)
      const { sink } = follow(parts, 1_000_000)
      const revision = await insert(parts, 'b')
      await until(() => expect(sink.ids).toEqual([revision]))
    })

    it('after what an earlier master has told has all that changed since, as it is now', async () => {
      const before = await open()
      for (const id of ['seen', 'waits', 'gone', 'runs']) await insert(before, id)
      await write(before, (transaction, revisions) =>
        new JobTransitions(transaction, revisions).start(
          { jobId: 'runs', run: 1, attempt: 1, worker: 'boot' },
          { name: 'worker', engine: null, model: null },
          { isSuspect: false, losses: 0, failures: 0 },
          1000,
        ),
      )
      const { sink: old } = follow(before, 0)
      await until(() => expect(old.ids.at(-1)).toBe(before.committer.revisions.committed))
      const lastSeen = before.committer.revisions.committed
      await change(before, 'waits')
      await remove(before, 'gone')
      await before.reader.stop()
      await before.committer.stop()

      const committer = new Committer(before.database, silentLog)
      onTestFinished(() => committer.stop())
      const jobs = await JobService.open({
        ...before,
        committer,
        maxPixels: 50_000_000,
        servingModel: () => null,
      })
      const parts = { ...before, committer, jobs }
      const now = { ...parts, ...openEvents(parts) }
      const { sink } = follow(now, lastSeen)
      const { sink: early } = follow(now, 1)
      await insert(now, 'new')
      const expected = await compacted(now, lastSeen)
      expect(expected).toHaveLength(4)
      await until(() => expect(textsOf(sink)).toEqual(expected))
      expect(sink.events).toMatchObject([
        { name: 'job', data: { id: 'waits', status: 'CANCELLED' } },
        { name: 'removed', data: { id: 'gone' } },
        { name: 'job', data: { id: 'runs', status: 'QUEUED' } },
        { name: 'job', data: { id: 'new' } },
      ])
      await until(() => expect(textsOf(early)).toEqual(expected))
      expect(Math.min(...sink.ids)).toBeGreaterThan(lastSeen)
    })
  })

  describe('of a client that is slow', () => {
    it('holds no events back for others', async () => {
      const parts = await open()
      const slow = new FakeSink()
      const room = gate()
      slow.room = room.opened
      follow(parts, 0, { sink: slow })
      const { sink } = follow(parts, 0)
      const ids = Array.from({ length: 20 }, (_, number) => `job-${number}`)
      for (const id of ids) {
        const revision = await insert(parts, id)
        await until(() => expect(sink.ids.at(-1)).toBe(revision))
      }
      expect(slow.messages).toHaveLength(1)
      room.open()
      await until(() => expect(slow.ids).toEqual(sink.ids))
      expect(textsOf(slow)).toEqual(textsOf(sink))
      // All that had gathered came together.
      expect(slow.messages).toHaveLength(2)
    })

    it.each<[string, ChangeScope]>([
      ['everything', {}],
      ['a batch', { batch: 'batch' }],
    ])('goes on from the database where it falls too far behind: %s', async (_what, scope) => {
      const parts = await open()
      let skipped = 0
      const now = performance.now.bind(performance)
      vi.spyOn(performance, 'now').mockImplementation(() => now() + skipped)
      onTestFinished(() => void vi.restoreAllMocks())
      const sink = new FakeSink()
      const send = sink.send.bind(sink)
      sink.send = (text) => {
        // Nobody wants to wait for 40 messages at ten a second.
        skipped += 150
        return send(text)
      }
      follow(parts, 0, { sink, scope })
      for (const id of ['a', 'b', 'c', 'd']) await insert(parts, id, { batch: 'batch' })
      await until(() => expect(sink.ids.at(-1)).toBe(4))
      const room = gate()
      sink.room = room.opened
      const seen = await insert(parts, 'e', { batch: 'batch' })
      await until(() => expect(sink.ids.at(-1)).toBe(seen))

      await insertMany(parts, 8600, 'batch')
      await change(parts, 'a', 'c', 'bulk-0', 'bulk-1', 'bulk-901')
      await change(parts, 'a')
      await remove(parts, 'b', 'bulk-3', 'bulk-500', 'bulk-501')
      await caughtUp(parts)
      expect(parts.log.after(seen, 1)).toBeNull()
      const expected = await compacted(parts, seen, scope)
      expect(expected.length).toBeGreaterThan(4200)

      sink.room = Promise.resolve()
      room.open()
      await until(() => expect(textsOf(sink).at(-1)).toBe(expected.at(-1)))
      expect(ascending(sink.ids)).toBe(true)
      // None is missed, and none is there that has changed again by then.
      const texts = textsOf(sink)
      const rest = texts.slice(texts.findIndex((text) => text.startsWith(`id: ${seen}\n`)) + 1)
      expect(rest).toEqual(expected)
      // From now on it is told as all others.
      const revision = await insert(parts, 'last', { batch: 'batch' })
      await until(() => expect(sink.ids.at(-1)).toBe(revision))
      expect(textsOf(sink)).toHaveLength(texts.length + 1)
    })
  })

  it('sends some ten messages a second, however fast jobs change', async () => {
    const parts = await open()
    const { sink } = follow(parts, 0)
    const startedAt = performance.now()
    let count = 0
    for (; performance.now() - startedAt < 1500; count += 1) {
      await insert(parts, `job-${count}`)
      await sleep(5)
    }
    await until(() => expect(sink.ids).toHaveLength(count))
    expect(ascending(sink.ids)).toBe(true)
    const elapsed = performance.now() - startedAt
    // Three at once, and seven a second.
    expect(sink.messages.length).toBeLessThanOrEqual(3 + Math.ceil((7 * elapsed) / 1000))
    expect(sink.messages.length).toBeGreaterThan(5)
  })

  describe('of a batch or a job', () => {
    it('has its changes alone', async () => {
      const parts = await open()
      const { sink: ofBatch } = follow(parts, 0, { scope: { batch: 'one' } })
      const { sink: ofJob } = follow(parts, 0, { scope: { job: 'c' } })
      const { sink: ofAll } = follow(parts, 0)
      await insert(parts, 'a', { batch: 'one' })
      await insert(parts, 'b', { batch: 'two' })
      await insert(parts, 'c')
      await change(parts, 'b')
      await change(parts, 'a')
      await change(parts, 'c')
      await remove(parts, 'b')
      await remove(parts, 'a')
      const last = await insert(parts, 'd')
      await until(() => expect(ofAll.ids.at(-1)).toBe(last))
      const brief = ({ events }: FakeSink) => events.map(({ name, id }) => `${name} ${id}`)
      await until(() => expect(brief(ofBatch).at(-1)).toBe('removed 8'))
      await until(() => expect(brief(ofJob).at(-1)).toBe('job 6'))
      for (const sink of [ofBatch, ofJob]) {
        expect(new Set(textsOf(ofAll))).toEqual(new Set([...textsOf(ofAll), ...textsOf(sink)]))
      }
      expect(ofBatch.events.every(({ data }) => (data as { batch: unknown }).batch === 'one')).toBe(true)
      expect(ofJob.events.every(({ data }) => (data as { id: unknown }).id === 'c')).toBe(true)
    })

    it('ends when its job is removed, after it has said so', async () => {
      const parts = await open()
      await insert(parts, 'a')
      const { sink, ended } = follow(parts, 0, { scope: { job: 'a' } })
      await until(() => expect(sink.ids).toEqual([1]))
      await remove(parts, 'a')
      await ended
      expect(sink.events.at(-1)).toEqual({ name: 'removed', id: 2, data: { id: 'a', batch: null } })
    })

    it('ends at once where its job was removed before it came', async () => {
      const parts = await open()
      await insert(parts, 'a')
      await remove(parts, 'a')
      await caughtUp(parts)
      const { sink, ended } = follow(parts, 1, { scope: { job: 'a' } })
      await ended
      expect(sink.ids).toEqual([2])
    })

    it('goes on when jobs of its batch, or others, are removed', async () => {
      const parts = await open()
      await insert(parts, 'a', { batch: 'one' })
      const { sink } = follow(parts, 0, { scope: { batch: 'one' } })
      const { sink: ofJob } = follow(parts, 0, { scope: { job: 'b' } })
      await remove(parts, 'a')
      await until(() => expect(sink.events.at(-1)?.name).toBe('removed'))
      const revision = await insert(parts, 'b', { batch: 'one' })
      await until(() => expect(sink.ids.at(-1)).toBe(revision))
      await until(() => expect(ofJob.ids).toEqual([revision]))
    })
  })

  describe('with a summary', () => {
    const GAP_MS = 990

    /** Counts the jobs, and notes when it does. */
    function counting(parts: Parts): Summary & { readonly madeAt: number[]; readonly tell: () => void } {
      const madeAt: number[] = []
      const listeners = new Set<() => void>()
      return {
        madeAt,
        tell: () => {
          for (const listener of listeners) listener()
        },
        onChange: (listener) => {
          listeners.add(listener)
          return () => listeners.delete(listener)
        },
        make: async () => {
          madeAt.push(performance.now())
          const counts = await parts.store.countByStatus()
          return { text: `event: batch\ndata: ${JSON.stringify(counts)}\n\n`, isCurrent: true }
        },
      }
    }

    const summariesOf = ({ events }: FakeSink) => events.filter(({ id }) => id === null)

    it('has it at the beginning, then once a second at most, and the last state in any case', async () => {
      const parts = await open()
      const summary = counting(parts)
      const { sink } = follow(parts, 0, { summary })
      await until(() => expect(summariesOf(sink)).toHaveLength(1))
      expect(summariesOf(sink)[0]).toMatchObject({ name: 'batch', data: { QUEUED: 0 } })
      for (let number = 1; number <= 15; number += 1) {
        await insert(parts, `job-${number}`)
        await sleep(80)
      }
      const insertedAt = performance.now()
      await until(() => expect(summariesOf(sink).at(-1)).toMatchObject({ data: { QUEUED: 15 } }))
      const elapsed = performance.now() - insertedAt
      const gaps = summary.madeAt.slice(1).map((at, index) => at - (summary.madeAt[index] ?? at))
      expect(gaps.every((gap) => gap >= GAP_MS)).toBe(true)
      expect(gaps.length).toBeGreaterThan(1)
      // The last state comes as soon as it may.
      expect(elapsed).toBeLessThan(3000)
      expect(sink.ids).toHaveLength(15)
      // And no more of them while nothing changes.
      const made = summary.madeAt.length
      await sleep(1200)
      expect(summary.madeAt.length).toBe(made)
    })

    it('has it anew when it says that it has changed, though no job has', async () => {
      const parts = await open()
      const summary = counting(parts)
      const { sink, ended } = follow(parts, 0, { summary })
      await until(() => expect(summariesOf(sink)).toHaveLength(1))
      summary.tell()
      summary.tell()
      await until(() => expect(summariesOf(sink)).toHaveLength(2))
      const [first = 0, second = 0] = summary.madeAt
      expect(second - first).toBeGreaterThanOrEqual(GAP_MS)
      // After a quiet second it comes at once.
      await sleep(1100)
      const toldAt = performance.now()
      summary.tell()
      await until(() => expect(summariesOf(sink)).toHaveLength(3))
      expect(performance.now() - toldAt).toBeLessThan(500)
      sink.close()
      await ended
      summary.tell()
      expect(summary.madeAt).toHaveLength(3)
    })

    it('has that of the state in which it changed while it was being made', async () => {
      const parts = await open()
      const made = gate()
      let states = 0
      const listeners: Array<() => void> = []
      const summary: Summary = {
        onChange: (listener) => {
          listeners.push(listener)
          return () => undefined
        },
        make: async () => {
          const state = states
          if (state === 0) await made.opened
          return { text: `event: batch\ndata: {"state":${state}}\n\n`, isCurrent: true }
        },
      }
      const { sink } = follow(parts, 0, { summary })
      await sleep(20)
      states = 1
      for (const listener of listeners) listener()
      made.open()
      await until(() =>
        expect(summariesOf(sink).map(({ data }) => data)).toEqual([{ state: 0 }, { state: 1 }]),
      )
    })

    it('is not told anew of changes of others', async () => {
      const parts = await open()
      const summary = counting(parts)
      const { sink } = follow(parts, 0, { summary, scope: { batch: 'one' } })
      await until(() => expect(summariesOf(sink)).toHaveLength(1))
      await insert(parts, 'a', { batch: 'two' })
      await sleep(1200)
      expect(summary.madeAt).toHaveLength(1)
      await insert(parts, 'b', { batch: 'one' })
      await until(() => expect(summariesOf(sink)).toHaveLength(2))
      // With the event that it sums up, or after it.
      expect(sink.events.map(({ id }) => id)).toEqual([null, 2, null])
    })

    it('makes one again that was not current, though nothing has changed since', async () => {
      const parts = await open()
      let made = 0
      const make = async () => {
        made += 1
        return { text: `event: batch\ndata: {"made":${made}}\n\n`, isCurrent: made === 2 }
      }
      const { sink } = follow(parts, 0, { summary: { make } })
      await until(() => expect(summariesOf(sink).map(({ data }) => data)).toEqual([{ made: 1 }, { made: 2 }]))
      await sleep(1200)
      expect(made).toBe(2)
    })

    it('ends when there is nothing left to sum up, after what led to it', async () => {
      const parts = await open()
      let isThere = true
      const make = async () => (isThere ? { text: 'event: batch\ndata: {}\n\n', isCurrent: true } : null)
      const { sink, ended } = follow(parts, 0, { summary: { make }, scope: { batch: 'one' } })
      await insert(parts, 'a', { batch: 'one' })
      await until(() => expect(sink.ids).toEqual([1]))
      isThere = false
      await remove(parts, 'a')
      await ended
      expect(sink.events.at(-1)).toMatchObject({ name: 'removed', id: 2 })
    })
  })

  describe('whose client goes', () => {
    it('ends at once where it waits', async () => {
      const parts = await open()
      const { sink, ended } = follow(parts, 0)
      await insert(parts, 'a')
      await until(() => expect(sink.ids).toHaveLength(1))
      const closedAt = performance.now()
      sink.close()
      await ended
      expect(performance.now() - closedAt).toBeLessThan(1000)
      // Nor is anything sent any more.
      await insert(parts, 'b')
      await caughtUp(parts)
      expect(sink.ids).toHaveLength(1)
    })

    it('ends at once where it reads from the database', async () => {
      const parts = await openJobs()
      await insert(parts, 'a')
      const events = openEvents(parts)
      const reading = gate()
      const read = vi.spyOn(events.changes, 'read').mockImplementation(async (_after, upTo) => {
        await reading.opened
        return { changes: [], upTo }
      })
      const { sink, ended } = follow(events, 0, { scope: { job: 'b' } })
      await until(() => expect(read).toHaveBeenCalled())
      sink.close()
      reading.open()
      const closedAt = performance.now()
      await ended
      expect(performance.now() - closedAt).toBeLessThan(1000)
      expect(sink.messages).toEqual([])
    })

    it('ends at once where it has been sent something', async () => {
      const parts = await open()
      const sink = new FakeSink()
      const room = gate()
      sink.room = room.opened
      const { ended } = follow(parts, 0, { sink })
      await insert(parts, 'a')
      await until(() => expect(sink.messages).toHaveLength(1))
      sink.close()
      room.open()
      await ended
      expect(sink.messages).toHaveLength(1)
    })
  })

  it('fails where the database cannot be read, and listens no more', async () => {
    const parts = await openJobs()
    await insert(parts, 'a')
    const events = openEvents(parts)
    vi.spyOn(events.changes, 'read').mockRejectedValue(new Error('The database is away'))
    const stop = vi.fn()
    const summary: Summary = { make: async () => null, onChange: () => stop }
    const { ended } = follow(events, 0, { summary })
    await expect(ended).rejects.toThrow('The database is away')
    expect(stop).toHaveBeenCalledOnce()
  })

  it('shows every 15 quiet seconds that it is alive', async () => {
    const parts = await open()
    const revision = await insert(parts, 'a')
    await caughtUp(parts)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const { sink } = follow(parts, 0, { scope: { job: 'a' } })
    await vi.advanceTimersByTimeAsync(0)
    await sleep(20)
    expect(sink.ids).toEqual([revision])
    await vi.advanceTimersByTimeAsync(14_900)
    await sleep(20)
    expect(sink.messages).toHaveLength(1)
    for (const messages of [2, 3]) {
      await vi.advanceTimersByTimeAsync(15_000)
      await sleep(20)
      expect(sink.messages).toHaveLength(messages)
      expect(sink.messages.at(-1)?.text).toBe(':\n\n')
    }
  })

  it('shows it as well while others are told of changes', async () => {
    const parts = await open()
    const revision = await insert(parts, 'a')
    await caughtUp(parts)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const { sink } = follow(parts, 0, { scope: { job: 'a' } })
    for (let second = 1; second <= 16; second += 1) {
      await insert(parts, `other ${second}`)
      await sleep(5)
      await vi.advanceTimersByTimeAsync(1000)
    }
    await sleep(20)
    expect(sink.ids).toEqual([revision])
    expect(sink.messages.map(({ text }) => text).slice(1)).toEqual([':\n\n'])
  })

  it('makes each event once for all who follow', async () => {
    const parts = await open()
    await insert(parts, 'a')
    await caughtUp(parts)
    const [event] = parts.log.after(0, 1) ?? []
    const job = await parts.store.find('a')
    expect(job && event?.change).toEqual(job && changeOf(job))
    const stringify = vi.spyOn(JSON, 'stringify')
    onTestFinished(() => void stringify.mockRestore())
    const clients = [follow(parts, 0), follow(parts, 0), follow(parts, 0)]
    await until(() => expect(clients.map(({ sink }) => sink.messages.length)).toEqual([1, 1, 1]))
    const made = stringify.mock.calls.filter(([value]) => (value as { id?: unknown }).id === 'a')
    expect(made).toHaveLength(1)
  })
})
