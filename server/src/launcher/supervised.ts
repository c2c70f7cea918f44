/** A child process that is started again when it dies, later each time, and is ended in good order. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { EXIT_UNUSABLE_SETTINGS } from '@argus/shared/process'

const FIRST_DELAY_MS = 250
const MAX_DELAY_MS = 10_000
/** One that ran for so long starts over with the first delay. */
const STABLE_MS = 30_000
/** A worker that drains finishes its photos, which takes 30 s at most. */
const STOP_GRACE_MS = 35_000

export interface SupervisedOptions {
  readonly name: string
  /** Path of the script that Node runs. */
  readonly script: string
  /** Asked for at each start. */
  readonly env: () => NodeJS.ProcessEnv
  readonly onMessage?: (message: unknown) => void
  /** Gets the child's standard output and standard error, anew for each start. */
  readonly onOutput: (output: Readable) => void
  /** Tells a person that it died and is started again. */
  readonly onRestart: (notice: string) => void
  /** It will not be started again. */
  readonly onGivenUp: () => void
  /** One that does not end within this is killed. */
  readonly stopGraceMs?: number
}

export class Supervised {
  readonly #options: SupervisedOptions
  #child: ChildProcess | null = null
  #stopping = false
  #delay = FIRST_DELAY_MS

  constructor(options: SupervisedOptions) {
    this.#options = options
  }

  start(): void {
    const { script, env, onMessage, onOutput } = this.#options
    const startedAt = Date.now()
    // Detached: a Ctrl-C in the terminal reaches the launcher alone, which ends the others in good order.
    const child = fork(script, { env: env(), stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true })
    this.#child = child
    if (child.stdout) onOutput(child.stdout)
    if (child.stderr) onOutput(child.stderr)
    if (onMessage) child.on('message', onMessage)
    // Where there is no process to be had (EAGAIN), there is no exit either.
    child.once('error', () => void this.#exited(child.exitCode, null, 0))
    child.once('exit', (code, signal) => void this.#exited(code, signal, Date.now() - startedAt))
  }

  /** Asks the child to end, and kills it if it does not. */
  async stop(): Promise<void> {
    this.#stopping = true
    const child = this.#child
    if (!child) return
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    const killer = setTimeout(() => child.kill('SIGKILL'), this.#options.stopGraceMs ?? STOP_GRACE_MS)
    await exited
    clearTimeout(killer)
  }

  /** Ends the child at once. */
  kill(): void {
    this.#stopping = true
    this.#child?.kill('SIGKILL')
  }

  async #exited(code: number | null, signal: NodeJS.Signals | null, livedMs: number): Promise<void> {
    this.#child = null
    if (this.#stopping) return
    const { name, onRestart, onGivenUp } = this.#options
    if (code === EXIT_UNUSABLE_SETTINGS) {
      onGivenUp()
      return
    }
    if (livedMs > STABLE_MS) this.#delay = FIRST_DELAY_MS
    const delay = this.#delay
    this.#delay = Math.min(MAX_DELAY_MS, delay * 2)
    onRestart(`${name} died (${signal ?? `exit code ${code}`}) and is started again in ${delay / 1000} s.`)
    await sleep(delay)
    if (!this.#stopping) this.start()
  }
}
