import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'

const MODULE = JSON.stringify(import.meta.resolve('./process.ts'))

/** Runs `runProcess(start)` in a process of its own, and waits until it says that it has started. */
async function run(start: string): Promise<ChildProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'argus-process-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const script = join(folder, 'script.mjs')
  await writeFile(
    script,
    `import { ConfigError, runProcess } from ${MODULE}
     setInterval(() => undefined, 1000)
     await runProcess(${start})
     process.send('started')`,
  )
  const child = fork(script, { execArgv: ['--import', import.meta.resolve('tsx')], stdio: 'pipe' })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return child
}

async function started(start: string): Promise<ChildProcess> {
  const child = await run(start)
  await once(child, 'message')
  return child
}

async function exitCode(child: ChildProcess): Promise<unknown> {
  const [code] = await once(child, 'exit')
  return code
}

/** Says why it ends, and takes its time. */
const SLOW_TO_END = `() => async (reason) => {
  if (process.connected) process.send(reason)
  await new Promise((resolve) => setTimeout(resolve, 500))
}`
const NEVER_ENDS = `() => (reason) => {
  process.send(reason)
  return new Promise(() => undefined)
}`

describe('runProcess', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('ends in good order at %s', async (signal) => {
    const child = await started(SLOW_TO_END)
    child.kill(signal)
    expect(await once(child, 'message')).toEqual([signal, undefined])
    expect(await exitCode(child)).toBe(0)
  })

  it.each([
    ['SIGTERM', 'SIGTERM'],
    ['SIGINT', 'SIGTERM'],
  ] as const)('ends at once at a second signal: %s, %s', async (first, second) => {
    const child = await started(NEVER_ENDS)
    child.kill(first)
    await once(child, 'message')
    child.kill(second)
    expect(await exitCode(child)).toBe(1)
  })

  it('ends in good order when its launcher is gone, and a signal comes after it', async () => {
    const child = await started(SLOW_TO_END)
    const ended = exitCode(child)
    child.disconnect()
    setTimeout(() => child.kill('SIGTERM'), 200)
    expect(await ended).toBe(0)
  })

  it.each([
    ['settings that cannot be used', 'ConfigError', 2],
    ['anything else', 'Error', 1],
  ])('exits at the start because of %s', async (_what, error, code) => {
    const child = await run(`() => { throw new ${error}('No port.') }`)
    let output = ''
    child.stderr?.on('data', (chunk) => {
      output += chunk
    })
    expect(await exitCode(child)).toBe(code)
    expect(output).toContain('No port.')
  })
})
