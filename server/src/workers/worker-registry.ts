/** The workers that are connected now, what each of them serves, and which attempts it holds. */
import type { Assignment, EngineName, WorkerView } from '@argus/shared'

export interface ConnectedWorker {
  /** Of this connection. */
  readonly id: string
  readonly name: string
  readonly slots: number
  /** Sends assignments; where the connection breaks, the worker is removed and its jobs are queued again. */
  readonly assign: (assignments: Assignment[]) => void
  /** Digest, engine and speed of the model that it serves; null until it has loaded one. */
  serving: { digest: string; engine: EngineName; imagesPerSecond: number } | null
  /** Digest of the model whose files it found at fault; null where it has found none. */
  refused: string | null
  /** The attempts that it holds: attempt number by job id. */
  readonly attempts: Map<string, number>
}

export class WorkerRegistry {
  readonly #workers = new Map<string, ConnectedWorker>()
  readonly #listeners = new Set<() => void>()

  /** Calls back when workers come, go, get ready, or hold other attempts. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener)
  }

  add(worker: ConnectedWorker): void {
    this.#workers.set(worker.id, worker)
    this.#changed()
  }

  remove(worker: ConnectedWorker): void {
    this.#workers.delete(worker.id)
    this.#changed()
  }

  /** The worker serves this model from now on; null: it is loading one. */
  serve(worker: ConnectedWorker, serving: ConnectedWorker['serving']): void {
    worker.serving = serving
    this.#changed()
  }

  /** Gives the worker an attempt. False where it is not connected any more. */
  hold(worker: ConnectedWorker, jobId: string, attempt: number): boolean {
    if (!this.#workers.has(worker.id)) return false
    worker.attempts.set(jobId, attempt)
    this.#changed()
    return true
  }

  /** Frees the slot of an attempt. */
  release(worker: ConnectedWorker, jobId: string): void {
    worker.attempts.delete(jobId)
    this.#changed()
  }

  /** Whether every worker that is connected has found this model at fault: of one, it may be the machine. */
  allRefuse(digest: string): boolean {
    return this.#workers.size > 0 && [...this.#workers.values()].every(({ refused }) => refused === digest)
  }

  /** Those that serve this model. */
  serving(digest: string): ConnectedWorker[] {
    return [...this.#workers.values()].filter((worker) => worker.serving?.digest === digest)
  }

  views(): WorkerView[] {
    return [...this.#workers.values()]
      .map((worker) => ({
        id: worker.id,
        name: worker.name,
        state: worker.serving ? ('ready' as const) : ('starting' as const),
        engine: worker.serving?.engine ?? null,
        imagesPerSecond: worker.serving?.imagesPerSecond ?? null,
        slots: worker.slots,
        busy: worker.attempts.size,
      }))
      .sort((a, b) => a.name.localeCompare(b.name))
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }
}

/** How many more jobs this worker can take. */
export function freeSlots(worker: ConnectedWorker): number {
  return Math.max(0, worker.slots - worker.attempts.size)
}
