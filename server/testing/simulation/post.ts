/** What workers/postbox.ts does: what gathers in a tick leaves together, answers first, assignments last. */
import { type HeldAttempt, keyOf } from '../../src/jobs/scheduler.ts'
import type { WorkerEnd } from './messages.ts'
import type { Timeline } from './timeline.ts'

interface Letter {
  readonly answers: HeldAttempt[]
  readonly revoked: HeldAttempt[]
  readonly assigned: HeldAttempt[]
}

export class Post {
  readonly #timeline: Timeline
  readonly #isAlive: () => boolean
  #letters = new Map<WorkerEnd, Letter>()

  /** @param isAlive whether the master is, when the tick ends */
  constructor(timeline: Timeline, isAlive: () => boolean) {
    this.#timeline = timeline
    this.#isAlive = isAlive
  }

  answer(to: WorkerEnd | null, held: HeldAttempt): void {
    this.#letter(to)?.answers.push(held)
  }

  assign(to: WorkerEnd | null, held: HeldAttempt): void {
    this.#letter(to)?.assigned.push(held)
  }

  /** What has not been sent yet is not sent. */
  revoke(to: WorkerEnd | null, held: HeldAttempt): void {
    const letter = this.#letter(to)
    const at = letter?.assigned.findIndex((other) => keyOf(other) === keyOf(held)) ?? -1
    if (at < 0) letter?.revoked.push(held)
    else letter?.assigned.splice(at, 1)
  }

  #letter(to: WorkerEnd | null): Letter | null {
    if (!to) return null
    if (this.#letters.size === 0) this.#timeline.after(0, () => this.#send())
    const letter = this.#letters.get(to) ?? { answers: [], revoked: [], assigned: [] }
    this.#letters.set(to, letter)
    return letter
  }

  #send(): void {
    const letters = this.#letters
    this.#letters = new Map()
    if (!this.#isAlive()) return
    for (const [to, { answers, revoked, assigned }] of letters) {
      if (answers.length > 0) to.answers(answers)
      if (revoked.length > 0) to.revoke(revoked)
      if (assigned.length > 0) to.assign(assigned)
    }
  }
}
