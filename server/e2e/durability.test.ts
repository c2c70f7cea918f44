/** What 201 promises: before it is sent, the photo, its folder and the log with the job's row are on disk. */
import { jobSchema } from '@argus/shared'
import { afterEach, describe, expect, it } from 'vitest'
import { TestCluster } from '../testing/cluster.ts'
import { pngHeader } from '../testing/images.ts'
import { findMariaDb, TestMariaDb } from '../testing/mariadb.ts'
import { findStrace } from '../testing/strace.ts'
import { type SystemCall, Trace } from '../testing/trace.ts'

const SUBMITS = 24
/** At once, so that several rows share a commit. */
const CONNECTIONS = 6

const SYNCS = ['fsync', 'fdatasync']
const WRITES = ['write', 'writev', 'pwrite64', 'pwritev', 'sendto', 'sendmsg']

let cluster: TestCluster | undefined
let mariaDb: TestMariaDb | undefined
afterEach(async () => {
  await cluster?.stop()
  await mariaDb?.stop()
  cluster = mariaDb = undefined
})

/** Submits distinct photos over several connections at once; returns their jobs. */
async function submitAll(): Promise<Array<{ id: string; sha256: string }>> {
  const jobs: Array<{ id: string; sha256: string }> = []
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async (_, connection) => {
      for (let number = connection; number < SUBMITS; number += CONNECTIONS) {
        const bytes = Buffer.concat([pngHeader(8, 8), Buffer.from(`photo ${number}`)])
        const response = await cluster?.submit({ name: `${number}.png`, bytes })
        expect(response?.status).toBe(201)
        const { id, image } = jobSchema.parse(await response?.json())
        jobs.push({ id, sha256: image.sha256 })
      }
    }),
  )
  return jobs
}

function find(calls: SystemCall[], names: string[], ...parts: string[]): SystemCall {
  const found = calls.find(
    ({ name, args }) => names.includes(name) && parts.every((part) => args.includes(part)),
  )
  if (!found) throw new Error(`No ${names.join(' or ')} of ${parts.join(' and ')}`)
  return found
}

/** The first of these calls that begins when another one is over. */
function next(calls: SystemCall[], after: SystemCall, names: string[], part: string): SystemCall {
  return find(
    calls.filter(({ began }) => began >= after.ended),
    names,
    part,
  )
}

function expectOnDisk(master: SystemCall[], log: SystemCall[], logFile: string, id: string, sha256: string) {
  const answer = find(master, WRITES, 'HTTP/1.1 201 Created', id)
  const rename = find(master, ['rename', 'renameat', 'renameat2'], `/images/${sha256.slice(0, 2)}/${sha256}`)
  const upload = /"([^"]*\/uploads\/[^"]*)"/.exec(rename.args)?.[1] ?? 'no upload'
  const photo = find(master, SYNCS, `<${upload}>`)
  const folder = next(master, rename, SYNCS, `/images/${sha256.slice(0, 2)}>`)
  const row = find(log, WRITES, `${logFile}>`, id)
  const commit = next(log, row, SYNCS, `${logFile}>`)
  expect(photo.ended, 'the photo is synced before it gets its name').toBeLessThanOrEqual(rename.began)
  expect(folder.ended, 'its folder is synced before the answer').toBeLessThanOrEqual(answer.began)
  expect(commit.ended, 'the log is synced before the answer').toBeLessThanOrEqual(answer.began)
}

describe.skipIf(!findStrace())('201 Created', () => {
  it('follows the fsync of the photo, of its folder and of the log, on SQLite', async () => {
    cluster = await TestCluster.start({ workers: 0 })
    const trace = await Trace.attach(cluster.master.pid ?? 0)
    const jobs = await submitAll()
    const calls = await trace.stop()
    expect(jobs).toHaveLength(SUBMITS)
    for (const { id, sha256 } of jobs) expectOnDisk(calls, calls, 'argus.sqlite-wal', id, sha256)
  })

  it.skipIf(!findMariaDb())(
    'follows the fsync of the photo, of its folder and of the log, on MariaDB',
    async () => {
      mariaDb = await TestMariaDb.start()
      cluster = await TestCluster.start({ workers: 0, masterEnv: { DATABASE_URL: mariaDb.url } })
      const database = await Trace.attach(mariaDb.pid)
      const master = await Trace.attach(cluster.master.pid ?? 0)
      const jobs = await submitAll()
      const calls = await master.stop()
      const log = await database.stop()
      for (const { id, sha256 } of jobs) expectOnDisk(calls, log, 'ib_logfile0', id, sha256)
    },
  )
})
