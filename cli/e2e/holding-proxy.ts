/**
 * A proxy between the command and a master that counts what is submitted, and can keep the master's answers to
 * itself: the master has taken a photo then, and whoever sent it does not know.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export class HoldingProxy {
  readonly #server: Server
  readonly #target: URL
  #submits = 0
  #answered = 0
  /** Of submits; the answers beyond are held back. */
  answers = Number.POSITIVE_INFINITY
  /** Whether the answer to the submit of this number, counted from 1, is held back, too. */
  holds: (number: number) => boolean = () => false
  /** Called with the number of each submit, which goes on to the master when this is done. */
  onSubmit: (number: number) => Promise<void> | undefined = () => undefined
  #heldBack = 0

  private constructor(target: string) {
    this.#target = new URL(target)
    this.#server = createServer((incoming, outgoing) => void this.#pass(incoming, outgoing))
  }

  /** @param target address of the master */
  static async start(target: string): Promise<HoldingProxy> {
    const proxy = new HoldingProxy(target)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo
    return `http://127.0.0.1:${port}`
  }

  /** Photos that were sent. */
  get submits(): number {
    return this.#submits
  }

  /** Photos that the master has answered to, unheard. */
  get heldBack(): number {
    return this.#heldBack
  }

  /** Counts from 0 again. */
  reset(): void {
    this.#submits = 0
    this.#answered = 0
    this.#heldBack = 0
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const isSubmit = incoming.method === 'POST' && incoming.url?.startsWith('/api/v1/jobs') === true
    if (isSubmit) this.#submits += 1
    const number = this.#submits
    if (isSubmit) await this.onSubmit(number)
    const { hostname, port, host } = this.#target
    const headers = { ...incoming.headers, host }
    const { method, url: path } = incoming
    const forwarded = request({ hostname, port, method, path, headers }, (answer) => {
      if (isSubmit && (this.#answered >= this.answers || this.holds(number))) {
        answer.resume().once('end', () => {
          this.#heldBack += 1
        })
        return
      }
      if (isSubmit) this.#answered += 1
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
      answer.once('error', () => outgoing.destroy())
    })
    // The connection breaks off as that to the master has.
    forwarded.once('error', () => outgoing.destroy())
    outgoing.once('close', () => forwarded.destroy())
    incoming.pipe(forwarded)
  }
}
