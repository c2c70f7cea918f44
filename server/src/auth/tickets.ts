/**
 * A ticket lets whoever has it fetch one photo; each attempt brings its own. It is an HMAC with the master's
 * key, so nothing of it is stored, and it stays good when the master restarts.
 */
import { createHmac } from 'node:crypto'
import { isSameSecret } from './compare.ts'

export interface TicketSubject {
  readonly jobId: string
  readonly attempt: number
  readonly sha256: string
}

export class Tickets {
  readonly #key: string

  constructor(masterKey: string) {
    this.#key = masterKey
  }

  /** The ticket: `<job>.<attempt>.<signature>`. */
  issue(subject: TicketSubject): string {
    return `${subject.jobId}.${subject.attempt}.${this.#sign(subject)}`
  }

  /** Whether this ticket opens the photo of this hash. */
  opens(ticket: string, sha256: string): boolean {
    const [jobId, attempt, signature] = ticket.split('.')
    if (!jobId || !attempt || !signature) return false
    return isSameSecret(signature, this.#sign({ jobId, attempt: Number(attempt), sha256 }))
  }

  #sign({ jobId, attempt, sha256 }: TicketSubject): string {
    return createHmac('sha256', this.#key).update(`image ${jobId} ${attempt} ${sha256}`).digest('base64url')
  }
}
