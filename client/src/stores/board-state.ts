/** How snapshots and frames from the master become the state of the board. Pure: no socket, no clock. */
import type { ClusterView, Frame, Job, JobCounts, MAX_VIEW_ROWS, Snapshot } from '@argus/shared'

/** Rows on the board. Typed by the shared constant, whose module would bring its validator along. */
export const ROWS: typeof MAX_VIEW_ROWS = 60

export interface BoardState {
  readonly bootId: string
  readonly seq: number
  readonly counts: JobCounts
  readonly cluster: ClusterView
  /** Newest first, `ROWS` at most. */
  readonly jobs: readonly Job[]
  /** Ids of the jobs that came with a frame, that is, while someone was watching. */
  readonly arrived: ReadonlySet<string>
  /** Ids of the jobs that the last frame removed, on the board or not. */
  readonly removed: readonly string[]
}

/** What a frame did: a new state, nothing because it was known already, or it shows that rows are missing. */
export type FrameEffect = BoardState | 'known' | 'gap'

/** Newest first; jobs of the same instant by descending id, so that the order is the same everywhere. */
function newestFirst(a: Job, b: Job): number {
  const later = Date.parse(b.submittedAt) - Date.parse(a.submittedAt)
  if (later !== 0) return later
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0
}

/** The state that a snapshot describes. */
export function fromSnapshot(snapshot: Snapshot): BoardState {
  const { bootId, seq, counts, cluster } = snapshot
  const jobs = snapshot.jobs.toSorted(newestFirst).slice(0, ROWS)
  return { bootId, seq, counts, cluster, jobs, arrived: new Set(), removed: [] }
}

/** Applies one frame. Jobs that did not change keep their identity, so that their rows need no new render. */
export function applyFrame(state: BoardState, frame: Frame): FrameEffect {
  if (frame.bootId !== state.bootId) return 'gap'
  if (frame.seq <= state.seq) return 'known'
  if (frame.seq !== state.seq + 1) return 'gap'

  const { jobs, arrived } = applyRows(state, frame)
  const { bootId, seq, counts, cluster = state.cluster, removed } = frame
  // Older jobs move up to where others were removed, and only a snapshot brings those.
  if (jobs.length < state.jobs.length && jobs.length < Math.min(ROWS, total(counts))) return 'gap'
  return { bootId, seq, counts, cluster, jobs, arrived, removed }
}

/** How many jobs there are in whichever state. */
export function total(counts: JobCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

function applyRows(state: BoardState, frame: Frame): Pick<BoardState, 'jobs' | 'arrived'> {
  if (frame.jobs.length === 0 && frame.removed.length === 0) return state
  const rows = new Map(state.jobs.map((job) => [job.id, job]))
  const arrived = new Set(state.arrived)
  for (const job of frame.jobs) {
    if (!rows.has(job.id)) arrived.add(job.id)
    rows.set(job.id, job)
  }
  for (const id of frame.removed) rows.delete(id)
  const jobs = [...rows.values()].sort(newestFirst).slice(0, ROWS)
  const shown = new Set(jobs.map((job) => job.id))
  return { jobs, arrived: new Set([...arrived].filter((id) => shown.has(id))) }
}

/** The state of a snapshot and of the frames that overtook it; 'gap' where one of them is missing. */
export function catchUp(snapshot: Snapshot, frames: readonly Frame[]): BoardState | 'gap' {
  let state = fromSnapshot(snapshot)
  for (const frame of frames) {
    // Frames of an earlier start of the master came before this snapshot was asked for.
    if (frame.bootId !== state.bootId) continue
    const effect = applyFrame(state, frame)
    if (effect === 'gap') return 'gap'
    if (effect !== 'known') state = effect
  }
  return state
}
