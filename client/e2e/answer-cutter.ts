/** A way to the master on which an answer can get lost: the request arrives, and the connection breaks behind it. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export class AnswerCutter {
  readonly url: string
  readonly #server: Server
  readonly #sockets: Set<Socket>
  readonly #cut: { begin: string | null }

  private constructor(server: Server, sockets: Set<Socket>, cut: { begin: string | null }) {
    this.#server = server
    this.#sockets = sockets
    this.#cut = cut
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  /** @param target address of the master */
  static async start(target: string): Promise<AnswerCutter> {
    const { hostname, port } = new URL(target)
    const sockets = new Set<Socket>()
    const cut: { begin: string | null } = { begin: null }
    const server = createServer((client) => {
      const master = connect(Number(port), hostname)
      let isDoomed = false
      client.on('data', (data) => {
        if (cut.begin !== null && data.toString('latin1').startsWith(cut.begin)) isDoomed = true
        master.write(data)
      })
      master.on('data', (data) => {
        if (isDoomed) client.destroy()
        else client.write(data)
      })
      for (const [socket, other] of [
        [client, master],
        [master, client],
      ] as const) {
        sockets.add(socket)
        socket.on('error', () => undefined)
        socket.on('close', () => {
          sockets.delete(socket)
          other.destroy()
        })
      }
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new AnswerCutter(server, sockets, cut)
  }

  /** From now on no answer arrives to requests that begin so; with null, each does. */
  cut(begin: string | null): void {
    this.#cut.begin = begin
  }

  async stop(): Promise<void> {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await once(this.#server, 'close')
  }
}
