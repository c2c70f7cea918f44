/** A pool that finishes a photo when the test says so. */
import type { ModelDescriptor } from '@argus/shared'
import type { Recognition } from '../src/recogniser/messages.ts'
import type { Photo, PhotoWatch, Pool, Recogniser } from '../src/recogniser/recogniser.ts'

export const RECOGNITION: Recognition = {
  classes: [{ index: 207, probability: 0.9 }],
  thumbnail: { type: 'image/webp', bytes: new Uint8Array([1, 2, 3]) },
  timings: { decode: 1, classify: 2 },
}

interface Handed {
  readonly photo: Photo
  readonly begin: () => void
  readonly finish: () => void
  readonly fail: (error: Error) => void
}

export class ManualPool implements Pool {
  /** Photos that it was handed, as text, in their order. */
  readonly photos: string[] = []
  /** Those that have not ended. */
  readonly handed: Handed[] = []
  isClosed = false
  readonly #beginsAtOnce: boolean

  /** @param beginsAtOnce false: a photo waits until the test calls its `begin` */
  constructor(beginsAtOnce = true) {
    this.#beginsAtOnce = beginsAtOnce
  }

  recognise(photo: Photo, { signal, onBegin }: PhotoWatch): Promise<Recognition> {
    this.photos.push(Buffer.from(photo.bytes).toString())
    return new Promise<Recognition>((resolve, reject) => {
      const skip = () => reject(signal.reason)
      const begin = () => {
        signal.removeEventListener('abort', skip)
        onBegin()
      }
      signal.addEventListener('abort', skip)
      this.handed.push({ photo, begin, finish: () => resolve(RECOGNITION), fail: reject })
      if (this.#beginsAtOnce) begin()
    })
  }

  /** Finishes the photo that it was handed first. */
  finishNext(): void {
    const next = this.handed.shift()
    if (!next) throw new Error('There is no photo to finish')
    next.finish()
  }

  /** @param error what the photo that was handed first ends with */
  failNext(error: Error): void {
    const next = this.handed.shift()
    if (!next) throw new Error('There is no photo to fail')
    next.fail(error)
  }

  async close(): Promise<void> {
    this.isClosed = true
    for (const { fail } of this.handed.splice(0)) fail(new Error('closed'))
  }
}

/** What serves this model with this pool. */
export function recogniserWith(pool: Pool, { digest }: Pick<ModelDescriptor, 'digest'>): Recogniser {
  return { digest, engine: 'tfjs-wasm', imagesPerSecond: 100, pool }
}
