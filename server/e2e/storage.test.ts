/** Disk and database fail, for real: photos are refused, boards are told, and nothing accepted is lost. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  BOARD_NAMESPACE,
  type BoardToMaster,
  jobSchema,
  type MasterToBoard,
  NO_ROWS,
  problemSchema,
  type StorageState,
} from '@argus/shared'
import { io, type Socket } from 'socket.io-client'
import { describe, expect, it, onTestFinished, type TestContext, vi } from 'vitest'
import { TestCluster } from '../testing/cluster.ts'
import { pngHeader } from '../testing/images.ts'
import { findMariaDb, TestMariaDb } from '../testing/mariadb.ts'
import { fillDisk, mountSmallDisk } from '../testing/small-disk.ts'

const PHOTO = { name: 'photo.png', bytes: pngHeader(8, 8) }
const MEGABYTES = 64
const WAIT = { timeout: 20_000, interval: 100 }

/** A cluster whose master keeps everything on a small disk. */
async function startOn(context: TestContext, minFreeBytes: number) {
  const disk = await mountSmallDisk(context, { megabytes: MEGABYTES })
  const cluster = await TestCluster.start({
    workers: 0,
    instant: true,
    masterEnv: { DATA_DIR: disk, MIN_FREE_BYTES: String(minFreeBytes) },
    workerEnv: { WORKER_TOKEN_FILE: join(disk, 'worker-token') },
  })
  onTestFinished(() => cluster.stop())
  return { cluster, filler: join(disk, 'filler') }
}

/** A board that says what it was last told of the storage. */
async function watchStorage(url: string): Promise<() => StorageState> {
  const board: Socket<MasterToBoard, BoardToMaster> = io(url + BOARD_NAMESPACE, {
    transports: ['websocket'],
    forceNew: true,
  })
  onTestFinished(() => void board.disconnect())
  board.on('frame', ({ cluster }) => {
    if (cluster) storage = cluster.storage
  })
  let { storage } = (await board.emitWithAck('open', NO_ROWS)).cluster
  return () => storage
}

async function expectRefused(response: Response): Promise<void> {
  expect(response.status).toBe(507)
  expect(problemSchema.parse(await response.json()).code).toBe('store/disk-full')
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
}

describe.skipIf(!findMariaDb())('a master whose database goes away', () => {
  it('says so although nothing is written, and shows what it knew', async () => {
    const mariaDb = await TestMariaDb.start()
    onTestFinished(() => mariaDb.stop())
    const cluster = await TestCluster.start({ workers: 0, masterEnv: { DATABASE_URL: mariaDb.url } })
    onTestFinished(() => cluster.stop())
    const storage = await watchStorage(cluster.url)
    expect((await cluster.submit(PHOTO)).status).toBe(201)
    await mariaDb.kill()

    const response = await fetch(`${cluster.url}/api/v1/jobs`)
    expect(response.status).toBe(503)
    expect(problemSchema.parse(await response.json()).code).toBe('store/unavailable')
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
    await vi.waitFor(() => expect(storage().database).toBe('unavailable'), WAIT)
    expect((await cluster.submit(PHOTO)).status).toBe(503)
    // A board that is opened now.
    const late = await watchStorage(cluster.url)
    expect(late().database).toBe('unavailable')

    await mariaDb.restart()
    await vi.waitFor(() => expect(storage().database).toBe('ok'), WAIT)
    await vi.waitFor(() => expect(late().database).toBe('ok'), WAIT)
    expect((await cluster.submit(PHOTO)).status).toBe(201)
  })
})

describe('a master whose disk fills up', () => {
  it('refuses photos before it is full, says so, and takes them again when there is room', async (context) => {
    const { cluster, filler } = await startOn(context, 10_000_000)
    const storage = await watchStorage(cluster.url)
    expect(storage()).toEqual({ database: 'ok', disk: 'ok' })
    expect((await cluster.submit(PHOTO)).status).toBe(201)
    await fillDisk(filler)
    await vi.waitFor(() => expect(storage().disk).toBe('full'), WAIT)
    await expectRefused(await cluster.submit(PHOTO))
    await rm(filler)
    await vi.waitFor(() => expect(storage().disk).toBe('ok'), WAIT)
    expect((await cluster.submit(PHOTO)).status).toBe(201)
  })

  it('loses nothing that it had accepted when there is no byte left', async (context) => {
    const { cluster, filler } = await startOn(context, 0)
    const storage = await watchStorage(cluster.url)
    // Slow enough that the disk is full before the first outcome.
    cluster.startWorker({ INSTANT_MS: '8000', THREADS: '10' })
    await cluster.ready()
    const ids: string[] = []
    for (let number = 0; number < 20; number += 1) {
      const bytes = Buffer.concat([PHOTO.bytes, Buffer.from(String(number))])
      const response = await cluster.submit({ name: `${number}.png`, bytes })
      ids.push(jobSchema.parse(await response.json()).id)
    }
    await fillDisk(filler)
    await expectRefused(await cluster.submit(PHOTO))
    await vi.waitFor(() => expect(storage().disk).toBe('full'), WAIT)
    const statuses = async () => {
      const jobs = await Promise.all(ids.map((id) => cluster.job(id)))
      return new Set(jobs.map(({ status }) => status))
    }
    // Their outcomes come now, and cannot be written down.
    await sleep(10_000)
    expect(await statuses()).toEqual(new Set(['RUNNING']))
    await rm(filler)
    await vi.waitFor(async () => expect(await statuses()).toEqual(new Set(['SUCCEEDED'])), WAIT)
    await vi.waitFor(() => expect(storage().disk).toBe('ok'), WAIT)
    expect((await cluster.submit(PHOTO)).status).toBe(201)
  })
})
