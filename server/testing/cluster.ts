/**
 * A real cluster for tests and benchmarks: a master process and worker processes from the build, a data
 * folder of their own, a free port. What a test starts it must stop; `stop` ends all of it.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  type Job,
  type JobDetail,
  jobDetailSchema,
  jobSchema,
  WORKER_TOKEN_FILE,
  workersSchema,
} from '@argus/shared'
import type { MasterMessage } from '../src/launcher/messages.ts'
import { workerEnvironment } from '../src/launcher/worker-environment.ts'
import { defaultModelDir } from './test-data.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const MASTER = join(PROJECT, 'server', 'dist', 'main.js')
const WORKER = join(PROJECT, 'worker', 'dist', 'main.js')
const INSTANT_WORKER = join(PROJECT, 'worker', 'testing', 'instant-worker.ts')
const READY_MS = 90_000

export interface ClusterOptions {
  /** Worker processes to start with; default 1. */
  readonly workers?: number
  /** Settings of the master beside those that the kit makes; MODEL_DIR is the test model by default. */
  readonly masterEnv?: NodeJS.ProcessEnv
  readonly workerEnv?: NodeJS.ProcessEnv
  /** Workers that look at nothing: see worker/testing/instant-worker.ts for their settings. */
  readonly instant?: boolean
  /** Called with the data folder before the master starts. */
  readonly prepare?: (dataDir: string) => Promise<void>
}

export class TestCluster {
  readonly dataDir: string
  readonly #options: ClusterOptions
  readonly #workers: ChildProcess[] = []
  #master: ChildProcess | null = null
  #url = ''
  /** What the processes printed, for a failed test's message. */
  output = ''

  private constructor(dataDir: string, options: ClusterOptions) {
    this.dataDir = dataDir
    this.#options = options
  }

  /** Starts a master and its workers; returns when the master listens. */
  static async start(options: ClusterOptions = {}): Promise<TestCluster> {
    const cluster = new TestCluster(await mkdtemp(join(tmpdir(), 'argus-test-')), options)
    try {
      await options.prepare?.(cluster.dataDir)
      await cluster.startMaster()
    } catch (error) {
      await cluster.stop()
      throw error
    }
    for (let number = 0; number < (options.workers ?? 1); number += 1) cluster.startWorker()
    return cluster
  }

  get url(): string {
    return this.#url
  }

  get master(): ChildProcess {
    if (!this.#master) throw new Error('The master does not run')
    return this.#master
  }

  get workers(): readonly ChildProcess[] {
    return this.#workers
  }

  workerToken(): Promise<string> {
    return readFile(join(this.dataDir, WORKER_TOKEN_FILE), 'utf8').then((text) => text.trim())
  }

  /** Starts the master, on its old port if it had one. */
  async startMaster(): Promise<void> {
    const master = this.#spawn(MASTER, {
      HOST: '127.0.0.1',
      PORT: this.#url ? new URL(this.#url).port : '0',
      MODEL_DIR: defaultModelDir(),
      ...this.#options.masterEnv,
    })
    this.#master = master
    this.#url = await new Promise((resolve, reject) => {
      master.on('message', (message: MasterMessage) => {
        if (message.type === 'listening') resolve(message.url)
      })
      master.once('exit', (code) => reject(new Error(`The master ended with code ${code}:\n${this.output}`)))
    })
  }

  startWorker(env: NodeJS.ProcessEnv = {}): ChildProcess {
    const worker = this.#spawn(this.#options.instant ? INSTANT_WORKER : WORKER, {
      ...workerEnvironment(this.#url, this.dataDir, `worker-${this.#workers.length + 1}`),
      ...this.#options.workerEnv,
      ...env,
    })
    this.#workers.push(worker)
    return worker
  }

  /** Returns when a photo submitted now would be recognised. */
  async ready(): Promise<void> {
    const deadline = Date.now() + READY_MS
    while (Date.now() < deadline) {
      const response = await fetch(`${this.#url}/readyz`)
      await response.arrayBuffer()
      if (response.ok) return
      await sleep(100)
    }
    throw new Error(`The cluster did not get ready:\n${this.output}`)
  }

  /**
   * Submits a file by REST, to be recognised anew: tests take the same few photos.
   *
   * @param photo path of a file, or bytes with a name
   * @param waitSeconds of `Prefer: wait`
   */
  async submit(photo: string | { name: string; bytes: Uint8Array }, waitSeconds?: number): Promise<Response> {
    const file = typeof photo === 'string' ? { name: basename(photo), bytes: await readFile(photo) } : photo
    const form = new FormData()
    form.append('image', new Blob([new Uint8Array(file.bytes)]), file.name)
    const headers: Record<string, string> = waitSeconds === undefined ? {} : { prefer: `wait=${waitSeconds}` }
    return fetch(`${this.#url}/api/v1/jobs?fresh=true`, { method: 'POST', body: form, headers })
  }

  /** Submits a file and returns its job when it has ended. */
  async recognise(photo: Parameters<TestCluster['submit']>[0]): Promise<Job> {
    const response = await this.submit(photo, 60)
    const body = await response.text()
    if (response.status !== 201) throw new Error(`${response.status} ${body}\n${this.output}`)
    return jobSchema.parse(JSON.parse(body))
  }

  /**
   * Has a worker take nothing while something is done: what is submitted then is dealt in one moment afterwards,
   * however long it took to send it.
   */
  async whileDrained<T>(act: () => Promise<T>, name = 'worker-1'): Promise<T> {
    const id = await this.#readyWorker(name)
    const order = (what: 'drain' | 'resume') =>
      fetch(`${this.#url}/api/v1/workers/${id}/${what}`, { method: 'POST' })
    await order('drain')
    const result = await act()
    await order('resume')
    return result
  }

  async #readyWorker(name: string): Promise<string> {
    const deadline = Date.now() + READY_MS
    while (Date.now() < deadline) {
      const response = await fetch(`${this.#url}/api/v1/workers`)
      const { workers } = workersSchema.parse(await response.json())
      const found = workers.find((worker) => worker.name === name && worker.state === 'ready')
      if (found) return found.id
      await sleep(100)
    }
    throw new Error(`There is no ${name} that is ready:\n${this.output}`)
  }

  async job(id: string): Promise<Job> {
    const response = await fetch(`${this.#url}/api/v1/jobs/${id}`)
    return jobSchema.parse(await response.json())
  }

  /** The job with its history. */
  async detail(id: string): Promise<JobDetail> {
    const response = await fetch(`${this.#url}/api/v1/jobs/${id}`)
    return jobDetailSchema.parse(await response.json())
  }

  /** Ends all processes and removes the data folder. */
  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => end(worker)))
    if (this.#master) await end(this.#master)
    await rm(this.dataDir, { recursive: true, force: true })
  }

  #spawn(script: string, env: NodeJS.ProcessEnv): ChildProcess {
    const child = fork(script, {
      env: { ...process.env, LOG_LEVEL: 'info', DATA_DIR: this.dataDir, ...env },
      // Vitest's own options are not for them.
      execArgv: script.endsWith('.ts') ? ['--import', 'tsx'] : [],
      // From where tsx is found.
      cwd: PROJECT,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (text) => {
        this.output += text
      })
    }
    return child
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  // A stopped process takes no SIGTERM.
  const killer = setTimeout(() => child.kill('SIGKILL'), 15_000)
  await exited
  clearTimeout(killer)
}
