/** The HTTP server under the app, with limits on what it takes of a request before anyone looks at it. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { PROBLEMS, type ProblemCode, problemDocument } from '@argus/shared'

export interface RequestLimits {
  /** The longest that a whole request may take to arrive. */
  readonly requestSeconds: number
  readonly maxHeaderBytes: number
}

/** Headers come at once; who sends them one by one has something else in mind. */
const HEADERS_MS = 20_000

export function createLimitedServer(app: RequestListener, limits: RequestLimits): Server {
  const requestTimeout = limits.requestSeconds * 1000
  const server = createServer(
    {
      maxHeaderSize: limits.maxHeaderBytes,
      requestTimeout,
      headersTimeout: Math.min(HEADERS_MS, requestTimeout),
      // How often Node looks for requests that take too long.
      connectionsCheckingInterval: 5000,
    },
    app,
  )
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => refuse(socket, codeOf(error)))
  return server
}

function codeOf({ code }: NodeJS.ErrnoException): ProblemCode {
  if (code === 'HPE_HEADER_OVERFLOW') return 'request/headers-too-large'
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request/too-slow'
  return 'request/invalid'
}

/** There is no request yet, so nothing to answer it with but the connection itself. */
function refuse(socket: Socket, code: ProblemCode): void {
  // Broken off, or an answer is on its way already.
  if (!socket.writable || socket.bytesWritten > 0) {
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
}
