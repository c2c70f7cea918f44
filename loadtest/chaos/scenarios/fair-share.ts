/** One owner has thousands of photos in the queue when others come with one each. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { JobDetail } from '@argus/shared'
import { conclude } from '../conclude.ts'
import { Load } from '../load.ts'
import type { Scenario } from '../scenario.ts'

const SLOTS = 1
const WORKERS = 4
/** Slots and prefetch of the whole cluster, twice. */
const BAR = 2 * WORKERS * (SLOTS + SLOTS)
const SINGLES = 5

export const fairShare: Scenario = {
  name: 'fair-share',
  title: 'one owner submits 5,000, another submits 1 (five times, another one each time)',
  mustHold: 'the single one starts within the next 2 × (slots + prefetch) assignments',
  async run(stage) {
    const { findings } = stage
    const crew = await stage.start({ workers: WORKERS, slots: SLOTS, photoMs: stage.choose(20, 60) })
    const { url } = crew.cluster
    const crowd = Load.start({ url, total: stage.choose(5000, 500), owner: 'crowd', connections: 16 })
    await crowd.done
    const singles: Load[] = []
    for (let number = 1; number <= SINGLES; number += 1) {
      const single = Load.start({ url, total: 1, owner: `single-${number}`, connections: 1 })
      singles.push(single)
      await single.done
      await sleep(stage.choose(1000, 200))
    }

    const jobs = await conclude(stage, crew, [crowd, ...singles])
    const crowded = jobs.filter(({ owner }) => owner === 'crowd')
    const ahead = jobs
      .filter(({ owner }) => owner !== 'crowd')
      .map((single) => startedBefore(single, crowded))
    const waited = jobs.flatMap((job) => (job.owner === 'crowd' ? [] : [crowdWaiting(job, crowded)]))
    findings.measure(
      `assignments before the single one: ${ahead.join(', ')} (bar ${BAR}), while ${waited.join(', ')} waited`,
    )
    findings.check(
      'the crowd still waited',
      waited.every((number) => number > BAR),
    )
    findings.check(
      `at most ${BAR} assignments before each`,
      ahead.length === SINGLES && ahead.every((number) => number <= BAR),
    )
  },
}

/** How many of these were dealt between its submit and its start. */
function startedBefore({ submittedAt, startedAt }: JobDetail, jobs: readonly JobDetail[]): number {
  const from = Date.parse(submittedAt)
  const to = Date.parse(startedAt ?? submittedAt)
  return jobs.filter(({ history }) =>
    history.some((attempt) => {
      const at = Date.parse(attempt.startedAt)
      return at >= from && at <= to
    }),
  ).length
}

function crowdWaiting({ submittedAt }: JobDetail, jobs: readonly JobDetail[]): number {
  return jobs.filter(({ startedAt }) => startedAt !== null && startedAt > submittedAt).length
}
