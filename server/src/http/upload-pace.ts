/** Cuts uploads off that hardly come: a connection that is held open for ever is one less for the others. */
import type { IncomingMessage } from 'node:http'
import { ProblemError } from '@argus/shared'

/** How often the pace is looked at. A connection that is bad for some seconds is no attack. */
const WINDOW_MS = 10_000

/**
 * Runs `receive` with a signal that is aborted, with `request/too-slow`, when for 10 seconds fewer bytes have
 * come than they should.
 */
export async function atPace<T>(
  request: IncomingMessage,
  minBytesPerSecond: number,
  receive: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const wanted = (minBytesPerSecond * WINDOW_MS) / 1000
  let before = request.socket.bytesRead
  const timer = setInterval(() => {
    const { bytesRead } = request.socket
    // What has come and waits for our own disk is not the client's fault.
    const isOurs = request.complete || request.isPaused()
    if (bytesRead - before < wanted && !isOurs) {
      controller.abort(new ProblemError('request/too-slow', `At least ${minBytesPerSecond} bytes a second.`))
    }
    before = bytesRead
  }, WINDOW_MS)
  try {
    return await receive(controller.signal)
  } finally {
    clearInterval(timer)
  }
}
