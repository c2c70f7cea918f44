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
import { onTestFinished } from 'vitest'
import { JobService } from '../src/jobs/job-service.ts'
import { createLog } from '../src/log.ts'
import { openDatabase } from '../src/store/database.ts'
import { ImageStore } from '../src/store/image-store.ts'
import { type JobRecord, JobStore } from '../src/store/job-store.ts'
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
  readonly store: JobStore
  readonly images: ImageStore
  readonly jobs: JobService
}

/**
 * A job service on a real SQLite and real folders.
 *
 * @param createStore for a store that behaves otherwise
 */
export async function openJobs(createStore = JobStore): Promise<JobParts> {
  const folder = await tempFolder()
  const database = await openDatabase({ file: join(folder, 'argus.sqlite') }, silentLog)
  onTestFinished(() => database.destroy())
  const images = await ImageStore.open(imageFolders(folder))
  const store = new createStore(database)
  return { folder, store, images, jobs: await JobService.open(store, images, 50_000_000) }
}

export function imageFolders(root: string) {
  return {
    images: join(root, 'images'),
    thumbnails: join(root, 'thumbnails'),
    uploads: join(root, 'uploads'),
  }
}

/** Submits a photo of 8 × 8 pixels, as the upload route does. */
export async function submitPhoto({ jobs, images }: JobParts, fileName = 'photo.png'): Promise<JobRecord> {
  const uploadPath = images.newUploadPath()
  const bytes = pngHeader(8, 8)
  await writeFile(uploadPath, bytes)
  const sha256 = createHash('sha256').update(fileName).digest('hex')
  return jobs.submit({ uploadPath, fileName, owner: '127.0.0.1', bytes: bytes.length, sha256 })
}

export const DIGEST = 'd'.repeat(64)

export const RESULT = {
  classes: [{ index: 417, probability: 0.9 }],
  model: { name: 'MobileNet', digest: DIGEST },
  engine: 'tfjs-wasm',
  timings: { fetch: 1, decode: 2, classify: 3 },
}

export const THUMBNAIL = { type: 'image/webp', bytes: new Uint8Array([1, 2, 3]) } as const

export function succeeded(jobId: string, attempt: number, digest = DIGEST): Outcome {
  const { classes, timings } = RESULT
  return {
    end: 'succeeded',
    jobId,
    attempt,
    digest,
    engine: 'tfjs-wasm',
    classes,
    timings,
    thumbnail: THUMBNAIL,
  }
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
