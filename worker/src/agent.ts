/**
 * The worker's side of the socket: it says hello, passes on what the master says, and beats. It only waits and
 * passes on; photos are worked on in other threads, so that a beat never waits for one.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  BEAT_MS,
  type MasterToWorker,
  PROTOCOL_VERSION,
  WORKER_NAMESPACE,
  type WorkerHello,
  type WorkerToMaster,
} from '@argus/shared'
import { CpuMeter } from '@argus/shared/cpu-meter'
import { io, type Socket } from 'socket.io-client'
import type { Config } from './config.ts'
import { HeldAttempts } from './held-attempts.ts'
import { fetchImage } from './image-fetch.ts'
import type { Logger } from './log.ts'
import { MasterApi } from './master-api.ts'
import { Outbox } from './outbox.ts'
import { type PrepareRecogniser, prepareRecogniser } from './recogniser/prepare-recogniser.ts'
import { ServedModel } from './served-model.ts'

/** A master that restarts is back within seconds; jittered, so that a thousand workers do not knock at once. */
const MAX_RECONNECT_MS = 2000
/** A photo is recognised, and its outcome answered, within this, or not at all. */
const LEAVE_MS = 30_000
/**
 * So long an assignment may be under way when the master is told to send no more. It is also what the master
 * needs to hear it at all: Socket.IO drops a message that arrives together with the disconnect after it.
 */
const CROSSING_MS = 200
/** The protocol takes no more; only a master that cannot record lets so many gather. */
const MAX_TICKETS = 512

export class Agent {
  readonly #config: Config
  readonly #log: Logger
  readonly #bootId = randomUUID()
  readonly #api: MasterApi
  readonly #socket: Socket<MasterToWorker, WorkerToMaster>
  readonly #attempts: HeldAttempts
  readonly #outbox: Outbox
  readonly #model: ServedModel
  readonly #cpu = new CpuMeter()
  #beating: NodeJS.Timeout | undefined
  #reconnecting: NodeJS.Timeout | undefined
  #leaving = false

  /** @param prepare what gets a model ready to serve; tests have one that answers at once */
  constructor(config: Config, log: Logger, prepare: PrepareRecogniser = prepareRecogniser) {
    this.#config = config
    this.#log = log
    this.#api = new MasterApi(config.masterUrl, config.token)
    this.#socket = io(`${config.masterUrl}${WORKER_NAMESPACE}`, {
      autoConnect: false,
      // No HTTP polling first: the master is no browser's proxy away.
      transports: ['websocket'],
      extraHeaders: { authorization: `Bearer ${config.token}` },
      reconnectionDelay: 100,
      reconnectionDelayMax: MAX_RECONNECT_MS,
      // Asked at each connect.
      auth: (answer) => answer(this.#hello()),
    })
    this.#outbox = new Outbox((outcomes) => this.#say('outcomes', outcomes))
    const fetchParts = { api: this.#api, isConnected: () => this.#socket.connected, log }
    this.#attempts = new HeldAttempts({
      slots: config.threads,
      fetch: (assignment, signal) => fetchImage(assignment, fetchParts, signal),
      outbox: this.#outbox,
      log,
    })
    this.#model = new ServedModel({
      prepare: (model) => prepare(model, config, this.#api, log),
      attempts: this.#attempts,
      sayReady: (ready) => this.#say('ready', ready),
      sayRefused: (refusal) => this.#say('modelRefused', refusal),
      log,
    })
    this.#listen()
  }

  start(): void {
    this.#socket.connect()
  }

  /**
   * Finishes what has begun, returns the rest, and leaves when the master has answered for all of it. Without
   * a connection there is nobody to wait for: the master has dealt the jobs to others already.
   */
  async stop(): Promise<void> {
    this.#leaving = true
    if (this.#socket.connected) {
      const disconnected = new Promise<void>((resolve) => this.#socket.once('disconnect', () => resolve()))
      await Promise.race([this.#handBack(), disconnected, sleep(LEAVE_MS, undefined, { ref: false })])
    }
    clearTimeout(this.#reconnecting)
    clearInterval(this.#beating)
    this.#cpu.stop()
    this.#socket.off('disconnect').disconnect()
    await this.#model.close()
  }

  async #handBack(): Promise<void> {
    this.#say('draining', { draining: true })
    this.#attempts.drain(true)
    await sleep(CROSSING_MS)
    await this.#attempts.empty()
  }

  #listen(): void {
    const socket = this.#socket
    socket.on('connect', () => this.#connected())
    socket.on('connect_error', (error) => void this.#refused(error))
    socket.on('disconnect', (reason) => this.#disconnected(reason))
    socket.on('welcome', ({ claims }) => {
      this.#attempts.drop(claims.filter(({ answer }) => answer === 'drop').map(({ ticket }) => ticket))
    })
    socket.on('model', (model) => this.#model.want(model))
    socket.on('assign', (assignments) => {
      for (const assignment of assignments) this.#attempts.assign(assignment)
    })
    socket.on('answers', (answers) => this.#attempts.answered(answers))
    socket.on('revoke', (tickets) => this.#attempts.drop(tickets))
    socket.on('drain', ({ draining }) => {
      this.#log.info({ draining }, 'The master says whether this worker drains')
      // One that was told to end does not take work again.
      this.#attempts.drain(draining || this.#leaving)
    })
  }

  #hello(): WorkerHello {
    return {
      token: this.#config.token,
      protocol: PROTOCOL_VERSION,
      bootId: this.#bootId,
      name: this.#config.name,
      slots: this.#config.threads,
      prefetch: this.#config.prefetch,
      draining: this.#attempts.draining,
      held: this.#attempts.working,
    }
  }

  /** Says nothing without a connection: Socket.IO would keep it for the next one, where it is stale. */
  #say<Name extends keyof WorkerToMaster>(name: Name, ...message: Parameters<WorkerToMaster[Name]>): void {
    if (this.#socket.connected) this.#socket.emit(name, ...message)
  }

  #beat(): void {
    const usage = { cpu: this.#cpu.cores, rssBytes: process.memoryUsage.rss() }
    this.#say('beat', { tickets: this.#attempts.alive.slice(0, MAX_TICKETS), usage })
  }

  #connected(): void {
    this.#log.info({ master: this.#config.masterUrl }, 'Connected to the master')
    this.#beat()
    this.#beating = setInterval(() => this.#beat(), BEAT_MS)
    this.#outbox.resend()
  }

  async #refused(error: Error): Promise<void> {
    // Socket.IO itself goes on only where the network failed; a refusal by the master may end as well, when
    // its administrator mends the token or the version.
    if (!this.#socket.active) this.#connectLater()
    // Of a refusal at the door a WebSocket says no more than that there was an error.
    const reason = (await this.#api.whyRefused()) ?? error.message
    this.#log.warn({ reason }, 'The master cannot be reached, or lets no one in')
  }

  #disconnected(reason: string): void {
    this.#log.warn({ reason }, 'Disconnected from the master')
    clearInterval(this.#beating)
    // Only this one does not Socket.IO mend by itself.
    if (reason === 'io server disconnect') this.#connectLater()
  }

  #connectLater(): void {
    this.#reconnecting = setTimeout(() => this.#socket.connect(), MAX_RECONNECT_MS)
  }
}
