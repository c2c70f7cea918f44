/**
 * What a newcomer does: a clean clone, `npm ci && npm start`, a sample photo submitted and recognised, Ctrl-C.
 * Nothing of this checkout is used but its committed files.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { jobSchema } from '@argus/shared'

/** What a newcomer with a machine of two cores has patience for. */
const READY_LIMIT_S = 120
const SAMPLE = { file: 'guitar.png', label: 'acoustic guitar' }

const checkout = fileURLToPath(new URL('..', import.meta.url))
const clone = await mkdtemp(join(tmpdir(), 'argus-clone-'))
try {
  execFileSync('git', ['clone', '--quiet', checkout, clone])
  const first = await startAndRecognise('npm ci && npm start')
  console.log(`Clean clone: recognised after ${first.toFixed(0)} s, installation and download included`)
  const second = await startAndRecognise('npm start')
  console.log(`Second start: recognised after ${second.toFixed(0)} s`)
  if (first > READY_LIMIT_S) throw new Error(`The first start took more than ${READY_LIMIT_S} s`)
} finally {
  await rm(clone, { recursive: true, force: true })
}

/** @returns seconds from the command to a recognised photo and back to the prompt */
async function startAndRecognise(command: string): Promise<number> {
  const startedAt = performance.now()
  // Its own process group, which gets the Ctrl-C as from a terminal.
  const shell = spawn('bash', ['-c', command], {
    cwd: clone,
    env: { ...process.env, PORT: '0', MODEL_DIR: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  let output = ''
  shell.stdout.on('data', (text) => {
    output += text
    process.stdout.write(text)
  })
  const exited = once(shell, 'exit')
  try {
    const url = await waitFor(async () => /Argus is at (\S+)/.exec(output)?.[1])
    await waitFor(async () => ((await fetch(`${url}/readyz`)).ok ? true : undefined))
    await checkRecognition(url)
  } finally {
    if (shell.pid && shell.exitCode === null) process.kill(-shell.pid, 'SIGINT')
    await exited
  }
  const seconds = (performance.now() - startedAt) / 1000
  if (!output.includes('Stopped.')) throw new Error('It did not stop in good order')
  return seconds

  async function waitFor<T>(ask: () => Promise<T | undefined>): Promise<T> {
    const deadline = Date.now() + 3 * READY_LIMIT_S * 1000
    while (Date.now() < deadline && shell.exitCode === null) {
      const answer = await ask()
      if (answer !== undefined) return answer
      await sleep(200)
    }
    throw new Error(`"${command}" did not get ready`)
  }
}

async function checkRecognition(url: string): Promise<void> {
  const form = new FormData()
  const photo = await readFile(join(clone, 'client/public/samples', SAMPLE.file))
  form.append('image', new Blob([new Uint8Array(photo)]), SAMPLE.file)
  const headers = { prefer: 'wait=10' }
  const response = await fetch(`${url}/api/v1/jobs`, { method: 'POST', body: form, headers })
  const job = jobSchema.parse(await response.json())
  const label = job.result?.classes[0]?.label
  console.log(`${SAMPLE.file}: ${job.status}, ${label}`)
  if (label !== SAMPLE.label) throw new Error(`Expected ${SAMPLE.label}`)
}
