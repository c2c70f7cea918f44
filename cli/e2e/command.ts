/** The command `argus` as a process of its own, with a state folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { vi } from 'vitest'

const ARGUS = fileURLToPath(new URL('../bin/argus.js', import.meta.url))

export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const running = new Set<RunningCommand>()

export class RunningCommand {
  readonly process: ChildProcess
  readonly #closed: Promise<unknown>
  stdout = ''
  stderr = ''

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.process = spawn(process.execPath, [ARGUS, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
    })
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    this.#closed = once(this.process, 'close')
    running.add(this)
  }

  /** What it has printed so far on standard output, a document a line. */
  get documents(): unknown[] {
    return documentsOf(this.stdout)
  }

  /** Waits for its end. */
  async end(): Promise<Ended> {
    await this.#closed
    running.delete(this)
    const { stdout, stderr } = this
    return { code: this.process.exitCode, stdout, stderr }
  }

  kill(signal: NodeJS.Signals): Promise<Ended> {
    this.process.kill(signal)
    return this.end()
  }

  /** Waits until it has come to this, which it cannot any more when it has ended. */
  async becomes(what: () => void): Promise<void> {
    const isEnded = this.#closed.then(() => {
      throw new Error(`argus has ended:\n${this.stderr}\n${this.stdout}`)
    })
    await Promise.race([vi.waitFor(what, { timeout: 60_000, interval: 20 }), isEnded])
  }
}

/** Runs a command to its end. */
export function argus(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new RunningCommand(args, env).end()
}

/** Ends what a test that failed has left. */
export async function endCommands(): Promise<void> {
  await Promise.all([...running].map((command) => command.kill('SIGKILL')))
}

/** The documents of text that has one a line; a last line that is not whole yet is left out. */
export function documentsOf(text: string): unknown[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line): unknown => JSON.parse(line))
}
