/** Sends hostile uploads, and hands back what came of them. */
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { type Answer, readAnswers } from './answers.ts'
import type { HostileUpload, RawUpload, WellFormedUpload } from './uploads.ts'

/** Far longer than anything may take: a request without an answer by then hangs. */
const ANSWER_MS = 60_000
/** A client that sends no more waits so long for what the master may still say. */
const LAST_WORDS_MS = 100

/** Sooner than the master gives an idle connection up (5 s), or a request could meet its end. */
const IDLE_MS = 2000

export class Sender {
  readonly #url: URL
  readonly #agent: Agent

  /** @param connections how many are kept alive */
  constructor(url: string, connections: number) {
    this.#url = new URL(url)
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections, timeout: IDLE_MS })
  }

  /**
   * @returns no answer where the connection ended without one, which only those of raw ones may do
   * @throws where there is no answer in time, and where the connection of a well-formed one broke
   */
  send(upload: HostileUpload): Promise<Answer[]> {
    return upload.kind === 'raw' ? this.#sendRaw(upload) : this.#sendWellFormed(upload)
  }

  close(): void {
    this.#agent.destroy()
  }

  async #sendWellFormed({ target, headers, body, chunkBytes }: WellFormedUpload): Promise<Answer[]> {
    const length =
      chunkBytes === null ? { 'content-length': body.length } : { 'transfer-encoding': 'chunked' }
    const { hostname, port } = this.#url
    const outgoing = request({
      hostname,
      port,
      path: target,
      method: 'POST',
      headers: { ...length, ...headers },
      agent: this.#agent,
      signal: AbortSignal.timeout(ANSWER_MS),
    })
    return new Promise((resolve, reject) => {
      outgoing.once('error', reject)
      outgoing.once('response', (response) => {
        const { statusCode: status = 0, headers: answered } = response
        buffer(response).then(
          (bytes) => resolve([{ status, type: answered['content-type'] ?? '', body: bytes.toString() }]),
          reject,
        )
      })
      for (const piece of piecesOf(body, chunkBytes ?? body.length)) outgoing.write(piece)
      outgoing.end()
    })
  }

  #sendRaw({ bytes, ending }: RawUpload): Promise<Answer[]> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(this.#url.port), this.#url.hostname)
      let received = Buffer.alloc(0)
      const hangs = setTimeout(() => {
        socket.destroy()
        reject(new Error(`no answer and no end in ${ANSWER_MS} ms`))
      }, ANSWER_MS)
      let goodbye: NodeJS.Timeout | undefined
      const leave = () => {
        clearTimeout(goodbye)
        goodbye = setTimeout(() => socket.destroy(), LAST_WORDS_MS)
      }
      socket.on('data', (data) => {
        received = Buffer.concat([received, data])
        // There may be a second one.
        if (readAnswers(received).length > 0) leave()
      })
      // Broken off by the master while this end still sends.
      socket.on('error', () => undefined)
      socket.once('close', () => {
        clearTimeout(hangs)
        clearTimeout(goodbye)
        try {
          resolve(readAnswers(received))
        } catch (error) {
          reject(error)
        }
      })
      if (ending === 'end') {
        // Not at once: Node drops the request of a client that has said that no more comes.
        socket.write(bytes, leave)
      } else {
        socket.write(bytes, () => ending === 'reset' && socket.resetAndDestroy())
      }
    })
  }
}

/** At least one write, and not so many that a large body takes seconds. */
function piecesOf(body: Buffer, length: number): Buffer[] {
  const size = Math.max(length, Math.ceil(body.length / 200), 1)
  return Array.from({ length: Math.ceil(body.length / size) }, (_, at) =>
    body.subarray(at * size, (at + 1) * size),
  )
}
