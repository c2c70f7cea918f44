/** A job board without a screen: it is told how many jobs are in each state, as every open web page is. */
import {
  BOARD_NAMESPACE,
  type BoardToMaster,
  type Frame,
  type JobCounts,
  type MasterToBoard,
  NO_ROWS,
  type Snapshot,
} from '@argus/shared'
import { io, type Socket } from 'socket.io-client'

type CountsListener = (counts: JobCounts) => void

export class Board {
  readonly #socket: Socket<MasterToBoard, BoardToMaster>
  readonly #listeners = new Set<CountsListener>()
  #counts: JobCounts | null = null

  private constructor(url: string) {
    this.#socket = io(`${url}${BOARD_NAMESPACE}`, { transports: ['websocket'], reconnectionDelayMax: 500 })
    const show = ({ counts }: Snapshot | Frame) => {
      this.#counts = counts
      for (const listener of this.#listeners) listener(counts)
    }
    this.#socket.on('frame', show)
    // Again after each reconnect: the master may have restarted.
    this.#socket.on('connect', () => this.#socket.emit('open', NO_ROWS, show))
  }

  static open(url: string): Board {
    return new Board(url)
  }

  /** What it shows now; null before the first snapshot. */
  get counts(): JobCounts | null {
    return this.#counts
  }

  /**
   * The counts as soon as they are as wished.
   *
   * @throws Error where they are not within this time
   */
  until(isMet: (counts: JobCounts) => boolean, milliseconds: number): Promise<JobCounts> {
    return new Promise((resolve, reject) => {
      const look: CountsListener = (counts) => {
        if (!isMet(counts)) return
        finish()
        resolve(counts)
      }
      const timer = setTimeout(() => {
        finish()
        reject(new Error(`After ${milliseconds / 1000} s the board shows ${JSON.stringify(this.#counts)}`))
      }, milliseconds)
      const finish = () => {
        clearTimeout(timer)
        this.#listeners.delete(look)
      }
      this.#listeners.add(look)
      if (this.#counts) look(this.#counts)
    })
  }

  /** Waits for the snapshot of the next start of the master, since what it shows is of the one before. */
  forget(): void {
    this.#counts = null
  }

  close(): void {
    this.#socket.disconnect()
  }
}

/** Nothing waits, and nothing is worked on. */
export function isQuiet({ QUEUED, RUNNING }: JobCounts): boolean {
  return QUEUED === 0 && RUNNING === 0
}

export function total(counts: JobCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
