/**
 * How fast photos are taken: requests a second of the master, beside a bare Express handler that writes the same
 * bodies to disk. In turns, in one run, since what a disk and two cores do changes from minute to minute.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { TestCluster } from '../../server/testing/cluster.ts'
import { call, keepAliveAgent } from '../kit/http.ts'
import { machine } from '../kit/machine.ts'
import { percentile } from '../kit/times.ts'

const PHOTOS = 1000
const PHOTO_BYTES = 110_000
const CONNECTIONS = 16
const ROUNDS = 7
const BAR = 0.5
const PROJECT = fileURLToPath(new URL('../..', import.meta.url))

let photosMade = 0
const base = await drawPhoto()

const folder = await mkdtemp(join(tmpdir(), 'argus-bench-'))
const bare = fork(join(PROJECT, 'loadtest/bench/bare-receiver.ts'), [folder], {
  execArgv: ['--import', 'tsx'],
  cwd: PROJECT,
})
const [bareUrl] = (await once(bare, 'message')) as [string]
const cluster = await TestCluster.start({ workers: 0 })
try {
  const url = `${cluster.url}/api/v1/jobs`
  // The folders of photos are made when the first ones come, and code is compiled when it is hot.
  await rate(url, 2 * PHOTOS)
  await rate(bareUrl, 2 * PHOTOS)
  const ratios: number[] = []
  console.log('| round | master, requests/s | bare handler, requests/s | ratio |\n| --- | --- | --- | --- |')
  for (let round = 1; round <= ROUNDS; round += 1) {
    // Each goes first half of the time.
    const isTurned = round % 2 === 0
    const first = await rate(isTurned ? bareUrl : url, PHOTOS)
    const second = await rate(isTurned ? url : bareUrl, PHOTOS)
    const [master, handler] = isTurned ? [second, first] : [first, second]
    ratios.push(master / handler)
    console.log(
      `| ${round} | ${master.toFixed(0)} | ${handler.toFixed(0)} | ${(master / handler).toFixed(2)} |`,
    )
  }
  const median = percentile(ratios, 0.5)
  console.log(`\nMedian ratio ${median.toFixed(2)}, bar ${BAR}: ${PHOTOS} photos of ${PHOTO_BYTES / 1000} KB`)
  console.log(`over ${CONNECTIONS} connections a round. On ${machine()}.`)
  if (median < BAR) process.exitCode = 1
} finally {
  bare.disconnect()
  await cluster.stop()
  await rm(folder, { recursive: true })
}

/** Submits so many photos, all different; returns how many were taken a second. */
async function rate(url: string, count: number): Promise<number> {
  const agent = keepAliveAgent(CONNECTIONS)
  const photos = Array.from({ length: count }, nextPhoto)
  const startedAt = performance.now()
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (let body = photos.pop(); body; body = photos.pop()) {
        const headers = { 'content-type': 'image/jpeg' }
        const { status, text } = await call(agent, url, { method: 'POST', headers, body })
        if (status !== 201) throw new Error(`${url} answered ${status}: ${text}`)
      }
    }),
  )
  const seconds = (performance.now() - startedAt) / 1000
  agent.destroy()
  return count / seconds
}

/** Noise, as much as takes this many bytes. */
async function drawPhoto(): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const
  const photo = await sharp({ create: { width: 640, height: 480, channels: 3, background: 'grey', noise } })
    .jpeg({ quality: 30 })
    .toBuffer()
  if (photo.length > PHOTO_BYTES) throw new Error(`The photo has ${photo.length} bytes`)
  // What follows the end of the picture is part of the file all the same.
  return Buffer.concat([photo, Buffer.alloc(PHOTO_BYTES - photo.length)])
}

function nextPhoto(): Buffer {
  const photo = Buffer.from(base)
  photosMade += 1
  photo.writeUInt32LE(photosMade, photo.length - 4)
  return photo
}
