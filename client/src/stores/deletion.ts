/** The deletion of all jobs that a filter means, which takes several requests. */
import { create } from 'zustand'
import { Failure } from '../api/failure.ts'
import { deleteJobs } from '../api/job-deletion.ts'
import { text } from '../text/index.ts'

interface DeletionStore {
  /** How many are deleted so far; null while none is under way. */
  deleted: number | null
  /** How the last one ended. */
  note: string
}

export const useDeletion = create<DeletionStore>(() => ({ deleted: null, note: '' }))

/** How long the note stays where nothing has to be done about it. */
const NOTE_MS = 6_000

let isStopped = false

/** @param filter the query parameters of `GET /api/v1/jobs`; none: all jobs */
export async function startDeletion(filter: URLSearchParams): Promise<void> {
  if (useDeletion.getState().deleted !== null) return
  const { deletion, selection, failures } = text
  let deleted = 0
  let cursor: string | null = null
  isStopped = false
  useDeletion.setState({ deleted, note: '' })
  try {
    do {
      const answer = await deleteJobs(filter, cursor)
      deleted += answer.deleted
      cursor = answer.next
      useDeletion.setState({ deleted })
    } while (cursor !== null && !isStopped)
    end(cursor === null ? selection.done.delete(deleted) : deletion.stopped(deleted))
    setTimeout(() => useDeletion.setState({ note: '' }), NOTE_MS)
  } catch (error) {
    end(deletion.refused(deleted, error instanceof Failure ? error.title : failures.refused))
  }
}

/** After the request that is under way. */
export function stopDeletion(): void {
  isStopped = true
}

function end(note: string): void {
  useDeletion.setState({ deleted: null, note })
}
