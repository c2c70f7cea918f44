/** Workers come and go at random. */
import { setTimeout as sleep } from 'node:timers/promises'
import { conclude } from '../conclude.ts'
import { Load } from '../load.ts'
import type { Scenario } from '../scenario.ts'

const CHANGES = 8

export const churn: Scenario = {
  name: 'churn',
  title: 'add 8 workers and remove 8, at random, for 60 s',
  mustHold: 'all succeed',
  async run(stage) {
    const { findings, random } = stage
    const crew = await stage.start()
    const { cluster, workforce } = crew
    const milliseconds = stage.choose(60_000, 10_000)
    const moments = Array.from({ length: 2 * CHANGES }, (_, at) => ({
      at: random.next() * milliseconds,
      isAddition: at < CHANGES,
    })).sort((a, b) => a.at - b.at)

    const load = Load.start({ url: cluster.url, rate: 50 })
    stage.defer(() => load.stop())
    const startedAt = performance.now()
    let killed = 0
    const leaving: Array<Promise<number | null>> = []
    for (const { at, isAddition } of moments) {
      await sleep(Math.max(0, startedAt + at - performance.now()))
      // Someone has to be left.
      const leaver = workforce.members.length > 1 ? random.pick(workforce.members) : null
      if (isAddition || !leaver) workforce.start()
      else if (random.next() < 0.5) leaving.push(workforce.dismiss(leaver))
      else {
        killed += 1
        await workforce.kill(leaver)
      }
    }
    await sleep(Math.max(0, startedAt + milliseconds - performance.now()))
    await load.stop()

    await conclude(stage, crew, [load])
    const codes = await Promise.all(leaving)
    findings.did(`${workforce.started - 4} workers added, ${killed} killed, ${leaving.length} told to end`)
    // Null: it had not got so far as to listen for signals.
    findings.check(
      'those told to end exit with 0',
      codes.every((code) => code === 0 || code === null),
      `${codes}`,
    )
    findings.measure(`in ${milliseconds / 1000} s`)
  },
}
