import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { problemSchema } from '@argus/shared'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createLimitedServer, type RequestLimits } from './limited-server.ts'

const LIMITS = { requestSeconds: 60, maxHeaderBytes: 4000 }

/** A server that takes the whole body, and answers with its length and the length of a header. */
async function start(limits: RequestLimits = LIMITS) {
  const app = vi.fn()
  const server = createLimitedServer((request, response) => {
    app()
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    request.on('end', () => {
      response.end(JSON.stringify({ bytes, note: request.headers['x-note']?.length ?? null }))
    })
    // One that breaks off gets no answer from here.
    request.on('error', () => undefined)
  }, limits)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  const { port } = server.address() as AddressInfo
  return { port, url: `http://127.0.0.1:${port}`, app, server }
}

/** All that comes back on a connection on which this is sent, until the server ends it. */
async function send(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  onTestFinished(() => void socket.destroy())
  let answer = ''
  socket.on('data', (part) => {
    answer += part
  })
  socket.on('error', () => undefined)
  socket.write(text)
  await once(socket, 'close')
  return answer
}

/** The status and the problem of an answer that has come whole. */
function parse(answer: string) {
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  expect(head).toMatch(/^content-type: application\/problem\+json/im)
  expect(head).toMatch(/^connection: close$/im)
  expect(head.toLowerCase().split('\r\n')).toContain(`content-length: ${Buffer.byteLength(body)}`)
  const problem = problemSchema.parse(JSON.parse(body))
  expect(head.split('\r\n')[0]).toBe(`HTTP/1.1 ${problem.status} ${problem.title}`)
  return problem
}

describe('the server', () => {
  it('hands requests within the limits to the app, one after the other on one connection', async () => {
    const { port, url } = await start()
    const response = await fetch(url, {
      method: 'POST',
      body: 'x'.repeat(100_000),
      headers: { 'X-Note': 'abc' },
    })
    expect(await response.json()).toEqual({ bytes: 100_000, note: 3 })
    const both = await send(
      port,
      'GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    )
    expect(both.match(/HTTP\/1\.1 200 /g)).toHaveLength(2)
  })

  it('takes headers up to the limit', async () => {
    const { url } = await start()
    const response = await fetch(url, { headers: { 'X-Note': 'x'.repeat(3000) } })
    expect(await response.json()).toMatchObject({ note: 3000 })
  })

  it.each([
    ['one that is long', `X-Note: ${'x'.repeat(5000)}\r\n`],
    ['many', Array.from({ length: 400 }, (_, number) => `X-${number}: a value\r\n`).join('')],
  ])('refuses headers that are too large, and ends the connection: %s', async (_what, headers) => {
    const { port, app } = await start()
    const answer = await send(port, `GET / HTTP/1.1\r\nHost: a\r\n${headers}\r\n`)
    expect(parse(answer)).toMatchObject({ code: 'request/headers-too-large', status: 431 })
    expect(app).not.toHaveBeenCalled()
  })

  it('refuses them on a connection that has had answers, too', async () => {
    const { port } = await start()
    const first = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
    const socket = connect(port, '127.0.0.1').setEncoding('utf8')
    socket.write(first)
    await once(socket, 'data')
    socket.write(`GET / HTTP/1.1\r\nHost: a\r\nX-Note: ${'x'.repeat(5000)}\r\n\r\n`)
    const [answer] = await once(socket, 'data')
    expect(parse(answer)).toMatchObject({ code: 'request/headers-too-large' })
    await once(socket, 'close')
  })

  it('refuses what it is expected to do and cannot', async () => {
    const { port } = await start()
    const answer = await send(port, 'GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\nConnection: close\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 417 /)
    expect(answer).toContain('"code":"request/expectation"')
  })

  it('leaves it to the app to miss the Host', async () => {
    const { port, app } = await start()
    expect(await send(port, 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /)
    expect(app).toHaveBeenCalledOnce()
  })

  it('answers who would rather speak HTTP/2, where someone waits for WebSockets', async () => {
    const { port, server } = await start()
    const upgraded = vi.fn()
    server.on('upgrade', (_request, socket) => {
      upgraded()
      socket.destroy()
    })
    const socket = connect(port, '127.0.0.1').setEncoding('utf8')
    onTestFinished(() => void socket.destroy())
    const ask = (protocol: string) =>
      `POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\nContent-Length: 3\r\n\r\nabc`
    for (let number = 0; number < 2; number += 1) {
      socket.write(ask('h2c'))
      const [answer] = await once(socket, 'data')
      expect(answer).toContain('"bytes":3')
    }
    expect(upgraded).not.toHaveBeenCalled()
    socket.write(ask('websocket'))
    await once(socket, 'close')
    expect(upgraded).toHaveBeenCalledOnce()
  })

  it('refuses an address that is too long in the same way', async () => {
    const { port } = await start()
    const answer = await send(port, `GET /${'x'.repeat(5000)} HTTP/1.1\r\nHost: a\r\n\r\n`)
    expect(parse(answer)).toMatchObject({ code: 'request/headers-too-large' })
  })

  it('refuses what is no HTTP', async () => {
    const { port, app } = await start()
    for (const text of [
      'what is no HTTP\r\n\r\n',
      'GET / HTTP/1.1\r\nno colon\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\n',
      // Two lengths: what one reader takes for a body is the next request to another.
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ]) {
      expect(parse(await send(port, text)), text).toMatchObject({ code: 'request/invalid', status: 400 })
    }
    expect(app).not.toHaveBeenCalled()
  })

  it('waits for no headers that do not end', async () => {
    const { port, app } = await start({ ...LIMITS, requestSeconds: 1 })
    const answer = await send(port, 'GET / HTTP/1.1\r\nHost: a\r\nX-Note: ')
    expect(parse(answer)).toMatchObject({ code: 'request/too-slow', status: 408 })
    expect(app).not.toHaveBeenCalled()
  })

  it('waits for no body that does not end', async () => {
    const { port } = await start({ ...LIMITS, requestSeconds: 1 })
    const answer = await send(port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nbytes')
    expect(parse(answer)).toMatchObject({ code: 'request/too-slow', status: 408 })
  })

  it('goes on for others after each of these', async () => {
    const { port, url } = await start()
    await send(port, 'what is no HTTP\r\n\r\n')
    // One that breaks off in the middle of its headers.
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write('GET / HTTP/1.1\r\nHost')
    socket.resetAndDestroy()
    expect((await fetch(url)).status).toBe(200)
  })
})
