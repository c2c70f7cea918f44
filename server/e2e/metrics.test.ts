/** What Prometheus is told by real masters with real workers, held against what these have done. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BOARD_NAMESPACE, type Job, modelStateSchema, statisticsSchema } from '@argus/shared'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { ApiUser, raw } from '../testing/api-user.ts'
import { type ClusterOptions, TestCluster } from '../testing/cluster.ts'
import { expressionsOf, metricsIn, readDashboard } from '../testing/dashboard.ts'
import { findMariaDb, TestMariaDb } from '../testing/mariadb.ts'
import { MetricsPage, type Sample } from '../testing/metrics-page.ts'
import { findPromtool, promtool } from '../testing/promtool.ts'
import { SAMPLES_DIR } from '../testing/test-data.ts'

const WAIT = { timeout: 20_000, interval: 50 }
const TOKEN = 'the-token-of-the-tests'
/** No attempt has ended. */
const NO_ENDS = { succeeded: 0, failed: 0, lost: 0, expired: 0, returned: 0, revoked: 0 }
const BALLOON = 'n02782093'
const TENCH = 'n01440764'

let cluster: TestCluster
let user: ApiUser
/** All that were read of the present master, in their order. */
let pages: MetricsPage[]

async function start(options: ClusterOptions): Promise<void> {
  cluster = await TestCluster.start(options)
  user = await ApiUser.of(cluster.url)
  pages = []
}

async function text(): Promise<string> {
  return Buffer.from((await user.api.call('getMetrics')).bytes).toString()
}

async function scrape(): Promise<MetricsPage> {
  const page = new MetricsPage(await text())
  pages.push(page)
  return page
}

/** Scrapes until it is so: jobs are counted a moment after whoever waits for them has been told. */
function eventually(check: (page: MetricsPage) => void): Promise<void> {
  return vi.waitFor(async () => check(await scrape()), WAIT)
}

/** Submits one of the samples, and waits for its end. */
async function recognise(name: string, query: Record<string, string | string[]> = {}): Promise<Job> {
  const bytes = new Uint8Array(await readFile(join(SAMPLES_DIR, `${name}.png`)))
  return user.submit({ query, headers: { prefer: 'wait=60' }, body: raw(bytes) })
}

function nameOf({ name, labels }: Sample): string {
  return `${name}${JSON.stringify(labels)}`
}

describe('the metrics of a cluster that has recognised, failed and cancelled', () => {
  beforeAll(async () => {
    await start({})
    await cluster.ready()
    await scrape()
    await recognise('balloon', { tag: [`truth=${BALLOON}`] })
    await recognise('ladybug', { tag: [`truth=${TENCH}`] })
    await recognise('umbrella')
    const known = await recognise('balloon', { tag: [`truth=${BALLOON}`] })
    expect(known.reused).toBe(true)
    const unreadable = await user.submitPhoto({}, { prefer: 'wait=60' })
    expect(unreadable.status).toBe('FAILED')
    await user.drain()
    const { id } = await user.submitPhoto()
    await user.act('cancelJob', id)
  })
  afterAll(() => cluster.stop())

  it('count each job once, by its end', async () => {
    await eventually((page) => {
      expect(page.by('argus_jobs_ended_total', 'end')).toEqual({
        succeeded: 3,
        reused: 1,
        failed: 1,
        cancelled: 1,
      })
    })
    expect((await scrape()).value('argus_jobs_submitted_total')).toBe(6)
  })

  it('agree with the statistics', async () => {
    const { counts, latency, accuracy } = statisticsSchema.parse((await user.api.call('getStatistics')).json)
    const page = await scrape()
    const { reused, ...ends } = page.by('argus_jobs_ended_total', 'end')
    expect(counts).toEqual({ submitted: page.value('argus_jobs_submitted_total'), reused, ...ends })
    expect(accuracy?.jobs).toBe(page.value('argus_truths_known_total'))
    for (const name of ['queued', 'running', 'whole'] as const) {
      const [count, sum] = ['count', 'sum'].map((each) => page.value(`argus_job_${name}_seconds_${each}`))
      expect(latency[name]?.jobs).toBe(count)
      // The mean is told to a tenth of a millisecond.
      expect((latency[name]?.mean ?? 0) / 1000).toBeCloseTo((sum ?? 0) / (count ?? 1), 4)
    }
  })

  it('count the ends of attempts', async () => {
    const page = await scrape()
    expect(page.by('argus_attempts_ended_total', 'end')).toEqual({ ...NO_ENDS, succeeded: 3, failed: 1 })
  })

  it('measure the jobs that a worker recognised, and no others', async () => {
    const page = await scrape()
    for (const name of ['queued', 'running', 'whole']) {
      expect(page.value(`argus_job_${name}_seconds_count`)).toBe(3)
      expect(page.value(`argus_job_${name}_seconds_bucket`, { le: '+Inf' })).toBe(3)
    }
  })

  it('count how often the truth was found', async () => {
    const page = await scrape()
    expect(page.value('argus_truths_known_total')).toBe(3)
    expect(page.value('argus_truths_top1_total')).toBe(2)
    expect(page.value('argus_truths_top5_total')).toBe(2)
  })

  it('say how many jobs there are in each state, and how many wait', async () => {
    const page = await scrape()
    const statuses = { QUEUED: 0, RUNNING: 0, SUCCEEDED: 4, FAILED: 1, CANCELLED: 1 }
    expect(page.by('argus_jobs', 'status')).toEqual(statuses)
    const { id } = await user.submitPhoto()
    expect((await scrape()).value('argus_queue_depth')).toBe(1)
    await user.api.call('deleteJob', { params: { id } })
    expect((await scrape()).by('argus_jobs', 'status')).toEqual(statuses)
  })

  it('show a worker that is drained, and takes work again', async () => {
    const states = { starting: 0, ready: 0, draining: 0, drained: 0 }
    expect((await scrape()).by('argus_workers', 'state')).toEqual({ ...states, drained: 1 })
    await user.resume()
    expect((await scrape()).by('argus_workers', 'state')).toEqual({ ...states, ready: 1 })
  })

  it('say of the worker what the list of workers says, and how its machine does', async () => {
    const { id, name, slots, held, engine, imagesPerSecond } = await user.theWorker()
    const labels = { worker: name, id }
    await eventually((page) => expect(page.value('argus_worker_cpu_cores', labels)).toBeGreaterThanOrEqual(0))
    const page = await scrape()
    expect(page.value('argus_worker_slots', labels)).toBe(slots)
    expect(page.value('argus_worker_held_jobs', labels)).toBe(held)
    expect(page.value('argus_worker_images_per_second', { ...labels, engine: engine ?? '' })).toBe(
      imagesPerSecond,
    )
    expect(page.value('argus_worker_resident_memory_bytes', labels)).toBeGreaterThan(50e6)
    expect(page.value('argus_worker_heartbeat_age_seconds', labels)).toBeLessThan(10)
  })

  it('name the model and the version', async () => {
    const page = await scrape()
    const { state } = z.object({ state: modelStateSchema }).parse((await user.api.call('listModels')).json)
    if (state.state !== 'serving') throw new Error('No model serves')
    expect(page.value('argus_model_info', { name: state.name, digest: state.digest })).toBe(1)
    expect(page.find('argus_build_info')).toHaveLength(1)
  })

  it('say how the master does', async () => {
    const page = await scrape()
    expect(page.value('argus_database_available')).toBe(1)
    expect(page.value('argus_disk_full')).toBe(0)
    expect(page.value('argus_disk_free_bytes')).toBeGreaterThan(0)
    expect(page.value('argus_commits_total')).toBeGreaterThanOrEqual(6)
    expect(page.value('argus_commit_duration_seconds_count')).toBe(page.value('argus_commits_total'))
    expect(page.value('argus_commit_writes_count')).toBe(page.value('argus_commits_total'))
    expect(page.value('argus_event_loop_lag_seconds_count')).toBeGreaterThan(20)
    expect(page.value('process_cpu_seconds_total')).toBeGreaterThan(0)
  })

  it('count who watches', async () => {
    expect((await scrape()).by('argus_feed_clients', 'kind')).toEqual({ board: 0, events: 0 })
    const leaving = new AbortController()
    const response = await fetch(`${cluster.url}/api/v1/events`, { signal: leaving.signal })
    expect(response.status).toBe(200)
    const board = io(cluster.url + BOARD_NAMESPACE, { transports: ['websocket'], forceNew: true })
    await eventually((page) => {
      expect(page.by('argus_feed_clients', 'kind')).toEqual({ board: 1, events: 1 })
    })
    leaving.abort()
    board.disconnect()
    await eventually((page) => {
      expect(page.by('argus_feed_clients', 'kind')).toEqual({ board: 0, events: 0 })
    })
  })

  it.skipIf(findPromtool() === null)('are as Prometheus wants them, without a complaint', async () => {
    expect(promtool(['check', 'metrics'], await text())).toEqual({ status: 0, output: '' })
  })

  it('have all that the dashboard shows', async () => {
    const { samples } = await scrape()
    const names = new Set(samples.map(({ name }) => name))
    const wanted = expressionsOf(await readDashboard()).flatMap(metricsIn)
    expect(wanted.length).toBeGreaterThan(30)
    expect(wanted.filter((name) => !names.has(name))).toEqual([])
  })

  it('forget a worker that is lost', async () => {
    const { id } = await user.theWorker()
    cluster.workers[0]?.kill('SIGKILL')
    await eventually((page) => {
      expect(page.value('argus_workers', { state: 'ready' })).toBe(0)
      expect(page.samples.filter(({ labels }) => labels.id === id)).toEqual([])
    })
  })

  it('have no counter that ever went back, or was gone', () => {
    expect(pages.length).toBeGreaterThan(10)
    for (const [at, page] of pages.slice(1).entries()) {
      const now = new Map(page.counters.map((sample) => [nameOf(sample), sample.value]))
      const before = pages[at]?.counters ?? []
      const back = before.filter((sample) => !((now.get(nameOf(sample)) ?? -1) >= sample.value))
      expect(back.map(nameOf)).toEqual([])
    }
  })
})

describe('the metrics of a cluster that loses what it works on', () => {
  beforeAll(async () => {
    await start({ instant: true, workerEnv: { INSTANT_MS: '120000', THREADS: '4' } })
    await cluster.ready()
  })
  afterAll(async () => {
    // It would end its photos first.
    for (const worker of cluster.workers) worker.kill('SIGKILL')
    await cluster.stop()
  })

  async function running(): Promise<string> {
    const { id } = await user.submitPhoto()
    await user.becomes(id, 'RUNNING')
    return id
  }

  it('show what a worker holds', async () => {
    await running()
    const page = await scrape()
    expect(page.value('argus_worker_held_jobs')).toBe(1)
    expect(page.by('argus_jobs', 'status')).toMatchObject({ RUNNING: 1, QUEUED: 0 })
    expect(page.by('argus_attempts_ended_total', 'end')).toEqual(NO_ENDS)
  })

  it('tell attempts that were revoked from those that were lost', async () => {
    await user.act('cancelJob', await running())
    await user.api.call('deleteJob', { params: { id: await running() } })
    expect((await scrape()).by('argus_attempts_ended_total', 'end')).toEqual({ ...NO_ENDS, revoked: 2 })
    // The one of the test before is still there.
    cluster.workers[0]?.kill('SIGKILL')
    await eventually((page) => {
      expect(page.by('argus_attempts_ended_total', 'end')).toEqual({ ...NO_ENDS, revoked: 2, lost: 1 })
    })
    await eventually((page) => {
      expect(page.by('argus_jobs_ended_total', 'end')).toMatchObject({ cancelled: 1, failed: 0 })
    })
  })
})

describe('the metrics of a master that was started again', () => {
  beforeAll(() => start({ instant: true }))
  afterAll(() => cluster.stop())

  it('begin at 0, though the statistics count what its predecessor had not', async () => {
    await cluster.ready()
    for (let number = 0; number < 5; number += 1) await user.submitPhoto({}, { prefer: 'wait=30' })
    await eventually((page) => expect(page.by('argus_jobs_ended_total', 'end').succeeded).toBe(5))
    cluster.master.kill('SIGKILL')
    await once(cluster.master, 'exit')
    await cluster.startMaster()
    await cluster.ready()
    await user.submitPhoto({}, { prefer: 'wait=30' })
    await eventually((page) => expect(page.by('argus_jobs_ended_total', 'end').succeeded).toBe(1))
    const page = await scrape()
    expect(page.value('argus_jobs_submitted_total')).toBe(1)
    expect(page.value('argus_job_whole_seconds_count')).toBe(1)
    expect(page.by('argus_attempts_ended_total', 'end')).toEqual({ ...NO_ENDS, succeeded: 1 })
    const { counts } = statisticsSchema.parse((await user.api.call('getStatistics')).json)
    expect(counts).toMatchObject({ submitted: 6, succeeded: 6 })
    expect(page.by('argus_jobs', 'status')).toMatchObject({ SUCCEEDED: 6 })
  })
})

describe('the metrics of a master with a token', () => {
  it('are for who has it', async () => {
    cluster = await TestCluster.start({ workers: 0, masterEnv: { ARGUS_TOKEN: TOKEN } })
    onTestFinished(() => cluster.stop())
    const ask = (token?: string) =>
      fetch(`${cluster.url}/metrics`, {
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      })
    expect((await ask()).status).toBe(401)
    expect((await ask(await cluster.workerToken())).status).toBe(401)
    const answer = await ask(TOKEN)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(new MetricsPage(await answer.text()).value('argus_database_available')).toBe(1)
  })
})

describe.skipIf(!findMariaDb())('the metrics of a master whose database is away', () => {
  it('are there, and say so', async () => {
    const mariaDb = await TestMariaDb.start()
    onTestFinished(() => mariaDb.stop())
    await start({ workers: 0, masterEnv: { DATABASE_URL: mariaDb.url } })
    onTestFinished(() => cluster.stop())
    await user.submitPhoto()
    await mariaDb.kill()
    // Someone who needs it has to meet it first.
    await user.api.callRefused('listJobs')
    await eventually((page) => expect(page.value('argus_database_available')).toBe(0))
    expect((await scrape()).value('argus_jobs', { status: 'QUEUED' })).toBe(1)
    await mariaDb.restart()
    await eventually((page) => expect(page.value('argus_database_available')).toBe(1))
  })
})
