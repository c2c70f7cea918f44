/** Plain HTTP over connections that are kept: the harness must cost less than the cluster that it measures. */
import { Agent, request } from 'node:http'

const TIMEOUT_MS = 30_000
/** Node's servers close a connection that was idle for 5 s, maybe while the next request is on its way. */
const IDLE_MS = 3000

export interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
}

export interface Answer {
  readonly status: number
  /** Seconds of `Retry-After`; null where the answer has none. */
  readonly retryAfter: number | null
  readonly text: string
}

export function keepAliveAgent(connections: number): Agent {
  return new Agent({ keepAlive: true, maxSockets: connections, timeout: IDLE_MS })
}

/** @throws Error where the connection breaks, or nothing has come for 30 s */
export function call(
  agent: Agent,
  url: string,
  { method = 'GET', headers = {}, body }: Call = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent, method, headers, timeout: TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.once('error', reject)
      response.once('close', () => {
        if (!response.complete) return reject(new Error('The answer broke off'))
        const retryAfter = response.headers['retry-after']
        resolve({
          status: response.statusCode ?? 0,
          retryAfter: retryAfter === undefined ? null : Number(retryAfter),
          text: Buffer.concat(chunks).toString('utf8'),
        })
      })
    })
    outgoing.once('timeout', () => outgoing.destroy(new Error(`Nothing came for ${TIMEOUT_MS / 1000} s`)))
    outgoing.once('error', reject)
    outgoing.end(body)
  })
}
