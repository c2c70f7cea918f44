/**
 * The outcomes that the master has not answered yet. Those of one tick leave together, and each stays until it
 * is answered: after a reconnect all are sent again, since nobody knows which of them arrived.
 */
import type { Outcome } from '@argus/shared'

/** Socket.IO refuses a message with more than ten binary attachments, and a thumbnail is one. */
const MAX_OUTCOMES = 10

export class Outbox {
  readonly #send: (outcomes: Outcome[]) => void
  readonly #unanswered = new Map<string, Outcome>()
  /** Tickets of what came in this tick. */
  #fresh: string[] = []

  /** @param send puts one message on its way; it may drop it while there is no connection */
  constructor(send: (outcomes: Outcome[]) => void) {
    this.#send = send
  }

  get tickets(): string[] {
    return [...this.#unanswered.keys()]
  }

  has(ticket: string): boolean {
    return this.#unanswered.has(ticket)
  }

  add(outcome: Outcome): void {
    this.#unanswered.set(outcome.ticket, outcome)
    this.#fresh.push(outcome.ticket)
    if (this.#fresh.length === 1) setImmediate(() => this.#deliver(this.#fresh))
  }

  /** Forgets an outcome, because it was answered or because nobody waits for it any more. */
  remove(ticket: string): void {
    this.#unanswered.delete(ticket)
  }

  /** Sends everything, on a new connection. */
  resend(): void {
    this.#deliver(this.tickets)
  }

  #deliver(tickets: string[]): void {
    this.#fresh = []
    const outcomes = tickets.flatMap((ticket) => this.#unanswered.get(ticket) ?? [])
    for (let from = 0; from < outcomes.length; from += MAX_OUTCOMES) {
      this.#send(outcomes.slice(from, from + MAX_OUTCOMES))
    }
  }
}
