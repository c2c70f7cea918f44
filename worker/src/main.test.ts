import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import {
  assignment,
  modelOf,
  PHOTO,
  startMaster,
  type TestMaster,
  TOKEN,
  until,
} from '../testing/test-master.ts'

const INSTANT_WORKER = fileURLToPath(new URL('../testing/instant-worker.ts', import.meta.url))

let master: TestMaster

beforeEach(async () => {
  master = await startMaster()
  master.model = modelOf('a')
  onTestFinished(() => expect(master.faults).toEqual([]))
})

/** The worker of the test kit: its process, its agent and its socket are the real ones. */
async function startWorker(env: NodeJS.ProcessEnv = {}): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', INSTANT_WORKER], {
    env: {
      ...process.env,
      MASTER_URL: master.url,
      WORKER_TOKEN: TOKEN,
      THREADS: '2',
      LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: 'inherit',
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  await until(() => expect(master.said.ready).toHaveLength(1))
  return child
}

const ended = () => master.outcomes.map(({ ticket, end }) => `${ticket} ${end}`)

describe('the process of a worker', () => {
  it('serves photos until it is told to end, and exits with 0', async () => {
    const child = await startWorker()
    expect(master.said.ready[0]).toMatchObject({ digest: modelOf('a').digest, engine: 'tfjs-wasm' })
    master.say('assign', ['t1', 't2', 't3'].map(assignment))
    await until(() => expect(ended().toSorted()).toEqual(['t1 succeeded', 't2 succeeded', 't3 succeeded']))
    expect(master.fetched.toSorted()).toEqual(['t1', 't2', 't3'])
    const exit = once(child, 'exit')
    child.kill('SIGTERM')
    await until(() => expect(master.said.draining).toEqual([{ draining: true }]))
    expect(child.exitCode).toBeNull()
    master.answer('t1', 't2', 't3')
    expect(await exit).toEqual([0, null])
  })

  it('ends at once when it is told a second time', async () => {
    const child = await startWorker({ INSTANT_MS: '60000' })
    master.say('assign', [assignment('t1')])
    await until(() => expect(master.fetched).toEqual(['t1']))
    const exit = once(child, 'exit')
    child.kill('SIGINT')
    await until(() => expect(master.said.draining).toHaveLength(1))
    child.kill('SIGINT')
    expect(await exit).toEqual([1, null])
  })

  it('is killed by a poisoned photo, and by no other', async () => {
    const poison = Buffer.from('poison')
    const POISON_SHA256 = createHash('sha256').update(poison).digest('hex')
    const child = await startWorker({ POISON_SHA256 })
    master.image = (response, ticket) => response.end(ticket === 'poisoned' ? poison : PHOTO)
    master.say('assign', [assignment('good')])
    await until(() => expect(ended()).toEqual(['good succeeded']))
    const exit = once(child, 'exit')
    master.say('assign', [assignment('poisoned')])
    expect(await exit).toEqual([null, 'SIGKILL'])
    await until(() => expect(master.isConnected).toBe(false))
  })
})
