/**
 * The recogniser threads of this worker. A photo goes to the first free one. A thread that dies, or is ended
 * because it spends too long on a photo, is replaced; only that photo fails.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { ProblemError } from '@argus/shared'
import type { Logger } from '../log.ts'
import type { Recognition, ThreadSettings } from './messages.ts'
import { RecogniserThread } from './recogniser-thread.ts'

/** The slowest photo that the master takes needs some 2 s; one that needs 30 s will never end. */
const PHOTO_LIMIT_MS = 30_000
/** Before a thread that could not be started is started again. */
const RESTART_MS = 1000

type Photo = Parameters<RecogniserThread['recognise']>[0]

export class RecogniserPool {
  readonly #settings: Omit<ThreadSettings, 'thread'>
  readonly #log: Logger
  readonly #idle: RecogniserThread[] = []
  readonly #all = new Map<number, RecogniserThread>()
  readonly #waiting: Array<(thread: RecogniserThread) => void> = []
  #closed = false

  private constructor(settings: Omit<ThreadSettings, 'thread'>, log: Logger) {
    this.#settings = settings
    this.#log = log
  }

  /** Starts all threads and waits until each has loaded the model. */
  static async start(
    settings: Omit<ThreadSettings, 'thread'>,
    threads: number,
    log: Logger,
  ): Promise<RecogniserPool> {
    const pool = new RecogniserPool(settings, log)
    try {
      await Promise.all(Array.from({ length: threads }, (_, thread) => pool.#startThread(thread)))
    } catch (error) {
      await pool.close()
      throw error
    }
    return pool
  }

  /**
   * Recognises a photo as soon as a thread is free.
   *
   * @throws ProblemError `image/…` where the photo is at fault, `worker/…` where this worker is
   */
  async recognise(photo: Photo): Promise<Recognition> {
    const thread =
      this.#idle.pop() ?? (await new Promise<RecogniserThread>((take) => this.#waiting.push(take)))
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

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#all.values()].map((thread) => thread.stop()))
  }

  async #startThread(index: number): Promise<void> {
    const thread = await RecogniserThread.start({ ...this.#settings, thread: index })
    this.#all.set(index, thread)
    this.#release(thread)
  }

  #release(thread: RecogniserThread): void {
    const take = this.#waiting.shift()
    if (take) take(thread)
    else this.#idle.push(thread)
  }

  async #replace(dead: RecogniserThread): Promise<void> {
    const index = [...this.#all].find(([, thread]) => thread === dead)?.[0]
    if (index === undefined) return
    this.#all.delete(index)
    while (!this.#closed) {
      try {
        await this.#startThread(index)
        this.#log.warn({ thread: index }, 'A recogniser thread died and was replaced')
        return
      } catch (error) {
        this.#log.error({ err: error, thread: index }, 'A recogniser thread cannot be started; trying again')
        await sleep(RESTART_MS)
      }
    }
  }
}
