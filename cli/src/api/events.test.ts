import type { RequestListener } from 'node:http'
import { problemDocument } from '@argus/shared'
import { afterEach, describe, expect, it } from 'vitest'
import { HttpServer } from '../../testing/http-server.ts'
import { jobOf } from '../../testing/jobs.ts'
import { CommandError } from '../exit.ts'
import { followEvents, type StreamEvent } from './events.ts'
import type { Failure } from './failure.ts'
import { Master } from './master.ts'

let server: HttpServer
afterEach(() => server.stop())

/** A stream that then breaks off. */
const stream =
  (...events: string[]): RequestListener =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(`retry: 10\n\n${events.join('')}`)
  }
const jobEvent = (id: number) => `id: ${id}\nevent: job\ndata: ${JSON.stringify(jobOf({ revision: id }))}\n\n`

interface Followed {
  readonly events: StreamEvent[]
  /** Of each request: `after` and `Last-Event-ID`. */
  readonly asked: (string | undefined)[][]
  readonly lost: (Failure | null)[]
}

/** Follows a server that answers so, one after the other, until the last event has come. */
async function follow(answers: readonly RequestListener[], last: string, after?: string): Promise<Followed> {
  const followed: Followed = { events: [], asked: [], lost: [] }
  server = await HttpServer.start((request, response) => {
    const answer = answers[followed.asked.length]
    const { searchParams } = new URL(request.url ?? '', 'http://master')
    followed.asked.push([
      searchParams.get('after') ?? undefined,
      request.headers['last-event-id']?.toString(),
    ])
    answer?.(request, response)
  })
  const stop = new AbortController()
  await followEvents(new Master(server.url), '/events', {
    after,
    onEvent: (event) => {
      followed.events.push(event)
      if (event.id === last) stop.abort()
    },
    onLost: (why) => followed.lost.push(why),
    signal: stop.signal,
  })
  return followed
}

describe('a stream of events', () => {
  it('that breaks off is gone on with where it was', async () => {
    const { events, asked, lost } = await follow(
      [stream(jobEvent(4), jobEvent(5)), stream(jobEvent(7))],
      '7',
      '0',
    )
    expect(events.map(({ id }) => id)).toEqual(['4', '5', '7'])
    expect(asked).toEqual([
      ['0', undefined],
      ['0', '5'],
    ])
    expect(lost).toEqual([null])
  })

  it('is tried again while the master is away', async () => {
    const unavailable: RequestListener = (_request, response) => {
      response.writeHead(503).end(JSON.stringify(problemDocument('store/unavailable')))
    }
    const first = stream(jobEvent(1))
    const { events, lost } = await follow(
      [first, unavailable, (request) => request.socket.destroy(), stream(jobEvent(2))],
      '2',
    )
    expect(events.map(({ id }) => id)).toEqual(['1', '2'])
    expect(lost.map((why) => why && (why.code ?? why.status))).toEqual([null, 'store/unavailable', null])
  })

  it('that is refused for good is an error', async () => {
    const gone: RequestListener = (_request, response) => {
      response.writeHead(404).end(JSON.stringify(problemDocument('batch/not-found')))
    }
    await expect(follow([gone], '1')).rejects.toMatchObject({ code: 'batch/not-found' })
  })

  it('may have events that are not known, but none that are wrong', async () => {
    const { events } = await follow([stream('event: weather\ndata: sunny\n\n', jobEvent(3))], '3')
    expect(events.map(({ event }) => event)).toEqual(['job'])
    await server.stop()
    await expect(follow([stream('event: job\ndata: {}\n\n')], '1')).rejects.toThrow(CommandError)
  })
})
