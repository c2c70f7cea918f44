/** Those who wait for something, first come, first served. Whoever does not want it any more leaves the line. */

interface Place<Asked, Given> {
  readonly asked: Asked
  readonly give: (given: Given) => void
  readonly fail: (reason: unknown) => void
}

export class WaitingLine<Asked, Given> {
  readonly #places: Array<Place<Asked, Given>> = []

  /** What the first in the line asks for; undefined where nobody waits. */
  get first(): Asked | undefined {
    return this.#places[0]?.asked
  }

  /**
   * Waits at the end of the line.
   *
   * @param signal leaves the line, and rejects with its reason
   */
  async wait(asked: Asked, signal: AbortSignal): Promise<Given> {
    signal.throwIfAborted()
    let leave: () => void = () => undefined
    try {
      return await new Promise<Given>((give, fail) => {
        const place = { asked, give, fail }
        this.#places.push(place)
        leave = () => {
          const index = this.#places.indexOf(place)
          // Served in the same breath: it is for whoever waited to look at the signal once more.
          if (index === -1) return
          this.#places.splice(index, 1)
          fail(signal.reason)
        }
        signal.addEventListener('abort', leave)
      })
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }

  /** Gives the first in the line what it waits for. False where nobody waits. */
  serve(given: Given): boolean {
    const place = this.#places.shift()
    place?.give(given)
    return place !== undefined
  }

  /** Sends all away. */
  dissolve(reason: unknown): void {
    for (const { fail } of this.#places.splice(0)) fail(reason)
  }
}
