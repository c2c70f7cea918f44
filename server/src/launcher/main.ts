/**
 * What `npm start` runs: a master and one worker process a core on this machine, each started again when it
 * dies. Ctrl-C ends the workers, then the master.
 */
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { ConfigError, EXIT_UNUSABLE_SETTINGS } from '@argus/shared/process'
import { z } from 'zod'
import { type Config, readConfig } from '../config.ts'
import { findFreePort } from './free-port.ts'
import type { MasterMessage } from './messages.ts'
import { Supervised } from './supervised.ts'
import { Terminal } from './terminal.ts'
import { workerEnvironment } from './worker-environment.ts'

const MASTER = fileURLToPath(new URL('../main.js', import.meta.url))
const WORKER = fileURLToPath(new URL('../../../worker/dist/main.js', import.meta.url))

const startedAt = performance.now()
const terminal = new Terminal()
const settings = readSettings()
const port = await findFreePort(settings.master.host, settings.master.port)
if (settings.master.port !== 0 && port !== settings.master.port) {
  terminal.say(`Port ${settings.master.port} is taken; using ${port}.`)
}

// Quiet by default: the launcher itself says what a person needs to know.
const environment = { LOG_LEVEL: 'warn', ...process.env, DATA_DIR: settings.master.dataDir }
const workers: Supervised[] = []
const master = supervise(
  'The master',
  MASTER,
  () => ({ ...environment, PORT: String(port) }),
  onMasterMessage,
)
let announced = false
let stopping = false

process.on('SIGINT', () => void stop())
process.on('SIGTERM', () => void stop())
master.start()

function onMasterMessage(message: MasterMessage): void {
  if (stopping) return
  if (message.type === 'listening') {
    if (workers.length === 0) startWorkers(message.url)
    return
  }
  const { model, ready } = message
  terminal.showFetching(model.state === 'fetching' ? model : null)
  if (model.state === 'missing') terminal.say(`No model can be had:\n${model.detail}`)
  if (ready && !announced && model.state === 'serving') {
    announced = true
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    terminal.say(`Ready after ${seconds} s with ${model.name}. Ctrl-C stops everything.`)
  }
}

function startWorkers(url: string): void {
  terminal.say(`Argus is at ${url}`)
  for (let number = 1; number <= settings.workers; number += 1) {
    const name = `local-${number}`
    const env = () => ({ ...environment, ...workerEnvironment(url, settings.master.dataDir, name) })
    const worker = supervise(`Worker ${name}`, WORKER, env)
    workers.push(worker)
    worker.start()
  }
}

function supervise(
  name: string,
  script: string,
  env: () => NodeJS.ProcessEnv,
  onMessage?: (message: MasterMessage) => void,
): Supervised {
  return new Supervised({
    name,
    script,
    env,
    onMessage: (message) => onMessage?.(message as MasterMessage),
    onOutput: (output) => terminal.showLogs(output),
    onRestart: (notice) => terminal.say(notice),
    onGivenUp: () => void stop(EXIT_UNUSABLE_SETTINGS),
  })
}

async function stop(exitCode = 0): Promise<void> {
  if (stopping) {
    // The second Ctrl-C of someone who will not wait.
    for (const child of [...workers, master]) child.kill()
    process.exit(1)
  }
  stopping = true
  terminal.showFetching(null)
  await Promise.all(workers.map((worker) => worker.stop()))
  await master.stop()
  terminal.say('Stopped.')
  process.exit(exitCode)
}

function readSettings(): { master: Config; workers: number } {
  const workersSchema = z.coerce.number().int().min(0).max(256).default(availableParallelism())
  try {
    const workers = workersSchema.safeParse(process.env.WORKERS || undefined)
    if (!workers.success) throw new ConfigError('WORKERS must be a whole number from 0 to 256.')
    return { master: readConfig(process.env), workers: workers.data }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error(error.message)
    process.exit(EXIT_UNUSABLE_SETTINGS)
  }
}
