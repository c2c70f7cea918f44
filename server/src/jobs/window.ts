/**
 * The claimed window: the jobs at the head of the queue, in memory and in the queue's order, so that dealing
 * asks no database and a million queued jobs cost disk, not memory. What lies beyond its end is read when it
 * runs low. Pure: it says what to read and is told what was found.
 */
import type { ImageType } from '@argus/shared'
import type { JobState } from './job-machine.ts'

/** Read at a time: some seconds of work for a large cluster. */
export const WINDOW_JOBS = 1000

/** A job as the scheduler needs it. */
export interface WindowJob extends JobState {
  readonly id: string
  readonly priority: number
  /** The fair queueing tag. */
  readonly rank: number
  readonly image: {
    readonly sha256: string
    readonly type: ImageType
    readonly width: number
    readonly height: number
  }
}

/** A place in the queue. */
export type Place = Pick<WindowJob, 'priority' | 'rank' | 'id'>

/** What is to be read: so many queued jobs after this place, or from the head of the queue. */
export interface Refill {
  readonly after: Place | null
  readonly limit: number
}

/** An end before the head of the queue: nothing is known of it. */
const BEFORE_ALL: Place = { priority: Number.POSITIVE_INFINITY, rank: 0, id: '' }

interface Meanwhile {
  readonly queued: WindowJob[]
  /** Runs that have ended, by job id. */
  readonly gone: Map<string, number>
  /** What is read is of no use: it is read again from the head. */
  doubted: boolean
}

export class Window {
  /** How many are read at a time. */
  readonly #size: number
  /** Below this the next ones are read. */
  readonly #low: number
  /** Beyond this those at the end are left to the database again: submits of high rank enter at any time. */
  readonly #max: number
  /** Jobs that wait, in their order. */
  readonly #waiting: WindowJob[] = []
  readonly #ids = new Set<string>()
  /** The last place that belongs to the window; null: all queued jobs do. */
  #end: Place | null = BEFORE_ALL
  /** What happened since the present read began, which may not have seen it; null: none is under way. */
  #meanwhile: Meanwhile | null = null

  /** @param size how many jobs are read at a time */
  constructor(size = WINDOW_JOBS) {
    this.#size = size
    this.#low = size / 2
    this.#max = size * 2
  }

  get waiting(): readonly WindowJob[] {
    return this.#waiting
  }

  find(id: string): WindowJob | null {
    return this.#ids.has(id) ? (this.#waiting.find((job) => job.id === id) ?? null) : null
  }

  /** A job that may have been queued after the present read began: enters where it belongs to the window. */
  offer(job: WindowJob): void {
    this.#meanwhile?.queued.push(job)
    if (this.#end === null || compare(job, this.#end) <= 0) this.put(job)
  }

  /** Puts a job back that the window has had already. */
  put(job: WindowJob): void {
    const known = this.find(job.id)
    if (known && known.run >= job.run) return
    if (known) this.take(job.id)
    this.#ids.add(job.id)
    this.#waiting.splice(this.#placeOf(job), 0, job)
    if (this.#waiting.length > this.#max) this.#shorten()
  }

  /** The job waits no longer: it was dealt, or has ended. */
  take(id: string): WindowJob | null {
    if (!this.#ids.delete(id)) return null
    const at = this.#waiting.findIndex((job) => job.id === id)
    return this.#waiting.splice(at, 1)[0] ?? null
  }

  /** This run of the job, and those before it, wait no longer; the present read may not know. */
  forget(id: string, run: number): void {
    const known = this.find(id)
    if (known && known.run <= run) this.take(id)
    const gone = this.#meanwhile?.gone
    gone?.set(id, Math.max(run, gone.get(id) ?? 0))
  }

  /** What is to be read now; null: nothing. The caller answers with `fill`, or `failed`. */
  refill(): Refill | null {
    const isHead = this.#end === BEFORE_ALL
    if (this.#meanwhile || this.#end === null) return null
    if (this.#waiting.length >= this.#low && !isHead) return null
    this.#meanwhile = { queued: [], gone: new Map(), doubted: false }
    return { after: isHead ? null : this.#end, limit: this.#size }
  }

  /**
   * Takes what was read.
   *
   * @param isKnown whether the scheduler has this run of the job in hand, whatever the database said of it
   */
  fill(jobs: readonly WindowJob[], isKnown: (job: WindowJob) => boolean): void {
    const meanwhile = this.#meanwhile
    this.#meanwhile = null
    if (!meanwhile || meanwhile.doubted) return
    this.#end = jobs.length < this.#size ? null : (jobs.at(-1) ?? null)
    const isNew = (job: WindowJob) => job.run > (meanwhile.gone.get(job.id) ?? 0) && !isKnown(job)
    // These first: they are newer than what was read.
    for (const job of meanwhile.queued) if (isNew(job)) this.offer(job)
    for (const job of jobs) if (isNew(job)) this.put(job)
  }

  /** The read failed; the next `refill` asks again. */
  failed(): void {
    this.#meanwhile = null
  }

  /** Jobs may have been queued of which nobody told: the queue is read again from its head. */
  doubt(): void {
    this.#end = BEFORE_ALL
    if (this.#meanwhile) this.#meanwhile.doubted = true
  }

  #shorten(): void {
    const rest = this.#waiting.splice(this.#size)
    // Of one that was put back, the database may not know yet that it waits again.
    const [kept, left] = [rest.filter(wasDealt), rest.filter((job) => !wasDealt(job))]
    const last = this.#waiting.at(-1)
    this.#waiting.push(...kept)
    if (left.length === 0) return
    for (const { id } of left) this.#ids.delete(id)
    // What is being read lies behind what is left here.
    if (this.#meanwhile) this.doubt()
    // One that was put back may lie beyond the end, with others before it that were never read.
    else if (last && (this.#end === null || compare(last, this.#end) < 0)) this.#end = last
  }

  #placeOf(job: WindowJob): number {
    let low = 0
    let high = this.#waiting.length
    while (low < high) {
      const middle = (low + high) >> 1
      const other = this.#waiting[middle]
      if (other && compare(other, job) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

function wasDealt({ attempts }: WindowJob): boolean {
  return attempts > 0
}

/** The queue's order: negative where `a` comes first. */
export function compare(a: Place, b: Place): number {
  if (a.priority !== b.priority) return b.priority - a.priority
  if (a.rank !== b.rank) return a.rank - b.rank
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}
