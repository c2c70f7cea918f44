/**
 * The recogniser threads of this worker. A photo goes to the first free one. A thread that dies, or is ended
 * because it spends too long on a photo, is replaced; only that photo fails.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { ProblemError } from '@argus/shared'
import type { Logger } from '../log.ts'
import { DecodeBudget } from './decode-budget.ts'
import type { Recognition, ThreadSettings } from './messages.ts'
import { isOutOfMemory } from './out-of-memory.ts'
import type { Photo, PhotoWatch, Pool } from './recogniser.ts'
import { RecogniserThread } from './recogniser-thread.ts'
import { WaitingLine } from './waiting-line.ts'

/** The slowest photo that the master takes needs some 2 s; one that needs 30 s will never end. */
export const PHOTO_LIMIT_MS = 30_000
/** Before a thread that could not be started is started again. */
const RESTART_MS = 1000
/** A thread that is stuck in native code cannot be ended, and is not waited for. */
const CLOSE_MS = 2000

export class RecogniserPool implements Pool {
  readonly #settings: ThreadSettings
  readonly #log: Logger
  readonly #budget = new DecodeBudget()
  readonly #all = new Set<RecogniserThread>()
  readonly #idle: RecogniserThread[] = []
  readonly #line = new WaitingLine<void, RecogniserThread>()
  #closed = false

  private constructor(settings: ThreadSettings, log: Logger) {
    this.#settings = settings
    this.#log = log
  }

  /** Starts all threads and waits until each has loaded the model. */
  static async start(settings: ThreadSettings, threads: number, log: Logger): Promise<RecogniserPool> {
    const pool = new RecogniserPool(settings, log)
    try {
      await Promise.all(Array.from({ length: threads }, () => pool.#startThread()))
    } catch (error) {
      await pool.close()
      throw error
    }
    return pool
  }

  /** Recognises a photo as soon as there is memory and a thread for it. */
  recognise(photo: Photo, watch: PhotoWatch): Promise<Recognition> {
    return this.#budget.run(photo.image, watch.signal, async () => {
      const thread = await this.#freeThread(watch.signal)
      if (!watch.signal.aborted) return this.#recogniseOn(thread, photo, watch)
      this.#release(thread)
      throw watch.signal.reason
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#line.dissolve(closedError())
    const ended = Promise.all([...this.#all].map((thread) => thread.stop()))
    await Promise.race([ended, sleep(CLOSE_MS, undefined, { ref: false })])
  }

  async #recogniseOn(thread: RecogniserThread, photo: Photo, { onBegin }: PhotoWatch): Promise<Recognition> {
    let isLate = false
    let limit: NodeJS.Timeout | undefined
    // Not waited for its end: one that is stuck in native code has none.
    const late = new Promise<never>((_resolve, reject) => {
      limit = setTimeout(() => {
        isLate = true
        reject(lateError())
        void thread.stop()
      }, PHOTO_LIMIT_MS)
    })
    onBegin()
    try {
      return await Promise.race([thread.recognise(photo), late])
    } catch (error) {
      throw problemOf(error)
    } finally {
      clearTimeout(limit)
      if (isLate || thread.isDead) void this.#replace(thread)
      else this.#release(thread)
    }
  }

  async #freeThread(signal: AbortSignal): Promise<RecogniserThread> {
    if (this.#closed) throw closedError()
    const thread = this.#idle.pop()
    if (thread && !thread.isDead) return thread
    // It died of itself, without a photo.
    if (thread) void this.#replace(thread)
    return thread ? this.#freeThread(signal) : this.#line.wait(undefined, signal)
  }

  #release(thread: RecogniserThread): void {
    if (!this.#line.serve(thread)) this.#idle.push(thread)
  }

  async #startThread(): Promise<void> {
    const thread = await RecogniserThread.start(this.#settings)
    // Closed meanwhile: nobody else would end it.
    if (this.#closed) return thread.stop()
    this.#all.add(thread)
    this.#release(thread)
  }

  async #replace(dead: RecogniserThread): Promise<void> {
    this.#all.delete(dead)
    while (!this.#closed) {
      try {
        await this.#startThread()
        this.#log.warn('A recogniser thread died and was replaced')
        return
      } catch (error) {
        this.#log.error({ err: error }, 'A recogniser thread cannot be started; trying again')
        await sleep(RESTART_MS)
      }
    }
  }
}

function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  const detail = error instanceof Error ? error.message : String(error)
  const code = isOutOfMemory(error) ? 'worker/out-of-memory' : 'worker/failed'
  return new ProblemError(code, `Its recogniser thread died: ${detail}`, { cause: error })
}

function lateError(): ProblemError {
  return new ProblemError('worker/timeout', `It was not recognised within ${PHOTO_LIMIT_MS / 1000} s.`)
}

function closedError(): ProblemError {
  return new ProblemError('worker/failed', 'The worker stops, or loads another model.')
}
