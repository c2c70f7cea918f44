import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { fetchBytes } from './fetch-bytes.ts'

async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener)
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/bytes?part=1`)
}

/** Lets the test turn the clock that notices a stall; sockets go on as they do. */
function useFakeTimeouts(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
}

const settle = async () => {
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate)
}

describe('fetchBytes', () => {
  it('answers with bytes in memory of their own', async () => {
    const url = await serve((request, response) => {
      response.write(`${request.headers['x-name']}, `)
      setTimeout(() => response.end('in two pieces'), 20)
    })
    const bytes = await fetchBytes(url, { 'x-name': 'Bytes' })
    expect(Buffer.from(bytes).toString()).toBe('Bytes, in two pieces')
    expect(bytes.buffer.byteLength).toBe(bytes.byteLength)
  })

  it('takes an empty answer', async () => {
    const url = await serve((_request, response) => response.writeHead(204).end())
    expect(await fetchBytes(url, {})).toHaveLength(0)
  })

  it('throws what the master answers instead', async () => {
    const url = await serve((_request, response) => response.writeHead(403).end('a problem document'))
    await expect(fetchBytes(url, {})).rejects.toMatchObject({
      name: 'MasterRefusal',
      status: 403,
      message: 'The master answers 403 for /bytes',
    })
  })

  it('throws when the connection breaks in the middle', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('half')
      setTimeout(() => response.destroy(), 20)
    })
    await expect(fetchBytes(url, {})).rejects.toThrow()
  })

  it('ends when it is told to', async () => {
    const controller = new AbortController()
    const url = await serve((_request, response) => {
      response.write('half')
      setTimeout(() => controller.abort(new Error('revoked')), 20)
    })
    await expect(fetchBytes(url, {}, controller.signal)).rejects.toThrow('revoked')
  })

  it.each([
    ['before the answer', () => undefined],
    ['in the middle of it', (response: ServerResponse) => response.write('half')],
  ])('gives up when no byte comes for 10 s %s', async (_when, begin) => {
    useFakeTimeouts()
    const url = await serve((_request, response) => begin(response))
    let error: unknown = null
    const fetched = fetchBytes(url, {}).catch((thrown) => {
      error = thrown
    })
    await settle()
    vi.advanceTimersByTime(9_999)
    await settle()
    expect(error).toBeNull()
    vi.advanceTimersByTime(1)
    await fetched
    expect(String(error)).toContain('No byte came for 10 s')
  })

  it('waits on while bytes come, however slowly', async () => {
    useFakeTimeouts()
    const responses: ServerResponse[] = []
    const url = await serve((_request, response) => {
      response.write('1')
      responses.push(response)
    })
    const fetched = fetchBytes(url, {})
    while (responses.length === 0) await settle()
    for (const byte of ['2', '3', '4']) {
      await settle()
      vi.advanceTimersByTime(6_000)
      responses[0]?.write(byte)
    }
    responses[0]?.end()
    expect(Buffer.from(await fetched).toString()).toBe('1234')
  })
})
