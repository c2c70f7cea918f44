/**
 * A ticket names one attempt and is its authority: it opens the photo, and it proves that the outcome which
 * comes with it is of an attempt that this master dealt to this worker. It is an HMAC with the master's key,
 * so nothing of it is stored, and it stays good when the master restarts: an assignment need not be on disk
 * before it is sent.
 */
import { createHmac } from 'node:crypto'
import { isSameSecret } from './compare.ts'

export interface TicketSubject {
  readonly jobId: string
  readonly run: number
  readonly attempt: number
  /** Boot id of the worker. */
  readonly worker: string
  /** Of the photo. */
  readonly sha256: string
}

export class Tickets {
  readonly #key: string

  constructor(masterKey: string) {
    this.#key = masterKey
  }

  /** The ticket: `<job>.<run>.<attempt>.<worker>.<photo>.<signature>`. */
  issue({ jobId, run, attempt, worker, sha256 }: TicketSubject): string {
    const subject = [jobId, run, attempt, worker, sha256].join('.')
    return `${subject}.${this.#sign(subject)}`
  }

  /** What the ticket was issued for; null where it is not of this master. */
  read(ticket: string): TicketSubject | null {
    const parts = ticket.split('.')
    const signature = parts.pop() ?? ''
    const [jobId, run, attempt, worker, sha256] = parts
    if (!jobId || !worker || !sha256 || parts.length !== 5) return null
    if (!isSameSecret(signature, this.#sign(parts.join('.')))) return null
    return { jobId, run: Number(run), attempt: Number(attempt), worker, sha256 }
  }

  #sign(subject: string): string {
    return createHmac('sha256', this.#key).update(`attempt ${subject}`).digest('base64url')
  }
}
