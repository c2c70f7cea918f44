import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { HttpServer } from '../../testing/http-server.ts'
import { jobOf } from '../../testing/jobs.ts'
import { Hedge } from '../api/hedge.ts'
import { Master } from '../api/master.ts'
import { Journal } from './journal.ts'
import { collectFiles } from './paths.ts'
import { Tally } from './tally.ts'
import { uploadFiles } from './uploads.ts'

const PHOTOS = 40
/** Photos whose first answer never comes, once enough others are known. */
const HELD = { from: 30, to: 36 }

interface Upload {
  readonly port: number | undefined
  readonly sha256: string
}

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'argus-uploads-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function uploadOf(request: IncomingMessage): Promise<Upload> {
  const hash = createHash('sha256')
  request.on('data', (bytes: Buffer) => hash.update(bytes))
  await once(request, 'end')
  return { port: request.socket.remotePort, sha256: hash.digest('hex') }
}

it('sends a photo that is not answered again, over another connection and with its key', async () => {
  for (let at = 0; at < PHOTOS; at += 1) await writeFile(join(folder, `${at}.png`), `photo ${at}`)
  const uploads = new Map<string, Upload[]>()
  const server = await HttpServer.start(async (request, response) => {
    const key = String(request.headers['idempotency-key'])
    const known = uploads.get(key) ?? []
    uploads.set(key, known)
    const place = [...uploads.keys()].indexOf(key)
    known.push(await uploadOf(request))
    if (known.length === 1 && place >= HELD.from && place < HELD.to) return
    const id = `00000000-0000-4000-8000-${String(place).padStart(12, '0')}`
    response.end(JSON.stringify(jobOf({ id })))
  })
  const { signal } = new AbortController()
  const hedge = new Hedge(signal)
  const journal = await Journal.create(join(folder, 'journal.ndjson'))
  const tally = new Tally(PHOTOS)
  try {
    await uploadFiles([...(await collectFiles([folder])).entries()], 4, {
      master: new Master(server.url),
      batch: { id: '7d444840-9dc0-41d1-b245-5ffdce74fad2', owner: 'ada' },
      journal,
      tally,
      options: {},
      truths: new Map(),
      hedge,
      signal,
      onRetry: (failure) => {
        throw failure
      },
    })
    expect(tally.counts).toMatchObject({ accepted: PHOTOS, refused: 0 })
    expect(uploads.size).toBe(PHOTOS)
    const held = [...uploads.values()].slice(HELD.from, HELD.to)
    expect(hedge.hedged).toBeGreaterThanOrEqual(held.length)
    for (const copies of held) {
      expect(copies.length).toBeGreaterThan(1)
      expect(new Set(copies.map(({ port }) => port)).size).toBe(copies.length)
      expect(new Set(copies.map(({ sha256 }) => sha256)).size).toBe(1)
    }
  } finally {
    hedge.close()
    journal.close()
    await server.stop()
  }
})
