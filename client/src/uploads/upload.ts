/** What a photo on its way to the master is made of. */
import type { Failure } from '../api/failure.ts'
import type { PhotoOptions } from '../api/submit-photo.ts'
import type { NewBatch } from './new-batch.ts'

/** A photo to submit. Its bytes are read when its turn comes, and again for another try. */
export interface Photo {
  readonly name: string
  /** As the browser takes it from the name; empty where it does not know. */
  readonly type: string
  /** 0 until it is read, where that is not known before. */
  readonly bytes: number
  readonly read: () => Promise<Blob>
}

/** What holds for all photos that were submitted together. */
export interface Submission {
  readonly batch: NewBatch | null
  readonly options: PhotoOptions
}

/** `postponed`: tried again by itself at `retryAt`. */
export type UploadState = 'waiting' | 'sending' | 'postponed' | 'sent' | 'failed'

export interface Upload {
  readonly id: number
  readonly photo: Photo
  readonly submission: Submission
  /** The same at each try: where an answer was lost, the next try finds the job and makes no second one. */
  readonly idempotencyKey: string
  /** Pixels that the browser makes the photo's short side before it is sent; null: it goes up as it is. */
  readonly shortSide: number | null
  readonly state: UploadState
  /** While it is `sending`, its turn has come, but the browser may still be making it smaller. */
  readonly isPreparing: boolean
  readonly originalBytes: number
  /** As it is sent: less where it was made smaller. */
  readonly bytes: number
  /** Share of the bytes that left the browser. */
  readonly progress: number
  /** Its job, once it is sent. */
  readonly jobId: string | null
  /** Why the last try failed. */
  readonly failure: Failure | null
  /** How often it was tried again by itself. */
  readonly retries: number
  readonly retryAt: number
}

/** Whether it is still to be sent, or tried again by itself. */
export function isPending({ state }: Upload): boolean {
  return state === 'waiting' || state === 'sending' || state === 'postponed'
}
