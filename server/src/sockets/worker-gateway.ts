/** The workers' door: the Socket.IO namespace `/workers`. It checks what workers say and passes it on. */
import {
  type MasterToWorker,
  PROTOCOL_VERSION,
  ProblemError,
  WORKER_NAMESPACE,
  WORKER_TO_MASTER,
  type WorkerHello,
  type WorkerToMaster,
  workerHelloSchema,
} from '@argus/shared'
import type { DefaultEventsMap, Server, Socket } from 'socket.io'
import { z } from 'zod'
import { isSameSecret } from '../auth/compare.ts'
import type { Dispatcher } from '../jobs/dispatcher.ts'
import type { Logger } from '../log.ts'
import type { ModelService } from '../models/model-service.ts'
import { Recent } from '../statistics/recent.ts'
import type { ConnectedWorker, WorkerRegistry } from '../workers/worker-registry.ts'
import { checked, socketProblem } from './checked.ts'

type WorkerSocket = Socket<WorkerToMaster, MasterToWorker, DefaultEventsMap, { hello: WorkerHello }>
type Message<Name extends keyof WorkerToMaster> = Parameters<WorkerToMaster[Name]>[0]

export interface WorkerGatewayParts {
  readonly workerToken: string
  readonly workers: WorkerRegistry
  readonly models: ModelService
  readonly dispatcher: Dispatcher
  readonly log: Logger
}

export function openWorkerGateway(io: Server, parts: WorkerGatewayParts): void {
  const namespace = io.of(WORKER_NAMESPACE)
  namespace.use((socket, next) => {
    try {
      socket.data.hello = admit(socket.handshake.auth, parts.workerToken)
      next()
    } catch (error) {
      next(socketProblem(error))
    }
  })
  namespace.on('connection', (socket: WorkerSocket) => new WorkerSession(socket, parts))

  let announced: string | undefined
  parts.models.onChange(() => {
    const { offered } = parts.models
    if (offered && offered.digest !== announced) namespace.emit('model', offered)
    announced = offered?.digest
  })
}

/** @throws ProblemError where the token, the version or the form of the hello is wrong */
function admit(auth: unknown, workerToken: string): WorkerHello {
  const { token } = z.object({ token: z.string().catch('') }).parse(auth)
  if (!isSameSecret(token, workerToken)) throw new ProblemError('auth/required', 'The worker token is wrong.')
  const { protocol } = z.object({ protocol: z.unknown() }).parse(auth)
  if (protocol !== PROTOCOL_VERSION) {
    const detail = `The master speaks version ${PROTOCOL_VERSION}, the worker ${protocol}: update the older one.`
    throw new ProblemError('protocol/version', detail)
  }
  return workerHelloSchema.parse(auth)
}

/** One connected worker, from its hello to its disconnect. */
class WorkerSession {
  readonly #parts: WorkerGatewayParts
  readonly #socket: WorkerSocket
  readonly #worker: ConnectedWorker

  constructor(socket: WorkerSocket, parts: WorkerGatewayParts) {
    const { bootId, name, slots, prefetch, draining, held } = socket.data.hello
    this.#parts = parts
    this.#socket = socket
    this.#worker = {
      id: bootId,
      name,
      slots,
      prefetch,
      draining,
      leaving: false,
      link: {
        welcome: (welcome) => socket.emit('welcome', welcome),
        model: (model) => socket.emit('model', model),
        assign: (assignments) => socket.emit('assign', assignments),
        answers: (answers) => socket.emit('answers', answers),
        revoke: (tickets) => socket.emit('revoke', tickets),
        drain: (drain) => socket.emit('drain', drain),
        close: () => socket.disconnect(true),
      },
      serving: null,
      refused: null,
      held: 0,
      beat: null,
      recognised: new Recent(),
    }
    parts.log.info({ worker: name, slots, held: held.length }, 'A worker connected')
    const displaced = parts.workers.find(bootId)
    parts.workers.add(this.#worker)
    displaced?.link.close()
    const { ready, modelRefused, beat, outcomes, draining: drains } = WORKER_TO_MASTER
    const { dispatcher } = parts
    socket.on(
      'ready',
      this.#checked(ready.schema, (message) => this.#ready(message)),
    )
    socket.on(
      'modelRefused',
      this.#checked(modelRefused.schema, (message) => this.#refused(message)),
    )
    socket.on(
      'beat',
      this.#checked(beat.schema, ({ tickets, usage }) => {
        this.#worker.beat = { at: performance.now(), usage }
        dispatcher.beat(this.#worker, tickets)
      }),
    )
    socket.on(
      'outcomes',
      this.#checked(outcomes.schema, (all) => dispatcher.take(this.#worker, all)),
    )
    socket.on(
      'draining',
      this.#checked(drains.schema, (message) => this.#drain(message.draining)),
    )
    socket.on('disconnect', (reason) => this.#disconnected(reason))
    void this.#welcome()
  }

  #checked<T>(schema: z.ZodType<T>, listener: (message: T) => void): (message: T) => void {
    const ifPresent = (message: T) => {
      // What a displaced connection still brings says nothing of the present one.
      if (this.#parts.workers.has(this.#worker)) listener(message)
    }
    return checked(schema, ifPresent, (error) => {
      this.#parts.log.error(
        { err: error, worker: this.#worker.name },
        'A message of a worker could not be handled; it is disconnected',
      )
      this.#socket.disconnect(true)
    })
  }

  async #welcome(): Promise<void> {
    const { dispatcher, models } = this.#parts
    await dispatcher.connect(this.#worker, this.#socket.data.hello)
    if (models.offered) this.#worker.link.model(models.offered)
  }

  #ready({ digest, engine, imagesPerSecond }: Message<'ready'>): void {
    const { models, workers, dispatcher, log } = this.#parts
    workers.update(this.#worker, { serving: { digest, engine, imagesPerSecond } })
    log.info({ worker: this.#worker.name, engine, imagesPerSecond }, 'A worker is ready')
    models.accept(digest)
    dispatcher.open(this.#worker)
  }

  #refused({ digest, code, detail }: Message<'modelRefused'>): void {
    const { models, workers, dispatcher, log } = this.#parts
    workers.update(this.#worker, { serving: null })
    dispatcher.open(this.#worker)
    log.warn({ worker: this.#worker.name, code, detail }, 'A worker cannot serve the model')
    if (!code.startsWith('model/')) return
    workers.update(this.#worker, { refused: digest })
    if (workers.allRefuse(digest)) models.reject(digest, detail)
  }

  #drain(draining: boolean): void {
    const { workers, dispatcher, log } = this.#parts
    workers.update(this.#worker, { draining, leaving: draining })
    dispatcher.open(this.#worker)
    log.info({ worker: this.#worker.name, draining }, 'A worker drains itself, or takes work again')
  }

  #disconnected(reason: string): void {
    const { workers, dispatcher, log } = this.#parts
    log.info({ worker: this.#worker.name, reason, held: this.#worker.held }, 'A worker disconnected')
    // A newer connection of the same process has taken over what it held.
    if (!workers.remove(this.#worker)) return
    dispatcher.disconnect(this.#worker, reason === 'client namespace disconnect')
  }
}
