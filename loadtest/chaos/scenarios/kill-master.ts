/** The master dies under load, and clients submit again what it has not acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises'
import { inSeconds } from '../../kit/times.ts'
import { total } from '../board.ts'
import { conclude } from '../conclude.ts'
import { Load } from '../load.ts'
import type { Scenario } from '../scenario.ts'
import { ended } from '../workforce.ts'

const KILLS = 3

export const killMaster: Scenario = {
  name: 'kill-master',
  title: 'kill -9 the master three times under load, submitters retrying with an `Idempotency-Key`',
  mustHold: 'no acknowledged job lost, none doubled',
  async run(stage) {
    const { findings } = stage
    const crew = await stage.start()
    const { cluster, board } = crew
    const load = Load.start({ url: cluster.url, rate: 80, repeats: true })
    stage.defer(() => load.stop())
    const starts: number[] = []
    for (let kill = 0; kill < KILLS; kill += 1) {
      await sleep(stage.choose(4000, 1000))
      await ended(cluster.master, 'SIGKILL')
      const killedAt = performance.now()
      await cluster.startMaster()
      starts.push(performance.now() - killedAt)
    }
    await sleep(stage.choose(4000, 1000))
    await load.stop()

    const jobs = await conclude(stage, crew, [load])
    const rows = board.counts ? total(board.counts) : 0
    findings.check('as many jobs as keys', rows === load.acknowledged.length, `${rows} jobs`)
    findings.check('some requests met no master', load.breaks.length > 0)
    findings.did(`${KILLS} kills`)
    const restarted = jobs.filter(({ history }) => history.some(({ end }) => end === 'restarted')).length
    findings.measure(`${load.breaks.length} requests broken and repeated, ${restarted} jobs were running`)
    findings.measure(`master back after ${starts.map(inSeconds).join(', ')}`)
  },
}
