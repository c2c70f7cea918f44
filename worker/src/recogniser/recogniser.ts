/** What serves one model on this worker, and the pool of threads behind it. */
import type { EngineName } from '@argus/shared'
import type { ImageFacts } from './decode.ts'
import type { Recognition } from './messages.ts'

export interface Photo {
  readonly image: ImageFacts
  /** Handed over: whoever gave them has them no more. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** How one photo is followed through a pool. */
export interface PhotoWatch {
  /** Skips the photo while it waits; one that has begun goes on. */
  readonly signal: AbortSignal
  /** Called when a thread takes the photo. */
  readonly onBegin: () => void
}

/** Takes photos, works on several at once, and lets the others wait in the order in which they came. */
export interface Pool {
  /**
   * @throws ProblemError `image/…` where the photo is at fault, `worker/…` where this worker is
   * @throws AbortError where the photo was skipped
   */
  recognise(photo: Photo, watch: PhotoWatch): Promise<Recognition>
  /** Ends at once; photos under way or waiting fail. */
  close(): Promise<void>
}

export interface Recogniser {
  /** Of its model. */
  readonly digest: string
  readonly engine: EngineName
  readonly imagesPerSecond: number
  readonly pool: Pool
}
