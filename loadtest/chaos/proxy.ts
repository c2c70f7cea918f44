/**
 * A network between a worker and its master that can be cut: a TCP proxy. While it is cut nothing passes, in
 * either direction, and nobody is told: connections stay open and silent, and new ones get no answer. When it
 * is healed, what was said meanwhile arrives late, as TCP sends again what a cut cable has dropped.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export class CuttingProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** What happened while it was cut, to be done when it is healed. */
  readonly #late: Array<() => void> = []
  #isCut = false

  /** @param target the address of the master, e.g. `http://127.0.0.1:5000` */
  private constructor(target: URL) {
    this.#server = createServer({ pauseOnConnect: true }, (client) => {
      this.#keep(client)
      this.#whenWhole(() => this.#join(client, this.#keep(connect(Number(target.port), target.hostname))))
    })
  }

  static async start(target: string): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(new URL(target))
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening')
    return proxy
  }

  /** The master's address by way of this proxy. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  cut(): void {
    this.#isCut = true
    for (const socket of this.#sockets) socket.pause()
  }

  heal(): void {
    this.#isCut = false
    for (const happen of this.#late.splice(0)) happen()
    for (const socket of this.#sockets) socket.resume()
  }

  async stop(): Promise<void> {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await once(this.#server, 'close')
  }

  #join(client: Socket, master: Socket): void {
    this.#relay(client, master)
    this.#relay(master, client)
    client.resume()
  }

  #relay(from: Socket, to: Socket): void {
    from.on('data', (bytes: Buffer) => {
      // What was read just before the cut has not arrived either.
      this.#whenWhole(() => to.write(bytes) || from.pause())
    })
    to.on('drain', () => this.#whenWhole(() => from.resume()))
    from.once('close', () => this.#whenWhole(() => to.end()))
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket)
    socket.setNoDelay()
    // Followed by `close`, which tells the other side.
    socket.on('error', () => undefined)
    socket.once('close', () => this.#sockets.delete(socket))
    return socket
  }

  #whenWhole(happen: () => void): void {
    if (this.#isCut) this.#late.push(happen)
    else happen()
  }
}
