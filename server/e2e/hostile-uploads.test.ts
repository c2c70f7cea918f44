/**
 * The upload door against ten thousand uploads that nobody means well: whatever comes, the processes live on in
 * bounded memory, every error is told as one, every photo that was taken comes to its end, and nothing is written
 * outside the data folder. ARGUS_SEED makes the same uploads again; ARGUS_UPLOAD=n sends only the one of that number.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  type Batch,
  batchPageSchema,
  batchReceiptSchema,
  jobPageSchema,
  jobSchema,
  sampleSetSchema,
} from '@argus/shared'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { TestCluster } from '../testing/cluster.ts'
import { faultOf } from '../testing/hostile/answers.ts'
import { makePictures } from '../testing/hostile/pictures.ts'
import { hostileUpload, type Material } from '../testing/hostile/requests.ts'
import { Sender } from '../testing/hostile/send.ts'
import { filesBelow, misnamedPhotos, peakMemory } from '../testing/hostile/traces.ts'
import type { HostileUpload } from '../testing/hostile/uploads.ts'
import { ESCAPE_PATH } from '../testing/hostile/words.ts'
import { SEED } from '../testing/random.ts'
import { SAMPLES_DIR } from '../testing/test-data.ts'

const UPLOADS = 10_000
const CONCURRENCY = 8
const MAX_MASTER_MB = 400
/** What the largest photos need. */
const MAX_WORKER_MB = 700
const END_OF_JOBS_MS = 300_000
/** Enough to see what they have in common. */
const MAX_FAULTS = 50

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const ONLY = process.env.ARGUS_UPLOAD

let parent: string
let cluster: TestCluster
let material: Material
const tmpBefore = process.env.TMPDIR

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'argus-hostile-'))
  // The data folder comes to be in there, and whatever else the processes may write beside it.
  process.env.TMPDIR = parent
  const pictures = await makePictures()
  cluster = await TestCluster.start({ masterEnv: { MAX_PIXELS: '4000000', LOG_LEVEL: 'warn' } })
  await cluster.ready()
  material = { pictures, batches: { open: await makeBatch(), cancelled: await makeBatch('cancel') } }
})

afterAll(async () => {
  await cluster?.stop()
  if (tmpBefore === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = tmpBefore
  await rm(parent, { recursive: true, force: true })
})

/** The id of an empty batch, to which this was done. */
async function makeBatch(action?: 'cancel'): Promise<string> {
  const post = (path: string) => fetch(`${cluster.url}/api/v1/batches${path}`, { method: 'POST' })
  const { batch } = batchReceiptSchema.parse(await (await post('')).json())
  if (action) await post(`/${batch.id}/${action}`)
  return batch.id
}

function labelOf(number: number, { kind, description }: HostileUpload): string {
  return `ARGUS_SEED=${SEED} ARGUS_UPLOAD=${number} (${kind}: ${description})`
}

/** What became of the uploads. */
class Outcome {
  readonly statuses = new Map<string, number>()
  /** What was sent, by the ids of their jobs. */
  readonly accepted = new Map<string, string>()
  readonly faults: string[] = []

  note(number: number, upload: HostileUpload, answers: Awaited<ReturnType<Sender['send']>>): void {
    if (answers.length === 0) this.#count('no answer')
    for (const answer of answers) {
      this.#count(String(answer.status))
      const fault = faultOf(answer, (id) => this.accepted.set(id, labelOf(number, upload)))
      if (fault) this.blame(number, upload, fault)
    }
  }

  blame(number: number, upload: HostileUpload, fault: unknown): void {
    this.faults.push(`${labelOf(number, upload)}: ${fault}`)
  }

  toString(): string {
    return [...this.statuses]
      .sort()
      .map(([status, count]) => `${status}: ${count}`)
      .join(', ')
  }

  #count(status: string): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
  }
}

/** Sends them in their order, some at a time. */
async function sendAll(numbers: Iterator<number>, outcome: Outcome): Promise<void> {
  const sender = new Sender(cluster.url, CONCURRENCY)
  const lane = async () => {
    for (let next = numbers.next(); !next.done; next = numbers.next()) {
      if (outcome.faults.length >= MAX_FAULTS || cluster.master.exitCode !== null) return
      const upload = hostileUpload(material, SEED, next.value)
      await sender.send(upload).then(
        (answers) => outcome.note(next.value, upload, answers),
        (error) => outcome.blame(next.value, upload, error),
      )
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, lane))
  sender.close()
}

function numbers(): Iterator<number> {
  return ONLY === undefined ? Array(UPLOADS).keys() : [Number(ONLY)].values()
}

/** The jobs as they come: one that is not as it should be is to be told by its upload. */
const roughPageSchema = jobPageSchema.extend({ jobs: z.array(z.looseObject({ id: z.uuid() })) })

async function page(query: string) {
  const response = await fetch(`${cluster.url}/api/v1/jobs?${query}`)
  return roughPageSchema.parse(await response.json())
}

/** Waits for the end of all jobs, and returns how many have not ended in time. */
async function endOfJobs(): Promise<unknown> {
  const deadline = Date.now() + END_OF_JOBS_MS
  for (;;) {
    const { total } = await page('status=QUEUED&status=RUNNING&limit=1')
    if (total === 0 || Date.now() > deadline) return total
    await sleep(200)
  }
}

/** What the list says of each job, by its id. */
async function allJobs(): Promise<Map<string, unknown>> {
  const jobs = new Map<string, unknown>()
  let query = 'limit=100'
  for (;;) {
    const { jobs: some, next } = await page(query)
    for (const job of some) jobs.set(job.id, job)
    if (next === null) return jobs
    query = `limit=100&cursor=${encodeURIComponent(next)}`
  }
}

async function allBatches(): Promise<Batch[]> {
  const batches: Batch[] = []
  let cursor = ''
  for (;;) {
    const response = await fetch(`${cluster.url}/api/v1/batches?limit=100${cursor}`)
    const page = batchPageSchema.parse(await response.json())
    batches.push(...page.batches)
    if (page.next === null) return batches
    cursor = `&cursor=${page.next}`
  }
}

/** Null where all is well. A worker that fails in a way that nobody has thought of is an error of ours. */
function faultOfJob(listed: unknown): string | null {
  const { success, data: job } = jobSchema.safeParse(listed)
  if (!success) return `no job: ${JSON.stringify(listed)}`
  if (job.status === 'SUCCEEDED' || job.error?.code === 'image/unreadable') return null
  return `it ended as ${job.status}, ${JSON.stringify(job.error)}`
}

function endOfJob(listed: unknown): string {
  const { data: job } = jobSchema.safeParse(listed)
  return job?.error?.code ?? job?.status ?? 'no job'
}

function countsOf(names: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].map(([name, count]) => `${name}: ${count}`).join(', ')
}

async function shouldRecogniseAPhoto(): Promise<void> {
  const samples = sampleSetSchema.parse(JSON.parse(await readFile(join(SAMPLES_DIR, 'index.json'), 'utf8')))
  const [sample] = samples
  if (!sample) throw new Error('There is no sample')
  const job = await cluster.recognise(join(SAMPLES_DIR, sample.file))
  expect(job).toMatchObject({ status: 'SUCCEEDED', attempts: 1 })
  expect(job.result?.classes[0]?.index).toBe(sample.classIndex)
}

/** Everything but the data folder, whose name is another one at each run. */
async function filesElsewhere() {
  return {
    besideData: await readdir(parent),
    project: (await readdir(PROJECT)).sort(),
    server: (await readdir(join(PROJECT, 'server'))).sort(),
    escaped: existsSync(ESCAPE_PATH),
  }
}

it(`survives ${UPLOADS} hostile uploads`, { timeout: 900_000 }, async () => {
  const started = Date.now()
  const processes = [cluster.master, ...cluster.workers]
  const before = { elsewhere: await filesElsewhere(), data: (await readdir(cluster.dataDir)).sort() }

  const outcome = new Outcome()
  await sendAll(numbers(), outcome)
  const sent = Date.now()
  const living = processes.map(({ exitCode, signalCode }) => exitCode ?? signalCode ?? 'lives')
  expect([outcome.faults.join('\n'), living], `${outcome}\n${cluster.output.slice(-5000)}`).toEqual([
    '',
    processes.map(() => 'lives'),
  ])

  const unended = await endOfJobs()
  const jobs = await allJobs()
  const [master = null, worker = null] = await Promise.all(processes.map(({ pid }) => peakMemory(pid ?? 0)))
  const ends = countsOf([...jobs.values()].map(endOfJob))
  const seconds = [started, sent].map((time) => Math.round((Date.now() - time) / 1000))
  console.log(
    `ARGUS_SEED=${SEED}: ${outcome}; jobs: ${ends}; peak memory in MB: master ${master}, worker ${worker}; ${seconds[0]} s, the last ${seconds[1]} s of them for the jobs`,
  )

  const faults = [...outcome.accepted].flatMap(([id, upload]) => {
    const fault = faultOfJob(jobs.get(id))
    return fault === null ? [] : [`${upload}: ${fault}`]
  })
  expect([faults.join('\n'), unended]).toEqual(['', 0])
  const batches = await allBatches()
  // All of these jobs have ended, and are jobs that there are.
  expect(batches.filter(({ total, progress }) => progress !== (total === 0 ? 0 : 1))).toEqual([])
  const inBatches = [...jobs.values()].filter((job) => jobSchema.parse(job).batch !== null)
  expect(batches.reduce((sum, { total }) => sum + total, 0)).toBe(inBatches.length)
  expect(batches.find(({ id }) => id === material.batches.cancelled)?.total).toBe(0)

  expect(processes.map(({ exitCode, signalCode }) => exitCode ?? signalCode)).toEqual(
    processes.map(() => null),
  )
  if (master !== null) expect(master).toBeLessThan(MAX_MASTER_MB)
  if (worker !== null) expect(worker).toBeLessThan(MAX_WORKER_MB)
  expect(await filesElsewhere()).toEqual(before.elsewhere)
  expect((await readdir(cluster.dataDir)).sort()).toEqual(before.data)
  expect(await filesBelow(join(cluster.dataDir, 'uploads'))).toEqual([])
  expect(await misnamedPhotos(join(cluster.dataDir, 'images'))).toEqual([])
  await shouldRecogniseAPhoto()
})
