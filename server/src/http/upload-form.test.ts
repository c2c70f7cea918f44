import { createHash, randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { ProblemError } from '@argus/shared'
import { describe, expect, it, onTestFinished } from 'vitest'
import { serve } from '../../testing/unit.ts'
import { until } from '../../testing/until.ts'
import { type FormFile, type FormRules, type ReceivedForm, receiveForm } from './upload-form.ts'

const BOUNDARY = 'a-boundary'
const END = Buffer.from(`--${BOUNDARY}--\r\n`)
const FILES_AT_ONCE = 16

function filePart(name: string, bytes: Uint8Array): Buffer {
  const head = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="image"; filename="${name}"\r\n\r\n`
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from('\r\n')])
}

function fieldPart(name: string, value: string): Buffer {
  return Buffer.from(`--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

type Ended = { readonly form: ReceivedForm } | { readonly error: unknown }

/** A server whose requests are read by these rules, and how each of them ended. */
async function startReceiver(rules: Partial<FormRules>): Promise<{ url: string; ends: Ended[] }> {
  const ends: Ended[] = []
  const url = await serve((request, response) => {
    const all: FormRules = {
      fields: { note: 3 },
      maxFiles: 1000,
      refusesSurplus: false,
      onFile: async ({ stream }) => void (await buffer(stream)),
      ...rules,
    }
    receiveForm(request, all, new AbortController().signal).then(
      (form) => {
        ends.push({ form })
        response.end()
      },
      (error) => {
        ends.push({ error })
        request.resume()
        response.writeHead(400).end()
      },
    )
  })
  return { url, ends }
}

async function post(url: string, ...parts: readonly Uint8Array[]): Promise<number> {
  const headers = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }
  const body = new Uint8Array(Buffer.concat(parts))
  const response = await fetch(url, { method: 'POST', headers, body })
  await response.arrayBuffer()
  return response.status
}

/** Notes what each file was, and how many were being taken at once. */
class Taker {
  readonly taken: Array<{ number: number; name: string | undefined; sha256: string }> = []
  most = 0
  #open = 0

  async take({ number, name, stream }: FormFile, work: () => Promise<unknown>): Promise<void> {
    this.#open += 1
    this.most = Math.max(this.most, this.#open)
    try {
      await work()
      this.taken.push({ number, name, sha256: sha256(await buffer(stream)) })
    } finally {
      this.#open -= 1
    }
  }

  get inOrder() {
    return [...this.taken].sort((a, b) => a.number - b.number)
  }
}

function makeFiles(count: number, bytes: number) {
  return Array.from({ length: count }, (_, at) => ({ name: `${at + 1}.png`, bytes: randomBytes(bytes) }))
}

function described(files: ReturnType<typeof makeFiles>) {
  return files.map(({ name, bytes }, at) => ({ number: at + 1, name, sha256: sha256(bytes) }))
}

function partsOf(files: ReturnType<typeof makeFiles>): Buffer[] {
  return files.map(({ name, bytes }) => filePart(name, bytes))
}

describe('a form with many files', () => {
  it.each([
    ['at once', () => Promise.resolve()],
    ['after a while', () => sleep(5)],
  ])('has 300 tiny ones of one chunk taken whole, each once, where they are read %s', async (_when, work) => {
    const taker = new Taker()
    const { url, ends } = await startReceiver({ onFile: (file) => taker.take(file, work) })
    const files = makeFiles(300, 20)
    expect(await post(url, ...partsOf(files), END)).toBe(200)
    expect(taker.inOrder).toEqual(described(files))
    expect(ends).toEqual([{ form: { fields: {}, hasSurplus: false } }])
  })

  it('waits while many are being taken', async () => {
    const taker = new Taker()
    const { url } = await startReceiver({ onFile: (file) => taker.take(file, () => sleep(20)) })
    // Each larger than a chunk of the connection.
    const files = makeFiles(60, 100_000)
    expect(await post(url, ...partsOf(files), END)).toBe(200)
    expect(taker.inOrder).toEqual(described(files))
    expect(taker.most).toBeGreaterThan(1)
    expect(taker.most).toBeLessThanOrEqual(FILES_AT_ONCE + 1)
  })

  it('goes on where one is being taken for long after it was read', async () => {
    let release: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const taken: number[] = []
    const { url, ends } = await startReceiver({
      onFile: async ({ number, stream }) => {
        await buffer(stream)
        if (number === 1) await held
        taken.push(number)
      },
    })
    const sent = post(url, ...partsOf(makeFiles(40, 100_000)), END)
    await until(() => expect(taken).toHaveLength(39))
    expect(ends).toEqual([])
    release()
    expect(await sent).toBe(200)
    expect(taken.at(-1)).toBe(1)
  })

  it('has the others whole where what is in some of them is dropped', async () => {
    const taker = new Taker()
    const { url } = await startReceiver({
      onFile: async (file) => {
        if (file.number % 3 === 0) file.stream.resume()
        else await taker.take(file, async () => undefined)
      },
    })
    const files = makeFiles(30, 100_000)
    expect(await post(url, ...partsOf(files), END)).toBe(200)
    expect(taker.inOrder).toEqual(described(files).filter(({ number }) => number % 3 !== 0))
  })

  it('tells each what fields came before it', async () => {
    const seen: unknown[] = []
    const { url, ends } = await startReceiver({
      onFile: async ({ number, stream }, fields) => {
        seen.push([number, fields])
        await buffer(stream)
      },
    })
    const [one, two] = partsOf(makeFiles(2, 10))
    await post(url, fieldPart('note', 'a'), one ?? END, fieldPart('note', 'b'), two ?? END, END)
    expect(seen).toEqual([
      [1, { note: ['a'] }],
      [2, { note: ['a', 'b'] }],
    ])
    expect(ends).toEqual([{ form: { fields: { note: ['a', 'b'] }, hasSurplus: false } }])
  })

  it.each([11, 40])(
    'has as many taken of %d as there may be, and says that there were more',
    async (count) => {
      const taker = new Taker()
      const rules = { maxFiles: 10, onFile: (file: FormFile) => taker.take(file, async () => undefined) }
      const { url, ends } = await startReceiver(rules)
      const files = makeFiles(count, 1000)
      expect(await post(url, ...partsOf(files), END)).toBe(200)
      expect(taker.inOrder).toEqual(described(files.slice(0, 10)))
      expect(ends).toEqual([{ form: { fields: {}, hasSurplus: true } }])
    },
  )

  it('is none with more files than there may be, where that is the rule', async () => {
    const { url, ends } = await startReceiver({ maxFiles: 2, refusesSurplus: true })
    expect(await post(url, ...partsOf(makeFiles(3, 1000)), END)).toBe(400)
    expect(ends).toEqual([{ error: expect.objectContaining({ code: 'request/malformed-upload' }) }])
  })
})

describe('a form that comes to nothing', () => {
  it('ends with what a file was refused for, when the others have been let go', async () => {
    const fault = new ProblemError('queue/full', 'No room.')
    let open = 0
    const { url, ends } = await startReceiver({
      onFile: async ({ number, stream }) => {
        open += 1
        try {
          if (number === 3) throw fault
          await buffer(stream)
          await sleep(20)
        } finally {
          open -= 1
        }
      },
    })
    expect(await post(url, ...partsOf(makeFiles(6, 100_000)), END)).toBe(400)
    expect(ends).toEqual([{ error: fault }])
    expect(open).toBe(0)
  })

  it('ends with what its last file was refused for, after the form has ended', async () => {
    const fault = new ProblemError('queue/full', 'No room.')
    const { url, ends } = await startReceiver({
      onFile: async ({ stream }) => {
        await buffer(stream)
        await sleep(50)
        throw fault
      },
    })
    expect(await post(url, ...partsOf(makeFiles(1, 10)), END)).toBe(400)
    expect(ends).toEqual([{ error: fault }])
  })

  it('ends when all files are let go of which the connection broke off', async () => {
    const taker = new Taker()
    let begun = 0
    const { url, ends } = await startReceiver({
      onFile: (file) => {
        begun += 1
        return taker.take(file, async () => undefined)
      },
    })
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => undefined)
    socket.write(
      `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=${BOUNDARY}\r\nContent-Length: 1000000\r\n\r\n`,
    )
    const files = makeFiles(3, 1000)
    socket.write(Buffer.concat(partsOf(files)).subarray(0, -100))
    await until(() => expect([begun, taker.taken.length]).toEqual([3, 2]))
    socket.destroy()
    await until(() => expect(ends).toHaveLength(1))
    expect(ends).toEqual([{ error: expect.objectContaining({ code: 'request/malformed-upload' }) }])
    expect(taker.inOrder).toEqual(described(files.slice(0, 2)))
  })
})
