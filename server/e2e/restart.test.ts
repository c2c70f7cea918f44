/** Processes that die or freeze in the middle of their work: every photo that was accepted is recognised. */

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type Job, type JobStatus, jobSchema } from '@argus/shared'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { TestCluster } from '../testing/cluster.ts'
import { greyBmp } from '../testing/images.ts'
import { SAMPLES_DIR } from '../testing/test-data.ts'
import { until } from '../testing/until.ts'

/** Keeps a recogniser thread busy for a second or so: 10 megapixels, decoded in plain JavaScript. */
const SLOW_PHOTO = { name: 'slow.bmp', bytes: greyBmp(4000, 2500) }
const QUICK_PHOTO = join(SAMPLES_DIR, 'balloon.png')

let cluster: TestCluster

async function accept(photo: Parameters<TestCluster['submit']>[0]): Promise<string> {
  const response = await cluster.submit(photo)
  expect(response.status).toBe(201)
  return jobSchema.parse(await response.json()).id
}

async function acceptAll(photos: ReadonlyArray<Parameters<TestCluster['submit']>[0]>): Promise<string[]> {
  const ids: string[] = []
  for (const photo of photos) ids.push(await accept(photo))
  return ids
}

/** They are dealt in one moment, however long it takes to send them: the slow one still runs then. */
function acceptAtOnce(photos: Parameters<typeof acceptAll>[0], worker?: string): Promise<string[]> {
  return cluster.whileDrained(() => acceptAll(photos), worker)
}

/** Waits until all of these jobs are in one state, and returns them. */
function allBecome(ids: readonly string[], status: JobStatus): Promise<Job[]> {
  return vi.waitFor(
    async () => {
      const jobs = await Promise.all(ids.map((id) => cluster.job(id)))
      expect(jobs.map((job) => job.status)).toEqual(ids.map(() => status))
      return jobs
    },
    { timeout: 60_000, interval: 50 },
  )
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

function firstWorker(): ChildProcess {
  const [worker] = cluster.workers
  if (!worker) throw new Error('There is no worker')
  return worker
}

beforeEach(async () => {
  cluster = await TestCluster.start()
  await cluster.ready()
})
afterEach(() => cluster.stop())

describe('a worker', () => {
  it('that is killed at its work has its jobs done by another one', async () => {
    const ids = await acceptAtOnce([SLOW_PHOTO, QUICK_PHOTO, QUICK_PHOTO])
    await allBecome(ids.slice(0, 1), 'RUNNING')
    await kill(firstWorker())
    cluster.startWorker()
    const jobs = await allBecome(ids, 'SUCCEEDED')
    // Of the others it may have had one ahead, or done one while it fetched the slow one.
    expect(jobs[0]).toMatchObject({ worker: 'worker-2', attempts: 2 })
    const { history } = await cluster.detail(ids[0] ?? '')
    expect(history.map(({ number, worker, end }) => [number, worker, end])).toEqual([
      [1, 'worker-1', 'lost'],
      [2, 'worker-2', 'succeeded'],
    ])
  })

  it('that freezes is noticed, and its jobs are done by another one', async () => {
    const frozen = firstWorker()
    frozen.kill('SIGSTOP')
    const ids = await acceptAll([QUICK_PHOTO, QUICK_PHOTO])
    await allBecome(ids.slice(0, 1), 'RUNNING')
    cluster.startWorker()
    const jobs = await allBecome(ids, 'SUCCEEDED')
    expect(jobs.map(({ worker }) => worker)).toEqual(['worker-2', 'worker-2'])
    expect(jobs[0]?.attempts).toBe(2)
    // It wakes up with an assignment that is not its own any more, and is of use again.
    frozen.kill('SIGCONT')
    await kill(cluster.workers[1] ?? frozen)
    const job = await cluster.recognise(QUICK_PHOTO)
    expect(job).toMatchObject({ status: 'SUCCEEDED', worker: 'worker-1', attempts: 1 })
    expect((await cluster.job(ids[0] ?? '')).attempts).toBe(2)
  })

  it('that is told to end finishes what it has begun, and returns the rest', async () => {
    const ids = await acceptAtOnce([SLOW_PHOTO, SLOW_PHOTO, QUICK_PHOTO])
    await allBecome(ids.slice(0, 2), 'RUNNING')
    const exited = once(firstWorker(), 'exit')
    firstWorker().kill('SIGTERM')
    expect((await exited)[0]).toBe(0)
    expect((await Promise.all(ids.map((id) => cluster.job(id)))).map(({ status }) => status)).not.toContain(
      'RUNNING',
    )
    cluster.startWorker()
    await allBecome(ids, 'SUCCEEDED')
    const histories = await Promise.all(ids.map((id) => cluster.detail(id)))
    const first = histories.flatMap(({ history }) => history).filter(({ worker }) => worker === 'worker-1')
    // It had one thread, and so begun one at most.
    expect(first.map(({ end }) => end)).toContain('returned')
    for (const { end } of first) expect(['succeeded', 'returned']).toContain(end)
  })

  it('that is told to end twice does so at once', async () => {
    const ids = await acceptAll([SLOW_PHOTO])
    await allBecome(ids, 'RUNNING')
    const exited = once(firstWorker(), 'exit')
    firstWorker().kill('SIGTERM')
    await until(() => expect(cluster.output).toContain('The worker stops'))
    firstWorker().kill('SIGTERM')
    expect((await exited)[0]).toBe(1)
    cluster.startWorker()
    await allBecome(ids, 'SUCCEEDED')
  })

  it('answers the master while it recognises: a quick photo overtakes a slow one', async () => {
    await kill(firstWorker())
    cluster.startWorker({ THREADS: '2' })
    await cluster.ready()
    const [slow = '', quick = ''] = await acceptAtOnce([SLOW_PHOTO, QUICK_PHOTO], 'worker-2')
    // Were the slow one on the thread that speaks with the master, this one would wait for it.
    await allBecome([quick], 'SUCCEEDED')
    expect(await cluster.job(slow)).toMatchObject({ status: 'RUNNING' })
    await allBecome([slow], 'SUCCEEDED')
  })
})

describe('a master', () => {
  it('that is killed in the middle of the work finishes it after its next start', async () => {
    const ids = await acceptAtOnce([SLOW_PHOTO, QUICK_PHOTO, QUICK_PHOTO, QUICK_PHOTO])
    await allBecome(ids.slice(0, 1), 'RUNNING')
    await kill(cluster.master)
    await cluster.startMaster()
    const jobs = await allBecome(ids, 'SUCCEEDED')
    expect(jobs.map(({ worker }) => worker)).toEqual(ids.map(() => 'worker-1'))
    // The worker never knew: it went on with what it held, and the new master took it.
    const { history } = await cluster.detail(ids[0] ?? '')
    expect(history.map(({ number, end }) => [number, end])).toEqual([[1, 'succeeded']])
  })

  it('that is told to end does so in good order, and finishes the work after its next start', async () => {
    const ids = await acceptAtOnce([SLOW_PHOTO, QUICK_PHOTO])
    await allBecome(ids.slice(0, 1), 'RUNNING')
    const exited = once(cluster.master, 'exit')
    cluster.master.kill('SIGTERM')
    expect((await exited)[0]).toBe(0)
    await cluster.startMaster()
    await allBecome(ids, 'SUCCEEDED')
  })

  it('keeps its secrets, its jobs and its photos over a restart', async () => {
    const token = await cluster.workerToken()
    const before = await cluster.recognise(QUICK_PHOTO)
    await kill(cluster.master)
    await cluster.startMaster()
    expect(await cluster.workerToken()).toBe(token)
    expect(await cluster.job(before.id)).toEqual(before)
    expect((await fetch(cluster.url + before.image.url)).status).toBe(200)
    expect((await fetch(cluster.url + before.thumbnailUrl)).status).toBe(200)
  })
})
