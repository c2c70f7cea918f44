/**
 * Hedged requests: one whose answer is late is sent once more, and the first answer counts (Dean and Barroso, "The
 * Tail at Scale", CACM 2013). On a link that loses packets an answer may come only after some retransmissions, while
 * a copy over another connection is answered at once.
 */
import { Failure } from './failure.ts'

/** Sends the request; has to be safe to repeat. Every copy is ended by the same signal. */
export type Attempt<T> = (signal: AbortSignal) => Promise<T>

/** Answers whose times are kept: enough for a percentile, few enough to follow a link that changes. */
const KEPT = 100
/** Answers that are known before the first copy: two of them are slower than the percentile, not just one. */
const KNOWN = 20
/** An answer is late that takes longer than this share of all: one in ten, so that copies are few. */
const LATE = 0.9
/**
 * A quarter of the 200 ms (Linux, TCP_RTO_MIN) after which an answer that got lost is sent again at the earliest:
 * a copy of what is merely slow for a fast link has its cost, and hardly anything to win.
 */
const SHORTEST_DELAY_MS = 50
/** What takes longer waits for no answer that got lost, but for a narrow link or the master: a copy is no help. */
const LONGEST_DELAY_MS = 10_000
/** Copies of one request: their answers may get lost, too. */
const MOST_COPIES = 2
/**
 * Answers that earn a copy. A master that is slow because it is busy must not get much more to do by copies, and the
 * wait alone does not see to that: where all answers become slower at once, all are late. A fifth of a copy each is
 * what Finagle's RetryBudget grants by default, and twice what one late request in ten takes.
 */
const COPY_COSTS = 5
/**
 * Copies that are not earned first, and the most that can be saved up: a link that stalls stalls all uploads at once,
 * eight by default. A master that answers nothing gets no more than these.
 */
const BURST = 10
/** Four retransmissions in a row, of 0.2, 0.4, 0.8 and 1.6 s: later answers tell nothing more. */
const GRACE_MS = 3000

interface Answered {
  readonly ms: number
  /** Of the request. */
  readonly bytes: number
}

export class Hedge {
  readonly #signal: AbortSignal
  /** The newest last. */
  readonly #answers: Answered[] = []
  /** Of requests with copies that are under way. */
  readonly #open = new Set<AbortController>()
  /** In answers. */
  #earned = BURST * COPY_COSTS
  #hedged = 0

  /** @param signal ends all requests */
  constructor(signal: AbortSignal) {
    this.#signal = signal
    signal.addEventListener('abort', () => this.close(), { once: true })
  }

  /** Requests of which a copy was sent. */
  get hedged(): number {
    return this.#hedged
  }

  /**
   * Milliseconds after which an answer is late; null where none is, e.g. while too few are known. What is larger than
   * most takes longer where the link is narrow, and its copy would make that worse: it is waited for in proportion.
   *
   * @param bytes of the request's body
   */
  delayMs(bytes: number): number | null {
    const { length } = this.#answers
    if (length < KNOWN) return null
    const sorted = this.#answers.map(({ ms }) => ms).sort((one, other) => one - other)
    const late = sorted[Math.ceil(length * LATE) - 1] ?? 0
    const usual = this.#answers.reduce((sum, answer) => sum + answer.bytes, 0) / length
    const delay = Math.max(SHORTEST_DELAY_MS, bytes > usual ? (late * bytes) / usual : late)
    return delay > LONGEST_DELAY_MS ? null : delay
  }

  /**
   * Sends a request, and copies of it while there is no answer: each after twice the wait of the one before. A refusal
   * is an answer, too; a failure that passes is none while another copy is under way.
   *
   * @param bytes of its body
   * @throws what the first answer threw; where no copy was answered, the Failure that tells most
   */
  async run<T>(bytes: number, attempt: Attempt<T>): Promise<T> {
    this.#signal.throwIfAborted()
    const stop = new AbortController()
    this.#open.add(stop)
    const send = () => this.#send(bytes, attempt, stop.signal)
    const copies = [send()]
    try {
      let wait = this.delayMs(bytes)
      while (wait !== null && copies.length <= MOST_COPIES) {
        if (!(await isLate(Promise.any(copies), wait)) || !this.#affordsCopy()) break
        if (copies.length === 1) this.#hedged += 1
        copies.push(send())
        wait *= 2
      }
      const answer = await Promise.any(copies)
      this.#earned = Math.min(BURST * COPY_COSTS, this.#earned + 1)
      if (answer.status === 'rejected') throw answer.reason
      return answer.value
    } catch (error) {
      throw error instanceof AggregateError ? mostTelling(error.errors) : error
    } finally {
      void this.#giveUp(copies, stop)
    }
  }

  /** Ends all that is under way, also what was answered by another copy. */
  close(): void {
    for (const stop of this.#open) stop.abort(this.#signal.reason)
  }

  /** @throws Failure that passes */
  async #send<T>(bytes: number, attempt: Attempt<T>, signal: AbortSignal): Promise<PromiseSettledResult<T>> {
    const sentAt = performance.now()
    const [answer] = await Promise.allSettled([attempt(signal)])
    if (answer.status === 'rejected' && isTemporary(answer.reason)) throw answer.reason
    // Also of those that come too late to count, or are given up: else ever quicker answers would be late.
    this.#answers.push({ ms: performance.now() - sentAt, bytes })
    if (this.#answers.length > KEPT) this.#answers.shift()
    return answer
  }

  #affordsCopy(): boolean {
    if (this.#earned < COPY_COSTS) return false
    this.#earned -= COPY_COSTS
    return true
  }

  /** Not at once: with HTTP/1.1, to end a request is to close its connection. */
  async #giveUp(copies: readonly Promise<unknown>[], stop: AbortController): Promise<void> {
    if (await isLate(Promise.allSettled(copies), GRACE_MS)) stop.abort()
    this.#open.delete(stop)
  }
}

/** Whether something is still under way after so many milliseconds. */
async function isLate(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<true>((resolve) => {
    timer = setTimeout(resolve, ms, true)
  })
  const done = () => false
  return await Promise.race([work.then(done, done), late]).finally(() => clearTimeout(timer))
}

function isTemporary(error: unknown): boolean {
  return error instanceof Failure && error.isTemporary
}

/** What the master has said itself, e.g. how long to wait; else the first. */
function mostTelling(failures: readonly unknown[]): unknown {
  return failures.find((failure) => failure instanceof Failure && failure.status !== null) ?? failures[0]
}
