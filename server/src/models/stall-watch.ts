/** Aborts a download that has all but stopped. */

/** Below 1 KB/s a model of 14 MB would take four hours. */
const MIN_BYTES_PER_SECOND = 1024

export class StallWatch {
  readonly #abort = new AbortController()
  readonly #timer: NodeJS.Timeout
  #bytes = 0

  /** @param seconds how long the download may bring less than 1 KB a second */
  constructor(seconds: number) {
    this.#timer = setInterval(() => {
      if (this.#bytes < MIN_BYTES_PER_SECOND * seconds) {
        this.#abort.abort(new Error(`It sent next to nothing for ${seconds} s`))
      }
      this.#bytes = 0
    }, seconds * 1000)
  }

  /** Aborted, with the reason, when the download has stalled. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  received(bytes: number): void {
    this.#bytes += bytes
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
