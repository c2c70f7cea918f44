/**
 * A table of a million jobs as it is after a month: most have succeeded, a few owners have most of them, some have
 * tags and batches. Written by a process of its own, since the lock of an SQLite lasts for as long as that.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { JobStatus } from '@argus/shared'
import { v7 as uuidv7 } from 'uuid'
import { createLog } from '../../server/src/log.ts'
import { type DatabaseTarget, openDatabase } from '../../server/src/store/database.ts'
import { type JobRow, resultColumns, type StoredResult, toRow } from '../../server/src/store/job-record.ts'
import { StatisticsStore } from '../../server/src/store/statistics-store.ts'
import { Random } from '../../server/testing/random.ts'

/** 31 columns each: SQLite takes 32,766 values in a statement. */
const ROWS_AT_ONCE = 500
const ROWS_A_TRANSACTION = 20_000
const MONTH_MS = 30 * 24 * 3600 * 1000
const SELF = fileURLToPath(import.meta.url)
const PROJECT = fileURLToPath(new URL('../..', import.meta.url))

export interface Filling {
  readonly target: DatabaseTarget
  readonly jobs: number
  readonly seed: number
}

/** When the last of the jobs was submitted, in milliseconds since 1970. */
export const END = Date.UTC(2026, 5, 1)
export const BEGIN = END - MONTH_MS

/** Names that the jobs have, the most frequent first. */
export const OWNERS = Array.from({ length: 1000 }, (_, number) => `owner-${number}`)
export const WORKERS = Array.from({ length: 20 }, (_, number) => `worker-${number}`)
export const CAMERAS = Array.from({ length: 50 }, (_, number) => `model ${number}`)

export function batchId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
}

if (process.argv[1] === SELF) {
  process.once('message', async (filling: Filling) => {
    await write(filling)
    process.disconnect()
  })
}

/** Writes the jobs; returns when they are there. */
export async function fillTable(filling: Filling): Promise<void> {
  const writer = fork(SELF, { cwd: PROJECT, execArgv: ['--import', 'tsx'] })
  writer.send(filling)
  const [code] = await once(writer, 'exit')
  if (code !== 0) throw new Error(`The table could not be filled: exit code ${code}`)
}

async function write({ target, jobs, seed }: Filling): Promise<void> {
  const random = new Random(seed)
  const database = await openDatabase(target, createLog('silent'))
  try {
    for (let from = 0; from < jobs; from += ROWS_A_TRANSACTION) {
      await database.transaction(async (transaction) => {
        for (let at = from; at < Math.min(jobs, from + ROWS_A_TRANSACTION); at += ROWS_AT_ONCE) {
          const rows = Array.from({ length: Math.min(ROWS_AT_ONCE, jobs - at) }, (_, number) =>
            drawRow(random, at + number, jobs),
          )
          await transaction('jobs').insert(rows)
          const tagged = rows.filter(({ tags }) => tags !== null)
          const tags = tagged.flatMap(({ id, tags: json, submitted_at }) =>
            Object.entries(JSON.parse(json ?? '{}') as Record<string, string>).map(([name, value]) => ({
              job_id: id,
              name,
              value,
              submitted_at,
            })),
          )
          if (tags.length > 0) await transaction('job_tags').insert(tags)
        }
      })
    }
    // As a master has it that has made them.
    await new StatisticsStore(database).moveTo({ revision: jobs, writes: 1 })
  } finally {
    await database.destroy()
  }
}

function drawRow(random: Random, number: number, jobs: number): JobRow {
  const submittedAt = BEGIN + Math.floor((number / jobs) * MONTH_MS)
  const status = drawStatus(random)
  const isQueued = status === 'QUEUED'
  const waited = Math.floor(random.next() ** 4 * 600_000)
  const isTagged = random.chance(0.2)
  const row = toRow({
    id: uuidv7({ msecs: submittedAt }),
    fileName: `IMG_${String(random.below(10_000)).padStart(4, '0')}.jpg`,
    owner: skewed(random, OWNERS),
    tags: isTagged ? { camera: skewed(random, CAMERAS), trip: `trip ${random.below(5000)}` } : {},
    revision: number + 1,
    truth: null,
    batch: random.chance(0.5) ? batchId(Math.floor(number / 1000)) : null,
    priority: 0,
    rank: number,
    sha256: random
      .below(2 ** 31)
      .toString(16)
      .padStart(64, '0'),
    imageType: 'image/jpeg',
    bytes: 110_000,
    width: 500,
    height: 375,
    submittedAt,
  })
  return {
    ...row,
    status,
    ...(!isQueued && {
      started_at: submittedAt + waited,
      ended_at: submittedAt + waited + 100,
      attempts: 1,
      worker: random.pick(WORKERS),
    }),
    ...(status === 'SUCCEEDED' && resultColumns(drawResult(random))),
    ...(status === 'FAILED' && { error_code: 'image/unreadable', error_detail: 'It is cut off.' }),
  }
}

function drawStatus(random: Random): JobStatus {
  const chance = random.next()
  if (chance < 0.9) return 'SUCCEEDED'
  if (chance < 0.95) return 'FAILED'
  return chance < 0.98 ? 'CANCELLED' : 'QUEUED'
}

/** Few have many, many have few. */
function skewed<T>(random: Random, all: readonly T[]): T {
  return random.pick(all.slice(0, 1 + Math.floor(random.next() ** 3 * all.length)))
}

function drawResult(random: Random): StoredResult {
  return {
    classes: [0.6, 0.2, 0.1, 0.05, 0.02].map((probability) => ({
      index: Math.floor(random.next() ** 2 * 1000),
      probability,
    })),
    model: { name: 'MobileNet V2', digest: 'd'.repeat(64) },
    engine: 'tfjs-wasm',
    timings: { fetch: 5, wait: 10, decode: 20, classify: 45 },
  }
}
