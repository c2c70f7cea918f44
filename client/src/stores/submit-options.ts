/** What is said about the photos that are submitted next; remembered until the browser's tab is closed. */
import { create } from 'zustand'
import { createJSONStorage, persist } from 'zustand/middleware'
import type { PhotoOptions } from '../api/submit-photo.ts'
import { text } from '../text/index.ts'
import { NewBatch } from '../uploads/new-batch.ts'

/** As the master has it. */
export const MAX_NAME_LENGTH = 200
export const MAX_PRIORITY = 100

interface SubmitOptions {
  /** Several photos at once become a batch. */
  readonly asBatch: boolean
  /** Where there is one, all photos go into one batch of this name. */
  readonly batchName: string
  readonly owner: string
  readonly priority: number | null
  readonly tags: readonly string[]
  readonly fresh: boolean
}

export const useSubmitOptions = create<SubmitOptions>()(
  persist(
    (): SubmitOptions => ({
      asBatch: true,
      batchName: '',
      owner: '',
      priority: null,
      tags: [],
      fresh: false,
    }),
    {
      name: 'argus.submit',
      storage: createJSONStorage(() => sessionStorage),
      // The batch of that name would be another one after the page was loaded again.
      partialize: ({ batchName: _, ...remembered }) => remembered,
    },
  ),
)

/** The options of photos that are submitted now. */
export function optionsNow(): PhotoOptions {
  const { owner, priority, tags, fresh } = useSubmitOptions.getState()
  return { owner: owner.trim() || undefined, priority: priority ?? undefined, tags, fresh }
}

/** How many of the collapsed options say something. */
export function countOptions({ owner, priority, tags, fresh }: SubmitOptions): number {
  return (owner.trim() === '' ? 0 : 1) + (priority === null ? 0 : 1) + tags.length + (fresh ? 1 : 0)
}

let named: NewBatch | null = null

/**
 * The batch of photos that are submitted now.
 *
 * @param folder in which all of them were
 */
export function batchFor(photos: number, folder: string | null): NewBatch | null {
  const { asBatch, batchName, owner } = useSubmitOptions.getState()
  if (!asBatch) return null
  const name = batchName.trim()
  if (name !== '') {
    if (named === null || named.name !== name || named.isClosed) named = newBatch(name, owner)
    return named
  }
  if (photos < 2) return null
  // A folder's name may have any character.
  const fromFolder = (folder ?? '')
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, MAX_NAME_LENGTH)
  return newBatch(fromFolder || text.submit.batchOf(Date.now()), owner)
}

function newBatch(name: string, owner: string): NewBatch {
  return new NewBatch(name, owner.trim() || undefined)
}
