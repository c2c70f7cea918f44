/**
 * A master for tests of the agent: it speaks the real protocol and checks every message in both directions, but
 * decides nothing; the test says what it answers.
 */
import { createServer, type Server as HttpServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type Assignment,
  MASTER_TO_WORKER,
  type MasterToWorker,
  type ModelDescriptor,
  type Outcome,
  WORKER_NAMESPACE,
  WORKER_TO_MASTER,
  type WorkerHello,
  type WorkerToMaster,
  workerHelloSchema,
} from '@argus/shared'
import { Server, type Socket } from 'socket.io'
import { onTestFinished, vi } from 'vitest'
import type { Config } from '../src/config.ts'

type WorkerSocket = Socket<WorkerToMaster, MasterToWorker>
type Said = { [Name in keyof WorkerToMaster]: Array<Parameters<WorkerToMaster[Name]>[0]> }

/** Answers the request for a photo. */
export type ImageRoute = (response: ServerResponse, ticket: string) => void

export const TOKEN = 'the-worker-token'
export const PHOTO = Buffer.from('a photo')

export class TestMaster {
  /** Of each connection that it let in. */
  readonly hellos: WorkerHello[] = []
  /** What workers said on all connections. */
  readonly said: Said = { ready: [], modelRefused: [], beat: [], outcomes: [], draining: [] }
  /** Tickets of the photos that were asked for. */
  readonly fetched: string[] = []
  /** Messages that do not follow the protocol. */
  readonly faults: string[] = []
  /** Sent with each welcome. */
  model: ModelDescriptor | null = null
  /** Tickets that it tells a worker to drop when it comes back. */
  lostTickets: string[] = []
  /** Why it lets nobody in. */
  refusal: string | null = null
  image: ImageRoute = (response) => response.end(PHOTO)
  port = 0
  #socket: WorkerSocket | null = null
  #http: HttpServer | null = null
  #io: Server<WorkerToMaster, MasterToWorker> | null = null

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get isConnected(): boolean {
    return this.#socket?.connected ?? false
  }

  /** All outcomes, whatever message they came in. */
  get outcomes(): Outcome[] {
    return this.said.outcomes.flat()
  }

  /** Listens, where it listened before. */
  async listen(): Promise<void> {
    const http = createServer((request, response) => {
      const ticket = request.headers['x-argus-ticket']
      if (typeof ticket !== 'string') return response.writeHead(404).end()
      this.fetched.push(ticket)
      return this.image(response, ticket)
    })
    const io = new Server<WorkerToMaster, MasterToWorker>(http, { serveClient: false })
    const namespace = io.of(WORKER_NAMESPACE)
    namespace.use((_socket, next) => next(this.refusal ? new Error(this.refusal) : undefined))
    namespace.on('connection', (socket) => this.#welcome(socket))
    await new Promise<void>((resolve) => http.listen(this.port, '127.0.0.1', resolve))
    this.port = (http.address() as AddressInfo).port
    this.#http = http
    this.#io = io
  }

  /** Is gone at once, as a process that was killed. */
  async vanish(): Promise<void> {
    this.#http?.closeAllConnections()
    await this.#io?.close()
    this.#http = null
    this.#io = null
  }

  /** Sends the worker away, as after a message that it cannot read. */
  disconnect(): void {
    this.#socket?.disconnect(true)
  }

  say<Name extends keyof MasterToWorker>(name: Name, message: Parameters<MasterToWorker[Name]>[0]): void {
    const parsed = MASTER_TO_WORKER[name].schema.safeParse(message)
    if (!parsed.success) throw new Error(`${name} is no message of the protocol: ${parsed.error.message}`)
    this.#socket?.emit(name, ...([message] as Parameters<MasterToWorker[Name]>))
  }

  /** Answers all outcomes of these tickets. */
  answer(...tickets: string[]): void {
    this.say(
      'answers',
      tickets.map((ticket) => ({ ticket, answer: 'recorded' })),
    )
  }

  #welcome(socket: WorkerSocket): void {
    this.#socket = socket
    const hello = workerHelloSchema.safeParse(socket.handshake.auth)
    if (!hello.success) {
      this.faults.push(`hello: ${hello.error.message}`)
      return
    }
    this.hellos.push(hello.data)
    socket.on('ready', (message) => this.#hear('ready', message))
    socket.on('modelRefused', (message) => this.#hear('modelRefused', message))
    socket.on('beat', (message) => this.#hear('beat', message))
    socket.on('outcomes', (message) => this.#hear('outcomes', message))
    socket.on('draining', (message) => this.#hear('draining', message))
    const claims = hello.data.held.map((ticket) => {
      return { ticket, answer: this.lostTickets.includes(ticket) ? 'drop' : 'continue' } as const
    })
    this.say('welcome', { claims })
    if (this.model) this.say('model', this.model)
  }

  #hear<Name extends keyof WorkerToMaster>(name: Name, message: Said[Name][number]): void {
    const parsed = WORKER_TO_MASTER[name].schema.safeParse(message)
    if (parsed.success) this.said[name].push(message)
    else this.faults.push(`${name}: ${parsed.error.message}`)
  }
}

/** A master that listens until the test has ended. */
export async function startMaster(): Promise<TestMaster> {
  const master = new TestMaster()
  await master.listen()
  onTestFinished(() => master.vanish())
  return master
}

/** Settings of a worker of this master. */
export function configFor(master: TestMaster, threads = 1): Config {
  return {
    masterUrl: master.url,
    token: TOKEN,
    name: 'attic',
    threads,
    prefetch: 2,
    engine: 'auto',
    cacheDir: '',
    logLevel: 'silent',
  }
}

/** The model of this digest: one letter, 64 times. */
export function modelOf(letter: string): ModelDescriptor {
  return {
    digest: letter.repeat(64),
    name: `Model ${letter}`,
    interpretation: { format: 'graph-model', inputRange: [-1, 1], classOffset: 0, activation: 'softmax' },
    files: [{ name: 'model.json', bytes: 1, sha256: letter.repeat(64) }],
  }
}

export function assignment(ticket: string): Assignment {
  const image = { sha256: 'f'.repeat(64), type: 'image/jpeg', width: 640, height: 480 } as const
  return { ticket, jobId: '7e0f4a0c-3b0a-4c59-a1b8-7d4b0a5a2c11', image }
}

/** Waits for something that another process or thread does. */
export function until(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 25_000, interval: 10 })
}
