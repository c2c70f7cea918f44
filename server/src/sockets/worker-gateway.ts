/** The workers' door: the Socket.IO namespace `/workers`. It checks what workers say and passes it on. */
import {
  type MasterToWorker,
  modelRefusalSchema,
  type OutcomeAnswer,
  outcomeSchema,
  PROTOCOL_VERSION,
  ProblemError,
  WORKER_NAMESPACE,
  type WorkerHello,
  type WorkerToMaster,
  workerHelloSchema,
  workerReadySchema,
} from '@argus/shared'
import type { DefaultEventsMap, Server, Socket } from 'socket.io'
import { z } from 'zod'
import { isSameSecret } from '../auth/compare.ts'
import type { Dispatcher } from '../jobs/dispatcher.ts'
import type { Logger } from '../log.ts'
import type { ModelService } from '../models/model-service.ts'
import type { ConnectedWorker, WorkerRegistry } from '../workers/worker-registry.ts'
import { checked, socketProblem } from './checked.ts'

type WorkerSocket = Socket<WorkerToMaster, MasterToWorker, DefaultEventsMap, { hello: WorkerHello }>

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
  readonly #worker: ConnectedWorker

  constructor(socket: WorkerSocket, parts: WorkerGatewayParts) {
    const { name, slots } = socket.data.hello
    this.#parts = parts
    this.#worker = {
      id: socket.id,
      name,
      slots,
      assign: (assignments) => socket.emit('assign', assignments),
      serving: null,
      refused: null,
      attempts: new Map(),
    }
    const { log, models, workers } = parts
    workers.add(this.#worker)
    log.info({ worker: name, slots }, 'A worker connected')
    if (models.offered) socket.emit('model', models.offered)

    const onBad = (error: Error) => {
      log.error(
        { err: error, worker: name },
        'A message of a worker could not be handled; it is disconnected',
      )
      socket.disconnect(true)
    }
    socket.on(
      'ready',
      checked(workerReadySchema, (ready) => this.#ready(ready), onBad),
    )
    socket.on(
      'modelRefused',
      checked(modelRefusalSchema, (refusal) => this.#refused(refusal), onBad),
    )
    socket.on(
      'outcomes',
      checked(z.array(outcomeSchema), (outcomes, ack) => this.#record(outcomes, ack), onBad),
    )
    socket.on('disconnect', (reason) => this.#disconnected(reason))
  }

  #ready({ digest, engine, imagesPerSecond }: z.infer<typeof workerReadySchema>): void {
    const { models, workers, dispatcher, log } = this.#parts
    workers.serve(this.#worker, { digest, engine, imagesPerSecond })
    log.info({ worker: this.#worker.name, engine, imagesPerSecond }, 'A worker is ready')
    models.accept(digest)
    dispatcher.wake()
  }

  #refused({ digest, code, detail }: z.infer<typeof modelRefusalSchema>): void {
    const { models, workers, log } = this.#parts
    workers.serve(this.#worker, null)
    log.warn({ worker: this.#worker.name, code, detail }, 'A worker cannot serve the model')
    if (!code.startsWith('model/')) return
    this.#worker.refused = digest
    if (workers.allRefuse(digest)) models.reject(digest, detail)
  }

  async #record(
    outcomes: Parameters<WorkerToMaster['outcomes']>[0],
    ack: (answers: OutcomeAnswer[]) => void,
  ): Promise<void> {
    const answers: OutcomeAnswer[] = []
    for (const outcome of outcomes) {
      const recorded = await this.#parts.dispatcher.record(this.#worker, outcome)
      answers.push({
        jobId: outcome.jobId,
        attempt: outcome.attempt,
        answer: recorded ? 'recorded' : 'obsolete',
      })
    }
    ack(answers)
  }

  #disconnected(reason: string): void {
    const { workers, dispatcher, log } = this.#parts
    workers.remove(this.#worker)
    log.info({ worker: this.#worker.name, reason, held: this.#worker.attempts.size }, 'A worker disconnected')
    void dispatcher.recover(this.#worker)
  }
}
