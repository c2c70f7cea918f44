/** What is done to all jobs that are marked: a few requests at a time, and what became of them. */
import type { JobRow } from '@argus/shared'
import { isTerminal } from '@argus/shared/vocabulary'
import { create } from 'zustand'
import { Failure } from '../api/failure.ts'
import { cancelJob, deleteJob, retryJob } from '../api/jobs.ts'
import { text } from '../text/index.ts'
import { deselect } from './selection.ts'

export const BULK_ACTIONS = ['retry', 'cancel', 'delete'] as const
export type BulkAction = (typeof BULK_ACTIONS)[number]

interface BulkStore {
  /** What is under way. */
  running: { readonly done: number; readonly all: number } | null
  /** What became of the last one, in words. */
  note: { readonly words: string; readonly isRefused: boolean } | null
}

export const useBulk = create<BulkStore>(() => ({ running: null, note: null }))

const AT_ONCE = 4
/** How long the note stays where nothing was refused. */
const NOTE_MS = 5_000

const requests: Record<BulkAction, (id: string) => Promise<unknown>> = {
  retry: retryJob,
  cancel: cancelJob,
  delete: deleteJob,
}

/** Those for which it makes sense. */
export function meantBy(action: BulkAction, rows: Iterable<JobRow>): JobRow[] {
  const all = [...rows]
  if (action === 'delete') return all
  return all.filter(({ status }) => isTerminal(status) === (action === 'retry'))
}

/** Does it to these jobs. What was done is no longer marked; what was refused still is. */
export async function runBulk(action: BulkAction, rows: readonly JobRow[]): Promise<void> {
  if (useBulk.getState().running !== null || rows.length === 0) return
  const waiting = [...rows]
  const refusals = new Map<string, number>()
  let done = 0
  const work = async () => {
    for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
      try {
        await requests[action](row.id)
        deselect([row.id])
      } catch (error) {
        const reason = error instanceof Failure ? error.title : text.failures.refused
        refusals.set(reason, (refusals.get(reason) ?? 0) + 1)
      }
      done += 1
      useBulk.setState({ running: { done, all: rows.length } })
    }
  }
  useBulk.setState({ running: { done, all: rows.length }, note: null })
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  const note = { words: wordsFor(action, rows.length, refusals), isRefused: refusals.size > 0 }
  useBulk.setState({ running: null, note })
  if (!note.isRefused) setTimeout(() => dismissNote(note), NOTE_MS)
}

/** @param note where it is still that one; any, where none is named */
export function dismissNote(note?: BulkStore['note']): void {
  if (note === undefined || useBulk.getState().note === note) useBulk.setState({ note: null })
}

function wordsFor(action: BulkAction, all: number, refusals: ReadonlyMap<string, number>): string {
  const { selection } = text
  const refused = [...refusals.values()].reduce((sum, count) => sum + count, 0)
  const reasons = [...refusals].map(([reason, count]) => selection.because(reason, count))
  const parts = [
    all > refused && selection.done[action](all - refused),
    refused > 0 && selection.refused(refused, reasons),
  ]
  return parts.filter((part) => part !== false).join(' ')
}
