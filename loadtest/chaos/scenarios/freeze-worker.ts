/** Workers stand still with their connections open, one after the other, and wake when their jobs are done. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isTerminal, type JobDetail } from '@argus/shared'
import { percentile, spread } from '../../kit/times.ts'
import { conclude } from '../conclude.ts'
import { count } from '../findings.ts'
import { Load } from '../load.ts'
import { failovers, readJobs, ready, untilWorkers } from '../observer.ts'
import type { Scenario } from '../scenario.ts'

const FROZEN_MS = 8000
const BAR_MS = 6000
const BACK_MS = 30_000

export const freezeWorker: Scenario = {
  name: 'freeze-worker',
  title: 'kill -STOP a worker (socket open, silent)',
  mustHold: 'its jobs run elsewhere ≤ 6 s; when it wakes, its late results change nothing wrongly',
  async run(stage) {
    const { findings, random } = stage
    const crew = await stage.start({ slots: 4, photoMs: 50 })
    const { cluster, workforce } = crew
    const load = Load.start({ url: cluster.url, rate: 60 })
    stage.defer(() => load.stop())
    const before: JobDetail[] = []
    const wokeAt = new Map<string, number>()
    const rounds = stage.choose(3, 1)
    for (let round = 0; round < rounds; round += 1) {
      await sleep(2000)
      const member = random.pick(workforce.members.filter(({ name }) => !wokeAt.has(name)))
      workforce.freeze(member)
      await sleep(FROZEN_MS)
      before.push(...(await readJobs(cluster.url, load.jobIds)).flatMap((job) => job ?? []))
      wokeAt.set(member.name, Date.now())
      workforce.thaw(member)
      await untilWorkers(cluster.url, (all) => ready(all) === 4, BACK_MS)
      // It gets photos as the others do.
      await sleep(2000)
    }
    await load.stop()

    const jobs = await conclude(stage, crew, [load])
    findings.did(`${rounds} of 4 frozen for ${FROZEN_MS / 1000} s`)
    const waits = failovers(jobs, workforce.goneAt)
    findings.measure(`from the stop to the next attempt ${spread(waits)}`)
    findings.check('they held jobs', waits.length > 0)
    findings.bar('all ≤ 6 s', percentile(waits, 1) <= BAR_MS)

    const after = new Map(jobs.map((job) => [job.id, job]))
    const ended = before.filter(({ status }) => isTerminal(status))
    const changed = ended.filter((job) => resultOf(job) !== resultOf(after.get(job.id)))
    findings.measure(`${count(ended.length)} results were there when they woke, ${changed.length} changed`)
    findings.check('late results changed nothing', changed.length === 0)
    const useful = new Set(
      jobs
        .flatMap(({ history }) => history)
        .filter(({ worker, startedAt, end }) => {
          return (
            end === 'succeeded' && Date.parse(startedAt) >= (wokeAt.get(worker) ?? Number.POSITIVE_INFINITY)
          )
        })
        .map(({ worker }) => worker),
    )
    findings.check('they are of use again', useful.size === rounds, [...useful].join())
  },
}

/** What nothing may change any more. */
function resultOf(job: JobDetail | undefined): string {
  return JSON.stringify([job?.status, job?.run, job?.worker, job?.startedAt, job?.endedAt, job?.result])
}
