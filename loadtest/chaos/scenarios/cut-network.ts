/** The network between one worker and the master is cut, and healed. */
import { setTimeout as sleep } from 'node:timers/promises'
import { inSeconds, percentile, spread } from '../../kit/times.ts'
import { conclude } from '../conclude.ts'
import { Load } from '../load.ts'
import { failovers, ready, untilWorkers } from '../observer.ts'
import { CuttingProxy } from '../proxy.ts'
import type { Scenario } from '../scenario.ts'

const BAR_MS = 6000
/** A worker tries to connect again every 2 s at most, and each try may have to time out. */
const BACK_MS = 30_000

export const cutNetwork: Scenario = {
  name: 'cut-network',
  title: 'network cut between worker and master (a cutting proxy), 20 s, healed',
  mustHold: 'detected ≤ 6 s; each outcome recorded or obsolete, one result a job',
  async run(stage) {
    const { findings } = stage
    const crew = await stage.start({ workers: 3, slots: 4, photoMs: 50 })
    const { cluster, workforce } = crew
    const proxy = await CuttingProxy.start(cluster.url)
    stage.defer(() => proxy.stop())
    const remote = workforce.start({ MASTER_URL: proxy.url, LOG_LEVEL: 'debug' })
    await untilWorkers(cluster.url, (all) => ready(all) === 4, BACK_MS)

    const load = Load.start({ url: cluster.url, rate: 60 })
    stage.defer(() => load.stop())
    await sleep(2000)
    const cutSeconds = stage.choose(20, 7)
    workforce.goneAt.set(remote.name, Date.now())
    proxy.cut()
    await sleep(cutSeconds * 1000)
    proxy.heal()
    const healedAt = Date.now()
    await untilWorkers(cluster.url, (all) => ready(all) === 4, BACK_MS)
    const backAfter = Date.now() - healedAt
    await sleep(2000)
    await load.stop()

    const jobs = await conclude(stage, crew, [load])
    findings.did(`1 of 4 cut off for ${cutSeconds} s`)
    const waits = failovers(jobs, workforce.goneAt)
    findings.measure(`from the cut to the next attempt ${spread(waits)}`)
    findings.check('it held jobs', waits.length > 0)
    findings.bar('all ≤ 6 s', percentile(waits, 1) <= BAR_MS)

    const later = jobs
      .flatMap(({ history }) => history)
      .filter(({ worker, startedAt, end }) => {
        return worker === remote.name && Date.parse(startedAt) >= healedAt && end === 'succeeded'
      })
    findings.measure(`back ${inSeconds(backAfter)} after the heal, and ${later.length} jobs done by then`)
    findings.check('it is of use again', later.length > 0)
    const counts = [...cluster.output.matchAll(/"obsolete":(\d+)/g)]
    const obsolete = counts.reduce((sum, [, count]) => sum + Number(count), 0)
    findings.measure(`${obsolete} of its outcomes came too late`)
    // An outcome without an answer would keep its place there, and the worker from leaving.
    await untilWorkers(cluster.url, (all) => all.every(({ held }) => held === 0), BACK_MS)
    const leftAt = performance.now()
    findings.check('it leaves in good order', (await workforce.dismiss(remote)) === 0)
    findings.check('every outcome was answered', performance.now() - leftAt < 10_000)
  },
}
