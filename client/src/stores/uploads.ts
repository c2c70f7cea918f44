/** Photos on their way to the master: three at a time, the others wait for their turn. */
import { create } from 'zustand'
import { Failure } from '../api/failure.ts'
import { submitPhoto } from '../api/jobs.ts'
import { text } from '../text.ts'

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
  readonly state: 'waiting' | 'sending' | 'sent' | 'failed'
  /** Share of the bytes that left the browser. */
  readonly progress: number
  readonly failure: Failure | null
}

interface UploadStore {
  uploads: readonly Upload[]
  /** The last result, as assistive technology reads it out. */
  announcement: string
}

export const useUploads = create<UploadStore>(() => ({ uploads: [], announcement: '' }))

const senders = new Map<number, AbortController>()
let lastId = 0

function change(id: number, update: Partial<Upload>): void {
  useUploads.setState(({ uploads }) => ({
    uploads: uploads.map((upload) => (upload.id === id ? { ...upload, ...update } : upload)),
  }))
}

/** Queues photos for submission. */
export function submitPhotos(photos: readonly Photo[]): void {
  const added = photos.map((photo): Upload => {
    lastId += 1
    return { id: lastId, photo, state: 'waiting', progress: 0, failure: null }
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

/** Puts a failed upload back into the queue. */
export function retryUpload(id: number): void {
  change(id, { state: 'waiting', progress: 0, failure: null })
  sendNext()
}

/** Takes an upload off the list; one that is being sent is broken off. */
export function dismissUpload(id: number): void {
  senders.get(id)?.abort()
  useUploads.setState(({ uploads }) => ({ uploads: uploads.filter((upload) => upload.id !== id) }))
}

function sendNext(): void {
  const { uploads } = useUploads.getState()
  const waiting = uploads.filter((upload) => upload.state === 'waiting')
  for (const upload of waiting.slice(0, Math.max(0, AT_ONCE - senders.size))) void send(upload)
}

async function send({ id, photo }: Upload): Promise<void> {
  const sender = new AbortController()
  senders.set(id, sender)
  change(id, { state: 'sending' })
  try {
    const onProgress = (progress: number) => change(id, { progress })
    await submitPhoto(photo.name, await photo.read(), onProgress, sender.signal)
    change(id, { state: 'sent', progress: 1 })
    useUploads.setState({ announcement: text.uploads.submitted(photo.name) })
    setTimeout(() => dismissUpload(id), FAREWELL_MS)
  } catch (error) {
    const failure = error instanceof Failure ? error : new Failure(text.uploads.unreadable)
    change(id, { state: 'failed', failure })
    if (!sender.signal.aborted) {
      useUploads.setState({ announcement: text.uploads.refused(photo.name, failure.title) })
    }
  } finally {
    senders.delete(id)
    sendNext()
  }
}
