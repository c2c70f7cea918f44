/** A small web server for models, at whose address everything can go wrong. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { basename, join } from 'node:path'

/**
 * `drips`: answers, and then sends a byte now and then. `not-found`: answers 404. `resets`: breaks each
 * connection.
 */
export type Manner = 'serves' | 'drips' | 'not-found' | 'resets'

const DRIP_MS = 50

export class ModelServer {
  readonly #server: Server
  /** The folder that it serves. */
  folder: string
  manner: Manner
  /** Names of the files that were asked for. */
  readonly asked: string[] = []

  private constructor(folder: string, manner: Manner) {
    this.folder = folder
    this.manner = manner
    this.#server = createServer((request, response) => {
      const name = basename(request.url ?? '')
      this.asked.push(name)
      this.#answer(name, response).catch(() => response.writeHead(404).end())
    })
  }

  static async start(folder: string, manner: Manner = 'serves'): Promise<ModelServer> {
    const server = new ModelServer(folder, manner)
    server.#server.listen(0, '127.0.0.1')
    await once(server.#server, 'listening')
    return server
  }

  /** Address of the `model.json`. */
  get url(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('The server does not listen')
    return `http://127.0.0.1:${address.port}/model/model.json`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #answer(name: string, response: ServerResponse): Promise<void> {
    if (this.manner === 'resets') {
      response.socket?.resetAndDestroy()
      return
    }
    if (this.manner === 'not-found') {
      response.writeHead(404).end('not here')
      return
    }
    const bytes = await readFile(join(this.folder, name))
    response.writeHead(200, { 'content-length': bytes.length })
    if (this.manner === 'drips') drip(bytes, response)
    else response.end(bytes)
  }
}

function drip(bytes: Buffer, response: ServerResponse): void {
  let sent = 0
  const timer = setInterval(() => {
    response.write(bytes.subarray(sent, sent + 1))
    sent += 1
  }, DRIP_MS)
  response.once('close', () => clearInterval(timer))
}
