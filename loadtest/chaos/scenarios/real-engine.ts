/** Workers with the real engine die, and are started again. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { JobDetail, WorkerView } from '@argus/shared'
import { spread } from '../../kit/times.ts'
import { conclude } from '../conclude.ts'
import { Load } from '../load.ts'
import { failovers, ready, untilWorkers } from '../observer.ts'
import { realPhotos } from '../photos.ts'
import type { Scenario } from '../scenario.ts'

const READY_MS = 60_000

export const realEngine: Scenario = {
  name: 'real-engine',
  title: 'kill -9 a worker at work with the real engine and real photos, restart it',
  mustHold: 'every acknowledged job SUCCEEDED, one result each, the same for the same photo',
  async run(stage) {
    const { findings, random } = stage
    const crew = await stage.start({ photoMs: null, workerEnv: { ENGINE: 'tfjs-wasm' } })
    const { cluster, workforce } = crew
    const photos = await realPhotos(stage.choose(100, 10))
    const load = Load.start({ url: cluster.url, total: stage.choose(600, 40), rate: 12, photos })
    stage.defer(() => load.stop())
    const kills = stage.choose(8, 1)
    for (let kill = 0; kill < kills; kill += 1) {
      await sleep(2000)
      // A photo takes a tenth of a second: at a random moment, most have none.
      const workers = await untilWorkers(cluster.url, (all) => all.some(isAtWork), READY_MS)
      const atWork = new Set(workers.filter(isAtWork).map(({ name }) => name))
      await workforce.kill(random.pick(workforce.members.filter(({ name }) => atWork.has(name))))
      workforce.start()
      // It takes seconds, and the next one shall not find the others gone as well.
      await untilWorkers(cluster.url, (all) => ready(all) === 4, READY_MS)
    }
    await load.done

    const jobs = await conclude(stage, crew, [load])
    findings.did(`${kills} kills`)
    const waits = failovers(jobs, workforce.goneAt)
    findings.measure(`from death to the next attempt ${spread(waits)}`)
    findings.bar('some workers died at work', waits.length > 0)
    const engines = new Set(jobs.map(({ result }) => result?.engine))
    findings.check('by tfjs-wasm', engines.size === 1 && engines.has('tfjs-wasm'), `${[...engines]}`)
    const photoCount = new Set(jobs.map(({ image }) => image.sha256)).size
    const results = new Set(jobs.map(resultOf)).size
    findings.measure(`${results} results of ${photoCount} photos`)
    findings.check('the same result for the same photo', results === photoCount)
  },
}

function isAtWork({ held }: WorkerView): boolean {
  return held > 0
}

function resultOf({ image, result }: JobDetail): string {
  return `${image.sha256} ${result?.classes.map(({ index }) => index)}`
}
