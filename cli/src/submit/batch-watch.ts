/** Follows a batch by its events, until all of its jobs that are waited for have ended. */
import type { Batch } from '@argus/shared'
import { batchPath, fetchBatchJobs } from '../api/calls.ts'
import { followEvents, type StreamEvent } from '../api/events.ts'
import type { Failure } from '../api/failure.ts'
import type { Master } from '../api/master.ts'
import { LASTING_PATIENCE_MS, withRetries } from '../api/retry.ts'
import type { Tally } from './tally.ts'

/** How long the events of jobs may come behind that of their batch. */
const LAG_MS = 3000

export interface BatchWatchParts {
  readonly master: Master
  readonly batch: string
  readonly tally: Tally
  readonly signal: AbortSignal
  readonly onLost: (why: Failure | null) => void
}

export class BatchWatch {
  readonly #parts: BatchWatchParts
  readonly #stop = new AbortController()
  readonly #followed: Promise<void>
  #latest: Batch | null = null
  #isLooking = false
  #timer: NodeJS.Timeout | undefined
  #lookFailed: (error: unknown) => void = () => undefined

  /** Begins to follow, with all jobs that the batch has already. */
  constructor(parts: BatchWatchParts) {
    this.#parts = parts
    const { master, batch, signal, onLost } = parts
    const looked = new Promise<never>((_resolve, reject) => {
      this.#lookFailed = reject
    })
    const followed = followEvents(master, `${batchPath(batch)}/events`, {
      after: '0',
      onEvent: (event) => this.#take(event),
      onLost,
      signal: AbortSignal.any([this.#stop.signal, signal]),
    })
    this.#followed = Promise.race([followed, looked])
    // Photos may still be uploaded when it fails: whoever waits gets to know.
    this.#followed.catch(() => undefined)
  }

  /**
   * Waits until all jobs have ended; called when all files are with the master.
   *
   * @throws Failure where the batch can be followed no longer
   */
  async ended(): Promise<void> {
    this.#check()
    await this.#followed
    this.#parts.signal.throwIfAborted()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#stop.abort()
  }

  #take(event: StreamEvent): void {
    const { tally } = this.#parts
    if (event.event === 'job') tally.note(event.data)
    else if (event.event === 'removed') tally.remove(event.data.id)
    else if (event.event === 'batch') this.#latest = event.data
    this.#check()
  }

  #check(): void {
    const { tally } = this.#parts
    if (tally.isComplete) this.close()
    else if (tally.isSubmitted && this.#latest && hasEnded(this.#latest) && !this.#isLooking) {
      this.#isLooking = true
      this.#timer = setTimeout(() => void this.#look().catch(this.#lookFailed), LAG_MS)
    }
  }

  /**
   * The master says that everything has ended, and here jobs are waited for: they were deleted before the stream
   * began.
   */
  async #look(): Promise<void> {
    const { master, batch, tally, signal } = this.#parts
    const waitedFor = tally.open
    const found = new Set<string>()
    const read = async () => {
      for await (const job of fetchBatchJobs(master, batch, signal)) {
        found.add(job.id)
        tally.note(job)
      }
    }
    await withRetries(read, { outageMs: LASTING_PATIENCE_MS, signal })
    for (const job of waitedFor) if (!found.has(job)) tally.remove(job)
    this.#isLooking = false
    if (tally.isComplete) this.close()
  }
}

function hasEnded({ total, counts }: Batch): boolean {
  return counts.SUCCEEDED + counts.FAILED + counts.CANCELLED === total
}
