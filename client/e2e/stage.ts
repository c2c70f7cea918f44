/** What happens in a cluster while pictures are taken of it: jobs that come, wait, end and are lost, by REST. */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { batchReceiptSchema, type JobStatus, jobSchema } from '@argus/shared'
import type { TestCluster } from '../../server/testing/cluster.ts'
import type { Photo } from './album.ts'

const AT_ONCE = 8
/** A page has the news after a tenth of a second, and then the photos that it shows. */
const NEWS_MS = 500

/** What is said of a photo, as the API names it. */
export interface Words {
  readonly batch?: string
  readonly owner?: string
  readonly priority?: number
  readonly tag?: readonly string[]
}

/** Submits a photo, to be recognised anew, and returns its job's id. */
export async function submit({ url }: TestCluster, photo: Photo, words: Words = {}): Promise<string> {
  const { tag = [], ...single } = words
  const query = new URLSearchParams({ fresh: 'true' })
  for (const [name, word] of Object.entries(single)) query.set(name, String(word))
  for (const each of tag) query.append('tag', each)
  const form = new FormData()
  form.append('image', new Blob([new Uint8Array(photo.bytes)]), photo.name)
  const answer = await fetch(`${url}/api/v1/jobs?${query}`, { method: 'POST', body: form })
  return jobSchema.parse(await answer.json()).id
}

/** Submits them, a few at a time, and returns their jobs' ids. */
export async function submitAll(
  cluster: TestCluster,
  photos: readonly Photo[],
  wordsOf: (photo: Photo, at: number) => Words,
): Promise<string[]> {
  const ids: string[] = []
  for (let from = 0; from < photos.length; from += AT_ONCE) {
    const some = photos.slice(from, from + AT_ONCE)
    ids.push(
      ...(await Promise.all(some.map((photo, at) => submit(cluster, photo, wordsOf(photo, from + at))))),
    )
  }
  return ids
}

/** Makes an empty batch and returns its id. */
export async function createBatch({ url }: TestCluster, name: string, owner: string): Promise<string> {
  const query = new URLSearchParams({ name, owner })
  const answer = await fetch(`${url}/api/v1/batches?${query}`, { method: 'POST' })
  return batchReceiptSchema.parse(await answer.json()).batch.id
}

/** @param path of an action, e.g. `jobs/…/cancel` */
export async function post({ url }: TestCluster, path: string): Promise<void> {
  const answer = await fetch(`${url}/api/v1/${path}`, { method: 'POST' })
  await answer.arrayBuffer()
}

/** Returns when no job waits or runs any more. */
export async function settled(cluster: TestCluster): Promise<void> {
  while (await hasJobs(cluster, 'QUEUED', 'RUNNING')) await sleep(100)
}

/**
 * Holds the workers for a moment, shorter than the master waits for a sign of life, so that the photos are seen
 * waiting and being recognised.
 */
export async function whileHeld(
  cluster: TestCluster,
  photos: readonly Photo[],
  words: Words,
  look: () => Promise<void>,
): Promise<void> {
  const running = cluster.workers.filter(
    ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
  )
  for (const worker of running) worker.kill('SIGSTOP')
  try {
    await submitAll(cluster, photos, () => words)
    while (photos.length > 0 && !(await hasJobs(cluster, 'RUNNING'))) await sleep(20)
    await sleep(NEWS_MS)
    await look()
  } finally {
    for (const worker of running) worker.kill('SIGCONT')
  }
  await settled(cluster)
}

/** Submits a photo whose first worker dies with it, and returns its job's id; none is left then. */
export async function loseOnce(cluster: TestCluster, photo: Photo, words: Words): Promise<string> {
  const worker = cluster.startWorker({ WORKER_NAME: 'shed' })
  await cluster.ready()
  await settled(cluster)
  worker.kill('SIGSTOP')
  const id = await submit(cluster, photo, words)
  while (!(await hasJobs(cluster, 'RUNNING'))) await sleep(20)
  const exited = once(worker, 'exit')
  worker.kill('SIGKILL')
  await exited
  while (await hasJobs(cluster, 'RUNNING')) await sleep(20)
  return id
}

async function hasJobs({ url }: TestCluster, ...statuses: JobStatus[]): Promise<boolean> {
  const query = new URLSearchParams({ limit: '1' })
  for (const status of statuses) query.append('status', status)
  const answer = await fetch(`${url}/api/v1/jobs?${query}`)
  const { jobs }: { jobs: readonly unknown[] } = await answer.json()
  return jobs.length > 0
}
