/** Has photos made smaller by a web worker, which is started when the first one is to be. */

export interface ShrinkRequest {
  readonly id: number
  readonly photo: Blob
  /** Pixels that the short side is to have. */
  readonly shortSide: number
}

export interface ShrinkAnswer {
  readonly id: number
  /** A JPEG; null where it would not be smaller, or the browser cannot decode the photo. */
  readonly smaller: Blob | null
}

const asked = new Map<number, (smaller: Blob | null) => void>()
let worker: Worker | null = null
let lastId = 0

/** @returns null where the photo has to go up as it is */
export function shrinkPhoto(photo: Blob, shortSide: number): Promise<Blob | null> {
  worker ??= startWorker()
  lastId += 1
  const request: ShrinkRequest = { id: lastId, photo, shortSide }
  worker.postMessage(request)
  return new Promise((resolve) => asked.set(request.id, resolve))
}

function startWorker(): Worker {
  const started = new Worker(new URL('./shrink-worker.ts', import.meta.url), { type: 'module' })
  started.addEventListener('message', ({ data }: MessageEvent<ShrinkAnswer>) => {
    asked.get(data.id)?.(data.smaller)
    asked.delete(data.id)
  })
  // Without it photos still go up, only not smaller.
  started.addEventListener('error', () => {
    worker = null
    for (const resolve of asked.values()) resolve(null)
    asked.clear()
  })
  return started
}
