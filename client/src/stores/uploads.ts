/** The photos on their way to the master, as the page shows them, and what a person does with them. */
import type { StorageState } from '@argus/shared'
import { create } from 'zustand'
import { Announcer } from '../uploads/announcer.ts'
import { isTooLarge, refuseBytes, refuseType } from '../uploads/check.ts'
import { deliver } from '../uploads/deliver.ts'
import type { NewBatch } from '../uploads/new-batch.ts'
import { type Pace, Pacer } from '../uploads/pace.ts'
import { UploadQueue } from '../uploads/queue.ts'
import { NO_UPLOADS, pendingOf, type Tally } from '../uploads/tally.ts'
import type { Photo, Upload } from '../uploads/upload.ts'
import { useBoard } from './board.ts'
import { useDownscaling } from './downscaling.ts'
import { batchFor, optionsNow } from './submit-options.ts'

/** The page is drawn anew this often at most, however many photos are sent a second. */
const PUBLISH_MS = 50
/** Chromium looks on the disk for the size of each file: of a thousand at once, for a tenth of a second. */
const ADDED_AT_ONCE = 100

interface UploadStore {
  /** The queue's own map: read it by the ids that you show, on each change of the store. */
  readonly uploads: ReadonlyMap<number, Upload>
  readonly tally: Tally
  /** Counts the changes of which uploads there are and of their states. */
  readonly revision: number
  readonly isPaused: boolean
  /** Null while it is not known. */
  readonly pace: Pace | null
  /** Those of the uploads that have been made. */
  readonly batches: readonly NewBatch[]
  /** The last result, as assistive technology reads it out. */
  readonly announcement: string
}

const pacer = new Pacer()
const announcer = new Announcer((announcement) => useUploads.setState({ announcement }))
const batches = new Set<NewBatch>()
let publishing: ReturnType<typeof setTimeout> | undefined

const queue = new UploadQueue({
  deliver: (upload, tell, signal) => deliver(upload, tell, signal, limits()),
  refuse,
  onChange: () => {
    if (publishing === undefined) publishing = setTimeout(publish, PUBLISH_MS)
  },
  onResult: (upload) => announcer.result(upload, queue.tally),
})

export const useUploads = create<UploadStore>(() => ({
  uploads: queue.uploads,
  tally: NO_UPLOADS,
  revision: 0,
  isPaused: false,
  pace: null,
  batches: [],
  announcement: '',
}))

function publish(): void {
  publishing = undefined
  const { tally, revision, isPaused } = queue
  const isSending = tally.states.sending > 0
  if (!isSending) pacer.reset()
  const pace = isSending ? pacer.note(tally, Date.now()) : null
  const made = [...batches].filter(({ id }) => id !== null)
  const known = useUploads.getState().batches
  useUploads.setState({
    ...{ tally, revision, isPaused, pace },
    batches: made.length === known.length && made.every((batch, at) => batch === known[at]) ? known : made,
  })
}

function limits() {
  return useBoard.getState().overview?.limits ?? null
}

/** What is to be made smaller may be as large as it likes. */
function refuse({ type, bytes }: Photo, shortSide: number | null) {
  const known = limits()
  return refuseType(type) ?? (known && shortSide === null ? refuseBytes(bytes, known) : null)
}

/** Starts to listen whether the master takes photos again, and whether the page is left too early; called once. */
export function followMaster(): void {
  useBoard.subscribe(({ overview, connection }, before) => {
    const isBack = connection.phase === 'live' && before.connection.phase === 'lost'
    if (isBack || (isOk(overview?.cluster.storage) && !isOk(before.overview?.cluster.storage)))
      queue.release()
  })
  window.addEventListener('beforeunload', (event) => {
    if (pendingOf(queue.tally) > 0) event.preventDefault()
  })
}

function isOk(storage: StorageState | undefined): boolean {
  return storage?.database === 'ok' && storage.disk === 'ok'
}

/** Queues photos for submission, with the options that are chosen now. */
export function submitPhotos(photos: readonly Photo[]): Promise<void> {
  return submit(photos, (photo) => photo, null)
}

/**
 * Queues files that were dropped, pasted or chosen.
 *
 * @param folder in which all of them were
 */
export function submitFiles(files: Iterable<File>, folder: string | null = null): Promise<void> {
  return submit(Array.from(files), photoOf, folder)
}

/** What was sent before is taken off the list, unless there is more of that to send. */
async function submit<T>(
  things: readonly T[],
  photoIn: (thing: T) => Photo,
  folder: string | null,
): Promise<void> {
  if (things.length === 0) return
  if (pendingOf(queue.tally) === 0) {
    queue.clearSent()
    batches.clear()
  }
  const batch = batchFor(things.length, folder)
  if (batch) batches.add(batch)
  const [submission, shortSide] = [{ batch, options: optionsNow() }, useDownscaling.getState().shortSide()]
  for (let first = 0; first < things.length; first += ADDED_AT_ONCE) {
    if (first > 0) await new Promise((resolve) => setTimeout(resolve))
    queue.add(things.slice(first, first + ADDED_AT_ONCE).map(photoIn), submission, shortSide)
  }
}

function photoOf(file: File): Photo {
  return { name: file.name, type: file.type, bytes: file.size, read: async () => file }
}

export function pauseUploads(): void {
  queue.pause()
}

export function resumeUploads(): void {
  queue.resume()
}

export function retryUpload(id: number): void {
  queue.retry(id)
}

/** Tries once more to send all that failed. */
export function retryAll(): void {
  for (const { id, state } of queue.uploads.values()) if (state === 'failed') queue.retry(id)
}

/** Sends photos that were too large after all, made smaller. */
export function shrinkAndRetry(ids: Iterable<number>): void {
  const { lastSide } = useDownscaling.getState()
  for (const id of ids) queue.retry(id, lastSide)
}

/** Whether making it smaller may help. */
export function canShrink({ state, failure, shortSide }: Upload): boolean {
  return state === 'failed' && shortSide === null && isTooLarge(failure)
}

/** Takes an upload off the list; one that is being sent is broken off. */
export function dismissUpload(id: number): void {
  queue.remove(id)
}

export function cancelAll(): void {
  queue.cancelAll()
}

export function clearFailed(): void {
  queue.clearFailed()
}
