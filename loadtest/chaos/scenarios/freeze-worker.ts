/** A worker stands still with its connection open, and wakes when its jobs are done. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isTerminal, type JobDetail } from '@argus/shared'
import { conclude } from '../conclude.ts'
import { count } from '../findings.ts'
import { Load } from '../load.ts'
import { failovers, readJobs } from '../observer.ts'
import type { Scenario } from '../scenario.ts'
import { percentile, spread } from '../times.ts'

const FROZEN_MS = 8000
const BAR_MS = 6000

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
    await sleep(2000)
    const member = random.pick(workforce.members)
    workforce.freeze(member)
    await sleep(FROZEN_MS)
    const before = await readJobs(cluster.url, load.jobIds)
    workforce.thaw(member)
    await sleep(stage.choose(4000, 2000))
    await load.stop()

    const jobs = await conclude(stage, crew, [load])
    findings.did(`1 of 4 frozen for ${FROZEN_MS / 1000} s`)
    const waits = failovers(jobs, workforce.goneAt)
    findings.measure(`from the stop to the next attempt ${spread(waits)}`)
    findings.check('it held jobs', waits.length > 0)
    findings.bar('all ≤ 6 s', percentile(waits, 1) <= BAR_MS)

    const after = new Map(jobs.map((job) => [job.id, job]))
    const ended = before.flatMap((job) => (job && isTerminal(job.status) ? [job] : []))
    const changed = ended.filter((job) => resultOf(job) !== resultOf(after.get(job.id)))
    findings.measure(`${count(ended.length)} jobs had ended when it woke, ${changed.length} of them changed`)
    findings.check('late results changed nothing', changed.length === 0)
    const woke = (workforce.goneAt.get(member.name) ?? 0) + FROZEN_MS
    const isOfUse = jobs.some(({ history }) =>
      history.some(({ worker, startedAt, end }) => {
        return worker === member.name && Date.parse(startedAt) >= woke && end === 'succeeded'
      }),
    )
    findings.check('it is of use again', isOfUse)
  },
}

/** What nothing may change any more. */
function resultOf(job: JobDetail | undefined): string {
  return JSON.stringify([job?.status, job?.run, job?.worker, job?.startedAt, job?.endedAt, job?.result])
}
