/**
 * A MariaDB of a test's own: its data in a temporary folder, its server on a free loopback port, so that it
 * can be killed and started again and never meets one that serves this machine. What a test starts it must
 * stop.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { createConnection } from 'mysql2/promise'
import { findFreePort } from '../src/launcher/free-port.ts'

const USER = 'argus'

type Command = readonly [file: string, ...words: string[]]

/** Where MariaDB's server is: what MARIADBD names, or Debian's. Null on a machine without it. */
export function findMariaDb(): string | null {
  const server = process.env.MARIADBD || '/usr/sbin/mariadbd'
  return existsSync(server) && existsSync(installerOf(server)) ? server : null
}

export class TestMariaDb {
  /** Of the database `argus`, which is there and empty. Its user may do everything. */
  readonly url: string
  readonly #folder: string
  readonly #command: Command
  #server: ChildProcess | null = null

  private constructor(folder: string, url: string, command: Command) {
    this.#folder = folder
    this.url = url
    this.#command = command
  }

  /**
   * Makes a data folder, which takes a second or two, and starts the server on it.
   *
   * @param settings of mariadbd beside those that the kit makes, e.g. `--max-connections=2`
   */
  static async start(...settings: string[]): Promise<TestMariaDb> {
    const file = findMariaDb()
    if (file === null) throw new Error('This machine has no MariaDB')
    const folder = await mkdtemp(join(tmpdir(), 'argus-mariadb-'))
    try {
      // Not even as root does it change to another user: the folder is this one's.
      const asRoot = process.getuid?.() === 0 ? ['--user=root'] : []
      // Servers that share a folder for temporary files remove each other's.
      const common = [
        '--no-defaults',
        ...asRoot,
        `--datadir=${join(folder, 'data')}`,
        `--tmpdir=${folder}`,
        ...settings,
      ]
      // Its root comes in by the socket alone, so that nobody else on this machine does.
      const install = ['--auth-root-authentication-method=socket', '--skip-test-db']
      await promisify(execFile)(installerOf(file), [...common, ...install])

      const password = randomBytes(12).toString('base64url')
      await writeFile(join(folder, 'start.sql'), accountSql(password), { mode: 0o600 })
      const port = await findFreePort('127.0.0.1', 0)
      const database = new TestMariaDb(folder, `mysql://${USER}:${password}@127.0.0.1:${port}/argus`, [
        file,
        ...common,
        `--socket=${join(folder, 'socket')}`,
        `--pid-file=${join(folder, 'pid')}`,
        `--init-file=${join(folder, 'start.sql')}`,
        '--bind-address=127.0.0.1',
        `--port=${port}`,
        '--skip-name-resolve',
      ])
      await database.restart()
      return database
    } catch (error) {
      await rm(folder, { recursive: true, force: true })
      throw error
    }
  }

  /** Of the server's process; 0 while none runs. */
  get pid(): number {
    return this.#server?.pid ?? 0
  }

  /** Lets it take connections and say nothing; returns when it does so: for some time it may still answer. */
  async freeze(): Promise<void> {
    this.#server?.kill('SIGSTOP')
    while (!(await isStopped(this.pid))) await sleep(1)
  }

  thaw(): void {
    this.#server?.kill('SIGCONT')
  }

  /** Kills it as a power cut would and returns when it has ended. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Tells it to end in good order, which tells its clients, and returns when it has. */
  async shutDown(): Promise<void> {
    await this.#end('SIGTERM')
  }

  /** Starts it again, with its data and at its port; ends it before where it runs. */
  async restart(): Promise<void> {
    await this.kill()
    const [file, ...words] = this.#command
    const server = spawn(file, words, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#server = server
    await new Promise<void>((resolve, reject) => {
      let output = ''
      // Read to its end: a full pipe would stop the server.
      server.stderr.on('data', (text) => {
        output += text
        if (output.includes('ready for connections')) resolve()
      })
      server.once('error', reject)
      server.once('exit', () => reject(new Error(`mariadbd ended:\n${output}`)))
    })
  }

  /** Ends it and removes its data. */
  async stop(): Promise<void> {
    await this.kill()
    await rm(this.#folder, { recursive: true, force: true })
  }

  /** @returns the URL of another empty database, as this master would make it, on the same server */
  async createDatabase(): Promise<string> {
    const name = `argus_${randomUUID().replaceAll('-', '')}`
    const connection = await createConnection(this.url)
    try {
      await connection.query('CREATE DATABASE ??', [name])
    } finally {
      await connection.end()
    }
    return Object.assign(new URL(this.url), { pathname: `/${name}` }).href
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const server = this.#server
    this.#server = null
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const exited = once(server, 'exit')
    server.kill(signal)
    await exited
  }
}

/** Whether all threads of a process have been stopped by a signal (`T` in proc(5)), where there is a /proc. */
async function isStopped(pid: number): Promise<boolean> {
  const threads = `/proc/${pid}/task`
  if (!existsSync(threads)) return true
  const states = (await readdir(threads)).map(async (id) => {
    // One that has just ended has no state, and the others are still about to be stopped.
    const stat = await readFile(join(threads, id, 'stat'), 'utf8').catch(() => '')
    return stat.charAt(stat.lastIndexOf(')') + 2)
  })
  return (await Promise.all(states)).every((state) => state === 'T')
}

/** Debian has it in /usr/bin beside /usr/sbin, other systems in one folder with the server. */
function installerOf(server: string): string {
  return join(dirname(server), '..', 'bin', 'mariadb-install-db')
}

/** Run at each start of the server, so it says only what should be. */
function accountSql(password: string): string {
  return `CREATE DATABASE IF NOT EXISTS argus;
CREATE USER IF NOT EXISTS ${USER}@'127.0.0.1' IDENTIFIED BY '${password}';
GRANT ALL ON *.* TO ${USER}@'127.0.0.1' WITH GRANT OPTION;
`
}
