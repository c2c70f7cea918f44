/**
 * The loss-rate harness: its own tests and types, and an experiment in a lab of network namespaces with a real master
 * and real workers, which is interrupted, goes on, is drawn and told of.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultModelDir, hasTestData, TEST_LABELS, TEST_PHOTOS_DIR } from '../../server/testing/test-data.ts'
import { hasNetworkTools } from '../kit/network.ts'
import { hasPythonPackages, PYTHON } from '../kit/python.ts'

const FOLDER = fileURLToPath(new URL('..', import.meta.url))
const MINUTES = 60_000
const RATES = ['0', '0.3', '0.6']
const PHOTOS = 20
const STRATEGIES = ['sequential', 'hedged+small']
const LAB_FOLDER = '/var/lib/argus-lab'

const run = promisify(execFile)
const canBuildLab = process.getuid?.() === 0 && hasNetworkTools()

describe.skipIf(!hasPythonPackages())('the loss-rate harness', () => {
  it(
    'passes its own tests',
    async () => {
      // What it prints is what tells of a failure.
      const tests = spawn(PYTHON, ['-m', 'pytest'], { cwd: FOLDER, stdio: ['ignore', 'inherit', 'inherit'] })
      expect(await once(tests, 'exit')).toEqual([0, null])
    },
    5 * MINUTES,
  )

  it(
    'is right in its types',
    async () => {
      const { stdout } = await run(PYTHON, ['-m', 'mypy'], { cwd: FOLDER })
      expect(stdout).toContain('no issues found')
    },
    3 * MINUTES,
  )

  describe.skipIf(!canBuildLab || !hasTestData())('in a lab', () => {
    let out = ''
    beforeAll(async () => {
      // Of somebody who measures: a lab that was only left behind the tests above have taken away.
      if ((await namespaces()).length > 0) throw new Error('There is a lab already')
      out = await mkdtemp(join(tmpdir(), 'argus-lossrate-'))
    })
    afterAll(async () => {
      if (out === '') return
      await lossrate('lab', 'down')
      await rm(out, { recursive: true })
    })

    it(
      'takes loss and lab away when it is interrupted',
      async () => {
        expect(await endedInTurn('SIGINT')).toEqual([130, null])
        expect(await remains()).toEqual([])
      },
      3 * MINUTES,
    )

    it(
      'goes on where it was, in a lab of its own where it was killed and has left one behind',
      async () => {
        expect(await endedInTurn('SIGKILL')).toEqual([null, 'SIGKILL'])
        expect(await remains()).not.toEqual([])

        const { stdout } = await lossrate(...experiment())
        const { length } = (await readFile(join(out, 'turns.csv'), 'utf8')).trim().split('\n')
        // With a turn against the bare handler, and a header.
        expect(length).toBe(2 + RATES.length * STRATEGIES.length)
        expect(stdout.split('\n').filter((line) => line.includes('goodput')).length).toBeLessThan(length - 1)
        expect(stdout).toMatch(/dropped \d+ of \d+ packets \(\d+\.\d\d %\), wanted \d+/)
        expect(await remains()).toEqual([])
      },
      8 * MINUTES,
    )

    it('loses no job and doubles none, and gives each photo one class', async () => {
      // It ends with another code where one of these happened.
      await lossrate('report', '--out', out)
      const report = await readFile(join(out, 'report.md'), 'utf8')
      expect(report).toContain('none was lost and none doubled; no photo had another class')
      expect(report).not.toContain('Not as it should be')
      expect(report).toMatch(/a ratio of [\d.]+/)
    })

    it('draws the four charts', async () => {
      await lossrate('plot', '--out', out)
      const drawn = (await readdir(out)).filter((name) => /\.(png|svg)$/.test(name))
      expect(drawn).toHaveLength(8)
      for (const name of drawn) expect((await stat(join(out, name))).size).toBeGreaterThan(5000)
    })

    /** Begins the experiment and ends it by a signal in the middle of a turn; returns its code and signal. */
    async function endedInTurn(signal: NodeJS.Signals): Promise<unknown[]> {
      const experimenting = spawn(PYTHON, ['-m', 'lossrate', ...experiment()], {
        cwd: FOLDER,
        env: environment(),
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      const exited = once(experimenting, 'exit')
      // Packets get lost.
      const isLosing = async () => (await rules()).includes('numgen random')
      while (experimenting.exitCode === null && !(await isLosing())) await sleep(100)
      experimenting.kill(signal)
      return exited
    }

    function experiment(): string[] {
      const photos = ['--images', TEST_PHOTOS_DIR, '--labels', TEST_LABELS, '--photos', `${PHOTOS}`]
      return ['run', '--lab', '--out', out, ...photos, '--rates', ...RATES, '--strategies', ...STRATEGIES]
    }
  })
})

function lossrate(...words: string[]): Promise<{ stdout: string }> {
  return run(PYTHON, ['-m', 'lossrate', ...words], { cwd: FOLDER, env: environment() })
}

/** By which packets are dropped in the lab; none where there is no lab. */
async function rules(): Promise<string> {
  const list = run('ip', ['netns', 'exec', 'argus-lab-switch', 'nft', 'list', 'ruleset'])
  return list.then(({ stdout }) => stdout).catch(() => '')
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, MODEL_DIR: defaultModelDir() }
}

/** What is left of a lab on this machine. */
async function remains(): Promise<string[]> {
  return [...(await namespaces()), ...(existsSync(LAB_FOLDER) ? [LAB_FOLDER] : [])]
}

async function namespaces(): Promise<string[]> {
  const { stdout } = await run('ip', ['netns', 'list'])
  return stdout.split('\n').filter((line) => line.startsWith('argus-lab-'))
}
