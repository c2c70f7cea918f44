/** What is to be sent to workers: gathered in a tick of the event loop, and sent as one array of each kind. */
import type { Assignment, OutcomeAnswer } from '@argus/shared'
import type { ConnectedWorker } from './worker-registry.ts'

interface Post {
  readonly answers: OutcomeAnswer[]
  readonly revoked: string[]
  readonly assignments: Assignment[]
}

export class Postbox {
  #posts = new Map<ConnectedWorker, Post>()

  answer(worker: ConnectedWorker, answer: OutcomeAnswer): void {
    this.#of(worker).answers.push(answer)
  }

  revoke(worker: ConnectedWorker, ticket: string): void {
    this.#of(worker).revoked.push(ticket)
  }

  assign(worker: ConnectedWorker, assignment: Assignment): void {
    this.#of(worker).assignments.push(assignment)
  }

  #of(worker: ConnectedWorker): Post {
    if (this.#posts.size === 0) setImmediate(() => this.#send())
    const post = this.#posts.get(worker) ?? { answers: [], revoked: [], assignments: [] }
    this.#posts.set(worker, post)
    return post
  }

  #send(): void {
    const posts = this.#posts
    this.#posts = new Map()
    for (const [{ link }, { answers, revoked, assignments }] of posts) {
      // Answers first: they empty the slots that the assignments fill.
      if (answers.length > 0) link.answers(answers)
      if (revoked.length > 0) link.revoke(revoked)
      if (assignments.length > 0) link.assign(assignments)
    }
  }
}
