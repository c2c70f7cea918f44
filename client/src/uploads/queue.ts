/**
 * Photos on their way to the master: three at a time, the others wait for their turn. One that is not taken for
 * a reason that passes is tried again by itself, and until then no other one is begun: it would fare the same.
 */
import { Failure } from '../api/failure.ts'
import { newIdempotencyKey } from '../api/idempotency-key.ts'
import { text } from '../text/index.ts'
import { retryWait } from './retry.ts'
import { NO_UPLOADS, pendingOf, type Tally, tallyChange } from './tally.ts'
import { isPending, type Photo, type Submission, type Upload } from './upload.ts'

const AT_ONCE = 3

export interface QueueParts {
  /** Sends a photo; resolves with the id of its job. */
  readonly deliver: (
    upload: Upload,
    tell: (news: Partial<Upload>) => void,
    signal: AbortSignal,
  ) => Promise<string>
  /** Why a photo need not be begun with; null: it is to be. */
  readonly refuse: (photo: Photo, shortSide: number | null) => Failure | null
  /** Something has changed. It is called for each piece that is sent, so it must be quick. */
  readonly onChange: () => void
  /** A try of it has ended: it is `sent`, `failed` or `postponed`. */
  readonly onResult: (upload: Upload) => void
}

export class UploadQueue {
  /** In the order in which they were added. */
  readonly uploads = new Map<number, Upload>()
  tally: Tally = NO_UPLOADS
  /** Counts the changes of which uploads there are and of their states, but not how far each is. */
  revision = 0
  isPaused = false
  readonly #parts: QueueParts
  readonly #waiting = new Set<number>()
  /** Of those that wait, the ones that were begun with before: they come first. */
  readonly #again = new Set<number>()
  readonly #senders = new Map<number, AbortController>()
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>()
  /** Runs while no photo is begun with, because one has just failed for a reason that passes. */
  #hold: ReturnType<typeof setTimeout> | undefined
  #lastId = 0

  constructor(parts: QueueParts) {
    this.#parts = parts
  }

  /** @param shortSide pixels; null: they go up as they are */
  add(photos: readonly Photo[], submission: Submission, shortSide: number | null): void {
    for (const photo of photos) {
      this.#lastId += 1
      const upload: Upload = {
        ...{ id: this.#lastId, photo, submission, shortSide, idempotencyKey: newIdempotencyKey() },
        ...{ state: 'waiting', isPreparing: false, progress: 0, jobId: null },
        ...{ originalBytes: photo.bytes, bytes: photo.bytes, failure: null, retries: 0, retryAt: 0 },
      }
      this.#put(null, upload)
      const failure = this.#parts.refuse(photo, shortSide)
      if (failure) this.#fail(upload.id, failure)
      else this.#waiting.add(upload.id)
    }
    this.#sendNext()
  }

  /** Stops sending; what is under way is broken off, and begun anew later. */
  pause(): void {
    this.isPaused = true
    for (const id of [...this.#senders.keys()]) this.#wait(id)
    this.#parts.onChange()
  }

  resume(): void {
    this.isPaused = false
    this.release()
    this.#parts.onChange()
  }

  /** Tries again what was postponed, and goes on: what stood in the way may have gone. */
  release(): void {
    clearTimeout(this.#hold)
    this.#hold = undefined
    for (const { id, state } of this.uploads.values()) if (state === 'postponed') this.#wait(id)
    this.#sendNext()
  }

  /**
   * Puts an upload that failed, or was postponed, back into the queue.
   *
   * @param shortSide makes it smaller than it was the last time
   */
  retry(id: number, shortSide?: number): void {
    const before = this.uploads.get(id)
    if (before?.state !== 'failed' && before?.state !== 'postponed') return
    // Another size is another photo: the key would stand for the one before.
    const other = shortSide !== undefined && { shortSide, idempotencyKey: newIdempotencyKey() }
    this.#wait(id, { retries: 0, bytes: before.originalBytes, ...other })
    this.release()
  }

  /** Takes an upload off the list; one that is being sent is broken off. */
  remove(id: number): void {
    this.#stop(id)
    const before = this.uploads.get(id)
    if (before) this.#put(before, null)
    this.#sendNext()
  }

  /** Takes off the list what is not sent yet. */
  cancelAll(): void {
    this.#removeWhere(isPending)
  }

  clearSent(): void {
    this.#removeWhere(({ state }) => state === 'sent')
  }

  clearFailed(): void {
    this.#removeWhere(({ state }) => state === 'failed')
  }

  #removeWhere(matches: (upload: Upload) => boolean): void {
    const ids = [...this.uploads.values()].filter(matches).map(({ id }) => id)
    // So that none of them is begun with in the meantime.
    for (const id of ids) this.#stop(id)
    for (const id of ids) this.remove(id)
  }

  #sendNext(): void {
    if (this.isPaused || this.#hold !== undefined) return
    while (this.#senders.size < AT_ONCE) {
      const [id] = this.#again.size > 0 ? this.#again : this.#waiting
      const upload = id === undefined ? undefined : this.uploads.get(id)
      if (!upload) return
      this.#stop(upload.id)
      void this.#send(upload)
    }
  }

  async #send(upload: Upload): Promise<void> {
    const { id } = upload
    const sender = new AbortController()
    const tell = (news: Partial<Upload>) => {
      if (!sender.signal.aborted) this.#change(id, news)
    }
    this.#senders.set(id, sender)
    tell({ state: 'sending' })
    try {
      const jobId = await this.#parts.deliver(this.uploads.get(id) ?? upload, tell, sender.signal)
      tell({ state: 'sent', progress: 1, isPreparing: false, jobId })
      if (!sender.signal.aborted) this.#result(id)
    } catch (error) {
      if (!sender.signal.aborted) this.#noteFailure(id, error)
    } finally {
      if (this.#senders.get(id) === sender) this.#senders.delete(id)
      this.#sendNext()
    }
  }

  #noteFailure(id: number, error: unknown): void {
    const failure = error instanceof Failure ? error : new Failure(text.uploads.unexpected, String(error))
    const { retries = 0, submission } = this.uploads.get(id) ?? {}
    const wait = retryWait(failure, retries)
    if (wait === null) {
      this.#fail(id, failure)
      if (failure.code?.startsWith('batch/') && submission) this.#close(submission, failure)
      return
    }
    const retryAt = Date.now() + wait
    this.#change(id, { ...unsent, state: 'postponed', failure, retries: retries + 1, retryAt })
    this.#timers.set(
      id,
      setTimeout(() => {
        this.#wait(id)
        this.#sendNext()
      }, wait),
    )
    clearTimeout(this.#hold)
    this.#hold = setTimeout(() => {
      this.#hold = undefined
      this.#sendNext()
    }, wait)
    this.#result(id)
  }

  /** The batch takes no more: none of its photos need be tried. */
  #close({ batch }: Submission, failure: Failure): void {
    if (batch) batch.isClosed = true
    for (const { id, state, submission } of this.uploads.values()) {
      if (submission.batch === batch && (state === 'waiting' || state === 'postponed')) {
        this.#fail(id, failure)
      }
    }
  }

  #fail(id: number, failure: Failure): void {
    this.#stop(id)
    this.#change(id, { ...unsent, state: 'failed', failure })
    this.#result(id)
  }

  #wait(id: number, more: Partial<Upload> = {}): void {
    this.#stop(id)
    this.#change(id, { ...unsent, ...more, state: 'waiting', failure: null })
    this.#again.add(id)
  }

  /** It is neither sent any more, nor does it wait for anything. */
  #stop(id: number): void {
    this.#waiting.delete(id)
    this.#again.delete(id)
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
    this.#senders.get(id)?.abort()
    this.#senders.delete(id)
  }

  #change(id: number, news: Partial<Upload>): void {
    const before = this.uploads.get(id)
    if (before) this.#put(before, { ...before, ...news })
  }

  #put(before: Upload | null, after: Upload | null): void {
    if (after) this.uploads.set(after.id, after)
    else if (before) this.uploads.delete(before.id)
    this.tally = tallyChange(this.tally, before, after)
    // Else the next photos would wait for someone who has forgotten it.
    if (pendingOf(this.tally) === 0) this.isPaused = false
    if (before?.state !== after?.state) this.revision += 1
    this.#parts.onChange()
  }

  #result(id: number): void {
    const upload = this.uploads.get(id)
    if (upload) this.#parts.onResult(upload)
  }
}

const unsent = { progress: 0, isPreparing: false } as const
