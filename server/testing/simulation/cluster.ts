/**
 * A whole cluster with its clients, and all that happens to them: jobs are submitted, cancelled and retried;
 * workers die, freeze, drain, leave and are cut off; the master is killed and the database goes away.
 */
import { isTerminal } from '@argus/shared'
import { demand } from './checks.ts'
import { Database } from './database.ts'
import type { Dice, Weights } from './dice.ts'
import { Master } from './master.ts'
import { Photos } from './photos.ts'
import { type Row, Rows } from './rows.ts'
import { Timeline } from './timeline.ts'
import { Worker } from './worker.ts'

const OWNERS = ['ann', 'bob', 'cyd'] as const

/** Something that can happen, for the trace. */
interface Action {
  readonly name: string
  readonly act: () => void
}

export interface ClusterOptions {
  readonly random: Dice
  readonly jobs: number
  readonly workers: number
  readonly windowJobs: number
  /** What is told of all that happens, for a person. */
  readonly trace?: (line: string) => void
}

export class Cluster {
  readonly timeline = new Timeline()
  readonly rows = new Rows()
  readonly #random: Dice
  readonly #photos: Photos
  readonly #database: Database
  readonly #options: ClusterOptions
  /** What can happen, and how often it does. */
  readonly #actions: Weights<Action>
  readonly #trace: (line: () => string) => void
  #master: Master | null = null
  /** By place; the process in it changes. */
  readonly #workers: Worker[] = []
  #begun = 0
  #submitted = 0
  /** Jobs whose submit was answered. */
  readonly #accepted = new Set<string>()

  constructor(options: ClusterOptions) {
    const { random, trace } = options
    this.#options = options
    this.#random = random
    this.#trace = (line) => trace?.(`${this.timeline.now} ${line()}`)
    this.#photos = new Photos(random)
    this.#database = new Database(this.rows, this.timeline, random)
    this.#actions = this.#everything()
    this.#startMaster()
    for (let place = 0; place < options.workers; place += 1) this.#startWorker(place)
  }

  /** Has something happen. */
  act(): void {
    const { name, act } = this.#random.weighted(this.#actions)
    this.#trace(() => `-- ${name}`)
    act()
  }

  /** Has all that was not yet submitted be submitted, and workers take work again. */
  calm(): void {
    while (this.#master && this.#submitted < this.#options.jobs) this.#submit()
    this.#resume()
  }

  /** Gives workers work that were drained. */
  #resume(): void {
    for (const { id } of this.#workers) this.#master?.drain(id, false)
  }

  /** Whether nothing is left to be done. */
  get isQuiet(): boolean {
    const master = this.#master
    if (!master || !this.#database.isThere || master.size > 0) return false
    for (const { job } of this.rows.all()) if (!isTerminal(job.status)) return false
    return this.#workers.every((worker) => worker.isIdle && master.workers.includes(worker.id))
  }

  /** What is left to be done, for a person. */
  get unfinished(): string {
    const jobs = [...this.rows.all()].filter(({ job }) => !isTerminal(job.status))
    const busy = this.#workers.filter((worker) => !worker.isIdle)
    const names = [...jobs.map(({ job }) => job.id), ...busy.map(({ id }) => id)]
    return `${names.join(', ')}; the scheduler remembers ${this.#master?.size}`
  }

  /** @throws Error where a job did not end as it should */
  checkEnds(): void {
    for (const id of this.#accepted) demand(this.rows.find(id), `${id} was accepted, and is no more`)
    for (const row of this.rows.all()) this.#checkEnd(row)
    demand(!this.#master?.isTimed, 'The scheduler waits for something')
  }

  #checkEnd({ job, attempts }: Row): void {
    const { id, status, error, failures, losses } = job
    const kind = this.#photos.kindOf(id)
    const run = [...attempts.values()].filter(({ held }) => held.run === job.run)
    demand(
      run.every(({ end }) => end !== null),
      `${id} has ended, and an attempt of it has not`,
    )
    const successes = run.filter(({ end }) => end === 'succeeded').length
    demand(successes === (status === 'SUCCEEDED' ? 1 : 0), `${id} is ${status} with ${successes} successes`)
    // Anyone may cancel.
    if (status === 'CANCELLED') return
    if (error === 'worker/lost') demand(losses === 3, `${id} failed after ${losses} losses`)
    else if (kind === 'poison') throw new Error(`${id} kills workers, and is ${status} ${error}`)
    else if (kind === 'unreadable') demand(error === 'image/unreadable', `${id} is ${status} ${error}`)
    else if (status === 'FAILED') demand(failures === 3, `${id} failed after ${failures} failures`)
    else demand(kind !== 'huge', `${id} cannot be recognised, and was`)
  }

  #everything(): Weights<Action> {
    const random = this.#random
    const worker = () => random.pick(this.#workers)
    return [
      [{ name: 'submit', act: () => this.#submit() }, 30],
      [{ name: 'cancel', act: () => this.#withJob(false, (id) => this.#master?.jobs.cancel(id)) }, 4],
      [{ name: 'retry', act: () => this.#withJob(true, (id) => this.#master?.jobs.retry(id)) }, 4],
      [{ name: 'kill', act: () => worker().kill() }, 4],
      [{ name: 'freeze', act: () => this.#freeze(worker()) }, 3],
      [{ name: 'cut', act: () => this.#cut(worker()) }, 5],
      [{ name: 'cut all', act: () => this.#cutAll() }, 0.7],
      [{ name: 'drain', act: () => this.#master?.drain(worker().id, true) }, 3],
      [{ name: 'resume', act: () => this.#resume() }, 4],
      [{ name: 'leave', act: () => worker().leave() }, 2],
      [{ name: 'kill the master', act: () => this.#killMaster() }, 0.5],
      [{ name: 'lose the database', act: () => this.#database.leave(random.int(100, 6000)) }, 0.5],
    ]
  }

  #submit(): void {
    const { jobs } = this.#options
    if (this.#submitted >= jobs || !this.#master) return
    this.#submitted += 1
    const id = `job${String(this.#submitted).padStart(2, '0')}`
    const kind = this.#photos.add(id)
    this.#trace(() => `${id} is ${kind}`)
    const priority = this.#random.chance(0.2) ? this.#random.int(-1, 1) : 0
    this.#master.jobs.submit({ id, owner: this.#random.pick(OWNERS), priority }, () => this.#accepted.add(id))
  }

  #withJob(hasEnded: boolean, act: (id: string) => void): void {
    const jobs = [...this.rows.all()].filter(({ job }) => isTerminal(job.status) === hasEnded)
    if (jobs.length > 0) act(this.#random.pick(jobs).job.id)
  }

  #freeze(worker: Worker): void {
    const random = this.#random
    // Now and then what answers the pings is not what is frozen.
    const pingMs = random.chance(0.5) ? random.int(3000, 5000) : Number.POSITIVE_INFINITY
    worker.freeze(random.int(200, 9000), pingMs)
  }

  #cutAll(): void {
    for (const worker of this.#workers) this.#cut(worker)
  }

  #cut(worker: Worker): void {
    const random = this.#random
    const delay = () => (random.chance(0.5) ? 0 : random.int(1, 4000))
    worker.cut({ worker: delay(), master: delay() })
  }

  #killMaster(): void {
    const master = this.#master
    this.#master = null
    if (!master) return
    master.kill()
    this.timeline.after(this.#random.int(100, 1000), () => this.#startMaster())
  }

  #startMaster(): void {
    const { timeline } = this
    // It waits for the database before it starts.
    if (!this.#database.isThere) {
      timeline.after(250, () => this.#startMaster())
      return
    }
    const { windowJobs } = this.#options
    const parts = { timeline, random: this.#random, database: this.#database, photos: this.#photos }
    this.#master = new Master({ ...parts, windowJobs, trace: this.#trace })
  }

  #startWorker(place: number): void {
    const random = this.#random
    const parts = { timeline: this.timeline, random, photos: this.#photos, trace: this.#trace }
    this.#begun += 1
    const worker = new Worker(`worker${this.#begun}`, random.int(1, 3), random.int(0, 2), {
      ...parts,
      master: () => this.#master,
      onEnd: () => this.timeline.after(random.int(100, 1500), () => this.#startWorker(place)),
    })
    this.#workers[place] = worker
  }
}
