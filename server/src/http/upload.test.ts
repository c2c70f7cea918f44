import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { problemSchema } from '@argus/shared'
import express from 'express'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { pngHeader } from '../../testing/images.ts'
import { fillDisk, mountSmallDisk } from '../../testing/small-disk.ts'
import { imageFolders, openImages, openJobs, serve, silentLog, tempFolder } from '../../testing/unit.ts'
import { until } from '../../testing/until.ts'
import { BatchService } from '../jobs/batch-service.ts'
import { DiskGuard } from '../store/disk-guard.ts'
import { jobOperations } from './jobs.ts'
import { routesOf } from './operation.ts'
import { PhotoIntake } from './photo-intake.ts'
import { problemHandler, problemTeller } from './problem.ts'
import { receiveUpload } from './upload.ts'
import { atPace } from './upload-pace.ts'

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
  app.use(problemHandler(problemTeller(silentLog)))
  return { url: await serve(app), path }
}

async function post(
  url: string,
  body: FormData | string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
) {
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

/** A connection on which a test writes what it likes, and what has come back on it. */
function openSocket(url: string): { socket: Socket; answers: () => string; closed: Promise<unknown> } {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('utf8')
  onTestFinished(() => void socket.destroy())
  let answers = ''
  socket.on('data', (text) => {
    answers += text
  })
  // A reset is an end as well.
  socket.on('error', () => undefined)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  return { socket, answers: () => answers, closed }
}

/** The head of a request with a body of so many bytes. */
function headOf(url: string, type: string, length: number): string {
  const path = new URL(url).pathname
  return `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`
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
    ['🌍'.repeat(300), '🌍'.repeat(255)],
  ])('named %j is shown as %j', async (name, shown) => {
    const { url } = await startReceiver()
    const response = await post(url, fileNamed(name), MULTIPART)
    expect(await response.json()).toMatchObject({ fileName: shown })
  })
})

describe('a photo that is the body itself', () => {
  it.each(['image/png', 'image/jpeg; quality=1', 'IMAGE/X-ANYTHING'])(
    'of type %s is written whole',
    async (type) => {
      const { url, path } = await startReceiver()
      const bytes = randomBytes(MAX_BYTES)
      const response = await post(url, bytes, { 'content-type': type })
      expect(await response.json()).toEqual({
        fileName: 'photo',
        bytes: MAX_BYTES,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        fields: {},
      })
      expect((await readFile(path)).equals(bytes)).toBe(true)
    },
  )

  it('may come in pieces, with no length', async () => {
    const { url, path } = await startReceiver()
    const outgoing = request(url, { method: 'POST', headers: { 'content-type': 'image/png' } })
    const answered = once(outgoing, 'response')
    for (const piece of ['one', 'two', 'three']) {
      outgoing.write(piece)
      await sleep(10)
    }
    outgoing.end()
    const [response] = await answered
    response.resume()
    expect(response.statusCode).toBe(200)
    expect(await readFile(path, 'utf8')).toBe('onetwothree')
  })

  it.each(['application/octet-stream', 'text/plain', 'imagine/png', 'video/image'])(
    'is none of type %s',
    async (type) => {
      const { url } = await startReceiver()
      const response = await post(url, Buffer.from('bytes'), { 'content-type': type })
      expect(await codeOf(response)).toBe('request/malformed-upload')
    },
  )

  it('is one byte too large', async () => {
    const { url } = await startReceiver()
    const response = await post(url, Buffer.alloc(MAX_BYTES + 1), { 'content-type': 'image/png' })
    expect(response.status).toBe(413)
    expect(await codeOf(response)).toBe('image/too-large')
  })

  it('lets the same connection carry the next one, where it is too large', async () => {
    const { url, path } = await startReceiver()
    const { socket, answers } = openSocket(url)
    const length = MAX_BYTES * 20
    socket.write(headOf(url, 'image/png', length))
    socket.write(Buffer.alloc(length))
    await vi.waitFor(
      () => expect(answers()).toMatch(/^HTTP\/1\.1 413 [\s\S]*"code":"image\/too-large"/),
      5000,
    )
    await rm(path)
    socket.write(`${headOf(url, 'image/png', 5)}bytes`)
    await vi.waitFor(() => expect(answers()).toMatch(/HTTP\/1\.1 200 [\s\S]*"bytes":5/), 5000)
  })
})

describe('fields beside the photo', () => {
  const file = ['image', new Uint8Array([1, 2, 3]), 'a.jpg'] as const

  it('come as they are, in their order, before the file and behind it', async () => {
    const { url } = await startReceiver()
    const response = await post(url, form(['note', 'one = 東京'], file, ['note', '']))
    expect(await response.json()).toMatchObject({ fileName: 'a.jpg', fields: { note: ['one = 東京', ''] } })
  })

  it('come no more often than they may', async () => {
    const { url } = await startReceiver()
    const note = ['note', 'text'] as const
    expect(await codeOf(await post(url, form(note, note, note, file)))).toBe('request/malformed-upload')
    expect(await codeOf(await post(url, form(file, note, note, note)))).toBe('request/malformed-upload')
  })

  it('come once, where that is how often they may', async () => {
    const path = join(await tempFolder(), 'upload')
    const app = express()
    app.post('/', async (incoming, response) => {
      response.json(await receiveUpload(incoming, path, { ...RULES, fields: { note: 1, other: 2 } }))
    })
    app.use(problemHandler(problemTeller(silentLog)))
    // There would be room for three fields.
    const response = await post(await serve(app), form(['note', 'a'], ['note', 'b'], file))
    expect(problemSchema.parse(await response.json())).toMatchObject({
      code: 'request/malformed-upload',
      detail: expect.stringContaining('"note"'),
    })
  })

  it('are not too long', async () => {
    const { url } = await startReceiver()
    expect((await post(url, form(['note', 'x'.repeat(999)], file))).status).toBe(200)
    expect(await codeOf(await post(url, form(['note', 'x'.repeat(1001)], file)))).toBe(
      'request/malformed-upload',
    )
  })

  it.each(['__proto__', 'constructor', 'toString', 'Note', ''])('are none called %j', async (name) => {
    const { url } = await startReceiver()
    expect(await codeOf(await post(url, form([name, 'text'], file)))).toBe('request/malformed-upload')
    expect(await codeOf(await post(url, form(file, [name, 'text'])))).toBe('request/malformed-upload')
  })
})

describe('an upload that hardly comes', () => {
  const WINDOW_MS = 10_000
  /** What has to come in that time, by RULES. */
  const ENOUGH = 10_000

  /** The clock of the pace alone; all else goes on by the true one. */
  function holdPace(): void {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
  }

  /** Unlike that of vitest, it leaves the clock of the pace alone. */
  async function untilTrue(isTrue: () => boolean): Promise<void> {
    const deadline = Date.now() + 5000
    while (!isTrue()) {
      if (Date.now() > deadline) throw new Error('It has not come to be in 5 s')
      await sleep(5)
    }
  }

  /** A server that takes the body at the pace of RULES into what this makes; with what the signal was told. */
  async function startPaced(sink: () => Writable) {
    const state = { aborted: null as unknown, isDone: false }
    const app = express()
    app.post('/', async (incoming, response) => {
      await atPace(incoming, RULES.minBytesPerSecond, async (signal) => {
        signal.addEventListener('abort', () => {
          state.aborted = signal.reason
        })
        // As a photo that is the body itself is taken.
        await pipeline(incoming.pipe(new PassThrough()), sink())
      })
      state.isDone = true
      response.end('done')
    })
    app.use(problemHandler(problemTeller(silentLog)))
    return { url: await serve(app), state }
  }

  it.each([
    ['a form', MULTIPART['content-type'], fileStart('a.jpg')],
    ['the body itself', 'image/png', ''],
  ])('is cut off, and its connection ends: %s', async (_what, type, start) => {
    holdPace()
    const { url, path } = await startReceiver()
    const { socket, answers, closed } = openSocket(url)
    socket.write(`${headOf(url, type, 50_000)}${start}some bytes`)
    await untilTrue(() => existsSync(path))
    vi.advanceTimersByTime(WINDOW_MS - 1)
    await sleep(50)
    expect(answers()).toBe('')
    vi.advanceTimersByTime(1)
    await closed
    expect(answers()).toMatch(/^HTTP\/1\.1 408 /)
    expect(answers()).toContain('"code":"request/too-slow"')
    expect(answers()).toMatch(/^connection: close\r$/im)
  })

  it('goes on while enough comes', async () => {
    holdPace()
    const { url, path } = await startReceiver()
    const { socket, answers, closed } = openSocket(url)
    socket.write(headOf(url, 'image/png', 5 * ENOUGH))
    await untilTrue(() => existsSync(path))
    for (let window = 1; window <= 3; window += 1) {
      socket.write(Buffer.alloc(ENOUGH))
      await untilTrue(() => statSync(path).size === window * ENOUGH)
      vi.advanceTimersByTime(WINDOW_MS)
    }
    await sleep(50)
    expect(answers()).toBe('')
    // What came before is no credit for what does not come now.
    vi.advanceTimersByTime(WINDOW_MS)
    await closed
    expect(answers()).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('is not cut off where it waits for us', async () => {
    holdPace()
    let release: () => void = () => undefined
    const { url, state } = await startPaced(
      () =>
        new Writable({
          write(_bytes, _encoding, done) {
            if (state.isDone) return
            release = done
          },
        }),
    )
    const { socket, answers } = openSocket(url)
    const length = 5_000_000
    socket.write(headOf(url, 'image/png', length))
    socket.write(Buffer.alloc(length))
    await untilTrue(() => socket.bytesWritten > 0 && vi.getTimerCount() === 1)
    // Until nothing more comes, as nobody takes it.
    for (let before = -1; before !== socket.bytesWritten; await sleep(200)) before = socket.bytesWritten
    vi.advanceTimersByTime(3 * WINDOW_MS)
    expect(state.aborted).toBeNull()
    // And it is taken when we can.
    await untilTrue(() => {
      release()
      return answers() !== ''
    })
    expect(answers()).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('is not cut off where all of it has come, and we have not written it yet', async () => {
    holdPace()
    let finish: () => void = () => undefined
    let isWhole = false
    const { url, state } = await startPaced(
      () =>
        new Writable({
          write: (_bytes, _encoding, done) => done(),
          final(done) {
            isWhole = true
            finish = done
          },
        }),
    )
    const { socket, answers } = openSocket(url)
    socket.write(`${headOf(url, 'image/png', 5)}bytes`)
    await untilTrue(() => isWhole)
    vi.advanceTimersByTime(3 * WINDOW_MS)
    expect(state.aborted).toBeNull()
    finish()
    await untilTrue(() => answers() !== '')
    expect(answers()).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('leaves no clock behind, however it ends', async () => {
    holdPace()
    const { url, path } = await startReceiver()
    expect((await post(url, Buffer.from('bytes'), { 'content-type': 'image/png' })).status).toBe(200)
    expect((await post(url, 'text', { 'content-type': 'text/plain' })).status).toBe(400)
    await rm(path)
    const { socket } = openSocket(url)
    socket.write(`${headOf(url, 'image/png', 50_000)}some bytes`)
    await untilTrue(() => existsSync(path))
    expect(vi.getTimerCount()).toBe(1)
    socket.destroy()
    await untilTrue(() => vi.getTimerCount() === 0)
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
    [
      'a part header that is none, and a field that is none behind it',
      `--${BOUNDARY}\r\n: x\r\n\r\nx\r\n--${BOUNDARY}\r\ncontent-disposition: form-data; name="x"\r\n\r\nx\r\n--${BOUNDARY}--\r\n`,
      MULTIPART,
    ],
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

  it('is answered although the file behind the fault has not come whole', async () => {
    const { url, path } = await startReceiver()
    const { socket, answers } = openSocket(url)
    const field = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="x"\r\n\r\ny\r\n`
    socket.write(`${headOf(url, MULTIPART['content-type'], 50_000)}${field}${fileStart('a.jpg')}some bytes`)
    await until(() => expect(answers()).toContain('"code":"request/malformed-upload"'))
    await expect(readFile(path)).rejects.toThrow('ENOENT')
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
    const images = await openImages(folders)
    const app = express()
    const disk = new DiskGuard(parts.folder, 0, silentLog)
    const limits = { maxUploadBytes: MAX_BYTES, minUploadBytesPerSecond: 1000, maxQueued: 1000 }
    const intake = new PhotoIntake({ ...parts, images, disk, limits })
    const batches = new BatchService(parts.database, parts.committer, parts.jobs)
    app.use(routesOf(jobOperations({ ...parts, batches, intake, images, limits })))
    app.use(problemHandler(problemTeller(silentLog)))
    return { ...parts, url: `${await serve(app)}/api/v1/jobs`, uploads: folders.uploads }
  }

  it('leaves nothing behind of a file that the disk has no room for', async (context) => {
    const disk = await mountSmallDisk(context, { megabytes: 1 })
    const { url, uploads, store } = await startRoute(disk)
    await fillDisk(join(disk, 'other'))
    expect(await codeOf(await post(url, form(['image', new Uint8Array(MAX_BYTES), 'a.jpg'])))).toBe(
      'store/disk-full',
    )
    expect(await readdir(uploads)).toEqual([])
    expect(await store.newest(10)).toEqual([])
  })

  it('leaves nothing behind of an upload whose connection breaks', async () => {
    const { url, uploads, store } = await startRoute()
    const headers = { ...MULTIPART, 'content-length': '50000' }
    const outgoing = request(url, { method: 'POST', headers })
    outgoing.on('error', () => undefined)
    outgoing.write(fileStart('a.jpg'))
    outgoing.write(Buffer.alloc(1000))
    await until(async () => expect(await readdir(uploads)).toHaveLength(1))
    outgoing.destroy()
    await until(async () => expect(await readdir(uploads)).toEqual([]))
    expect(await store.newest(10)).toEqual([])
  })

  it('leaves nothing behind of a photo as the body itself whose connection breaks', async () => {
    const { url, uploads, store } = await startRoute()
    const { socket } = openSocket(url)
    socket.write(`${headOf(url, 'image/png', 50_000)}some bytes`)
    await until(async () => expect(await readdir(uploads)).toHaveLength(1))
    socket.destroy()
    await until(async () => expect(await readdir(uploads)).toEqual([]))
    expect(await store.newest(10)).toEqual([])
  })

  it('lives on where photos as the body itself break off as soon as they have begun', async () => {
    const { url, uploads } = await startRoute()
    for (let number = 0; number < 50; number += 1) {
      const { socket, closed } = openSocket(url)
      socket.write(`${headOf(url, 'image/png', 1000)}abc`, () => socket.resetAndDestroy())
      await closed
    }
    const response = await post(url, Buffer.from(pngHeader(8, 8)), { 'content-type': 'image/png' })
    expect(response.status).toBe(201)
    await until(async () => expect(await readdir(uploads)).toEqual([]))
  })

  it.each([
    ['that is too large', new Uint8Array(MAX_BYTES + 1)],
    ['that is no image', new Uint8Array(100)],
    ['that is empty', new Uint8Array()],
  ])('leaves nothing behind of a file %s', async (_what, bytes) => {
    const { url, uploads, store } = await startRoute()
    const response = await post(url, form(['image', bytes, 'a.jpg']))
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(await readdir(uploads)).toEqual([])
    expect(await store.newest(10)).toEqual([])
  })
})
