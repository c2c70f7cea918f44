/**
 * Boards that are sent the same. A message is written once for all of them. A board whose connection does not keep
 * up is left out, so that nothing piles up for it here, and gets the latest state when it has caught up.
 */
import type { MasterToBoard } from '@argus/shared'

export type BoardMessage = {
  [Event in keyof MasterToBoard]: { event: Event; data: Parameters<MasterToBoard[Event]>[0] }
}[keyof MasterToBoard]

/** The connection to one open board. */
export interface Board {
  /** It has not been able to take what was sent for a while. */
  readonly isLagging: boolean
  /** From now on it gets what is sent to this room. */
  join(room: string): void
  leave(room: string): void
  send(message: BoardMessage): void
  /** Calls back once, when it has taken all that was sent. */
  onceDrained(listener: () => void): void
}

/** Sends a message to all boards in a room. */
export type Broadcast = (room: string, message: BoardMessage) => void

export class BoardRoom {
  readonly #name: string
  readonly #broadcast: Broadcast
  /** The state as a whole, for a board that has missed something; null while there is none. */
  readonly #latest: () => BoardMessage | null
  readonly #boards = new Set<Board>()
  readonly #laggards = new Set<Board>()

  constructor(name: string, broadcast: Broadcast, latest: () => BoardMessage | null) {
    this.#name = name
    this.#broadcast = broadcast
    this.#latest = latest
  }

  get size(): number {
    return this.#boards.size
  }

  add(board: Board): void {
    this.#boards.add(board)
    board.join(this.#name)
  }

  remove(board: Board): void {
    this.#boards.delete(board)
    this.#laggards.delete(board)
    board.leave(this.#name)
  }

  send(message: BoardMessage): void {
    for (const board of this.#boards) {
      if (board.isLagging && !this.#laggards.has(board)) this.#leaveOut(board)
    }
    this.#broadcast(this.#name, message)
  }

  #leaveOut(board: Board): void {
    this.#laggards.add(board)
    board.leave(this.#name)
    board.onceDrained(() => {
      if (!this.#laggards.delete(board)) return
      const latest = this.#latest()
      if (latest) board.send(latest)
      board.join(this.#name)
    })
  }
}
