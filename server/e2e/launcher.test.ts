/** What `npm start` runs: it finds a port, keeps its processes alive, and leaves none behind. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { clusterViewSchema } from '@argus/shared'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { defaultModelDir } from '../testing/test-data.ts'

const LAUNCHER = fileURLToPath(new URL('../dist/launcher/main.js', import.meta.url))
const patience = { timeout: 60_000, interval: 100 }

let dataDir: string
let launcher: ChildProcess
let output: string

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'argus-launcher-'))
})
afterEach(async () => {
  if (launcher.exitCode === null && launcher.signalCode === null) {
    launcher.kill('SIGTERM')
    await once(launcher, 'exit')
  }
  await rm(dataDir, { recursive: true, force: true })
})

function launch(env: NodeJS.ProcessEnv): void {
  output = ''
  const settings = { DATA_DIR: dataDir, MODEL_DIR: defaultModelDir(), WORKERS: '2', ...env }
  launcher = spawn(process.execPath, [LAUNCHER], {
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [launcher.stdout, launcher.stderr]) {
    stream?.on('data', (text) => {
      output += text
    })
  }
}

async function url(): Promise<string> {
  return vi.waitFor(() => {
    const found = /Argus is at (\S+)/.exec(output)?.[1]
    if (!found) throw new Error(`No address yet:\n${output}`)
    return found
  }, patience)
}

async function readyWorkers(): Promise<string[]> {
  const response = await fetch(`${await url()}/readyz`)
  const { workers } = clusterViewSchema.parse(await response.json())
  return workers.filter(({ state }) => state === 'ready').map(({ id }) => id)
}

/** Process ids of the launcher's children, as Linux lists them. */
async function children(): Promise<number[]> {
  const list = await readFile(`/proc/${launcher.pid}/task/${launcher.pid}/children`, 'utf8')
  return list.trim().split(' ').map(Number)
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`)
}

async function occupyPort(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return { server, port: typeof address === 'object' && address ? address.port : 0 }
}

it('says that the port is taken and uses the next free one', async () => {
  const { server, port } = await occupyPort()
  try {
    launch({ PORT: String(port), WORKERS: '0' })
    expect(Number(new URL(await url()).port)).toBeGreaterThan(port)
    expect(output).toContain(`Port ${port} is taken`)
  } finally {
    server.close()
  }
})

it('starts a worker again that was killed, and a master on its old port', async () => {
  launch({ PORT: '0' })
  await vi.waitFor(async () => expect(await readyWorkers()).toHaveLength(2), patience)
  const address = await url()

  const [master = 0, firstWorker = 0] = await children()
  process.kill(firstWorker, 'SIGKILL')
  await vi.waitFor(() => expect(output).toContain('Worker local-1 died (SIGKILL)'), patience)
  await vi.waitFor(async () => expect(await readyWorkers()).toHaveLength(2), patience)

  process.kill(master, 'SIGKILL')
  await vi.waitFor(() => expect(output).toContain('The master died (SIGKILL)'), patience)
  await vi.waitFor(async () => expect(await readyWorkers()).toHaveLength(2), patience)
  expect((await fetch(`${address}/healthz`)).status).toBe(200)
})

it('ends everything at Ctrl-C', async () => {
  launch({ PORT: '0' })
  await vi.waitFor(async () => expect(await readyWorkers()).toHaveLength(2), patience)
  const pids = await children()
  expect(pids).toHaveLength(3)
  launcher.kill('SIGINT')
  const [code] = await once(launcher, 'exit')
  expect(code).toBe(0)
  expect(output).toContain('Stopped.')
  expect(pids.filter(isAlive)).toEqual([])
})

it('leaves no process behind when it is killed itself', async () => {
  launch({ PORT: '0' })
  await vi.waitFor(async () => expect(await readyWorkers()).toHaveLength(2), patience)
  const pids = await children()
  launcher.kill('SIGKILL')
  await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), patience)
})

it('leaves no process behind when it is killed while they start', async () => {
  launch({ PORT: '0' })
  await url()
  const pids = await children()
  launcher.kill('SIGKILL')
  await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), patience)
})

it('names a setting that cannot be used and ends with code 2', async () => {
  launch({ PORT: 'abc' })
  const [code] = await once(launcher, 'exit')
  expect(code).toBe(2)
  expect(output).toContain('PORT')
})
