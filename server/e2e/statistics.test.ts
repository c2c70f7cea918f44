import { once } from 'node:events'
import { type Job, jobPageSchema, type Statistics, statisticsSchema } from '@argus/shared'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { TestCluster } from '../testing/cluster.ts'
import { pngHeader } from '../testing/images.ts'

const JOBS = 300

let cluster: TestCluster

async function statistics(query = ''): Promise<Statistics> {
  const response = await fetch(`${cluster.url}/api/v1/stats${query}`)
  expect(response.status).toBe(200)
  return statisticsSchema.parse(await response.json())
}

async function allJobs(): Promise<Job[]> {
  const jobs: Job[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = new URLSearchParams({ limit: '100', ...(cursor && { cursor }) })
    const response = await fetch(`${cluster.url}/api/v1/jobs?${query}`)
    const page = jobPageSchema.parse(await response.json())
    jobs.push(...page.jobs)
    cursor = page.next
  }
  return jobs
}

function milliseconds(from: string | null, to: string | null): number {
  return Date.parse(to ?? '') - Date.parse(from ?? '')
}

/** By the nearest rank. */
function exactQuantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? 0
}

function expectLatency(told: Statistics['latency']['whole'], exact: readonly number[]): void {
  expect(told?.jobs).toBe(exact.length)
  expect(told?.max).toBe(Math.max(...exact))
  for (const [share, value] of [
    [0.5, told?.p50],
    [0.9, told?.p90],
    [0.95, told?.p95],
    [0.99, told?.p99],
  ] as const) {
    const wanted = exactQuantile(exact, share)
    expect(Math.abs((value ?? 0) - wanted)).toBeLessThanOrEqual(wanted / 100)
  }
}

describe('the statistics of a cluster', () => {
  beforeAll(async () => {
    cluster = await TestCluster.start({ workers: 2, instant: true })
    await cluster.ready()
    const photos = Array.from({ length: JOBS }, (_none, index) => ({
      name: `photo-${index}.png`,
      bytes: pngHeader(1 + (index % 100), 1 + Math.floor(index / 100)),
    }))
    await Promise.all(photos.map(async (photo) => (await cluster.submit(photo)).arrayBuffer()))
    await vi.waitFor(
      async () => expect((await allJobs()).every(({ endedAt }) => endedAt !== null)).toBe(true),
      { timeout: 60_000, interval: 200 },
    )
  })

  afterAll(() => cluster.stop())

  it('agree with an exact computation from all its jobs', async () => {
    const ended = (await allJobs()).filter(({ status }) => status === 'SUCCEEDED')
    const { counts, latency, throughput, goodput, from, to } = await statistics()
    expect(counts).toEqual({ submitted: JOBS, reused: 0, succeeded: JOBS, failed: 0, cancelled: 0 })
    expectLatency(
      latency.queued,
      ended.map(({ queuedAt, startedAt }) => milliseconds(queuedAt, startedAt)),
    )
    expectLatency(
      latency.running,
      ended.map(({ startedAt, endedAt }) => milliseconds(startedAt, endedAt)),
    )
    expectLatency(
      latency.whole,
      ended.map(({ queuedAt, endedAt }) => milliseconds(queuedAt, endedAt)),
    )
    // The last minute of the window has not passed.
    const seconds = milliseconds(from, to) / 1000
    expect(goodput).toBeGreaterThanOrEqual(JOBS / seconds)
    expect(goodput).toBeLessThan(JOBS / (seconds - 61))
    expect(throughput).toBe(goodput)
  })

  it('add up by steps of any length', async () => {
    for (const step of [1, 7, 60]) {
      const { series, counts } = await statistics(`?step=${step}`)
      expect(series).toHaveLength(Math.ceil(60 / step))
      const sum = series?.reduce((total, point) => total + point.counts.succeeded, 0)
      expect(sum).toBe(counts.succeeded)
    }
  })

  it('tell how the master and its workers do', async () => {
    const { master, workers } = await vi.waitFor(
      async () => {
        const now = await statistics()
        expect(now.workers.every(({ cpu, beatAgeMs }) => cpu !== null && beatAgeMs !== null)).toBe(true)
        return now
      },
      { timeout: 20_000 },
    )
    expect(master.rssBytes).toBeGreaterThan(50_000_000)
    expect(master.freeDiskBytes).toBeGreaterThan(0)
    expect(master.commits.milliseconds?.p99).toBeGreaterThan(0)
    expect(master.eventStreams).toBe(0)
    expect(workers).toHaveLength(2)
    expect(workers.reduce((sum, { recognised }) => sum + recognised, 0)).toBeGreaterThan(0)
    for (const { rssBytes } of workers) expect(rssBytes).toBeGreaterThan(20_000_000)
  })

  it('outlast a master that is killed, whatever it had not written down', async () => {
    await cluster.submit({ name: 'cut.png', bytes: pngHeader(999, 7) }, 30)
    const exited = once(cluster.master, 'exit')
    cluster.master.kill('SIGKILL')
    await exited
    await cluster.startMaster()
    await cluster.ready()
    const { counts, latency } = await statistics()
    expect(counts).toEqual({ submitted: JOBS + 1, reused: 0, succeeded: JOBS + 1, failed: 0, cancelled: 0 })
    expect(latency.whole?.jobs).toBe(JOBS + 1)
  })

  it('count a job that is deleted as soon as it has ended', async () => {
    const before = await statistics()
    for (let round = 0; round < 10; round += 1) {
      const response = await cluster.submit({ name: 'gone.png', bytes: pngHeader(777, round + 1) }, 30)
      const { id } = (await response.json()) as Job
      const deleted = await fetch(`${cluster.url}/api/v1/jobs/${id}`, { method: 'DELETE' })
      expect(deleted.status).toBe(204)
    }
    const { counts } = await statistics()
    expect(counts.succeeded).toBe(before.counts.succeeded + 10)
    expect(counts.submitted).toBe(before.counts.submitted + 10)
  })

  it('refuse a window that is none', async () => {
    for (const query of ['?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', '?step=0', '?window=1h']) {
      const response = await fetch(`${cluster.url}/api/v1/stats${query}`)
      expect(response.status).toBe(400)
    }
  })
})
