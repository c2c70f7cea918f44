/** Workers are taken out of service under load: one is told to end, one is drained by REST and resumed. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { JobDetail } from '@argus/shared'
import { conclude } from '../conclude.ts'
import { Load } from '../load.ts'
import { untilWorkers } from '../observer.ts'
import type { Crew, Scenario } from '../scenario.ts'
import type { Member } from '../workforce.ts'

const DRAINED_MS = 20_000

export const drain: Scenario = {
  name: 'drain',
  title: 'drain one of four under load (by SIGTERM, and by REST)',
  mustHold: 'zero losses, zero failures',
  async run(stage) {
    const { findings, random } = stage
    // More than they can do, so that there is something to hand back.
    const crew = await stage.start({ slots: 2, photoMs: 100 })
    const { cluster, workforce } = crew
    const load = Load.start({ url: cluster.url, rate: 90 })
    stage.defer(() => load.stop())
    await sleep(stage.choose(3000, 1500))
    const code = await workforce.dismiss(random.pick(workforce.members))
    findings.check('SIGTERM: exit code 0', code === 0, `${code}`)
    await sleep(stage.choose(2000, 500))

    const resting = random.pick(workforce.members)
    await tell(crew, resting, 'drain')
    await untilWorkers(cluster.url, (all) => isDrained(all, resting), DRAINED_MS)
    const drainedAt = Date.now()
    await sleep(stage.choose(2000, 1000))
    const resumedAt = Date.now()
    await tell(crew, resting, 'resume')
    await sleep(stage.choose(3000, 1500))
    await load.stop()

    const jobs = await conclude(stage, crew, [load])
    findings.did('2 drains')
    const attempts = jobs.flatMap(({ history }) => history)
    const ended = (end: JobDetail['history'][number]['end']) =>
      attempts.filter((attempt) => attempt.end === end).length
    const losses = ended('lost') + ended('expired')
    findings.measure(`${losses} losses, ${ended('failed')} failures, ${ended('returned')} jobs handed back`)
    findings.check('no attempt was lost or failed', losses + ended('failed') === 0)
    const starts = attempts.flatMap(({ worker, startedAt }) =>
      worker === resting.name ? [Date.parse(startedAt)] : [],
    )
    findings.check('a drained worker gets nothing', !starts.some((at) => at > drainedAt && at < resumedAt))
    findings.check(
      'a resumed worker gets jobs',
      starts.some((at) => at >= resumedAt),
    )
  },
}

function isDrained(workers: ReadonlyArray<{ name: string; state: string }>, { name }: Member): boolean {
  return workers.some((worker) => worker.name === name && worker.state === 'drained')
}

async function tell({ cluster }: Crew, { name }: Member, action: 'drain' | 'resume'): Promise<void> {
  const workers = await untilWorkers(
    cluster.url,
    (all) => all.some((worker) => worker.name === name),
    DRAINED_MS,
  )
  const id = workers.find((worker) => worker.name === name)?.id
  const response = await fetch(`${cluster.url}/api/v1/workers/${id}/${action}`, { method: 'POST' })
  if (!response.ok) throw new Error(`${action}: ${response.status} ${await response.text()}`)
}
