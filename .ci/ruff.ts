/**
 * Checks the Python sources by ruff's rules, with the settings of loadtest/pyproject.toml; `--write` formats them and
 * mends what can be mended. Ruff as WebAssembly: it needs no Python and nothing of the system.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Diagnostic, PositionEncoding, Workspace } from '@astral-sh/ruff-wasm-nodejs'
import { parse, type TomlTable, type TomlValue } from 'smol-toml'

const ROOT = fileURLToPath(new URL('../loadtest', import.meta.url))
/** Rounds of mending: what one leaves may be for the next. */
const ROUNDS = 100

const settings = parse(readFileSync(join(ROOT, 'pyproject.toml'), 'utf8'))
const ruff = table(table(settings.tool).ruff)
const { 'per-file-ignores': exceptions, ...lint } = table(ruff.lint)
const mends = process.argv.includes('--write')
let problems = 0

for (const folder of ['lossrate', 'tests']) {
  // Given one text at a time, it does not know of paths.
  const ignore = [lint.ignore, table(exceptions)[`${folder}/*`] ?? []].flat()
  const workspace = new Workspace({ ...ruff, lint: { ...lint, ignore } }, PositionEncoding.Utf16)
  for (const name of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.py')) check(workspace, join(folder, name))
  }
}
if (problems > 0) process.exitCode = 1

function check(workspace: Workspace, path: string): void {
  const file = join(ROOT, path)
  const text = readFileSync(file, 'utf8')
  const mended = mends ? mend(workspace, text) : text
  if (mended !== text) writeFileSync(file, mended)
  const found = diagnose(workspace, mended)
  for (const { start_location: at, code, message } of found) {
    console.error(`loadtest/${path}:${at.row}:${at.column} ${code ?? ''} ${message}`)
  }
  problems += found.length
  if (found.length === 0 && workspace.format(mended) !== mended) {
    console.error(`loadtest/${path} is not formatted: npm run format`)
    problems += 1
  }
}

function mend(workspace: Workspace, text: string): string {
  let mended = text
  for (let round = 0; round < ROUNDS; round += 1) {
    const [fixable] = diagnose(workspace, mended).filter(({ fix }) => fix !== null)
    mended = workspace.format(fixable ? withFix(mended, fixable) : mended)
    if (!fixable) break
  }
  return mended
}

function withFix(text: string, { fix }: Diagnostic): string {
  const lines = text.split('\n')
  const offset = ({ row, column }: { row: number; column: number }) =>
    lines.slice(0, row - 1).reduce((sum, line) => sum + line.length + 1, 0) + column - 1
  // The last first, so that the places of the others stay.
  const edits = (fix?.edits ?? []).map((edit) => ({
    from: offset(edit.location),
    to: offset(edit.end_location),
    content: edit.content ?? '',
  }))
  return edits
    .sort((one, other) => other.from - one.from)
    .reduce((done, { from, to, content }) => done.slice(0, from) + content + done.slice(to), text)
}

function diagnose(workspace: Workspace, text: string): Diagnostic[] {
  const found: Diagnostic[] = workspace.check(text)
  return found
}

function table(value: TomlValue | undefined): TomlTable {
  if (typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date)) return value
  throw new Error('pyproject.toml lacks the settings of ruff')
}
