/** What every page knows: the counts and the cluster that the master pushes, and how fresh they are. */
import type { ClusterView, JobCounts, Snapshot } from '@argus/shared'
import { create } from 'zustand'
import { useClock } from './clock.ts'

/** `connecting` until the first snapshot; `lost` from a broken connection to the next snapshot. */
export type Connection = { phase: 'connecting' | 'live' | 'lost'; since: number }

export interface Overview {
  readonly counts: JobCounts
  readonly cluster: ClusterView
  /** Of one photo. */
  readonly limits: Snapshot['limits']
}

interface BoardStore {
  connection: Connection
  /** Null until the first snapshot. */
  overview: Overview | null
}

export const useBoard = create<BoardStore>(() => ({
  connection: { phase: 'connecting', since: Date.now() },
  overview: null,
}))

/** A break shorter than this is called reconnecting: most are over by then. */
const OFFLINE_AFTER_MS = 4_000

/** Whether the page has been without its master for a while. */
export function useOffline(): boolean {
  const { phase, since } = useBoard((store) => store.connection)
  return useClock(({ now }) => phase !== 'live' && now - since >= OFFLINE_AFTER_MS)
}

/** Whether what is shown may be out of date. */
export function useStale(): boolean {
  return useBoard(({ connection }) => connection.phase === 'lost')
}

/** Takes what a snapshot or a frame says of everything; what is left out has not changed. */
export function acceptOverview(news: Partial<Overview>): void {
  const { overview } = useBoard.getState()
  const { counts = overview?.counts, cluster = overview?.cluster, limits = overview?.limits } = news
  if (counts && cluster && limits) useBoard.setState({ overview: { counts, cluster, limits } })
}

export function markLive(): void {
  if (useBoard.getState().connection.phase !== 'live') {
    useBoard.setState({ connection: { phase: 'live', since: Date.now() } })
  }
}

/** Marks what is shown as possibly out of date, from the first moment on that it was. */
export function loseConnection(): void {
  if (useBoard.getState().connection.phase === 'live') {
    useBoard.setState({ connection: { phase: 'lost', since: Date.now() } })
  }
}

/** How many jobs there are in whichever state. */
export function allJobs(counts: JobCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
