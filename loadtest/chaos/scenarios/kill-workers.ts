/** Workers die all the time, and are started again. */
import { setTimeout as sleep } from 'node:timers/promises'
import { percentile, spread } from '../../kit/times.ts'
import { conclude } from '../conclude.ts'
import { Load } from '../load.ts'
import { failovers, isReady, ready, untilWorkers } from '../observer.ts'
import type { Scenario } from '../scenario.ts'

const BAR_MS = 1000
const READY_MS = 60_000

export const killWorkers: Scenario = {
  name: 'kill-workers',
  title: 'kill -9 a random worker every second, restart it',
  mustHold:
    "every acknowledged job SUCCEEDED, one result each, none charged to FAILED; from death to the next attempt's start p99 < 1 s",
  async run(stage) {
    const { findings, random } = stage
    const crew = await stage.start({ slots: 2, photoMs: 50 })
    const { workforce } = crew
    const load = Load.start({ url: crew.cluster.url, rate: 60 })
    stage.defer(() => load.stop())
    const kills = stage.choose(30, 6)
    for (let kill = 0; kill < kills; kill += 1) {
      await sleep(1000)
      // On a busy machine a worker takes seconds to start; where nobody is left, nobody can take over.
      const workers = await untilWorkers(crew.cluster.url, (all) => ready(all) > 1, READY_MS)
      const atWork = new Set(workers.filter(isReady).map(({ name }) => name))
      await workforce.kill(random.pick(workforce.members.filter(({ name }) => atWork.has(name))))
      workforce.start()
    }
    await load.stop()

    const jobs = await conclude(stage, crew, [load])
    findings.did(`${kills} kills`)
    const waits = failovers(jobs, workforce.goneAt)
    findings.measure(`from death to the next attempt ${spread(waits)}`)
    findings.bar('some workers died at work', waits.length > 0)
    findings.bar('p99 < 1 s', percentile(waits, 0.99) < BAR_MS)
  },
}
