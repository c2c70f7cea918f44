/** MariaDB dies under load and is back later; the master goes on. */
import { setTimeout as sleep } from 'node:timers/promises'
import { inSeconds } from '../../kit/times.ts'
import { total } from '../board.ts'
import { conclude } from '../conclude.ts'
import { count } from '../findings.ts'
import { Load } from '../load.ts'
import type { Scenario } from '../scenario.ts'

export const killDatabase: Scenario = {
  name: 'kill-database',
  title: 'kill -9 MariaDB under load, restart after 10 s',
  mustHold: '503s meanwhile, no acknowledged job lost, no restart of the master',
  store: 'mariadb',
  async run(stage) {
    const { findings } = stage
    const crew = await stage.start()
    const { cluster, board } = crew
    const { pid } = cluster.master
    const database = await stage.database()
    const load = Load.start({ url: cluster.url, rate: 80, repeats: true })
    stage.defer(() => load.stop())
    await sleep(stage.choose(4000, 2000))
    await database.kill()
    const awaySeconds = stage.choose(10, 4)
    await sleep(awaySeconds * 1000)
    await database.restart()
    const backAt = performance.now()
    const taken = load.acknowledged.length
    while (load.acknowledged.length === taken && performance.now() - backAt < 30_000) await sleep(10)
    const resumedAfter = performance.now() - backAt
    await sleep(stage.choose(6000, 2000))
    await load.stop()

    await conclude(stage, crew, [load])
    findings.did(`away for ${awaySeconds} s`)
    const refused = load.statuses.get(503) ?? 0
    findings.measure(`${count(refused)} answers of 503`)
    findings.measure(`the first photo taken ${inSeconds(resumedAfter)} after the database was back`)
    findings.check('503s meanwhile', refused > 0)
    findings.check('each 503 with Retry-After', load.unexplained === 0)
    const isPlain = [...load.statuses.keys()].every((status) => status === 201 || status === 503)
    findings.check('each request answered with 201 or 503', isPlain && load.breaks.length === 0, load.answers)
    const rows = board.counts ? total(board.counts) : 0
    findings.check('as many jobs as keys', rows === load.acknowledged.length, `${rows} jobs`)
    const isAlive = cluster.master.exitCode === null && cluster.master.signalCode === null
    findings.check('the same master', isAlive && cluster.master.pid === pid)
  },
}
