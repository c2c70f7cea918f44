/**
 * The whole loss-rate experiment in a lab on this machine: the original's ten rates, charts, tables. Needs root.
 *
 * `npm run lossrate [-- OPTIONS OF lossrate run]`, such as `--photos 20 --rates 0 0.3 0.6 --out FOLDER`; the photos
 * are those of the tests unless `--images` and `--labels` name others.
 */
import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defaultModelDir, hasTestData, TEST_LABELS, TEST_PHOTOS_DIR } from '../server/testing/test-data.ts'
import { PYTHON } from './kit/python.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const STRATEGIES = ['sequential', 'hedged+small']

/** Paths are of the folder in which the command was called. */
const CALLED_IN = process.env.INIT_CWD ?? process.cwd()
const PATHS = new Set(['--images', '--labels', '--synsets', '--out'])

const words = process.argv
  .slice(2)
  .flatMap((word) => (/^--\w+=/.test(word) ? [word.slice(0, word.indexOf('=')), afterSign(word)] : [word]))
  .map((word, place, all) => (PATHS.has(all[place - 1] ?? '') ? resolve(CALLED_IN, word) : word))
const out = optionOf('--out') ?? join(HERE, '..', '.cache', 'lossrate')
if (optionOf('--images') === undefined && !hasTestData()) {
  console.error('There are no test photos: name a folder with --images, and its classes with --labels')
  process.exit(1)
}
const settings = [
  ...(optionOf('--images') === undefined ? ['--images', TEST_PHOTOS_DIR, '--labels', TEST_LABELS] : []),
  ...(optionOf('--out') === undefined ? ['--out', out] : []),
  ...(optionOf('--strategies') === undefined ? ['--strategies', ...STRATEGIES] : []),
]

// The signal of a Ctrl-C reaches the program as well, which takes the lab down; this process waits for it.
process.on('SIGINT', () => undefined)
for (const command of [
  ['run', '--lab', ...settings, ...words],
  ['plot', '--out', out],
  ['report', '--out', out],
]) {
  const { status, error } = spawnSync(PYTHON, ['-m', 'lossrate', ...command], {
    cwd: HERE,
    env: { ...process.env, MODEL_DIR: process.env.MODEL_DIR ?? defaultModelDir() },
    stdio: 'inherit',
  })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}

function afterSign(word: string): string {
  return word.slice(word.indexOf('=') + 1)
}

function optionOf(name: string): string | undefined {
  const place = words.indexOf(name)
  return place < 0 ? undefined : words[place + 1]
}
