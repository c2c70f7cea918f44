/** Gathers the outcomes of one tick and sends them as one message. */
import type { Outcome } from '@argus/shared'

export class Outbox {
  readonly #send: (outcomes: Outcome[]) => void
  #gathered: Outcome[] = []

  constructor(send: (outcomes: Outcome[]) => void) {
    this.#send = send
  }

  add(outcome: Outcome): void {
    this.#gathered.push(outcome)
    if (this.#gathered.length === 1) setImmediate(() => this.#flush())
  }

  #flush(): void {
    const outcomes = this.#gathered
    this.#gathered = []
    this.#send(outcomes)
  }
}
