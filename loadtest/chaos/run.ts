/** Runs one scenario and says what came of it; whatever happens, nothing of it is left. */
import { isPossible, type Scenario, Stage, type StageOptions, storeOf } from './scenario.ts'

export interface Outcome {
  readonly scenario: Scenario
  readonly store: string
  /** E.g. `1,000 jobs, 30 kills`. */
  readonly done: string
  readonly measured: string
  /** What did not hold, counts and states; with a seed, where chance had a part in it. */
  readonly broken: readonly string[]
  readonly tooSlow: readonly string[]
  /** Whether all held that this form asks for; null: this machine cannot run it. */
  readonly holds: boolean | null
  readonly seconds: number
  /** The end of what master and workers printed; empty where all held. */
  readonly logs: string
}

const LOG_LINES = 60

export async function runScenario(scenario: Scenario, options: StageOptions): Promise<Outcome> {
  const store = storeOf(scenario, options.store)
  const none = { scenario, store, done: '', broken: [], tooSlow: [], seconds: 0, logs: '' }
  if (!isPossible(scenario, store)) return { ...none, measured: 'not run: no MariaDB here', holds: null }

  const stage = new Stage({ ...options, store })
  const { findings } = stage
  const startedAt = performance.now()
  try {
    await scenario.run(stage)
  } catch (error) {
    findings.fail(error)
  } finally {
    await stage.close()
  }
  const { done, measured, broken, tooSlow } = findings
  const holds = broken.length === 0 && (options.short || tooSlow.length === 0)
  const seconds = (performance.now() - startedAt) / 1000
  const logs = holds ? '' : stage.output.trimEnd().split('\n').slice(-LOG_LINES).join('\n')
  return { scenario, store, done, measured, broken, tooSlow, holds, seconds, logs }
}
