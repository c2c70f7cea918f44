/**
 * The recogniser threads of this worker. A photo goes to the first free one. A thread that dies, or is ended
 * because it spends too long on a photo, is replaced; only that photo fails.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { ProblemError } from '@argus/shared'
import type { Logger } from '../log.ts'
import { DecodeBudget } from './decode-budget.ts'
import type { Recognition, ThreadSettings } from './messages.ts'
import { RecogniserThread } from './recogniser-thread.ts'

/** The slowest photo that the master takes needs some 2 s; one that needs 30 s will never end. */
const PHOTO_LIMIT_MS = 30_000
/** Before a thread that could not be started is started again. */
const RESTART_MS = 1000

type Photo = Parameters<RecogniserThread['recognise']>[0]

export class RecogniserPool {
  readonly #settings: ThreadSettings
  readonly #log: Logger
  readonly #budget = new DecodeBudget()
  readonly #all = new Set<RecogniserThread>()
  readonly #idle: RecogniserThread[] = []
  readonly #waiting: Array<{ take: (thread: RecogniserThread) => void; fail: (error: Error) => void }> = []
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

  /**
   * Recognises a photo as soon as there is memory and a thread for it.
   *
   * @throws ProblemError `image/…` where the photo is at fault, `worker/…` where this worker is
   */
  recognise(photo: Photo): Promise<Recognition> {
    return this.#budget.run(photo.image, async () => this.#recogniseOn(await this.#freeThread(), photo))
  }

  /** Ends all threads; photos under way or waiting fail. */
  async close(): Promise<void> {
    this.#closed = true
    for (const { fail } of this.#waiting.splice(0)) fail(closedError())
    await Promise.all([...this.#all].map((thread) => thread.stop()))
  }

  async #recogniseOn(thread: RecogniserThread, photo: Photo): Promise<Recognition> {
    const limit = setTimeout(() => thread.stop(), PHOTO_LIMIT_MS)
    try {
      return await thread.recognise(photo)
    } catch (error) {
      if (error instanceof ProblemError) throw error
      const detail = error instanceof Error ? error.message : String(error)
      throw new ProblemError('worker/failed', `Its recogniser thread died: ${detail}`, { cause: error })
    } finally {
      clearTimeout(limit)
      if (thread.isDead) void this.#replace(thread)
      else this.#release(thread)
    }
  }

  async #freeThread(): Promise<RecogniserThread> {
    if (this.#closed) throw closedError()
    const thread = this.#idle.pop()
    if (thread && !thread.isDead) return thread
    // It died of itself, without a photo.
    if (thread) void this.#replace(thread)
    return thread ? this.#freeThread() : new Promise((take, fail) => this.#waiting.push({ take, fail }))
  }

  #release(thread: RecogniserThread): void {
    const next = this.#waiting.shift()
    if (next) next.take(thread)
    else this.#idle.push(thread)
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

function closedError(): ProblemError {
  return new ProblemError('worker/failed', 'The worker stops, or loads another model.')
}
