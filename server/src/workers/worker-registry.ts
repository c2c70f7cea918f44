/** The workers that are connected now, what each of them serves, and how to reach them. */
import type {
  Assignment,
  Beat,
  Drain,
  EngineName,
  ModelDescriptor,
  OutcomeAnswer,
  Welcome,
  WorkerFigures,
  WorkerView,
} from '@argus/shared'
import type { Recent } from '../statistics/recent.ts'

/** The connection to a worker. Where it breaks the worker is removed, and what it held is dealt to others. */
export interface WorkerLink {
  welcome(welcome: Welcome): void
  model(model: ModelDescriptor): void
  assign(assignments: Assignment[]): void
  answers(answers: OutcomeAnswer[]): void
  revoke(tickets: string[]): void
  drain(drain: Drain): void
  /** Another connection of the same process has come. */
  close(): void
}

export interface ConnectedWorker {
  /** Boot id of its process. */
  readonly id: string
  readonly name: string
  readonly slots: number
  readonly prefetch: number
  readonly link: WorkerLink
  /** It takes no new work. */
  draining: boolean
  /** It drains itself, to end. */
  leaving: boolean
  /** Digest, engine and speed of the model that it serves; null until it has loaded one. */
  serving: { digest: string; engine: EngineName; imagesPerSecond: number } | null
  /** Digest of the model whose files it found at fault; null where it has found none. */
  refused: string | null
  /** How many attempts it holds. */
  held: number
  /** Its last heartbeat, on the clock of `performance`. */
  beat: { readonly at: number; readonly usage: Beat['usage'] } | null
  /** Photos that it has recognised of late, each with the milliseconds from its start to its end. */
  readonly recognised: Recent
}

export class WorkerRegistry {
  readonly #workers = new Map<string, ConnectedWorker>()
  readonly #listeners = new Set<() => void>()

  /** Calls back when workers come, go, get ready, drain, or hold other attempts. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener)
  }

  /** Takes the place of an older connection of the same process. */
  add(worker: ConnectedWorker): void {
    this.#workers.set(worker.id, worker)
    this.#changed()
  }

  /** Whether it was there: a connection that was displaced is not. */
  remove(worker: ConnectedWorker): boolean {
    if (!this.has(worker)) return false
    this.#workers.delete(worker.id)
    this.#changed()
    return true
  }

  has(worker: ConnectedWorker): boolean {
    return this.#workers.get(worker.id) === worker
  }

  find(id: string): ConnectedWorker | null {
    return this.#workers.get(id) ?? null
  }

  all(): ConnectedWorker[] {
    return [...this.#workers.values()]
  }

  /** Changes what is known of a worker. */
  update(
    worker: ConnectedWorker,
    change: Partial<Pick<ConnectedWorker, 'draining' | 'leaving' | 'serving' | 'refused' | 'held'>>,
  ): void {
    Object.assign(worker, change)
    this.#changed()
  }

  /** Whether every worker that is connected has found this model at fault: of one, it may be the machine. */
  allRefuse(digest: string): boolean {
    return this.#workers.size > 0 && this.all().every(({ refused }) => refused === digest)
  }

  /** Those that serve this model and take work. */
  serving(digest: string): ConnectedWorker[] {
    return this.all().filter((worker) => worker.serving?.digest === digest && !worker.draining)
  }

  views(): WorkerView[] {
    return this.all()
      .map(toView)
      .sort((a, b) => a.name.localeCompare(b.name))
  }

  /** How each of them does just now. */
  figures(): WorkerFigures[] {
    const now = performance.now()
    return this.all()
      .map((worker) => ({
        ...toView(worker),
        cpu: worker.beat?.usage?.cpu ?? null,
        rssBytes: worker.beat?.usage?.rssBytes ?? null,
        beatAgeMs: worker.beat && now - worker.beat.at,
        recognised: worker.recognised.histogram().count,
        recent: worker.recognised.counts,
      }))
      .sort((a, b) => a.name.localeCompare(b.name))
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }
}

export function toView(worker: ConnectedWorker): WorkerView {
  const { id, name, slots, held, serving } = worker
  return {
    id,
    name,
    state: stateOf(worker),
    engine: serving?.engine ?? null,
    imagesPerSecond: serving?.imagesPerSecond ?? null,
    slots,
    busy: Math.min(slots, held),
    held,
  }
}

function stateOf({ draining, held, serving }: ConnectedWorker): WorkerView['state'] {
  if (draining) return held > 0 ? 'draining' : 'drained'
  return serving ? 'ready' : 'starting'
}
