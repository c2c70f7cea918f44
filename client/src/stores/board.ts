/** What the board shows: the state that the master pushed, and how fresh it is. */
import type { Frame, Snapshot } from '@argus/shared'
import { create } from 'zustand'
import { applyFrame, type BoardState, catchUp } from './board-state.ts'
import { useClock } from './clock.ts'

/** `connecting` until the first snapshot; `lost` from a broken connection to the next snapshot. */
export type Connection = { phase: 'connecting' | 'live' | 'lost'; since: number }

interface BoardStore {
  connection: Connection
  /** Null until the first snapshot. */
  board: BoardState | null
}

export const useBoard = create<BoardStore>(() => ({
  connection: { phase: 'connecting', since: Date.now() },
  board: null,
}))

/** A break shorter than this is called reconnecting: most are over by then. */
const OFFLINE_AFTER_MS = 4_000

/** Whether the board has been without its master for a while. */
export function useOffline(): boolean {
  const { phase, since } = useBoard((store) => store.connection)
  return useClock(({ now }) => phase !== 'live' && now - since >= OFFLINE_AFTER_MS)
}

/** Takes a snapshot, with the frames that came while it was awaited. False: a frame is missing. */
export function acceptSnapshot(snapshot: Snapshot, frames: readonly Frame[]): boolean {
  const board = catchUp(snapshot, frames)
  if (board === 'gap') return false
  useBoard.setState({ board, connection: { phase: 'live', since: Date.now() } })
  return true
}

/** Takes a frame. False: one before it is missing. */
export function acceptFrame(frame: Frame): boolean {
  const { board } = useBoard.getState()
  const effect = board === null ? 'gap' : applyFrame(board, frame)
  if (effect === 'gap') return false
  if (effect !== 'known') useBoard.setState({ board: effect })
  return true
}

/** Marks what is shown as possibly out of date, from the first moment on that it was. */
export function loseConnection(): void {
  if (useBoard.getState().connection.phase === 'live') {
    useBoard.setState({ connection: { phase: 'lost', since: Date.now() } })
  }
}
