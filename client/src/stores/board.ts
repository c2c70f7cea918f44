/** What the board shows: the state that the master pushed, how fresh it is, and the job opened in detail. */
import type { Frame, Job, Snapshot } from '@argus/shared'
import { create } from 'zustand'
import { applyFrame, type BoardState, catchUp } from './board-state.ts'
import { useClock } from './clock.ts'

/** `connecting` until the first snapshot; `lost` from a broken connection to the next snapshot. */
export type Connection = { phase: 'connecting' | 'live' | 'lost'; since: number }

interface BoardStore {
  connection: Connection
  /** Null until the first snapshot. */
  board: BoardState | null
  opened: Job | null
  openJob: (job: Job) => void
  closeJob: () => void
}

export const useBoard = create<BoardStore>((set) => ({
  connection: { phase: 'connecting', since: Date.now() },
  board: null,
  opened: null,
  openJob: (opened) => set({ opened }),
  closeJob: () => set({ opened: null }),
}))

/** A break shorter than this is called reconnecting: most are over by then. */
const OFFLINE_AFTER_MS = 4_000

/** Whether the board has been without its master for a while. */
export function useOffline(): boolean {
  const { phase, since } = useBoard((store) => store.connection)
  return useClock(({ now }) => phase !== 'live' && now - since >= OFFLINE_AFTER_MS)
}

/** The opened job in its latest state; it is kept even when newer jobs push its row off the board. */
function latest(opened: Job | null, jobs: readonly Job[]): Job | null {
  return jobs.find((job) => job.id === opened?.id) ?? opened
}

/** Takes a snapshot, with the frames that came while it was awaited. False: a frame is missing. */
export function acceptSnapshot(snapshot: Snapshot, frames: readonly Frame[]): boolean {
  const board = catchUp(snapshot, frames)
  if (board === 'gap') return false
  useBoard.setState(({ opened }) => ({
    board,
    connection: { phase: 'live', since: Date.now() },
    opened: latest(opened, board.jobs),
  }))
  return true
}

/** Takes a frame. False: one before it is missing. */
export function acceptFrame(frame: Frame): boolean {
  const { board, opened } = useBoard.getState()
  const effect = board === null ? 'gap' : applyFrame(board, frame)
  if (effect === 'gap') return false
  if (effect !== 'known') useBoard.setState({ board: effect, opened: latest(opened, frame.jobs) })
  return true
}

/** Marks what is shown as possibly out of date, from the first moment on that it was. */
export function loseConnection(): void {
  if (useBoard.getState().connection.phase === 'live') {
    useBoard.setState({ connection: { phase: 'lost', since: Date.now() } })
  }
}
