/** The worker processes of a scenario: starts them, lets them die in each way, and knows when they did. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { TestCluster } from '../../server/testing/cluster.ts'

/** Without work a worker ends within a second; with some, within the longest photo. */
const END_MS = 30_000
/** More deaths than any scenario has are a defect. */
const MAX_RESTARTS = 50

export interface Member {
  /** On the job board and in the history of jobs. */
  readonly name: string
  readonly process: ChildProcess
}

export class Workforce {
  /** When a worker was killed or frozen, by its name, in milliseconds since 1970. */
  readonly goneAt = new Map<string, number>()
  readonly #cluster: TestCluster
  #members: Member[] = []
  #started = 0
  #deaths = 0
  #supervised = false

  constructor(cluster: TestCluster) {
    this.#cluster = cluster
  }

  /** Those that were started and have not been told to end. */
  get members(): readonly Member[] {
    return this.#members
  }

  /** How many were started. */
  get started(): number {
    return this.#started
  }

  /** How many have died unasked. */
  get deaths(): number {
    return this.#deaths
  }

  start(env: NodeJS.ProcessEnv = {}): Member {
    this.#started += 1
    const name = `worker-${this.#started}`
    const member: Member = { name, process: this.#cluster.startWorker({ ...env, WORKER_NAME: name }) }
    this.#members.push(member)
    member.process.once('exit', () => this.#died(member))
    return member
  }

  /** From now on, one that dies unasked is started again, as a supervisor would. */
  supervise(): void {
    this.#supervised = true
  }

  /** From now on, nobody is started again. */
  close(): void {
    this.#supervised = false
  }

  /** SIGKILL: returns when it is dead. */
  async kill(member: Member): Promise<void> {
    this.#dismiss(member)
    this.goneAt.set(member.name, Date.now())
    await ended(member.process, 'SIGKILL')
  }

  /** SIGTERM: returns its exit code when it has ended; null where a signal ended it. */
  async dismiss(member: Member): Promise<number | null> {
    this.#dismiss(member)
    return ended(member.process, 'SIGTERM')
  }

  /** SIGSTOP: its connection stays open, and it says nothing. */
  freeze(member: Member): void {
    this.goneAt.set(member.name, Date.now())
    member.process.kill('SIGSTOP')
  }

  thaw(member: Member): void {
    member.process.kill('SIGCONT')
  }

  #dismiss(member: Member): void {
    this.#members = this.#members.filter((other) => other !== member)
  }

  #died(member: Member): void {
    if (!this.#members.includes(member)) return
    this.#dismiss(member)
    this.#deaths += 1
    if (this.#supervised && this.#deaths < MAX_RESTARTS) this.start()
  }
}

/** Sends a signal that ends a process; returns its exit code when it has ended. */
export async function ended(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit', { signal: AbortSignal.timeout(END_MS) })
    child.kill(signal)
    await exited
  }
  return child.exitCode
}
