/**
 * How many cores this process uses, over the last seconds. An entry point of its own: a browser has no processes.
 */
const SAMPLE_MS = 5000

export class CpuMeter {
  #last = { at: performance.now(), usage: process.cpuUsage() }
  #cores = 0
  readonly #timer: NodeJS.Timeout

  constructor() {
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS).unref()
  }

  /** 1 is one whole core; 0 for the first seconds. */
  get cores(): number {
    return this.#cores
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #sample(): void {
    const { user, system } = process.cpuUsage(this.#last.usage)
    const at = performance.now()
    this.#cores = (user + system) / 1000 / (at - this.#last.at)
    this.#last = { at, usage: process.cpuUsage() }
  }
}
