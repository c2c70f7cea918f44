/**
 * Fills the queue of a master that has not started yet, faster than anyone could submit. A process of its own,
 * since the lock of an SQLite that was opened here would last for as long as this one.
 */
import { fork } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { v7 as uuidv7 } from 'uuid'
import { dataPaths } from '../../server/src/config.ts'
import { createLog } from '../../server/src/log.ts'
import { type DatabaseTarget, openDatabase } from '../../server/src/store/database.ts'
import { ImageStore } from '../../server/src/store/image-store.ts'
import { type NewJob, toRow } from '../../server/src/store/job-record.ts'
import { StatisticsStore } from '../../server/src/store/statistics-store.ts'
import { tinyPhoto } from './photos.ts'

/** 31 columns each: SQLite takes 32,766 values in a statement. */
const ROWS_AT_ONCE = 500
const OWNERS = 10
const PHOTOS = 50

export interface QueueOptions {
  readonly target: DatabaseTarget
  readonly dataDir: string
  readonly jobs: number
  /** So many at the head have a photo; the others must not be dealt. */
  readonly withPhoto: number
}

const SELF = fileURLToPath(import.meta.url)
const PROJECT = fileURLToPath(new URL('../..', import.meta.url))

if (process.argv[1] === SELF) {
  process.once('message', async (options: QueueOptions) => {
    await write(options)
    process.disconnect()
  })
}

/** Writes queued jobs of ten owners, who take turns. */
export async function fillQueue(options: QueueOptions): Promise<void> {
  const writer = fork(SELF, { cwd: PROJECT, execArgv: ['--import', 'tsx'] })
  writer.send(options)
  const [code] = await once(writer, 'exit')
  if (code !== 0) throw new Error(`The queue could not be filled: exit code ${code}`)
}

async function write({ target, dataDir, jobs, withPhoto }: QueueOptions): Promise<void> {
  const photos = await keepPhotos(dataDir)
  const database = await openDatabase(target, createLog('silent'))
  try {
    for (let from = 0; from < jobs; from += ROWS_AT_ONCE) {
      const length = Math.min(ROWS_AT_ONCE, jobs - from)
      const rows = Array.from({ length }, (_, at) => {
        const number = from + at
        const photo = number < withPhoto ? photos[number % PHOTOS] : undefined
        return toRow(queuedJob(number, photo ?? randomBytes(32).toString('hex')))
      })
      await database('jobs').insert(rows)
    }
    // As a master has it that has taken them.
    await new StatisticsStore(database).moveTo({ revision: jobs, writes: 1 })
  } finally {
    await database.destroy()
  }
}

/** @returns their hashes */
async function keepPhotos(dataDir: string): Promise<string[]> {
  const images = await ImageStore.open(dataPaths(dataDir))
  const hashes = await Promise.all(
    Array.from({ length: PHOTOS }, async (_, number) => {
      const { bytes } = tinyPhoto(number)
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      const path = images.newUploadPath()
      await writeFile(path, bytes)
      await images.keepImage(path, sha256)
      return sha256
    }),
  )
  await images.close()
  return hashes
}

function queuedJob(number: number, sha256: string): NewJob {
  return {
    id: uuidv7(),
    fileName: `photo-${number}.bmp`,
    owner: `owner-${number % OWNERS}`,
    tags: {},
    batch: null,
    truth: null,
    revision: number + 1,
    priority: 0,
    rank: 1 + Math.floor(number / OWNERS),
    sha256,
    imageType: 'image/bmp',
    bytes: tinyPhoto(number).bytes.length,
    width: 8,
    height: 8,
    submittedAt: Date.now(),
  }
}
