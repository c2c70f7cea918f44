/** The batch of a submit and its journal: those of an earlier call that was stopped, or new ones. */
import { createBatch, fetchBatch } from '../api/calls.ts'
import { Failure } from '../api/failure.ts'
import type { Master, Query } from '../api/master.ts'
import { FIRST_PATIENCE_MS, type Patience, withRetries } from '../api/retry.ts'
import { isTooOld, Journal, type JournalBatch, type JournalState, readJournal } from './journal.ts'

export interface Session {
  readonly journal: Journal
  readonly batch: JournalBatch
  /** Jobs by the place of their file, of earlier calls. */
  readonly accepted: ReadonlyMap<number, string>
}

export interface SessionParts {
  readonly master: Master
  /** Of the journal. */
  readonly path: string
  /** Of a new batch. */
  readonly options: Query
  /** Goes on with no earlier call. */
  readonly restart: boolean
  readonly signal: AbortSignal
  readonly say: (text: string) => void
  readonly onRetry: (failure: Failure) => void
}

/** @throws Failure where there is no batch to be had */
export async function openSession(parts: SessionParts): Promise<Session> {
  const { master, path, options, signal, onRetry } = parts
  const patience: Patience = { outageMs: FIRST_PATIENCE_MS, signal, onRetry }
  const state = await usableState(parts, patience)
  const journal = state ? Journal.resume(path, state) : await Journal.create(path)
  const accepted = state?.accepted ?? new Map<number, string>()
  if (state?.batch) return { journal, batch: state.batch, accepted }

  const { id, owner } = await withRetries(() => createBatch(master, options, journal.key, signal), patience)
  const batch = { id, owner }
  journal.noteBatch(batch)
  return { journal, batch, accepted }
}

/** What an earlier call has left to go on with; null where there is nothing, and why is said. */
async function usableState(
  { master, path, restart, signal, say }: SessionParts,
  patience: Patience,
): Promise<JournalState | null> {
  const state = restart ? null : await readJournal(path)
  if (!state) return null
  if (isTooOld(state)) {
    say(
      'An earlier call of this command was stopped so long ago that it cannot be gone on with: a new batch begins.',
    )
    return null
  }
  if (!state.batch) return state
  const { id } = state.batch
  const batch = await withRetries(() => fetchBatch(master, id, signal), patience).catch((error: unknown) => {
    if (error instanceof Failure && error.status === 404) return null
    throw error
  })
  if (batch?.cancelledAt === null) return state
  say(`Batch ${id} of an earlier call ${batch ? 'was cancelled' : 'is gone'}: a new one begins.`)
  return null
}
