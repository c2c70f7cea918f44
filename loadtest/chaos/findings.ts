/** What a scenario did, measured and found: one row of the table. */

export class Findings {
  readonly #done: string[] = []
  readonly #measured: string[] = []
  /** What did not hold. */
  readonly #broken: string[] = []
  readonly #tooSlow: string[] = []

  get done(): string {
    return this.#done.join(', ')
  }

  get measured(): string {
    return this.#measured.join('; ')
  }

  /** Counts and states that are not as they must be. */
  get broken(): readonly string[] {
    return this.#broken
  }

  /** Times that are beyond their bars, which hold for the full form on a machine that does nothing else. */
  get tooSlow(): readonly string[] {
    return this.#tooSlow
  }

  /** E.g. `1,000 jobs`. */
  did(what: string): void {
    this.#done.push(what)
  }

  measure(what: string): void {
    this.#measured.push(what)
  }

  /**
   * @param what must hold, whatever the machine
   * @param found instead, where it does not
   */
  check(what: string, holds: boolean, found?: string): void {
    if (!holds) this.#broken.push(found === undefined ? what : `${what} (but ${found})`)
  }

  /** @param what must hold where the machine does nothing else */
  bar(what: string, holds: boolean): void {
    if (!holds) this.#tooSlow.push(what)
  }

  /** The scenario could not be brought to its end. */
  fail(error: unknown): void {
    this.#broken.push(error instanceof Error ? error.message : String(error))
  }
}

/** E.g. `5,000`. */
export function count(number: number): string {
  return number.toLocaleString('en-US')
}
