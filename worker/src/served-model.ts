/**
 * The model that this worker serves. When the master names another one, photos that have begun are finished
 * with the old one, and then it is replaced.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type ModelDescriptor, type ModelRefusal, ProblemError, type WorkerReady } from '@argus/shared'
import { type HeldAttempts, STUCK_MS } from './held-attempts.ts'
import type { Logger } from './log.ts'
import type { Recogniser } from './recogniser/recogniser.ts'

const PREPARE_RETRY_MS = 5000

export interface ServedModelParts {
  readonly prepare: (model: ModelDescriptor) => Promise<Recogniser>
  readonly attempts: HeldAttempts
  readonly sayReady: (ready: WorkerReady) => void
  readonly sayRefused: (refusal: ModelRefusal) => void
  readonly log: Logger
}

export class ServedModel {
  readonly #parts: ServedModelParts
  /** Digest of the model that the master named last. */
  #wanted: string | null = null
  #recogniser: Recogniser | null = null
  /** Models are prepared one after the other. */
  #preparing: Promise<void> = Promise.resolve()
  #closed = false

  constructor(parts: ServedModelParts) {
    this.#parts = parts
  }

  /** Serves this model from now on; says so again where it does already, since the master asks anew. */
  want(model: ModelDescriptor): void {
    this.#wanted = model.digest
    const isServed = this.#recogniser?.digest === model.digest
    // What the old model has not begun, another worker may begin sooner.
    this.#parts.attempts.serve(isServed ? this.#recogniser : null)
    this.#preparing = this.#preparing.then(() => this.#serve(model))
  }

  /** Ends the threads, and those of a model that is still being prepared. */
  async close(): Promise<void> {
    this.#closed = true
    this.#parts.attempts.serve(null)
    await this.#recogniser?.pool.close()
  }

  async #serve(model: ModelDescriptor): Promise<void> {
    // The master has named another one meanwhile.
    if (this.#isUnwanted(model)) return
    const { attempts, sayReady, log } = this.#parts
    try {
      this.#recogniser = await this.#recogniserFor(model)
      if (this.#closed) return await this.#recogniser.pool.close()
      if (this.#isUnwanted(model)) return
      attempts.serve(this.#recogniser)
      const { digest, engine, imagesPerSecond } = this.#recogniser
      sayReady({ digest, engine, imagesPerSecond })
      log.info({ model: model.name, engine, imagesPerSecond }, 'Serves the model')
    } catch (error) {
      this.#refuse(model, error)
    }
  }

  async #recogniserFor(model: ModelDescriptor): Promise<Recogniser> {
    const present = this.#recogniser
    if (present?.digest === model.digest) return present
    // Not both at once: a model and its threads take some 100 MB each.
    if (present) await this.#finish(present)
    return this.#parts.prepare(model)
  }

  /** Lets a recogniser finish what it has begun. */
  async #finish(recogniser: Recogniser): Promise<void> {
    this.#recogniser = null
    await Promise.race([this.#parts.attempts.idle(), sleep(STUCK_MS, undefined, { ref: false })])
    await recogniser.pool.close()
  }

  #refuse(model: ModelDescriptor, error: unknown): void {
    const code = error instanceof ProblemError ? error.code : 'worker/failed'
    const detail = error instanceof Error ? error.message : String(error)
    this.#parts.log.error({ code, err: error }, 'Cannot serve the model')
    this.#parts.sayRefused({ digest: model.digest, code, detail: detail.slice(0, 2000) })
    // A model at fault stays so; a fetch that broke off, or a disk that was full, does not.
    if (code.startsWith('model/')) return
    setTimeout(() => this.#isUnwanted(model) || this.want(model), PREPARE_RETRY_MS)
  }

  #isUnwanted(model: ModelDescriptor): boolean {
    return this.#closed || model.digest !== this.#wanted
  }
}
