/** A photo that kills whoever works on it. */
import { createHash } from 'node:crypto'
import { jobSchema } from '@argus/shared'
import { conclude } from '../conclude.ts'
import { Load } from '../load.ts'
import { readJobs } from '../observer.ts'
import { tinyPhoto } from '../photos.ts'
import type { Scenario } from '../scenario.ts'

const OTHERS = 200
/** A number that no other photo has. */
const POISON = tinyPhoto(1_000_000)
/** The first loss carries no blame; then three. */
const DEATHS = 4

export const poisonPhoto: Scenario = {
  name: 'poison-photo',
  title: 'a photo that kills its worker each time, among 200 others',
  mustHold: 'it ends FAILED `worker/lost`; the others all succeed',
  async run(stage) {
    const { findings } = stage
    const sha256 = createHash('sha256').update(POISON.bytes).digest('hex')
    const crew = await stage.start({ slots: 2, workerEnv: { POISON_SHA256: sha256 } })
    const { cluster, workforce } = crew
    workforce.supervise()
    const before = Load.start({ url: cluster.url, total: OTHERS / 2 })
    await before.done
    const response = await cluster.submit(POISON)
    const { id } = jobSchema.parse(await response.json())
    const after = Load.start({ url: cluster.url, total: OTHERS / 2 })
    await after.done

    await conclude(stage, crew, [before, after], { failing: [id] })
    const [poison] = await readJobs(cluster.url, [id])
    const ends = poison?.history.map(({ end }) => end) ?? []
    findings.measure(`it ended ${poison?.status} \`${poison?.error?.code}\` after ${ends.length} attempts`)
    findings.measure(`${workforce.deaths} workers died`)
    const isBlamed = poison?.status === 'FAILED' && poison.error?.code === 'worker/lost'
    findings.check('the poison FAILED worker/lost', isBlamed)
    findings.check(`${DEATHS} workers die`, workforce.deaths === DEATHS, `${workforce.deaths} do`)
    findings.check(
      'each attempt lost',
      ends.length === DEATHS && ends.every((end) => end === 'lost'),
      `${ends}`,
    )
  },
}
