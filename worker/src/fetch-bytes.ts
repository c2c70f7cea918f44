/** Fetches bytes over HTTP, and gives up on a connection over which none come any more. */

/** A cable that was cut would otherwise be noticed after minutes. */
const STALL_MS = 10_000

/** The master answered, but not with what was asked for. */
export class MasterRefusal extends Error {
  override readonly name = 'MasterRefusal'
  readonly status: number

  constructor(status: number, path: string) {
    super(`The master answers ${status} for ${path}`)
    this.status = status
  }
}

/**
 * @throws MasterRefusal where the answer is no success
 * @throws Error where the connection breaks, or no byte has come for 10 s
 */
export async function fetchBytes(
  url: URL,
  headers: Record<string, string>,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const stalled = new AbortController()
  const timer = setTimeout(() => stalled.abort(new Error(`No byte came for ${STALL_MS / 1000} s`)), STALL_MS)
  try {
    // It keeps its connections open between requests.
    const response = await fetch(url, {
      headers,
      signal: signal ? AbortSignal.any([signal, stalled.signal]) : stalled.signal,
    })
    if (!response.ok) {
      await response.body?.cancel()
      throw new MasterRefusal(response.status, url.pathname)
    }
    const chunks: Uint8Array[] = []
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk)
      timer.refresh()
    }
    return joined(chunks)
  } finally {
    clearTimeout(timer)
  }
}

/** In memory of their own, so that they can be handed to another thread. */
function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0))
  let end = 0
  for (const chunk of chunks) {
    bytes.set(chunk, end)
    end += chunk.byteLength
  }
  return bytes
}
