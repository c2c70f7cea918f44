/**
 * The system calls of a running process, as strace sees them: whether a write is on disk cannot be told from
 * inside. For tests of what `201 Created` promises.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findStrace } from './strace.ts'

const CALLS = 'openat,fsync,fdatasync,rename,renameat,renameat2,write,writev,pwrite64,pwritev,sendto,sendmsg'
/** Enough to see an id in a page of a database's log. */
const STRING_BYTES = 70_000
const ATTACH_MS = 10_000

export interface SystemCall {
  readonly name: string
  /** Its arguments as strace prints them; descriptors with the path behind them. */
  readonly args: string
  /** Seconds since 1970. */
  readonly began: number
  readonly ended: number
}

export class Trace {
  readonly #strace: ChildProcess
  readonly #folder: string

  private constructor(strace: ChildProcess, folder: string) {
    this.#strace = strace
    this.#folder = folder
  }

  /** Attaches to a process and all its threads; returns when it has. */
  static async attach(pid: number): Promise<Trace> {
    const program = findStrace()
    if (program === null) throw new Error('This machine has no strace')
    const folder = await mkdtemp(join(tmpdir(), 'argus-trace-'))
    const options = ['-f', '-y', '-T', '-ttt', '-s', String(STRING_BYTES), '-e', `trace=${CALLS}`]
    const strace = spawn(program, [...options, '-o', join(folder, 'trace'), '-p', String(pid)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    strace.stderr.on('data', (text) => {
      said += text
    })
    const deadline = Date.now() + ATTACH_MS
    while (!/attached/.test(said)) {
      if (strace.exitCode !== null || Date.now() > deadline) throw new Error(`strace did not attach: ${said}`)
      await sleep(20)
    }
    return new Trace(strace, folder)
  }

  /** Lets go of the process; returns what it has called, in the order of the calls' beginnings. */
  async stop(): Promise<SystemCall[]> {
    const exited = once(this.#strace, 'exit')
    this.#strace.kill('SIGINT')
    await exited
    const text = await readFile(join(this.#folder, 'trace'), 'latin1')
    await rm(this.#folder, { recursive: true })
    return parse(text)
  }
}

/** A call that another thread's interrupts is printed in two halves. */
function parse(text: string): SystemCall[] {
  const calls: SystemCall[] = []
  const unfinished = new Map<string, { name: string; args: string; began: number }>()
  for (const line of text.split('\n')) {
    const half = /^(\d+) +([\d.]+) (\w+)\((.*) <unfinished \.\.\.>$/.exec(line)
    if (half) {
      const [, thread = '', began, name = '', args = ''] = half
      unfinished.set(thread, { name, args, began: Number(began) })
      continue
    }
    const rest = /^(\d+) +([\d.]+) <\.\.\. (\w+) resumed>(.*)\) += (-?\d+).* <([\d.]+)>$/.exec(line)
    const whole = /^(\d+) +([\d.]+) (\w+)\((.*)\) += (-?\d+).* <([\d.]+)>$/.exec(line)
    const [, thread = '', at, name = '', args = '', result, lasted] = rest ?? whole ?? []
    if (Number(result) < 0 || at === undefined) continue
    const begun = rest ? unfinished.get(thread) : { name, args: '', began: Number(at) }
    if (!begun) continue
    calls.push({ name, args: begun.args + args, began: begun.began, ended: begun.began + Number(lasted) })
  }
  return calls.sort((a, b) => a.began - b.began)
}
