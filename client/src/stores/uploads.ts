/**
 * Photos on their way to the master: three at a time, the others wait for their turn. One that is not taken for
 * a reason that passes is tried again by itself.
 */
import type { StorageState } from '@argus/shared'
import { create } from 'zustand'
import { Failure } from '../api/failure.ts'
import { newIdempotencyKey } from '../api/idempotency-key.ts'
import { submitPhoto } from '../api/jobs.ts'
import { text } from '../text.ts'
import { useBoard } from './board.ts'
import { retryWait } from './upload-retry.ts'

const AT_ONCE = 3
/** How long a finished upload stays to be seen; the row on the board is its lasting confirmation. */
const FAREWELL_MS = 1_500

/** A photo to submit. Its bytes are read when its turn comes, and again for another try. */
export interface Photo {
  readonly name: string
  readonly read: () => Promise<Blob>
}

export interface Upload {
  readonly id: number
  readonly photo: Photo
  /** The same at each try: where an answer was lost, the next try finds the job and makes no second one. */
  readonly idempotencyKey: string
  /** `postponed`: tried again by itself at `retryAt`. */
  readonly state: 'waiting' | 'sending' | 'postponed' | 'sent' | 'failed'
  /** Share of the bytes that left the browser. */
  readonly progress: number
  /** Why the last try failed. */
  readonly failure: Failure | null
  /** How often it was tried again by itself. */
  readonly retries: number
  readonly retryAt: number
}

interface UploadStore {
  uploads: readonly Upload[]
  /** The last result, as assistive technology reads it out. */
  announcement: string
}

export const useUploads = create<UploadStore>(() => ({ uploads: [], announcement: '' }))

const senders = new Map<number, AbortController>()
const timers = new Map<number, ReturnType<typeof setTimeout>>()
let lastId = 0

function change(id: number, update: Partial<Upload>): void {
  useUploads.setState(({ uploads }) => ({
    uploads: uploads.map((upload) => (upload.id === id ? { ...upload, ...update } : upload)),
  }))
}

/** Starts to listen whether the master takes photos again; called once. */
export function followMaster(): void {
  useBoard.subscribe(({ board, connection }, before) => {
    const isBack = connection.phase === 'live' && before.connection.phase === 'lost'
    if (isBack || (isOk(board?.cluster.storage) && !isOk(before.board?.cluster.storage))) tryPostponed()
  })
}

function isOk(storage: StorageState | undefined): boolean {
  return storage?.database === 'ok' && storage.disk === 'ok'
}

/** Queues photos for submission. */
export function submitPhotos(photos: readonly Photo[]): void {
  const added = photos.map((photo): Upload => {
    lastId += 1
    const untried = { state: 'waiting', progress: 0, failure: null, retries: 0, retryAt: 0 } as const
    return { id: lastId, photo, idempotencyKey: newIdempotencyKey(), ...untried }
  })
  useUploads.setState(({ uploads }) => ({ uploads: [...uploads, ...added] }))
  sendNext()
}

/** Queues files that were dropped, pasted or chosen. */
export function submitFiles(files: Iterable<File>): void {
  submitPhotos(Array.from(files, (file) => ({ name: file.name, read: () => checkReadable(file) })))
}

/** A folder, or a file that is gone, would otherwise look like a broken connection. */
async function checkReadable(file: File): Promise<File> {
  await file.slice(0, 1).arrayBuffer()
  return file
}

/** Puts an upload that failed, or was postponed, back into the queue. */
export function retryUpload(id: number): void {
  requeue(id, { retries: 0 })
}

/** Takes an upload off the list; one that is being sent is broken off. */
export function dismissUpload(id: number): void {
  stopTimer(id)
  senders.get(id)?.abort()
  useUploads.setState(({ uploads }) => ({ uploads: uploads.filter((upload) => upload.id !== id) }))
}

function requeue(id: number, update: Partial<Upload> = {}): void {
  stopTimer(id)
  change(id, { ...update, state: 'waiting', progress: 0, failure: null })
  sendNext()
}

function tryPostponed(): void {
  for (const { id, state } of useUploads.getState().uploads) if (state === 'postponed') requeue(id)
}

function sendNext(): void {
  const { uploads } = useUploads.getState()
  const waiting = uploads.filter((upload) => upload.state === 'waiting')
  for (const upload of waiting.slice(0, Math.max(0, AT_ONCE - senders.size))) void send(upload)
}

async function send(upload: Upload): Promise<void> {
  const { id, photo, idempotencyKey } = upload
  const sender = new AbortController()
  senders.set(id, sender)
  change(id, { state: 'sending' })
  try {
    const submission = { name: photo.name, photo: await photo.read(), idempotencyKey }
    await submitPhoto(submission, (progress) => change(id, { progress }), sender.signal)
    change(id, { state: 'sent', progress: 1 })
    announce(text.uploads.submitted(photo.name))
    setTimeout(() => dismissUpload(id), FAREWELL_MS)
  } catch (error) {
    if (!sender.signal.aborted) noteFailure(upload, error)
  } finally {
    senders.delete(id)
    sendNext()
  }
}

function noteFailure({ id, photo, retries }: Upload, error: unknown): void {
  const failure = error instanceof Failure ? error : new Failure(text.uploads.unreadable)
  const wait = retryWait(failure, retries)
  if (wait === null) {
    change(id, { state: 'failed', failure })
    announce(text.uploads.refused(photo.name, failure.title))
    return
  }
  change(id, { state: 'postponed', failure, retries: retries + 1, retryAt: Date.now() + wait })
  timers.set(
    id,
    setTimeout(() => requeue(id), wait),
  )
  if (retries === 0) announce(text.uploads.delayed(photo.name, failure.title))
}

function announce(announcement: string): void {
  useUploads.setState({ announcement })
}

function stopTimer(id: number): void {
  clearTimeout(timers.get(id))
  timers.delete(id)
}
