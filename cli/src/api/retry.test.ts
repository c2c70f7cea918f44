import type { RequestListener } from 'node:http'
import { PROBLEMS, type ProblemCode, problemDocument } from '@argus/shared'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { HttpServer } from '../../testing/http-server.ts'
import { CommandError } from '../exit.ts'
import { Failure, retryAfter } from './failure.ts'
import { Master } from './master.ts'
import { retryWait, withRetries } from './retry.ts'

type Answer = RequestListener

const ok: Answer = (_request, response) => response.end('{"is":"well"}')
const cut: Answer = (request) => request.socket.destroy()
const refused =
  (code: ProblemCode): Answer =>
  (_request, response) => {
    response.writeHead(PROBLEMS[code].status, { 'retry-after': '0' })
    response.end(JSON.stringify(problemDocument(code, 'this time')))
  }
const status =
  (code: number): Answer =>
  (_request, response) => {
    response.writeHead(code).end('<html>')
  }
const halfAnAnswer: Answer = (request, response) => {
  response.writeHead(200, { 'content-length': '100' })
  response.write('{"is":', () => request.socket.destroy())
}

const wellSchema = z.object({ is: z.string() })
let server: HttpServer | null = null
let asked = 0

afterEach(async () => {
  await server?.stop()
  server = null
})

/** Asks a server that answers so, one after the other, and then always as the last one. */
async function ask(answers: readonly Answer[], outageMs = 60_000): Promise<unknown> {
  asked = 0
  server = await HttpServer.start((request, response) => {
    const answer = answers[Math.min(asked, answers.length - 1)]
    asked += 1
    answer?.(request, response)
  })
  const master = new Master(server.url)
  return withRetries(() => master.post('/jobs', wellSchema), { outageMs })
}

describe('a request', () => {
  it.each<[string, Answer]>([
    ['the connection broke off', cut],
    ['the answer broke off', halfAnAnswer],
    ['the queue is full', refused('queue/full')],
    ['the database is away', refused('store/unavailable')],
    ['the disk is full', refused('store/disk-full')],
    ['the upload was too slow', refused('request/too-slow')],
    ['a gateway found no master', status(502)],
    ['a gateway found the master too slow', status(504)],
  ])('is sent again where %s', async (_what, answer) => {
    expect(await ask([answer, ok])).toEqual({ is: 'well' })
    expect(asked).toBe(2)
  })

  it.each<[ProblemCode]>([['image/empty'], ['image/too-large'], ['auth/required'], ['batch/not-found']])(
    'is not sent again after %s',
    async (code) => {
      const failure = await ask([refused(code), ok]).catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(Failure)
      expect(failure).toMatchObject({ code, message: `${PROBLEMS[code].title}: this time (${code})` })
      expect(asked).toBe(1)
    },
  )

  it('fails in the end where the master stays away', async () => {
    await expect(ask([cut], 1000)).rejects.toThrow('The master cannot be reached at http://127.0.0.1:')
    expect(asked).toBeGreaterThan(1)
  })

  it('waits for a master that is busy, however long', async () => {
    expect(await ask([refused('queue/full'), refused('queue/full'), ok], 0)).toEqual({ is: 'well' })
  })

  it('is broken off when told to, also between two tries', async () => {
    server = await HttpServer.start(cut)
    const stop = new AbortController()
    const master = new Master(server.url)
    const asking = withRetries(() => master.get('/', wellSchema, { signal: stop.signal }), {
      outageMs: 60_000,
      signal: stop.signal,
      onRetry: () => stop.abort(),
    })
    await expect(asking).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('to what is no master is an error of its own', async () => {
    await expect(ask([(_request, response) => response.end('<html>')])).rejects.toThrow(CommandError)
    expect(asked).toBe(1)
  })
})

describe('the wait', () => {
  it('doubles up to half a minute, half of it at random', () => {
    const waits = [0, 1, 2, 3, 20].map((retries) => [
      retryWait(retries, null, () => 0),
      retryWait(retries, null, () => 1),
    ])
    expect(waits).toEqual([
      [250, 500],
      [500, 1000],
      [1000, 2000],
      [2000, 4000],
      [15_000, 30_000],
    ])
  })

  it('is never shorter than the master says', () => {
    expect(retryWait(0, 10_000, () => 0)).toBe(10_000)
    expect(retryWait(0, 10_000, () => 1)).toBe(10_500)
    expect(retryWait(9, 1000, () => 0)).toBe(15_000)
  })

  it('that the master says may be seconds or a date', () => {
    const now = Date.parse('2026-05-01T12:00:00Z')
    expect(retryAfter('7', now)).toBe(7000)
    expect(retryAfter('Fri, 01 May 2026 12:00:05 GMT', now)).toBe(5000)
    expect(retryAfter('Fri, 01 May 2026 11:00:00 GMT', now)).toBe(0)
    expect(retryAfter('soon', now)).toBeNull()
    expect(retryAfter(null, now)).toBeNull()
  })
})
