/** As many photos as a busy day has, at an even rate. */

import { spread } from '../../kit/times.ts'
import { conclude } from '../conclude.ts'
import { count } from '../findings.ts'
import { Load } from '../load.ts'
import type { Scenario } from '../scenario.ts'

const RATE = 100
/** Of the rate; less means that the harness itself could not keep up. */
const ENOUGH = 0.97

export const steadyLoad: Scenario = {
  name: 'steady-load',
  title: '100 submits/s for 60 s on 4 workers',
  mustHold: 'none refused, all SUCCEEDED',
  async run(stage) {
    const { findings } = stage
    const crew = await stage.start({ slots: 2 })
    const total = RATE * stage.choose(60, 10)
    const load = Load.start({ url: crew.cluster.url, rate: RATE, total, connections: 64 })
    await load.done

    const jobs = await conclude(stage, crew, [load])
    const isTaken = load.statuses.get(201) === total && load.breaks.length === 0
    findings.check('none refused', isTaken, load.answers)
    findings.did(`${RATE} submits/s`)
    findings.measure(`${count(load.acknowledged.length)} taken, ${load.achievedRate.toFixed(1)}/s`)
    findings.bar(`${RATE} submits/s`, load.achievedRate > RATE * ENOUGH)
    findings.measure(`answered ${spread(load.acknowledged.map(({ latency }) => latency))}`)
    const lives = jobs.map(({ submittedAt, endedAt }) => Date.parse(endedAt ?? '') - Date.parse(submittedAt))
    findings.measure(`submit to result ${spread(lives)}`)
  },
}
