import { describe, it } from 'vitest'
import { SEED } from '../../testing/random.ts'
import { simulate } from '../../testing/simulation/simulation.ts'

const INTERLEAVINGS = 10_000

/** A seed that was named is that of one interleaving, to see what happens in it. */
const isReplay = process.env.ARGUS_SEED !== undefined

const REPLAY = 'npx vitest run --project unit server/src/jobs/scheduler.simulation.test.ts'

describe('the scheduler', () => {
  it.skipIf(isReplay)(
    `brings every job to one end, whatever happens: ${INTERLEAVINGS} interleavings from seed ${SEED} on`,
    { timeout: 600_000 },
    () => {
      for (let seed = SEED; seed < SEED + INTERLEAVINGS; seed += 1) {
        try {
          simulate(seed)
        } catch (error) {
          const { message } = error as Error
          throw new Error(`${message}. To see how: ARGUS_SEED=${seed} ${REPLAY}`, { cause: error })
        }
      }
    },
  )

  it.runIf(isReplay)(`brings every job to one end in interleaving ${SEED}`, () => {
    const lines: string[] = []
    try {
      simulate(SEED, (line) => lines.push(line))
    } finally {
      console.log(lines.join('\n'))
    }
  })
})
