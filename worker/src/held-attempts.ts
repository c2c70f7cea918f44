/**
 * The attempts that this worker holds. Each is fetched as soon as it is assigned and waits; when a thread is
 * free, of those that are fetched the one that was assigned first begins; its outcome goes to the outbox, where
 * it stays until the master has answered it:
 *
 *   assign → fetching → waiting → begun → in the outbox → answered
 *
 * An attempt can be dropped at any point. Until it has begun, it can be returned as well.
 */
import { type Assignment, type Outcome, type OutcomeAnswer, outcomeSchema, ProblemError } from '@argus/shared'
import type { Logger } from './log.ts'
import type { Outbox } from './outbox.ts'
import { PHOTO_LIMIT_MS } from './recogniser/pool.ts'
import type { Recogniser } from './recogniser/recogniser.ts'

/** A thread that has not ended so long after it was told to is stuck, and its photo with it. */
export const STUCK_MS = PHOTO_LIMIT_MS + 2000

const MAX_DETAIL_LENGTH = 2000

interface Fetched {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Milliseconds that the fetch took. */
  readonly took: number
  /** When it had ended, by `performance.now()`. */
  readonly at: number
}

interface Attempt {
  readonly assignment: Assignment
  /** Aborted when the attempt is dropped or returned. */
  readonly controller: AbortController
  /** Not null while it waits for the pool to take it. */
  fetched: Fetched | null
  /** When a thread began with it, by `performance.now()`. */
  begunAt: number | null
}

export interface HeldAttemptsParts {
  /** Photos that are recognised at once. */
  readonly slots: number
  /** Null where the photo cannot be had now; see `fetchImage`. */
  readonly fetch: (assignment: Assignment, signal: AbortSignal) => Promise<Fetched['bytes'] | null>
  readonly outbox: Outbox
  readonly log: Logger
}

export class HeldAttempts {
  readonly #parts: HeldAttemptsParts
  /** Those without an outcome, by ticket, in the order of their assignment. */
  readonly #working = new Map<string, Attempt>()
  #waiters: Array<{ readonly isMet: () => boolean; readonly resolve: () => void }> = []
  /** Photos with the pool, those of attempts that were dropped included. */
  #busy = 0
  #recogniser: Recogniser | null = null
  #draining = false

  constructor(parts: HeldAttemptsParts) {
    this.#parts = parts
  }

  get draining(): boolean {
    return this.#draining
  }

  /** Tickets of the attempts that are worked on, or wait for it, without those that a thread is stuck with. */
  get working(): string[] {
    const begunBefore = performance.now() - STUCK_MS
    const alive = [...this.#working].filter(([, { begunAt }]) => begunAt === null || begunAt > begunBefore)
    return alive.map(([ticket]) => ticket)
  }

  /** Tickets of the attempts whose leases are to be renewed. */
  get alive(): string[] {
    return [...this.working, ...this.#parts.outbox.tickets]
  }

  /** Works with this recogniser from now on; with null, it takes no attempts and returns those not begun. */
  serve(recogniser: Recogniser | null): void {
    this.#recogniser = recogniser
    if (!recogniser) this.#returnUnbegun()
  }

  /** Takes no attempts any more and returns those not begun, or takes them again. */
  drain(draining: boolean): void {
    this.#draining = draining
    if (draining) this.#returnUnbegun()
  }

  assign(assignment: Assignment): void {
    const { ticket } = assignment
    if (this.#working.has(ticket) || this.#parts.outbox.has(ticket)) return
    const attempt = { assignment, controller: new AbortController(), fetched: null, begunAt: null }
    this.#working.set(ticket, attempt)
    if (this.#draining || !this.#recogniser) this.#return(attempt)
    else void this.#fetch(attempt)
  }

  /** Forgets attempts that nobody waits for any more. One that has begun goes on, for nothing. */
  drop(tickets: readonly string[]): void {
    for (const ticket of tickets) {
      this.#working.get(ticket)?.controller.abort()
      this.#working.delete(ticket)
      this.#parts.outbox.remove(ticket)
    }
    this.#changed()
  }

  /** Forgets the outcomes that the master has answered. */
  answered(answers: readonly OutcomeAnswer[]): void {
    for (const { ticket } of answers) this.#parts.outbox.remove(ticket)
    const obsolete = answers.filter(({ answer }) => answer === 'obsolete')
    // Not the tickets: they open photos.
    if (obsolete.length > 0) this.#parts.log.debug({ obsolete: obsolete.length }, 'Outcomes came too late')
    this.#changed()
  }

  /** Resolves when nothing is held any more, not even in the outbox. */
  empty(): Promise<void> {
    return this.#until(() => this.#working.size === 0 && this.#parts.outbox.tickets.length === 0)
  }

  /** Resolves when the recogniser works on nothing. */
  idle(): Promise<void> {
    return this.#until(() => this.#busy === 0)
  }

  async #fetch(attempt: Attempt): Promise<void> {
    const startedAt = performance.now()
    try {
      const bytes = await this.#parts.fetch(attempt.assignment, attempt.controller.signal)
      if (!bytes) return this.#return(attempt)
      const at = performance.now()
      attempt.fetched = { bytes, took: at - startedAt, at }
      this.#beginNext()
    } catch (error) {
      this.#fail(attempt, error)
    }
  }

  #beginNext(): void {
    for (const attempt of this.#working.values()) {
      if (!this.#recogniser || this.#busy >= this.#parts.slots) return
      if (attempt.fetched) void this.#recognise(attempt, attempt.fetched, this.#recogniser)
    }
  }

  async #recognise(
    attempt: Attempt,
    { bytes, took, at }: Fetched,
    { digest, engine, pool }: Recogniser,
  ): Promise<void> {
    attempt.fetched = null
    this.#busy += 1
    try {
      const { ticket, image } = attempt.assignment
      const { classes, thumbnail, timings } = await pool.recognise(
        { image, bytes },
        {
          signal: attempt.controller.signal,
          onBegin: () => {
            attempt.begunAt = performance.now()
          },
        },
      )
      const allTimings = { fetch: took, wait: (attempt.begunAt ?? at) - at, ...timings }
      this.#end(attempt, {
        end: 'succeeded',
        ticket,
        digest,
        engine,
        classes,
        timings: allTimings,
        thumbnail,
      })
    } catch (error) {
      this.#fail(attempt, error)
    } finally {
      this.#busy -= 1
      this.#beginNext()
      this.#changed()
    }
  }

  #returnUnbegun(): void {
    for (const attempt of this.#working.values()) if (attempt.begunAt === null) this.#return(attempt)
  }

  #return(attempt: Attempt): void {
    this.#end(attempt, { end: 'returned', ticket: attempt.assignment.ticket })
    attempt.controller.abort()
  }

  #fail(attempt: Attempt, error: unknown): void {
    const code = error instanceof ProblemError ? error.code : 'worker/failed'
    const detail = (error instanceof Error ? error.message : String(error)).slice(0, MAX_DETAIL_LENGTH)
    this.#end(attempt, { end: 'failed', ticket: attempt.assignment.ticket, code, detail })
  }

  /** An attempt that was dropped or returned has no outcome. */
  #end(attempt: Attempt, outcome: Outcome): void {
    if (this.#working.get(outcome.ticket) !== attempt) return
    this.#working.delete(outcome.ticket)
    this.#parts.outbox.add(sendable(outcome))
  }

  #until(isMet: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push({ isMet, resolve })
      this.#changed()
    })
  }

  #changed(): void {
    const met = this.#waiters.filter(({ isMet }) => isMet())
    this.#waiters = this.#waiters.filter((waiter) => !met.includes(waiter))
    for (const { resolve } of met) resolve()
  }
}

/** The master cuts a worker off whose message does not fit the protocol, and would each time it is sent again. */
function sendable(outcome: Outcome): Outcome {
  const checked = outcomeSchema.safeParse(outcome)
  if (checked.success) return outcome
  const detail = `Its outcome is none: ${checked.error.message}`.slice(0, MAX_DETAIL_LENGTH)
  return { end: 'failed', ticket: outcome.ticket, code: 'worker/failed', detail }
}
