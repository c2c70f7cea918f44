/** The master for Prometheus: its event loop, its commits, its storage, the model, who watches, and its process. */
import { createRequire } from 'node:module'
import { Counter, collectDefaultMetrics, Gauge, Histogram, type Registry } from 'prom-client'
import { z } from 'zod'
import type { LagClock } from '../lag-clock.ts'
import type { ModelService } from '../models/model-service.ts'
import type { Committer } from '../store/committer.ts'
import type { DiskGuard } from '../store/disk-guard.ts'
import { COMMIT_WRITES, MASTER_SECONDS } from './buckets.ts'

/** Gauges of prom-client that are named as if they were counters, which promtool takes for faults. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
]

export interface MasterMetricsParts {
  readonly clock: Pick<LagClock, 'onSample'>
  readonly committer: Pick<Committer, 'onCommit' | 'available'>
  readonly disk: Pick<DiskGuard, 'full' | 'freeBytes'>
  readonly models: Pick<ModelService, 'state'>
  /** How many are open. */
  readonly boards: () => number
  readonly eventStreams: () => number
}

export function registerMasterMetrics(registry: Registry, parts: MasterMetricsParts): void {
  registerCommits(registry, parts)
  registerStorage(registry, parts)
  registerClients(registry, parts)
  registerInfo(registry, parts)
  const lag = new Histogram({
    name: 'argus_event_loop_lag_seconds',
    help: 'How late the event loop of the master was, sampled 20 times a second.',
    buckets: MASTER_SECONDS,
    registers: [registry],
  })
  parts.clock.onSample((milliseconds) => lag.observe(milliseconds / 1000))
  collectDefaultMetrics({ register: registry })
  for (const name of MISNAMED) registry.removeSingleMetric(name)
}

function registerCommits(registry: Registry, { committer }: MasterMetricsParts): void {
  const registers = [registry]
  const commits = new Counter({
    name: 'argus_commits_total',
    help: 'Transactions that the master has committed since its start.',
    registers,
  })
  const duration = new Histogram({
    name: 'argus_commit_duration_seconds',
    help: 'How long the transactions of the master took, from their begin to the disk.',
    buckets: MASTER_SECONDS,
    registers,
  })
  const writes = new Histogram({
    name: 'argus_commit_writes',
    help: 'How many writes were grouped into one transaction of the master.',
    buckets: COMMIT_WRITES,
    registers,
  })
  committer.onCommit((commit) => {
    // An empty one only asks whether the database is there.
    if (commit.writes === 0) return
    commits.inc()
    duration.observe(commit.milliseconds / 1000)
    writes.observe(commit.writes)
  })
}

function registerStorage(registry: Registry, { committer, disk }: MasterMetricsParts): void {
  const registers = [registry]
  new Gauge({
    name: 'argus_database_available',
    help: 'Whether the database could be reached at the last try: 1, or 0 where it could not.',
    registers,
    collect() {
      this.set(committer.available ? 1 : 0)
    },
  })
  new Gauge({
    name: 'argus_disk_full',
    help: 'Whether the disk of the data folder is full, so that no photos are taken: 1, or 0 where it has room.',
    registers,
    collect() {
      this.set(disk.full ? 1 : 0)
    },
  })
  new Gauge({
    name: 'argus_disk_free_bytes',
    help: 'Free room on the disk of the data folder, as last measured.',
    registers,
    collect() {
      if (disk.freeBytes !== null) this.set(disk.freeBytes)
      // What is not known is not there, rather than 0.
      else this.remove()
    },
  })
}

function registerClients(registry: Registry, { boards, eventStreams }: MasterMetricsParts): void {
  new Gauge({
    name: 'argus_feed_clients',
    help: 'Clients that follow what changes, by kind: job boards, and streams of events.',
    labelNames: ['kind'],
    registers: [registry],
    collect() {
      this.set({ kind: 'board' }, boards())
      this.set({ kind: 'events' }, eventStreams())
    },
  })
}

function registerInfo(registry: Registry, { models }: MasterMetricsParts): void {
  const registers = [registry]
  new Gauge({
    name: 'argus_model_info',
    help: 'The model that the cluster serves now, in labels; the value is 1. There is none while it serves none.',
    labelNames: ['name', 'digest'],
    registers,
    collect() {
      this.reset()
      const { state } = models
      if (state.state === 'serving') this.set({ name: state.name, digest: state.digest }, 1)
    },
  })
  new Gauge({
    name: 'argus_build_info',
    help: 'The version of the master, in a label; the value is 1.',
    labelNames: ['version'],
    registers,
  }).set({ version: ownVersion() }, 1)
}

function ownVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)('../../package.json')
  return z.object({ version: z.string() }).parse(manifest).version
}
