import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { tempFolder } from '../../testing/unit.ts'
import { until } from '../../testing/until.ts'
import { Supervised } from './supervised.ts'

/** A child that runs this code. Each start adds a line to what `starts` returns. */
async function supervise(code: string, stopGraceMs?: number) {
  const folder = await tempFolder()
  const script = join(folder, 'child.mjs')
  const log = join(folder, 'starts')
  await writeFile(log, '')
  const note = `import { appendFileSync } from 'node:fs'\nappendFileSync(process.env.LOG, process.pid + '\\n')\n`
  await writeFile(script, note + code)
  const told = { notices: [] as string[], messages: [] as unknown[], starts: 0, printed: '', givenUp: 0 }
  const child = new Supervised({
    name: 'The child',
    script,
    env: () => {
      told.starts += 1
      return { LOG: log, START: String(told.starts) }
    },
    onMessage: (message) => told.messages.push(message),
    onOutput: (output) =>
      output.on('data', (text) => {
        told.printed += text
      }),
    onRestart: (notice) => told.notices.push(notice),
    onGivenUp: () => {
      told.givenUp += 1
    },
    stopGraceMs,
  })
  onTestFinished(() => child.kill())
  const starts = async () => (await readFile(log, 'utf8')).split('\n').slice(0, -1).map(Number)
  return { child, told, starts }
}

const STAYS = 'setInterval(() => undefined, 1000)\nprocess.send("up")\n'

function isRunning(pid: number | undefined): boolean {
  if (pid === undefined) throw new Error('There is no such child')
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('a supervised child', () => {
  it('is started with its settings, and is heard', async () => {
    const { child, told } = await supervise(
      `console.log('hello'); console.error('oh'); process.send({ start: process.env.START })\n${STAYS}`,
    )
    child.start()
    await vi.waitFor(() => expect(told.messages).toEqual([{ start: '1' }, 'up']), 10_000)
    await until(() => expect(told.printed.split('\n').sort()).toEqual(['', 'hello', 'oh']))
    await child.stop()
  })

  it('is started again when it dies, each time later, and asked for its settings anew', async () => {
    const { child, told, starts } = await supervise('process.send(process.env.START, () => process.exit(7))')
    child.start()
    await vi.waitFor(() => expect(told.messages).toEqual(['1', '2', '3']), 20_000)
    expect(new Set(await starts()).size).toBe(3)
    expect(told.notices.slice(0, 2)).toEqual([
      'The child died (exit code 7) and is started again in 0.25 s.',
      'The child died (exit code 7) and is started again in 0.5 s.',
    ])
    expect(told.givenUp).toBe(0)
    await child.stop()
  })

  it('is started again when it is killed', async () => {
    const { child, told, starts } = await supervise(STAYS)
    child.start()
    await vi.waitFor(() => expect(told.messages).toHaveLength(1), 10_000)
    process.kill((await starts())[0] ?? 0, 'SIGKILL')
    await vi.waitFor(() => expect(told.messages).toHaveLength(2), 10_000)
    expect(told.notices).toEqual(['The child died (SIGKILL) and is started again in 0.25 s.'])
    await child.stop()
  })

  it('is given up when its settings cannot be used', async () => {
    const { child, told, starts } = await supervise('process.exit(2)')
    child.start()
    await vi.waitFor(() => expect(told.givenUp).toBe(1), 10_000)
    expect(told.notices).toEqual([])
    await child.stop()
    expect(await starts()).toHaveLength(1)
  })

  it('ends when it is stopped, in its own way, and stays ended', async () => {
    const { child, told, starts } = await supervise(
      `process.on('SIGTERM', () => process.send('bye', () => process.exit(0)))\n${STAYS}`,
    )
    child.start()
    await vi.waitFor(() => expect(told.messages).toEqual(['up']), 10_000)
    await child.stop()
    expect(isRunning((await starts())[0])).toBe(false)
    await until(() => expect(told.messages).toEqual(['up', 'bye']))
    expect(told.notices).toEqual([])
  })

  it('is killed when it will not end', async () => {
    const { child, told, starts } = await supervise(`process.on('SIGTERM', () => undefined)\n${STAYS}`, 200)
    child.start()
    await vi.waitFor(() => expect(told.messages).toEqual(['up']), 10_000)
    await child.stop()
    expect(isRunning((await starts())[0])).toBe(false)
    expect(told.notices).toEqual([])
  })

  it('is not started again when it is stopped between two starts', async () => {
    const { child, told, starts } = await supervise('process.exit(1)')
    child.start()
    await vi.waitFor(() => expect(told.notices).toHaveLength(1), 10_000)
    await child.stop()
    // Longer than the delay that the notice names.
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(await starts()).toHaveLength(1)
  })

  it('may be stopped before it was ever started', async () => {
    const { child, starts } = await supervise('process.exit(1)')
    await child.stop()
    expect(await starts()).toEqual([])
  })
})
