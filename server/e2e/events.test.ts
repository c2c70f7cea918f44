/** Streams of events: nothing is missed and nothing comes twice, whoever is cut off, and whatever dies. */

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Batch, isTerminal, type Job, problemSchema } from '@argus/shared'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiUser, photo, raw } from '../testing/api-user.ts'
import { TestCluster } from '../testing/cluster.ts'
import {
  dataOf,
  EventClient,
  type FollowOptions,
  PersistentClient,
  type StreamEvent,
  typedEvent,
} from '../testing/event-client.ts'
import { Random, SEED } from '../testing/random.ts'
import { until } from '../testing/until.ts'

const MAX_STREAMS = 1000
/**
 * Some 80 were measured without any client that reads nothing. Were all that 100 of them miss kept in memory, it
 * would be nearly 400, by calculation: 780 less what the system's own buffers take.
 */
const MAX_GROWTH_MB = 150

let cluster: TestCluster
let user: ApiUser
const open = new Set<{ cut(): void }>()

async function start(workerEnv: NodeJS.ProcessEnv = {}): Promise<void> {
  cluster = await TestCluster.start({ instant: true, workers: 2, workerEnv })
  user = await ApiUser.of(cluster.url)
  await cluster.ready()
}

async function stop(): Promise<void> {
  for (const client of open) client.cut()
  open.clear()
  await cluster.stop()
}

async function follow(path: string, options: FollowOptions = {}): Promise<EventClient> {
  const client = await EventClient.open(`${cluster.url}/api/v1${path}`, options)
  open.add(client)
  return client
}

/** Follows everything, from the first change on. */
function persist(cutAfterBytes: () => number | undefined): PersistentClient {
  const client = new PersistentClient(`${cluster.url}/api/v1/events`, 0, cutAfterBytes)
  open.add(client)
  return client
}

function formOf(count: number, fields: ReadonlyArray<readonly [string, string]> = []): FormData {
  const form = new FormData()
  for (const [name, value] of fields) form.append(name, value)
  for (let number = 0; number < count; number += 1) form.append('image', new Blob([photo()]), `${number}.png`)
  return form
}

async function makeBatch(
  count: number,
  fields: ReadonlyArray<readonly [string, string]> = [],
): Promise<Batch> {
  return (await user.createBatch({ body: formOf(count, fields) })).batch
}

interface Brief {
  readonly id: number
  readonly job: string
  readonly status: Job['status'] | 'removed'
}

/** The events of jobs. */
function briefly(events: readonly StreamEvent[]): Brief[] {
  return events.flatMap((event): Brief[] => {
    const { name, id, data } = typedEvent(event)
    if (id === null) return []
    if (name === 'job') return [{ id, job: data.id, status: data.status }]
    return name === 'removed' ? [{ id, job: data.id, status: 'removed' }] : []
  })
}

function shouldAscend(events: readonly StreamEvent[]): void {
  const ids = briefly(events).map(({ id }) => id)
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b))
}

/** What each job was in its last event. */
function lastOf(events: readonly StreamEvent[]): Map<string, Brief['status']> {
  return new Map(briefly(events).map(({ job, status }) => [job, status]))
}

function namesOf(events: readonly StreamEvent[]): string[] {
  return events.map(({ name }) => name)
}

function lastId(events: readonly StreamEvent[]): number {
  return events.findLast(({ id }) => id !== null)?.id ?? 0
}

function removals(events: readonly StreamEvent[]): number {
  return events.filter(({ name }) => name === 'removed').length
}

/** In MB; null where the system does not say (not Linux). */
async function memoryOf(pid: number | undefined): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => null)
  return status === null ? null : (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024) / 1e6
}

describe('a stream that is cut off again and again', () => {
  beforeAll(() => start())
  afterAll(stop)

  it('has, all in all, the same events as one that is not', async () => {
    const random = new Random(SEED)
    let cutsLeft = 25
    const cutAfterBytes = () => {
      cutsLeft -= 1
      return cutsLeft >= 0 ? 1 + random.below(30_000) : undefined
    }
    const whole = await follow('/events', { lastEventId: 0 })
    const resumed = persist(cutAfterBytes)
    const batch = await makeBatch(250, [['name', 'Ünïcödé 🌍']])
    await user.batchEnds(batch.id)
    const jobs = await user.jobsOfBatch(batch.id)
    await Promise.all(jobs.slice(0, 40).map(({ id }) => user.act('retryJob', id)))
    await Promise.all(jobs.slice(200, 220).map(({ id }) => user.api.call('deleteJob', { params: { id } })))
    await user.batchEnds(batch.id)
    const marker = await user.submitPhoto({ fileName: '終わり 🌍.png' }, { prefer: 'wait=30' })
    await user.api.call('deleteJob', { params: { id: marker.id } })

    await whole.until((events) => removals(events) === 21)
    const end = lastId(whole.events)
    await vi.waitFor(() => expect(lastId(resumed.seen)).toBe(end), { timeout: 60_000 })
    await resumed.close()
    const context = `ARGUS_SEED=${SEED}`
    expect(briefly(resumed.seen), context).toEqual(briefly(whole.events))
    expect(resumed.cuts, context).toBeGreaterThan(20)
    shouldAscend(whole.events)

    const last = lastOf(whole.events)
    const kept = await user.jobsOfBatch(batch.id)
    expect(kept).toHaveLength(230)
    expect([...last].filter(([_job, status]) => status === 'removed')).toHaveLength(21)
    for (const job of kept) expect([job.id, last.get(job.id)]).toEqual([job.id, 'SUCCEEDED'])
    const told = new Map(dataOf(whole.events, 'job').map((job) => [job.id, job]))
    expect(kept.map(({ id }) => told.get(id))).toEqual(kept)
  })
})

describe('a master that is killed', () => {
  beforeAll(() => start({ INSTANT_MS: '20' }))
  afterAll(stop)

  it('has its streams go on where they were: the end of every job comes once', async () => {
    const random = new Random(SEED)
    const clients = [persist(() => undefined), persist(() => 1 + random.below(100_000))]
    const batch = await makeBatch(400)
    for (const share of [0.2, 0.5]) {
      await vi.waitFor(async () => expect((await user.getBatch(batch.id)).progress).toBeGreaterThan(share), {
        timeout: 60_000,
        interval: 20,
      })
      const exited = once(cluster.master, 'exit')
      cluster.master.kill('SIGKILL')
      await exited
      await cluster.startMaster()
    }
    await user.batchEnds(batch.id)
    const jobs = await user.jobsOfBatch(batch.id)
    const end = Math.max(...jobs.map(({ revision }) => revision))
    for (const client of clients) {
      await vi.waitFor(() => expect(lastId(client.seen)).toBe(end), { timeout: 60_000 })
      await client.close()
      shouldAscend(client.seen)
      const ends = briefly(client.seen).filter(({ status }) => status !== 'removed' && isTerminal(status))
      const context = `ARGUS_SEED=${SEED}`
      expect(ends.map(({ job }) => job).sort(), context).toEqual(jobs.map(({ id }) => id).sort())
      const told = new Map(dataOf(client.seen, 'job').map((job) => [job.id, job]))
      expect(jobs.map(({ id }) => told.get(id))).toEqual(jobs)
    }
  })
})

describe('with instant workers', () => {
  beforeAll(() => start())
  afterAll(stop)

  describe('the stream of everything', () => {
    it('begins with the cluster, and then has what changes', async () => {
      const before = await user.submitPhoto({}, { prefer: 'wait=30' })
      const client = await follow('/events')
      expect(client.status).toBe(200)
      expect(client.headers).toMatchObject({
        'content-type': expect.stringMatching(/^text\/event-stream/),
        'cache-control': 'no-store',
      })
      await client.until((events) => events.length > 0)
      const [first] = dataOf(client.events, 'cluster')
      expect(client.events[0]?.name).toBe('cluster')
      expect(first?.ready).toBe(true)
      expect(first?.counts.SUCCEEDED).toBeGreaterThan(0)
      const { id } = await user.submitPhoto()
      await client.until((events) => lastOf(events).get(id) === 'SUCCEEDED')
      expect(lastOf(client.events).has(before.id)).toBe(false)
      // The counts come to what the jobs are.
      const { counts } = await latestCounts(client)
      expect(counts).toMatchObject({ QUEUED: 0, RUNNING: 0 })
      client.cut()
    })

    async function latestCounts(client: EventClient) {
      const { total } = await user.page()
      await client.until((events) => {
        const { SUCCEEDED = 0 } = dataOf(events, 'cluster').at(-1)?.counts ?? {}
        return SUCCEEDED === total
      })
      const latest = dataOf(client.events, 'cluster').at(-1)
      if (!latest) throw new Error('There was none')
      return latest
    }

    it('has, after 0, all jobs that there are', async () => {
      const batch = await makeBatch(30)
      await user.batchEnds(batch.id)
      const all = (await user.pages({ limit: 100 })).flatMap(({ jobs }) => jobs)
      const client = await follow('/events?after=0')
      const end = Math.max(...all.map(({ revision }) => revision))
      await client.until((events) => lastId(events) >= end)
      const told = new Map(dataOf(client.events, 'job').map((job) => [job.id, job]))
      expect(all.map(({ id }) => told.get(id))).toEqual(all)
      client.cut()
    })

    it('has, after a revision, what has changed since; the header says it in the place of the address', async () => {
      const first = await user.submitPhoto({}, { prefer: 'wait=30' })
      const second = await user.submitPhoto({}, { prefer: 'wait=30' })
      for (const client of [
        await follow(`/events?after=${first.revision}`),
        await follow('/events?after=0', { lastEventId: first.revision }),
      ]) {
        await client.until((events) => lastOf(events).get(second.id) === 'SUCCEEDED')
        expect([...lastOf(client.events).keys()]).toEqual([second.id])
        client.cut()
      }
    })

    it('has, after what is still to come, what changes from now on', async () => {
      const client = await follow(`/events?after=${'9'.repeat(15)}`)
      await client.until((events) => events.length > 0)
      const { id } = await user.submitPhoto()
      await client.until((events) => lastOf(events).get(id) === 'SUCCEEDED')
      expect([...lastOf(client.events).keys()]).toEqual([id])
      client.cut()
    })
  })

  describe('each stream', () => {
    const paths = async () => {
      const job = await user.submitPhoto({ batch: await user.emptyBatch() })
      return ['/events', `/batches/${job.batch}/events`, `/jobs/${job.id}/events`]
    }

    it('begins at a number and at nothing else', async () => {
      for (const path of await paths()) {
        for (const id of ['x', '-1', '1.5', '', '0x10', '1e3', '9'.repeat(17), 'null']) {
          const refused = [
            await fetch(`${cluster.url}/api/v1${path}`, { headers: { 'last-event-id': id } }),
            await fetch(`${cluster.url}/api/v1${path}?after=${id}`),
          ]
          for (const response of refused) {
            const problem = problemSchema.parse(await response.json())
            expect([path, id, response.status, problem.code]).toEqual([path, id, 400, 'request/invalid'])
          }
        }
      }
    })

    it('is answered to HEAD at once, without an event', async () => {
      for (const path of await paths()) {
        const response = await fetch(`${cluster.url}/api/v1${path}`, { method: 'HEAD' })
        expect([path, response.status]).toEqual([path, 200])
        expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
        expect(await response.text()).toBe('')
      }
    })

    it('is of what there is', async () => {
      for (const [path, code] of [
        [`/jobs/${randomUUID()}/events`, 'job/not-found'],
        ['/jobs/nothing/events', 'job/not-found'],
        [`/batches/${randomUUID()}/events`, 'batch/not-found'],
        ['/batches/nothing/events', 'batch/not-found'],
      ]) {
        const response = await fetch(`${cluster.url}/api/v1${path}`)
        const problem = problemSchema.parse(await response.json())
        expect([path, response.status, problem.code]).toEqual([path, 404, code])
      }
    })
  })

  describe('the stream of a batch', () => {
    it('begins with the batch and ends with all of it done, and has its jobs alone', async () => {
      const id = await user.emptyBatch({ name: 'followed' })
      const client = await follow(`/batches/${id}/events`)
      await client.until((events) => events.length > 0)
      expect(client.events[0]).toMatchObject({ name: 'batch', data: { id, name: 'followed', total: 0 } })
      await Promise.all([
        ...Array.from({ length: 60 }, () => user.submitPhoto({ batch: id })),
        ...Array.from({ length: 20 }, () => user.submitPhoto()),
      ])
      await client.until((events) => {
        const last = dataOf(events, 'batch').at(-1)
        return last?.total === 60 && last.progress === 1
      })
      shouldAscend(client.events)
      const jobs = await user.jobsOfBatch(id)
      expect(lastOf(client.events)).toEqual(new Map(jobs.map((job) => [job.id, 'SUCCEEDED'])))
      const last = dataOf(client.events, 'batch').at(-1)
      expect(last).toEqual(await user.getBatch(id))
      expect(new Set(namesOf(client.events))).toEqual(new Set(['batch', 'job']))
      const shares = dataOf(client.events, 'batch').map(({ progress, total }) => progress * total)
      expect(shares).toEqual([...shares].sort((a, b) => a - b))
      client.cut()
    })

    it('has, after 0, the jobs that it has', async () => {
      const batch = await makeBatch(25)
      await user.batchEnds(batch.id)
      await makeBatch(5)
      const client = await follow(`/batches/${batch.id}/events?after=0`)
      const jobs = await user.jobsOfBatch(batch.id)
      const end = Math.max(...jobs.map(({ revision }) => revision))
      await client.until((events) => dataOf(events, 'batch').length > 0 && lastId(events) === end)
      expect(lastOf(client.events)).toEqual(new Map(jobs.map((job) => [job.id, 'SUCCEEDED'])))
      client.cut()
    })

    it('tells of a job that is removed, and ends when the batch is', async () => {
      const batch = await makeBatch(10)
      await user.batchEnds(batch.id)
      const [job] = await user.jobsOfBatch(batch.id)
      const client = await follow(`/batches/${batch.id}/events`)
      await client.until((events) => events.length > 0)
      await user.api.call('deleteJob', { params: { id: job?.id ?? '' } })
      await client.until((events) => removals(events) === 1)
      expect(dataOf(client.events, 'removed')).toEqual([{ id: job?.id, batch: batch.id }])
      await user.api.call('deleteBatch', { params: { id: batch.id } })
      await shouldEnd(client)
      expect(removals(client.events)).toBe(10)
    })

    it('ends when its batch is removed that is empty', async () => {
      const id = await user.emptyBatch()
      const client = await follow(`/batches/${id}/events`)
      await client.until((events) => events.length > 0)
      await user.api.call('deleteBatch', { params: { id } })
      await shouldEnd(client)
    })

    it('tells that its batch was cancelled, also of one that is empty', async () => {
      const id = await user.emptyBatch()
      const client = await follow(`/batches/${id}/events`)
      await client.until((events) => events.length > 0)
      await user.actOnBatch('cancelBatch', id)
      await client.until((events) => typeof dataOf(events, 'batch').at(-1)?.cancelledAt === 'string')
      client.cut()
    })
  })

  describe('the stream of a job', () => {
    it('has it as it is, what becomes of it, and its removal, with which it ends', async () => {
      const ended = await user.submitPhoto({}, { prefer: 'wait=30' })
      const client = await follow(`/jobs/${ended.id}/events`)
      await client.until((events) => events.length > 0)
      expect(dataOf(client.events, 'job')).toEqual([ended])
      await user.act('retryJob', ended.id)
      await client.until((events) => {
        const last = dataOf(events, 'job').at(-1)
        return last?.run === 2 && last.status === 'SUCCEEDED'
      })
      const other = await user.submitPhoto({}, { prefer: 'wait=30' })
      await user.api.call('deleteJob', { params: { id: ended.id } })
      await shouldEnd(client)
      expect(client.events.at(-1)).toMatchObject({ name: 'removed', data: { id: ended.id, batch: null } })
      expect(lastOf(client.events).has(other.id)).toBe(false)
      shouldAscend(client.events)
    })

    it('goes on after the state that was seen', async () => {
      const job = await user.submitPhoto({}, { prefer: 'wait=30' })
      const client = await follow(`/jobs/${job.id}/events`, { lastEventId: job.revision })
      await user.act('retryJob', job.id)
      await client.until((events) => dataOf(events, 'job').at(-1)?.status === 'SUCCEEDED')
      expect(dataOf(client.events, 'job').map(({ run }) => run)).not.toContain(1)
      client.cut()
    })
  })
})

describe('clients', () => {
  beforeEach(() => start())
  afterEach(stop)

  it('find room again where those before were cut off in the middle of what they were sent', async () => {
    // Small messages, and many of them: between two of them a stream waits.
    const id = await user.emptyBatch()
    for (let round = 0; round < 8; round += 1) {
      await user.submitPhoto({ batch: id })
      await user.batchEnds((await makeBatch(70)).id)
    }
    await user.batchEnds(id)
    const path = `/batches/${id}/events?after=0`
    let left = MAX_STREAMS + 50
    const lane = async () => {
      while (left > 0) {
        left -= 1
        const client = await follow(path, { cutAfterBytes: 2000 })
        expect(client.status).toBe(200)
        await client.ended
        open.delete(client)
      }
    }
    await Promise.all(Array.from({ length: 50 }, lane))
    const client = await follow(path)
    expect(client.status).toBe(200)
    await client.until((events) => lastOf(events).size === 8)
    client.cut()
  })

  it('are as many as the master can bear, and more when some have gone', async () => {
    const clients: EventClient[] = []
    let refused: EventClient | null = null
    while (!refused && clients.length <= MAX_STREAMS) {
      const some = await Promise.all(Array.from({ length: 50 }, () => follow('/events')))
      clients.push(...some.filter(({ status }) => status === 200))
      refused = some.find(({ status }) => status !== 200) ?? null
    }
    expect(refused?.status).toBe(503)
    expect(refused?.headers['retry-after']).toMatch(/^[1-9]\d*$/)
    expect(clients.length).toBeGreaterThan(MAX_STREAMS - 50)
    for (const client of clients) client.cut()
    await until(async () => {
      const client = await follow('/events')
      client.cut()
      expect(client.status).toBe(200)
    })
  })

  async function shouldHearOf(client: EventClient, batch: Batch): Promise<void> {
    const jobs = new Set((await user.jobsOfBatch(batch.id)).map(({ id }) => id))
    await client.until((events) => {
      const last = lastOf(events)
      return [...jobs].every((id) => last.get(id) === 'SUCCEEDED')
    })
  }

  it('that read nothing keep nobody waiting, and cost the master no memory', async () => {
    await user.batchEnds((await makeBatch(1000)).id)
    const before = await memoryOf(cluster.master.pid)
    const deaf = await Promise.all(Array.from({ length: 100 }, () => follow('/events', { isDeaf: true })))
    const hearing = await follow('/events')
    const batches = [await makeBatch(1000), await makeBatch(1000)]
    for (const { id } of batches) await user.batchEnds(id)
    const after = await memoryOf(cluster.master.pid)
    for (const batch of batches) await shouldHearOf(hearing, batch)
    shouldAscend(hearing.events)
    if (before !== null && after !== null) expect(after - before).toBeLessThan(MAX_GROWTH_MB)

    // One of them wakes up, and is told what it missed.
    const [sleeper] = deaf
    if (!sleeper) throw new Error('There is none')
    sleeper.listen()
    for (const batch of batches) await shouldHearOf(sleeper, batch)
    shouldAscend(sleeper.events)
    for (const client of [...deaf, hearing]) client.cut()
  })
})

async function shouldEnd(client: EventClient): Promise<void> {
  const first = await Promise.race([client.ended.then(() => 'ended'), sleep(20_000, 'still open')])
  expect([first, namesOf(client.events).slice(-3)]).toEqual(['ended', expect.anything()])
}

describe('a master that is told to stop', () => {
  beforeAll(() => start({ INSTANT_MS: '20' }))
  afterAll(stop)

  it('lets go of all who follow, in the middle of much to tell', async () => {
    const batch = await makeBatch(600)
    const clients = await Promise.all([
      ...Array.from({ length: 10 }, () => follow('/events?after=0')),
      ...Array.from({ length: 10 }, () => follow(`/batches/${batch.id}/events?after=0`)),
    ])
    await Promise.all(Array.from({ length: 3 }, () => follow('/events?after=0', { isDeaf: true })))
    await vi.waitFor(async () => expect((await user.getBatch(batch.id)).progress).toBeGreaterThan(0.2), {
      timeout: 60_000,
      interval: 20,
    })
    const { master } = cluster
    const exited = once(master, 'exit')
    const since = cluster.output.length
    master.kill('SIGTERM')
    const end = await Promise.race([exited, sleep(30_000, 'still runs')])
    expect(end, cluster.output.slice(since)).toEqual([0, null])
    await Promise.all(clients.map(({ ended }) => ended))
    for (const { events } of clients) shouldAscend(events)

    // And the next one goes on.
    await cluster.startMaster()
    const [first] = clients
    const next = await follow('/events', { lastEventId: first?.lastEventId })
    await user.batchEnds(batch.id)
    const jobs = await user.jobsOfBatch(batch.id)
    const all = () => [...(first?.events ?? []), ...next.events]
    await next.until(() => {
      const last = lastOf(all())
      return jobs.every(({ id }) => last.get(id) === 'SUCCEEDED')
    })
    shouldAscend(all())
    await user.submit({ body: raw(photo()) })
  })
})
