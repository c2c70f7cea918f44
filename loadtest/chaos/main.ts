/**
 * Kills, freezes, cuts and overloads a real cluster in every way that must not matter, and prints a table of
 * what held.
 *
 *   npm run chaos -- [--short] [--only=NAME] [--store=sqlite|mariadb] [--seed=NUMBER]
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Random } from '../../server/testing/random.ts'
import { machine } from '../kit/machine.ts'
import { type Outcome, runScenario } from './run.ts'
import { STORES } from './scenario.ts'
import { SCENARIOS } from './scenarios/index.ts'
import { table } from './table.ts'

const CACHE = fileURLToPath(new URL('../../.cache', import.meta.url))
const MAX_SEED = 2 ** 31

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string' },
    store: { type: 'string', default: 'sqlite' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * MAX_SEED)) },
  },
})
const { short, only } = values
const seed = Number(values.seed)
const store = oneOf(STORES, values.store)
const chosen = only === undefined ? SCENARIOS : [oneOf(SCENARIOS, only, ({ name }) => name)]

const outcomes: Outcome[] = []
for (const scenario of chosen) {
  process.stderr.write(`${scenario.name} … `)
  const outcome = await runScenario(scenario, { short, store, random: new Random(seed) })
  process.stderr.write(
    `${outcome.holds === false ? 'does NOT hold' : 'done'} after ${outcome.seconds.toFixed(0)} s\n`,
  )
  if (outcome.logs) process.stderr.write(`${outcome.logs}\n`)
  outcomes.push(outcome)
}

const form = short ? 'short form: counts and states decide, times are shown' : 'full form'
const report = `${table(outcomes)}\n\nOn ${machine()}; ${form}; seed ${seed}.\n`
console.log(report)
await mkdir(CACHE, { recursive: true })
await writeFile(join(CACHE, 'chaos.md'), report)
if (outcomes.some(({ holds }) => holds === false)) process.exitCode = 1

function oneOf<T>(list: readonly T[], name: string, nameOf: (one: T) => string = String): T {
  const found = list.find((one) => nameOf(one) === name)
  if (found === undefined) throw new Error(`"${name}" is none of ${list.map(nameOf).join(', ')}`)
  return found
}
