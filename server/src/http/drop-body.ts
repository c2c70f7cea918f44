/** What becomes of the body of a request that is answered before it was read. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { finished } from 'node:stream/promises'

/**
 * Reads and drops what is left of it, so that the client, which may still be sending, comes to read the answer.
 * How long that may take is limited by the time of the whole request.
 */
export async function dropBody(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.complete || request.destroyed) return
  request.resume()
  // Here Node would close the connection behind the answer, which a client that still sends then never reads.
  if (!response.shouldKeepAlive) await finished(request).catch(() => undefined)
}
