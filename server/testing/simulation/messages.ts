/** What master and workers say to each other in the simulation. */
import type { End, HeldAttempt } from '../../src/jobs/scheduler.ts'
import type { Link } from './link.ts'

export interface Outcome {
  readonly held: HeldAttempt
  readonly end: End
}

export interface Hello {
  readonly worker: string
  readonly slots: number
  readonly prefetch: number
  readonly draining: boolean
  readonly held: readonly HeldAttempt[]
}

/** What the master says on a connection. */
export interface WorkerEnd {
  welcome(dropped: readonly HeldAttempt[]): void
  assign(attempts: readonly HeldAttempt[]): void
  answers(attempts: readonly HeldAttempt[]): void
  revoke(attempts: readonly HeldAttempt[]): void
  drain(draining: boolean): void
  /** The master, or the network, has ended the connection. */
  closed(): void
}

/** What a worker says on a connection. */
export interface MasterEnd {
  accept(link: Link, hello: Hello, end: WorkerEnd): void
  ready(link: Link): void
  beat(link: Link, held: readonly HeldAttempt[]): void
  take(link: Link, outcomes: readonly Outcome[]): void
  draining(link: Link, draining: boolean): void
  disconnected(link: Link, goodbye: boolean): void
  /** Ends the connection. */
  hangUp(link: Link): void
}
