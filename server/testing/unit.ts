/** What the unit tests of the master share: folders, servers and parts that end with the test. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Interpretation, Outcome } from '@argus/shared'
import type { Knex } from 'knex'
import { onTestFinished, vi } from 'vitest'
import { ChangeReader } from '../src/events/change-reader.ts'
import { EventLog } from '../src/events/event-log.ts'
import type { ClosableSink } from '../src/events/event-streams.ts'
import { JobRecorder } from '../src/jobs/job-recorder.ts'
import { JobService, type Submission } from '../src/jobs/job-service.ts'
import { toWindowJob } from '../src/jobs/job-view.ts'
import type { HeldAttempt } from '../src/jobs/scheduler.ts'
import { createLog } from '../src/log.ts'
import { ChangeLog } from '../src/store/change-log.ts'
import { Committer } from '../src/store/committer.ts'
import { type DatabaseTarget, openDatabase } from '../src/store/database.ts'
import { DiskGuard } from '../src/store/disk-guard.ts'
import { type ImageFolders, ImageStore } from '../src/store/image-store.ts'
import type { JobRecord, StoredResult } from '../src/store/job-record.ts'
import { JobStore } from '../src/store/job-store.ts'
import type { Change } from '../src/store/job-transitions.ts'
import { StorageWatch } from '../src/store/storage-watch.ts'
import { pngHeader } from './images.ts'

export const silentLog = createLog('silent')

/** A folder that is removed when the test ends. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'argus-unit-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Serves on a free port until the test ends; returns the address without a slash at its end. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export interface JobParts {
  readonly folder: string
  readonly database: Knex
  readonly committer: Committer
  readonly store: JobStore
  readonly images: ImageStore
  readonly jobs: JobService
  readonly recorder: JobRecorder
}

/** A job service on a real database, an SQLite of its own unless another is named, and real folders. */
export async function openJobs(target?: DatabaseTarget): Promise<JobParts> {
  const folder = await tempFolder()
  const database = await openDatabase(target ?? { file: join(folder, 'argus.sqlite') }, silentLog)
  onTestFinished(() => database.destroy())
  const committer = new Committer(database, silentLog)
  onTestFinished(() => committer.stop())
  const images = await openImages(imageFolders(folder))
  const jobs = await JobService.open({
    database,
    committer,
    images,
    maxPixels: 50_000_000,
    servingModel: () => DIGEST,
  })
  const recorder = new JobRecorder(committer, images, jobs.changes, silentLog)
  onTestFinished(() => recorder.stop())
  return { folder, database, committer, store: new JobStore(database), images, jobs, recorder }
}

export interface EventParts {
  readonly changes: ChangeLog
  readonly storage: StorageWatch
  readonly reader: ChangeReader
  readonly log: EventLog
}

/**
 * What tells of changes, as the master has it, until the test ends.
 *
 * @param position the revision behind which it begins; by default with what changes from now on
 */
export function openEvents(
  { database, committer, folder }: JobParts,
  position = committer.revisions.committed,
): EventParts {
  const changes = new ChangeLog(database)
  const storage = new StorageWatch(committer, new DiskGuard(folder, 0, silentLog))
  const reader = new ChangeReader({ changes, committer, storage, log: silentLog }, position)
  const log = new EventLog(position)
  reader.onChanges((read, upTo) => log.append(read, upTo))
  reader.start()
  onTestFinished(() => reader.stop())
  return { changes, storage, reader, log }
}

interface SentEvent {
  readonly name: string
  readonly id: number | null
  readonly data: unknown
}

/** A client that follows events, as it is for the master. */
export class FakeSink implements ClosableSink {
  /** What it was sent, and when. */
  readonly messages: Array<{ readonly text: string; readonly at: number }> = []
  isOpen = true
  /** Settles when it has room for more. */
  room: Promise<void> = Promise.resolve()
  readonly #listeners: Array<() => void> = []

  async send(text: string): Promise<void> {
    this.messages.push({ text, at: performance.now() })
    await this.room
  }

  onClose(listener: () => void): void {
    this.#listeners.push(listener)
  }

  close(): void {
    if (!this.isOpen) return
    this.isOpen = false
    for (const listener of this.#listeners) listener()
  }

  /** The events in the messages, without comments. */
  get events(): SentEvent[] {
    const blocks = this.messages.flatMap(({ text }) => text.split(/(?<=\n\n)/))
    return blocks.filter((block) => !block.startsWith(':')).map(parseEvent)
  }

  /** Of those that have one. */
  get ids(): number[] {
    return this.events.flatMap(({ id }) => id ?? [])
  }
}

function parseEvent(block: string): SentEvent {
  const [, id, name = '', data = ''] = /^(?:id: (\d+)\n)?event: (\w+)\ndata: (.*)\n\n$/.exec(block) ?? []
  if (name === '') throw new Error(`This is no event: ${JSON.stringify(block)}`)
  return { name, id: id === undefined ? null : Number(id), data: JSON.parse(data) }
}

/** An image store until the test ends. */
export async function openImages(folders: ImageFolders): Promise<ImageStore> {
  const images = await ImageStore.open(folders)
  onTestFinished(() => images.close())
  return images
}

export function imageFolders(root: string) {
  return {
    images: join(root, 'images'),
    thumbnails: join(root, 'thumbnails'),
    uploads: join(root, 'uploads'),
  }
}

/** A photo of 8 × 8 pixels as the upload route hands it over. The hash is of the name, so that each has its own. */
export async function uploadPhoto(
  { images }: Pick<JobParts, 'images'>,
  fileName: string,
  options: Partial<Submission> = {},
): Promise<Submission> {
  const uploadPath = images.newUploadPath()
  const bytes = pngHeader(8, 8)
  await writeFile(uploadPath, bytes)
  const sha256 = createHash('sha256').update(fileName).digest('hex')
  return {
    uploadPath,
    fileName,
    owner: '127.0.0.1',
    priority: 0,
    tags: {},
    batch: null,
    truth: null,
    fresh: false,
    bytes: bytes.length,
    sha256,
    ...options,
  }
}

/** Submits a photo of 8 × 8 pixels. */
export async function submitPhoto(
  parts: Pick<JobParts, 'images' | 'jobs'>,
  fileName = 'photo.png',
  options: Partial<Submission> = {},
): Promise<JobRecord> {
  const { job } = await parts.jobs.submit(await uploadPhoto(parts, fileName, options))
  return job
}

export const DIGEST = 'd'.repeat(64)

export const RESULT = {
  classes: [{ index: 417, probability: 0.9 }],
  model: { name: 'MobileNet', digest: DIGEST },
  engine: 'tfjs-wasm',
  timings: { fetch: 1, wait: 0, decode: 2, classify: 3 },
} satisfies StoredResult

/** What the master knows of the worker `worker` whose boot id is BOOT_ID. */
export const WORKER = { name: 'worker', engine: 'tfjs-wasm', model: DIGEST } as const
export const BOOT_ID = '11111111-1111-4111-8111-111111111111'

export const THUMBNAIL = { type: 'image/webp', bytes: new Uint8Array([1, 2, 3]) } as const

/** An attempt of the job's present run. */
export function attemptOf(
  { id: jobId, run, sha256 }: Pick<JobRecord, 'id' | 'run' | 'sha256'>,
  attempt = 1,
  worker = BOOT_ID,
): HeldAttempt {
  return { jobId, run, attempt, worker, sha256 }
}

/** Has WORKER begin an attempt of a job that waits. */
export function startJob(
  { recorder }: Pick<JobParts, 'recorder'>,
  job: JobRecord,
  attempt = 1,
): Promise<Change> {
  return recorder.start(attemptOf(job, attempt), WORKER, toWindowJob(job))
}

/** Has WORKER succeed in an attempt. */
export function succeedJob(
  { recorder }: Pick<JobParts, 'recorder'>,
  job: JobRecord,
  attempt = 1,
): Promise<Change> {
  return recorder.succeed(attemptOf(job, attempt), WORKER, RESULT, THUMBNAIL)
}

/** The outcome that a worker sends. */
export function succeeded(ticket: string, digest = DIGEST): Outcome {
  const { classes, timings } = RESULT
  return {
    end: 'succeeded',
    ticket,
    digest,
    engine: 'tfjs-wasm',
    classes,
    timings,
    thumbnail: THUMBNAIL,
  }
}

/**
 * Has `step` run in place of each such statement, on the same connection, until the returned function is called
 * or the test ends. What `run` runs goes to the database.
 */
export function inPlaceOf(
  database: Knex,
  statement: string,
  step: (run: (sql: string) => Promise<unknown>) => Promise<unknown>,
): () => void {
  const client = database.client.constructor.prototype
  const original = client._query
  const spy = vi.spyOn(client, '_query')
  spy.mockImplementation(async function (this: Knex.Client, ...[connection, query]: unknown[]) {
    const run = (sql: string) => original.call(this, connection, { sql })
    const { sql } = query as { sql: string }
    return sql === statement ? step(run) : original.call(this, connection, query)
  })
  onTestFinished(() => spy.mockRestore())
  return () => spy.mockRestore()
}

export const GRAPH_MODEL: Interpretation = {
  format: 'graph-model',
  inputRange: [-1, 1],
  classOffset: 1,
  activation: 'logits',
}

/** The text of a `model.json` that names these weight files. */
export function modelJson(
  weightFiles: readonly string[],
  format: string | undefined = 'graph-model',
): string {
  return JSON.stringify({ format, modelTopology: { node: [] }, weightsManifest: [{ paths: weightFiles }] })
}

/** Writes a model, too small to recognise anything, into a folder. */
export async function writeModel(folder: string, weights = 'weights'): Promise<void> {
  await writeFile(join(folder, 'model.json'), modelJson(['group1-shard1of1.bin']))
  await writeFile(join(folder, 'group1-shard1of1.bin'), weights)
}
