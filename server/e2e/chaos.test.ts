/**
 * The short form of `npm run chaos`: counts and states must hold on any machine, times are printed only, since
 * they hold where the machine does nothing else.
 */
import { describe, expect, it } from 'vitest'
import { runScenario } from '../../loadtest/chaos/run.ts'
import { isPossible } from '../../loadtest/chaos/scenario.ts'
import { SCENARIOS } from '../../loadtest/chaos/scenarios/index.ts'
import { row } from '../../loadtest/chaos/table.ts'
import { Random, SEED } from '../testing/random.ts'

const STORE = 'sqlite'
/** Some wait for a worker to be given up, and a busy machine takes its time. */
const TIMEOUT_MS = 240_000

describe('chaos', () => {
  for (const scenario of SCENARIOS) {
    it.skipIf(!isPossible(scenario, STORE))(
      `${scenario.title}: ${scenario.mustHold}`,
      { timeout: TIMEOUT_MS },
      async () => {
        const random = new Random(SEED)
        const outcome = await runScenario(scenario, { short: true, store: STORE, random })
        console.log(`${row(outcome)}\n(seed ${random.seed}, ${outcome.seconds.toFixed(0)} s)`)
        expect(outcome.broken, outcome.logs).toEqual([])
      },
    )
  }
})
