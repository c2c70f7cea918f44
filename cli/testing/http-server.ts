/** A real HTTP server on this machine that answers as a test says. */
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export class HttpServer {
  readonly #server: Server

  private constructor(answer: RequestListener) {
    this.#server = createServer(answer)
  }

  static async start(answer: RequestListener): Promise<HttpServer> {
    const server = new HttpServer(answer)
    await server.#listen(0)
    return server
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo
    return `http://127.0.0.1:${port}`
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async #listen(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
  }
}
