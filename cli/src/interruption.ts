/** Ctrl-C and SIGTERM while a command is at work. */
import { setMaxListeners } from 'node:events'
import { EXIT, type ExitCode } from './exit.ts'

const EXITS = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const

export class Interruption {
  readonly #stop = new AbortController()
  #exit: ExitCode | null = null
  readonly #onSignal = (signal: NodeJS.Signals) => {
    if (signal === 'SIGINT' || signal === 'SIGTERM') this.#exit = EXITS[signal]
    this.#stop.abort()
  }

  constructor() {
    // Every upload listens.
    setMaxListeners(0, this.#stop.signal)
    // Once each: whoever sends a second one will not wait.
    process.once('SIGINT', this.#onSignal).once('SIGTERM', this.#onSignal)
  }

  /** Aborted when the command is to end. */
  get signal(): AbortSignal {
    return this.#stop.signal
  }

  /** What the command ends with; null while nobody has ended it. */
  get exit(): ExitCode | null {
    return this.#exit
  }

  /** Ends what is still going on, and listens no more. */
  close(): void {
    this.#stop.abort()
    process.off('SIGINT', this.#onSignal).off('SIGTERM', this.#onSignal)
  }
}
