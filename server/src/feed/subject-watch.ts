/**
 * One subject that boards watch: its latest state, made when something has changed, not more often than it is worth,
 * and sent to all of them.
 */
import type { News } from '@argus/shared'
import { type Board, BoardRoom, type Broadcast } from './board-room.ts'

export interface SubjectSource {
  /** The state as it is now, or, where `again` is called, as it was. Throws where there never was such a thing. */
  readonly make: (again: () => void) => Promise<News>
  /** Milliseconds between two states at least. */
  readonly restMs: number
  /** It changes all the time: a state follows after each rest by itself. */
  readonly isSteady: boolean
}

export class SubjectWatch {
  readonly #source: SubjectSource
  readonly #room: BoardRoom
  readonly #onError: (error: unknown) => void
  #latest: News | null = null
  #making: Promise<News> | null = null
  #isOutdated = false
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(name: string, source: SubjectSource, broadcast: Broadcast, onError: (error: unknown) => void) {
    this.#source = source
    this.#onError = onError
    this.#room = new BoardRoom(name, broadcast, () => this.#latest && { event: 'news', data: this.#latest })
  }

  get boards(): number {
    return this.#room.size
  }

  /**
   * The state for a board that begins to watch.
   *
   * @param isWanted whether it still watches, when the state is there
   * @throws what the source does
   */
  async open(board: Board, isWanted: () => boolean): Promise<News> {
    const news = this.#latest && !this.#isOutdated ? this.#latest : await this.#make()
    if (isWanted()) {
      this.#room.add(board)
      this.#rest()
    }
    return news
  }

  leave(board: Board): void {
    this.#room.remove(board)
  }

  /** It has changed. */
  note(): void {
    this.#isOutdated = true
    if (!this.#timer && !this.#making) this.#renew()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  /** States are made one at a time, and told to all who watch. */
  #make(): Promise<News> {
    this.#making ??= this.#begin().finally(() => {
      this.#making = null
    })
    return this.#making
  }

  async #begin(): Promise<News> {
    this.#isOutdated = false
    const news = await this.#source.make(() => {
      this.#isOutdated = true
    })
    this.#latest = news
    if (!this.#isClosed && this.#room.size > 0) this.#room.send({ event: 'news', data: news })
    return news
  }

  #renew(): void {
    this.#make()
      .catch((error: unknown) => {
        // The next try comes after the rest.
        this.#isOutdated = true
        this.#onError(error)
      })
      .finally(() => this.#rest())
  }

  #rest(): void {
    if (this.#timer || this.#isClosed || this.#room.size === 0) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (this.#source.isSteady || this.#isOutdated) this.#renew()
    }, this.#source.restMs)
  }
}
