/** The jobs that are marked on the board to be acted on together, and the row that the keys act on. */
import type { JobRow } from '@argus/shared'
import { create } from 'zustand'

interface SelectionStore {
  /** As they were last seen, by id: a job stays selected where newer ones have pushed it out of sight. */
  selected: ReadonlyMap<string, JobRow>
  /** The job on which the keys act. */
  cursor: string | null
  /** The cursor was just moved by a key: its row takes the focus as soon as it is drawn. */
  wantsFocus: boolean
}

const EMPTY: ReadonlyMap<string, JobRow> = new Map()

export const useSelection = create<SelectionStore>(() => ({
  selected: EMPTY,
  cursor: null,
  wantsFocus: false,
}))

/** The job that was marked last: a range begins there. */
let origin: string | null = null

/** Marks a job, or takes its mark away. */
export function toggle(row: JobRow): void {
  const selected = new Map(useSelection.getState().selected)
  if (!selected.delete(row.id)) selected.set(row.id, row)
  origin = row.id
  useSelection.setState({ selected })
}

/**
 * Marks all from the one that was marked last to this one.
 *
 * @param rows that are loaded, in their order
 */
export function toggleRange(rows: readonly JobRow[], row: JobRow): void {
  const [from, to] = [origin, row.id].map((id) => rows.findIndex((other) => other.id === id))
  if (from === undefined || to === undefined || from < 0 || to < 0) {
    toggle(row)
    return
  }
  const range = rows.slice(Math.min(from, to), Math.max(from, to) + 1)
  select([...useSelection.getState().selected.values(), ...range])
  origin = row.id
}

/** Marks these and no others. */
export function select(rows: readonly JobRow[]): void {
  useSelection.setState({ selected: new Map(rows.map((row) => [row.id, row])) })
}

export function clearSelection(): void {
  origin = null
  if (useSelection.getState().selected.size > 0) useSelection.setState({ selected: EMPTY })
}

/** Takes the marks of these away. */
export function deselect(ids: readonly string[]): void {
  updateSelected([], ids)
}

/**
 * Takes what was pushed.
 *
 * @param left of jobs that are gone, or no longer in the list: nobody is to act on what they cannot see any more
 */
export function updateSelected(rows: readonly JobRow[], left: readonly string[]): void {
  const { selected } = useSelection.getState()
  if (selected.size === 0) return
  const changed = rows.filter(({ id }) => selected.has(id))
  const gone = left.filter((id) => selected.has(id))
  if (changed.length + gone.length === 0) return
  const next = new Map(selected)
  for (const row of changed) next.set(row.id, row)
  for (const id of gone) next.delete(id)
  useSelection.setState({ selected: next })
}

/** Moves the cursor; by a key, the focus goes with it. */
export function moveCursor(cursor: string | null, wantsFocus: boolean): void {
  const now = useSelection.getState()
  if (now.cursor !== cursor || now.wantsFocus !== wantsFocus) useSelection.setState({ cursor, wantsFocus })
}
