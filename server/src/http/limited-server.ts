/** The HTTP server under the app, with limits on what it takes of a request before anyone looks at it. */
import {
  createServer,
  IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { Socket } from 'node:net'
import { PROBLEMS, type ProblemCode, problemDocument } from '@argus/shared'
import { sendProblem } from './problem.ts'

export interface RequestLimits {
  /** The longest that a whole request may take to arrive. */
  readonly requestSeconds: number
  readonly maxHeaderBytes: number
}

/** Headers come at once; who sends them one by one has something else in mind. */
const HEADERS_MS = 20_000
/** For the answer to reach a client that is cut off and goes on sending. */
const FAREWELL_MS = 2000

export function createLimitedServer(app: RequestListener, limits: RequestLimits): Server {
  const requestTimeout = limits.requestSeconds * 1000
  const server = createServer(
    {
      IncomingMessage: WebSocketOnly,
      maxHeaderSize: limits.maxHeaderBytes,
      requestTimeout,
      headersTimeout: Math.min(HEADERS_MS, requestTimeout),
      // How often Node looks for requests that take too long.
      connectionsCheckingInterval: 5000,
      // The door refuses it, with a problem document.
      requireHostHeader: false,
    },
    app,
  )
  const answers = new WeakMap<Socket, Set<ServerResponse>>()
  server.on('request', ({ socket }, response) => {
    const open = answers.get(socket) ?? new Set()
    answers.set(socket, open.add(response))
    response.once('close', () => open.delete(response))
  })
  server.on('checkExpectation', (_request, response) => sendProblem(response, 'request/expectation'))
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    refuse(socket, [...(answers.get(socket) ?? [])], codeOf(error))
  })
  return server
}

/**
 * A request that asks for another protocol than WebSocket is answered as if it had not, which HTTP allows
 * (RFC 9110, 7.8). As Socket.IO listens for upgrades, Node would hand it to that, which hangs up on it; Java's
 * HttpClient and `curl --http2` ask for HTTP/2 with each first request.
 */
class WebSocketOnly extends IncomingMessage {
  declare private isUpgrade: boolean | null

  get upgrade(): boolean {
    return this.isUpgrade === true && this.headers.upgrade?.toLowerCase() === 'websocket'
  }

  /** Node sets it, when it has read the headers. */
  set upgrade(isUpgrade: boolean | null) {
    this.isUpgrade = isUpgrade
  }
}

function codeOf({ code }: NodeJS.ErrnoException): ProblemCode {
  if (code === 'HPE_HEADER_OVERFLOW') return 'request/headers-too-large'
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request/too-slow'
  return 'request/invalid'
}

/** There is no request to answer, so the connection itself is, and closed. */
function refuse(socket: Socket, open: readonly ServerResponse[], code: ProblemCode): void {
  // It is being closed already, and the client still sends.
  if (socket.writableEnded) return
  // What were written now would stand in the middle of an answer, or in the place of one to come.
  const isAnswering = open.some(({ headersSent, req }) => headersSent || req.complete)
  if (!socket.writable || isAnswering) {
    socket.destroy()
    return
  }
  const body = JSON.stringify(problemDocument(code))
  const { status, title } = PROBLEMS[code]
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  setTimeout(() => socket.destroy(), FAREWELL_MS).unref()
}
