import type { ModelState } from '@argus/shared'
import { Registry } from 'prom-client'
import { beforeEach, describe, expect, it } from 'vitest'
import { MetricsPage } from '../../testing/metrics-page.ts'
import type { Commit } from '../store/committer.ts'
import { registerMasterMetrics } from './master-metrics.ts'

let registry: Registry
let commit: (commit: Commit) => void
let lag: (milliseconds: number) => void
const now: { available: boolean; full: boolean; freeBytes: number | null; state: ModelState } = {
  available: true,
  full: false,
  freeBytes: null,
  state: { state: 'resolving' },
}

beforeEach(() => {
  registry = new Registry()
  const committer = {
    get available() {
      return now.available
    },
    onCommit: (listener: typeof commit) => {
      commit = listener
    },
  }
  const clock = {
    onSample: (listener: typeof lag) => {
      lag = listener
    },
  }
  const clients = { boards: () => 3, eventStreams: () => 2 }
  registerMasterMetrics(registry, { clock, committer, disk: now, models: now, ...clients })
})

async function page(): Promise<MetricsPage> {
  return new MetricsPage(await registry.metrics())
}

describe('the metrics of the master', () => {
  it('count commits, and not those that only ask for the database', async () => {
    commit({ writes: 40, milliseconds: 12 })
    commit({ writes: 0, milliseconds: 5000 })
    const read = await page()
    expect(read.value('argus_commits_total')).toBe(1)
    expect(read.value('argus_commit_duration_seconds_sum')).toBeCloseTo(0.012)
    expect(read.value('argus_commit_writes_sum')).toBe(40)
    expect(read.value('argus_commit_writes_count')).toBe(1)
  })

  it('measure the lag of the event loop', async () => {
    lag(0)
    lag(300)
    const read = await page()
    expect(read.value('argus_event_loop_lag_seconds_count')).toBe(2)
    expect(read.value('argus_event_loop_lag_seconds_sum')).toBeCloseTo(0.3)
  })

  it('say how the storage does', async () => {
    Object.assign(now, { available: true, full: false, freeBytes: null })
    let read = await page()
    expect(read.value('argus_database_available')).toBe(1)
    expect(read.value('argus_disk_full')).toBe(0)
    expect(read.find('argus_disk_free_bytes')).toEqual([])
    Object.assign(now, { available: false, full: true, freeBytes: 5e9 })
    read = await page()
    expect(read.value('argus_database_available')).toBe(0)
    expect(read.value('argus_disk_full')).toBe(1)
    expect(read.value('argus_disk_free_bytes')).toBe(5e9)
  })

  it('name the model while one serves', async () => {
    expect((await page()).find('argus_model_info')).toEqual([])
    now.state = { state: 'serving', name: 'A "model"', digest: 'd' }
    expect((await page()).value('argus_model_info', { name: 'A "model"', digest: 'd' })).toBe(1)
    now.state = { state: 'serving', name: 'Another', digest: 'e' }
    expect((await page()).by('argus_model_info', 'name')).toEqual({ Another: 1 })
  })

  it('say who watches, and which version it is', async () => {
    const read = await page()
    expect(read.by('argus_feed_clients', 'kind')).toEqual({ board: 3, events: 2 })
    expect(read.find('argus_build_info')).toMatchObject([
      { labels: { version: expect.stringMatching(/^\d/) }, value: 1 },
    ])
  })

  it('have the figures of the process, under names that are right', async () => {
    const read = await page()
    expect(read.value('process_cpu_seconds_total')).toBeGreaterThan(0)
    expect(read.value('process_start_time_seconds')).toBeGreaterThan(1e9)
    const totals = [...read.types].filter(([name]) => name.endsWith('_total'))
    expect(totals.filter(([_name, type]) => type !== 'counter')).toEqual([])
  })
})
