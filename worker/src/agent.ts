/**
 * The worker's side of the socket: it says hello, serves the model that the master names, takes assignments
 * and returns outcomes. It only waits and passes on; photos are worked on in other threads.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Assignment,
  type MasterToWorker,
  type ModelDescriptor,
  type Outcome,
  PROTOCOL_VERSION,
  ProblemError,
  WORKER_NAMESPACE,
  type WorkerHello,
  type WorkerToMaster,
} from '@argus/shared'
import { io, type Socket } from 'socket.io-client'
import type { Config } from './config.ts'
import type { Logger } from './log.ts'
import { MasterApi, MasterRefusal } from './master-api.ts'
import { Outbox } from './outbox.ts'
import { prepareRecogniser, type Recogniser } from './recogniser/recogniser.ts'

/** A master that restarts is back within seconds; jittered, so that a thousand workers do not knock at once. */
const MAX_RECONNECT_MS = 2000
const FETCH_RETRY_MS = 500
const PREPARE_RETRY_MS = 5000

export class Agent {
  readonly #config: Config
  readonly #log: Logger
  readonly #api: MasterApi
  readonly #socket: Socket<MasterToWorker, WorkerToMaster>
  readonly #outbox: Outbox
  /** Digest of the model that the master named last. */
  #wanted: string | null = null
  #recogniser: Recogniser | null = null
  /** Aborted when the connection on which the present assignments came is gone: the master deals them anew. */
  #connection = new AbortController()
  /** Models are prepared one after the other. */
  #preparing: Promise<void> = Promise.resolve()

  constructor(config: Config, log: Logger) {
    this.#config = config
    this.#log = log
    this.#api = new MasterApi(config.masterUrl, config.token)
    this.#outbox = new Outbox((outcomes) => this.#send(outcomes))
    const hello: WorkerHello = {
      token: config.token,
      protocol: PROTOCOL_VERSION,
      bootId: randomUUID(),
      name: config.name,
      slots: config.threads,
    }
    this.#socket = io(`${config.masterUrl}${WORKER_NAMESPACE}`, {
      autoConnect: false,
      // No HTTP polling first: the master is no browser's proxy away.
      transports: ['websocket'],
      extraHeaders: { authorization: `Bearer ${config.token}` },
      reconnectionDelay: 100,
      reconnectionDelayMax: MAX_RECONNECT_MS,
      auth: hello,
    })
    this.#socket.on('connect', () => this.#connected())
    this.#socket.on('connect_error', (error) => void this.#refused(error))
    this.#socket.on('disconnect', (reason) => this.#disconnected(reason))
    this.#socket.on('model', (model) => this.#prepare(model))
    this.#socket.on('assign', (assignments) => {
      for (const assignment of assignments) void this.#work(assignment, this.#connection.signal)
    })
  }

  start(): void {
    this.#socket.connect()
  }

  /** Lets go of the master, which deals the present jobs to others, and ends the threads. */
  async stop(): Promise<void> {
    this.#connection.abort()
    this.#socket.off('disconnect').disconnect()
    await this.#recogniser?.pool.close()
  }

  #connected(): void {
    this.#log.info({ master: this.#config.masterUrl }, 'Connected to the master')
  }

  async #refused(error: Error): Promise<void> {
    // Of a refusal at the door a WebSocket says no more than that there was an error.
    const reason = (await this.#api.whyRefused()) ?? error.message
    this.#log.warn({ reason }, 'The master cannot be reached, or lets no one in')
    // Socket.IO itself goes on only where the network failed; a refusal by the master may end as well, when
    // its administrator mends the token or the version.
    if (!this.#socket.active) setTimeout(() => this.#socket.connect(), MAX_RECONNECT_MS)
  }

  #disconnected(reason: string): void {
    this.#log.warn({ reason }, 'Disconnected from the master')
    this.#connection.abort()
    this.#connection = new AbortController()
    if (reason === 'io server disconnect') setTimeout(() => this.#socket.connect(), MAX_RECONNECT_MS)
  }

  #prepare(model: ModelDescriptor): void {
    this.#wanted = model.digest
    this.#preparing = this.#preparing.then(() => this.#serve(model))
  }

  async #serve(model: ModelDescriptor): Promise<void> {
    // The master has named another one meanwhile.
    if (model.digest !== this.#wanted) return
    try {
      if (this.#recogniser?.digest !== model.digest) {
        await this.#recogniser?.pool.close()
        this.#recogniser = null
        this.#recogniser = await prepareRecogniser(model, this.#config, this.#api, this.#log)
      }
      const { digest, engine, imagesPerSecond } = this.#recogniser
      this.#socket.emit('ready', { digest, engine, imagesPerSecond })
      this.#log.info({ model: model.name, engine, imagesPerSecond }, 'Serves the model')
    } catch (error) {
      const code = error instanceof ProblemError ? error.code : 'worker/failed'
      const detail = error instanceof Error ? error.message : String(error)
      this.#log.error({ code, err: error }, 'Cannot serve the model')
      this.#socket.emit('modelRefused', { digest: model.digest, code, detail: detail.slice(0, 2000) })
      // A model at fault stays so; a fetch that broke off, or a disk that was full, does not.
      if (!code.startsWith('model/'))
        setTimeout(() => this.#wanted === model.digest && this.#prepare(model), PREPARE_RETRY_MS)
    }
  }

  async #work(assignment: Assignment, signal: AbortSignal): Promise<void> {
    const outcome = await this.#attempt(assignment, signal)
    // On a new connection the master knows nothing of this attempt.
    if (outcome && !signal.aborted) this.#outbox.add(outcome)
  }

  /** null where the connection broke before there was an outcome. */
  async #attempt(
    { jobId, attempt, image, ticket }: Assignment,
    signal: AbortSignal,
  ): Promise<Outcome | null> {
    const recogniser = this.#recogniser
    try {
      if (!recogniser) throw new ProblemError('worker/failed', 'An assignment came before the model.')
      const started = performance.now()
      const bytes = await this.#fetchImage(image.sha256, ticket, signal)
      if (!bytes) return null
      const fetched = performance.now() - started
      const { classes, thumbnail, timings } = await recogniser.pool.recognise({ image, bytes })
      const { digest, engine } = recogniser
      return {
        end: 'succeeded',
        jobId,
        attempt,
        digest,
        engine,
        classes,
        timings: { fetch: fetched, ...timings },
        thumbnail,
      }
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      return { end: 'failed', jobId, attempt, code: error.code, detail: error.message.slice(0, 2000) }
    }
  }

  /** Tries until it has the photo or the connection is gone, which the socket's heartbeat notices. */
  async #fetchImage(
    sha256: string,
    ticket: string,
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    while (!signal.aborted) {
      try {
        return await this.#api.image(sha256, ticket, signal)
      } catch (error) {
        if (error instanceof MasterRefusal && error.status === 404) throw new ProblemError('image/not-found')
        if (!signal.aborted) this.#log.warn({ err: error, sha256 }, 'A photo cannot be fetched; trying again')
        await sleep(FETCH_RETRY_MS)
      }
    }
    return null
  }

  #send(outcomes: Outcome[]): void {
    this.#socket.emit('outcomes', outcomes, (answers) => {
      const obsolete = answers.filter(({ answer }) => answer === 'obsolete')
      if (obsolete.length > 0) this.#log.debug({ obsolete }, 'Some outcomes came too late')
    })
  }
}
