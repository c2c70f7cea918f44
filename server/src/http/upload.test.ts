import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { problemSchema } from '@argus/shared'
import express from 'express'
import { describe, expect, it, vi } from 'vitest'
import { fillDisk, mountSmallDisk } from '../../testing/small-disk.ts'
import { imageFolders, openJobs, serve, silentLog, tempFolder } from '../../testing/unit.ts'
import { DiskGuard } from '../store/disk-guard.ts'
import { ImageStore } from '../store/image-store.ts'
import { jobOperations } from './jobs.ts'
import { routesOf } from './operation.ts'
import { problemHandler } from './problem.ts'
import { receiveUpload } from './upload.ts'

const MAX_BYTES = 100_000
const RULES = { maxBytes: MAX_BYTES, fields: { note: 2 }, minBytesPerSecond: 1000 }
const BOUNDARY = 'a-boundary'
const MULTIPART = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }

/** A server that answers every request with what `receiveUpload` made of it. */
async function startReceiver(folder?: string): Promise<{ url: string; path: string }> {
  const path = join(folder ?? (await tempFolder()), 'upload')
  const app = express()
  app.post('/', async (incoming, response) => {
    response.json(await receiveUpload(incoming, path, RULES))
  })
  app.use(problemHandler(silentLog))
  return { url: await serve(app), path }
}

async function post(url: string, body: FormData | string, headers: Record<string, string> = {}) {
  return fetch(url, { method: 'POST', body, headers })
}

function form(...parts: ReadonlyArray<readonly [field: string, value: string | Uint8Array, name?: string]>) {
  const data = new FormData()
  for (const [field, value, name] of parts) {
    if (typeof value === 'string') data.append(field, value)
    else data.append(field, new Blob([new Uint8Array(value)]), name)
  }
  return data
}

/** The start of a body with one file, up to the file's bytes. */
function fileStart(name: string, field = 'image'): string {
  return `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${field}"; filename="${name}"\r\n\r\n`
}

function fileNamed(name: string): string {
  return `${fileStart(name)}bytes\r\n--${BOUNDARY}--\r\n`
}

async function codeOf(response: Response): Promise<string> {
  const problem = problemSchema.parse(await response.json())
  expect(problem.status).toBe(response.status)
  return problem.code
}

describe('an upload', () => {
  it('is written whole, hashed and counted', async () => {
    const { url, path } = await startReceiver()
    const bytes = randomBytes(MAX_BYTES)
    const response = await post(url, form(['image', bytes, 'beach.jpg']))
    expect(await response.json()).toEqual({
      fileName: 'beach.jpg',
      bytes: MAX_BYTES,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      fields: {},
    })
    expect((await readFile(path)).equals(bytes)).toBe(true)
  })

  it('may be empty, which is for others to judge', async () => {
    const { url } = await startReceiver()
    const response = await post(url, form(['image', new Uint8Array(), 'nothing.jpg']))
    expect(await response.json()).toMatchObject({ bytes: 0, fileName: 'nothing.jpg' })
  })

  it.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\\\photos\\\\beach.jpg', 'beach.jpg'],
    ['/', 'photo'],
    ['..', 'photo'],
    ['  ', 'photo'],
    ['tab\there\x80.jpg', 'tabhere.jpg'],
    ['Straße 東京 😀.jpg', 'Straße 東京 😀.jpg'],
    ['x'.repeat(300), 'x'.repeat(255)],
  ])('named %j is shown as %j', async (name, shown) => {
    const { url } = await startReceiver()
    const response = await post(url, fileNamed(name), MULTIPART)
    expect(await response.json()).toMatchObject({ fileName: shown })
  })
})

describe('an upload that is refused', () => {
  const file = new Uint8Array([1, 2, 3])

  it.each<[string, FormData, string]>([
    ['nothing at all', form(), 'image/missing'],
    ['a file in another field', form(['photo', file, 'a.jpg']), 'request/malformed-upload'],
    ['two files', form(['image', file, 'a.jpg'], ['image', file, 'b.jpg']), 'request/malformed-upload'],
    ['a further file', form(['image', file, 'a.jpg'], ['x', file, 'b.jpg']), 'request/malformed-upload'],
    ['a further field', form(['image', file, 'a.jpg'], ['x', 'y']), 'request/malformed-upload'],
    ['a field before it', form(['x', 'y'], ['image', file, 'a.jpg']), 'request/malformed-upload'],
    ['text in its place', form(['image', 'text']), 'request/malformed-upload'],
  ])('has %s', async (_what, body, code) => {
    const { url } = await startReceiver()
    expect(await codeOf(await post(url, body))).toBe(code)
  })

  it.each<[string, string, Record<string, string>]>([
    ['no boundary', fileNamed('a.jpg'), { 'content-type': 'multipart/form-data' }],
    ['no type', fileNamed('a.jpg'), { 'content-type': '' }],
    ['the type of JSON', '{}', { 'content-type': 'application/json' }],
    ['no end', `${fileStart('a.jpg')}bytes`, MULTIPART],
    ['another boundary inside', fileNamed('a.jpg').replaceAll(BOUNDARY, 'other'), MULTIPART],
    ['a part without a header', `--${BOUNDARY}\r\n\r\nbytes`, MULTIPART],
    ['no part', '', MULTIPART],
  ])('has %s', async (_what, body, headers) => {
    const { url } = await startReceiver()
    expect(await codeOf(await post(url, body, headers))).toBe('request/malformed-upload')
  })

  it('is one byte too large', async () => {
    const { url } = await startReceiver()
    const response = await post(url, form(['image', new Uint8Array(MAX_BYTES + 1), 'a.jpg']))
    expect(response.status).toBe(413)
    expect(await codeOf(response)).toBe('image/too-large')
  })

  it('is answered while the client still sends, and the client may go on sending', async () => {
    const { url } = await startReceiver()
    const rest = 5_000_000
    const start = `${fileStart('a.jpg')}${'x'.repeat(MAX_BYTES + 1)}`
    const socket = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('utf8')
    socket.write(
      [
        'POST / HTTP/1.1',
        'Host: localhost',
        `Content-Type: ${MULTIPART['content-type']}`,
        `Content-Length: ${start.length + rest}`,
        '',
        start,
      ].join('\r\n'),
    )
    const [answer] = await once(socket, 'data')
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(answer).toContain('"code":"image/too-large"')
    // Had the master closed the connection, this would fail, and a client that reads last see no answer.
    await new Promise<void>((resolve, reject) => {
      socket.write(Buffer.alloc(rest), (error) => (error ? reject(error) : resolve()))
    })
    socket.destroy()
  })

  it.for([
    ['already', 'all'],
    ['halfway', 'most'],
  ])('finds the disk full %s, which is not the fault of who sent it', async ([_when, filled], context) => {
    const disk = await mountSmallDisk(context, { megabytes: 1 })
    const { url, path } = await startReceiver(disk)
    if (filled === 'all') await fillDisk(join(disk, 'other'))
    else await writeFile(join(disk, 'other'), new Uint8Array(1024 ** 2 - MAX_BYTES / 2))
    const response = await post(url, form(['image', new Uint8Array(MAX_BYTES), 'a.jpg']))
    expect(response.status).toBe(507)
    expect(await codeOf(response)).toBe('store/disk-full')
    // Nobody has removed the half file here.
    await rm(path)
    await rm(join(disk, 'other'))
    expect((await post(url, form(['image', new Uint8Array(MAX_BYTES), 'a.jpg']))).status).toBe(200)
  })

  it('lets the same connection carry the next one', async () => {
    const { url } = await startReceiver()
    expect((await post(url, form(['image', new Uint8Array(MAX_BYTES * 5), 'a.jpg']))).status).toBe(413)
    expect((await post(url, form(['x', 'y']))).status).toBe(400)
  })
})

describe('the jobs route', () => {
  /** @param imageRoot where it keeps the uploads, if not in a folder of its own */
  async function startRoute(imageRoot?: string) {
    const parts = await openJobs()
    const folders = imageFolders(imageRoot ?? parts.folder)
    const images = await ImageStore.open(folders)
    const app = express()
    const disk = new DiskGuard(parts.folder, 0, silentLog)
    const limits = { maxUploadBytes: MAX_BYTES, minUploadBytesPerSecond: 1000, maxQueued: 1000 }
    app.use(routesOf(jobOperations({ ...parts, images, disk, limits })))
    app.use(problemHandler(silentLog))
    return { ...parts, url: `${await serve(app)}/api/v1/jobs`, uploads: folders.uploads }
  }

  it('leaves nothing behind of a file that the disk has no room for', async (context) => {
    const disk = await mountSmallDisk(context, { megabytes: 1 })
    const { url, uploads, jobs } = await startRoute(disk)
    await fillDisk(join(disk, 'other'))
    expect(await codeOf(await post(url, form(['image', new Uint8Array(MAX_BYTES), 'a.jpg'])))).toBe(
      'store/disk-full',
    )
    expect(await readdir(uploads)).toEqual([])
    expect(await jobs.newest(10)).toEqual([])
  })

  it('leaves nothing behind of an upload whose connection breaks', async () => {
    const { url, uploads, jobs } = await startRoute()
    const headers = { ...MULTIPART, 'content-length': '50000' }
    const outgoing = request(url, { method: 'POST', headers })
    outgoing.on('error', () => undefined)
    outgoing.write(fileStart('a.jpg'))
    outgoing.write(Buffer.alloc(1000))
    await vi.waitFor(async () => expect(await readdir(uploads)).toHaveLength(1))
    outgoing.destroy()
    await vi.waitFor(async () => expect(await readdir(uploads)).toEqual([]))
    expect(await jobs.newest(10)).toEqual([])
  })

  it.each([
    ['that is too large', new Uint8Array(MAX_BYTES + 1)],
    ['that is no image', new Uint8Array(100)],
    ['that is empty', new Uint8Array()],
  ])('leaves nothing behind of a file %s', async (_what, bytes) => {
    const { url, uploads, jobs } = await startRoute()
    const response = await post(url, form(['image', bytes, 'a.jpg']))
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(await readdir(uploads)).toEqual([])
    expect(await jobs.newest(10)).toEqual([])
  })
})
