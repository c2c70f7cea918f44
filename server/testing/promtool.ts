/** promtool, which knows what Prometheus expects; suites that need it are skipped without. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where .ci/prepare.ts puts it. */
export const UNPACKED_PROMTOOL = fileURLToPath(new URL('../../.cache/promtool', import.meta.url))

/** Where it is: the unpacked one, or one on the PATH. Null on a machine without it. */
export function findPromtool(): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const places = [UNPACKED_PROMTOOL, ...folders.map((folder) => join(folder, 'promtool'))]
  return places.find((place) => existsSync(place)) ?? null
}

export interface PromtoolVerdict {
  readonly status: number | null
  /** What it printed about it; a complaint need not be a failure. */
  readonly output: string
}

/** Runs it with these words, and a text as its input. */
export function promtool(words: readonly string[], input = ''): PromtoolVerdict {
  const program = findPromtool()
  if (program === null) throw new Error('This machine has no promtool')
  const { status, stdout, stderr } = spawnSync(program, words, { input, encoding: 'utf8' })
  return { status, output: stdout + stderr }
}
