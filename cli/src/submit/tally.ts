/** What has become of the files of a submit, as the master's answers and events tell it. */
import { isTerminal, type Job, type JobStatus } from '@argus/shared'

/** `REMOVED`: someone deleted the job. `UNKNOWN`: it was accepted, and nothing was heard of it yet. */
type State = JobStatus | 'REMOVED' | 'UNKNOWN'

interface Known {
  readonly revision: number
  readonly state: State
  /** Why it failed. */
  readonly error: string | null
}

/** Why a file was not taken. */
export interface Refusal {
  readonly code?: string | undefined
  readonly title: string
  readonly detail?: string | undefined
}

export interface TallyCounts {
  readonly files: number
  readonly accepted: number
  readonly refused: number
  readonly succeeded: number
  readonly failed: number
  readonly cancelled: number
  readonly removed: number
  /** Accepted files whose jobs have ended in any way. */
  readonly ended: number
}

const NOTHING_KNOWN: Known = { revision: -1, state: 'UNKNOWN', error: null }

export class Tally {
  readonly #files: number
  /** Of the batch; events may be here before the answer that says which file it is. */
  readonly #jobs = new Map<string, Known>()
  /** Files by job. */
  readonly #accepted = new Map<string, number>()
  readonly #refused = new Map<number, Refusal>()
  readonly #counts = new Map<State, number>()

  /** @param files how many there are */
  constructor(files: number) {
    this.#files = files
  }

  get counts(): TallyCounts {
    const of = (state: State) => this.#counts.get(state) ?? 0
    const [succeeded, failed, cancelled, removed] = [
      of('SUCCEEDED'),
      of('FAILED'),
      of('CANCELLED'),
      of('REMOVED'),
    ]
    return {
      files: this.#files,
      accepted: this.#accepted.size,
      refused: this.#refused.size,
      succeeded,
      failed,
      cancelled,
      removed,
      ended: succeeded + failed + cancelled + removed,
    }
  }

  /** Every file is with the master, or was refused. */
  get isSubmitted(): boolean {
    return this.#accepted.size + this.#refused.size === this.#files
  }

  /** Nothing is going to change any more. */
  get isComplete(): boolean {
    return this.isSubmitted && this.counts.ended === this.#accepted.size
  }

  /** @returns the place of the file that this is the job of */
  fileOf(job: string): number | undefined {
    return this.#accepted.get(job)
  }

  /** The files that were refused, in their order. */
  get refusals(): ReadonlyArray<readonly [file: number, refusal: Refusal]> {
    return [...this.#refused].sort(([one], [other]) => one - other)
  }

  /** The files whose jobs failed, in their order. */
  get failures(): ReadonlyArray<readonly [file: number, error: string]> {
    return [...this.#accepted]
      .flatMap(([job, file]) => {
        const error = this.#jobs.get(job)?.error
        return error ? [[file, error] as const] : []
      })
      .sort(([one], [other]) => one - other)
  }

  accept(file: number, job: string): void {
    this.#accepted.set(job, file)
    this.#count(this.#known(job).state, 1)
  }

  refuse(file: number, refusal: Refusal): void {
    this.#refused.set(file, refusal)
  }

  /** Takes a job as it was at its revision, in whatever order they come. */
  note({ id, revision, status, error }: Job): void {
    this.#set(id, { revision, state: status, error: error ? `${error.title} (${error.code})` : null })
  }

  remove(job: string): void {
    this.#set(job, { revision: Number.POSITIVE_INFINITY, state: 'REMOVED', error: null })
  }

  /** The jobs that have not ended, as far as is known. */
  get open(): string[] {
    return [...this.#accepted.keys()].filter((job) => !hasEnded(this.#known(job).state))
  }

  #known(job: string): Known {
    return this.#jobs.get(job) ?? NOTHING_KNOWN
  }

  #set(job: string, known: Known): void {
    const before = this.#known(job)
    if (known.revision <= before.revision) return
    this.#jobs.set(job, known)
    if (!this.#accepted.has(job)) return
    this.#count(before.state, -1)
    this.#count(known.state, 1)
  }

  #count(state: State, change: number): void {
    this.#counts.set(state, (this.#counts.get(state) ?? 0) + change)
  }
}

function hasEnded(state: State): boolean {
  return state === 'REMOVED' || (state !== 'UNKNOWN' && isTerminal(state))
}
