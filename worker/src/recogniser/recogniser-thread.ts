/** A recogniser thread seen from the agent: one question at a time, and what it says when it dies. */
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { ProblemError } from '@argus/shared'
import type { Recognition, ThreadReply, ThreadRequest, ThreadSettings, Trial } from './messages.ts'

/** `.js` in a build; `.ts` where tests run the sources. */
const SCRIPT = new URL(`./thread${extname(import.meta.url)}`, import.meta.url)

/** Its heap for young objects would grow to 48 MB otherwise, and photos are not kept on the heap. */
const LIMITS = { maxYoungGenerationSizeMb: 4 }

interface Pending {
  resolve(reply: ThreadReply): void
  reject(error: Error): void
}

export class RecogniserThread {
  readonly #worker: Worker
  #pending: Pending | null = null
  #dead: Error | null = null

  private constructor(settings: ThreadSettings) {
    this.#worker = new Worker(SCRIPT, { workerData: settings, resourceLimits: LIMITS })
    this.#worker.on('message', (reply: ThreadReply) => {
      const pending = this.#pending
      this.#pending = null
      pending?.resolve(reply)
    })
    this.#worker.on('error', (error) => this.#die(error))
    this.#worker.on('exit', (code) => this.#die(new Error(`The thread ended with code ${code}`)))
  }

  /**
   * Starts a thread and waits until it has loaded the model.
   *
   * @throws Error where the engine cannot load it
   */
  static async start(settings: ThreadSettings): Promise<RecogniserThread> {
    const thread = new RecogniserThread(settings)
    await thread.#nextReply()
    return thread
  }

  get isDead(): boolean {
    return this.#dead !== null
  }

  /**
   * Recognises a photo; its bytes are gone from this thread afterwards.
   *
   * @throws ProblemError what the photo or the worker is at fault for
   */
  async recognise(photo: Omit<Extract<ThreadRequest, { type: 'recognise' }>, 'type'>): Promise<Recognition> {
    // Moved, not copied: the largest photos have 50 MB.
    return (await this.#ask({ type: 'recognise', ...photo }, [photo.bytes.buffer])) as Recognition
  }

  /** Tests and measures the model on this thread. */
  async trial(samples: Extract<ThreadRequest, { type: 'trial' }>['samples']): Promise<Trial> {
    return (await this.#ask({ type: 'trial', samples })) as Trial
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }

  async #ask(request: ThreadRequest, moved: ArrayBuffer[] = []): Promise<Recognition | Trial> {
    if (this.#pending) throw new Error('A recogniser thread takes one question at a time')
    this.#worker.postMessage(request, moved)
    const reply = await this.#nextReply()
    if (reply.type === 'done') return reply.result
    throw reply.type === 'failed'
      ? new ProblemError(reply.code, reply.detail)
      : new Error('The thread said that it has loaded, twice')
  }

  async #nextReply(): Promise<ThreadReply> {
    if (this.#dead) throw this.#dead
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject }
    })
  }

  #die(error: Error): void {
    if (this.#dead) return
    this.#dead = error
    const pending = this.#pending
    this.#pending = null
    pending?.reject(error)
  }
}
