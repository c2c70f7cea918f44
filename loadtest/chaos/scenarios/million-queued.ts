/**
 * A queue that has a million jobs in it costs what an empty one does. Two clusters, one with a long queue and
 * one with a short one, are measured in turns, so that a machine that is busy for a while is busy for both.
 */
import { JOB_STATUSES } from '@argus/shared'
import { peakMb } from '../../kit/memory.ts'
import { inSeconds } from '../../kit/times.ts'
import { total } from '../board.ts'
import { count } from '../findings.ts'
import { Load } from '../load.ts'
import { fillQueue } from '../queue.ts'
import type { Crew, Scenario, Stage } from '../scenario.ts'
import { ended } from '../workforce.ts'

const CONNECTIONS = 16
/** Recognised before the clock starts: the workers do not all come at once. */
const WARM_UP = 200
const START_BAR_MS = 5000
const MEMORY_BAR_MB = 300
const RATE_BAR = 2
const WAIT_MS = 60_000

/** Of one queue, a number a round. */
interface Figures {
  readonly starts: number[]
  readonly submits: number[]
  readonly claims: number[]
}

export const millionQueued: Scenario = {
  name: 'million-queued',
  title: '1,000,000 queued jobs in the table',
  mustHold: 'master start < 5 s, RSS < 300 MB, submit and claim rates within 2 × of the empty table',
  async run(stage) {
    const { findings } = stage
    const rounds = stage.choose(3, 1)
    const submits = stage.choose(1000, 200)
    const claims = stage.choose(1500, 300)
    /** What the rounds recognise, and as much again for the workers that have not been told to end yet. */
    const head = rounds * 2 * (WARM_UP + claims)
    const jobs = stage.choose(1_000_000, 50_000)
    const long = await startWith(stage, jobs, head)
    const short = await startWith(stage, head, head)
    const ofLong: Figures = { starts: [], submits: [], claims: [] }
    const ofShort: Figures = { starts: [], submits: [], claims: [] }
    for (let round = 0; round < rounds; round += 1) {
      for (const [crew, figures] of [
        [short, ofShort],
        [long, ofLong],
      ] as const) {
        figures.starts.push(await restart(crew))
        figures.submits.push(await submitRate(crew, submits))
        figures.claims.push(await claimRate(crew, claims))
      }
    }
    findings.did(
      `${count(jobs)} jobs in the queue against ${count(head)}, measured in turns, ${rounds} × each`,
    )
    await checkCounts(stage, long, jobs + rounds * submits)

    const start = Math.max(...ofLong.starts)
    findings.measure(`master start ${ofLong.starts.map(inSeconds).join(', ')}`)
    findings.bar('start < 5 s', start < START_BAR_MS)
    const memory = await peakMb(long.cluster.master.pid)
    findings.measure(`peak RSS ${memory.toFixed(0)} MB`)
    findings.bar('RSS < 300 MB', memory < MEMORY_BAR_MB)
    compare(stage, `submits/s (n = ${rounds} × ${submits})`, ofLong.submits, ofShort.submits)
    compare(stage, `jobs done/s (n = ${rounds} × ${claims})`, ofLong.claims, ofShort.claims)
  },
}

function startWith(stage: Stage, jobs: number, withPhoto: number): Promise<Crew> {
  return stage.start({
    workers: 0,
    slots: 4,
    photoMs: 0,
    prepare: (target, dataDir) => fillQueue({ target, dataDir, jobs, withPhoto }),
  })
}

/** From the start of the process until it listens, in milliseconds. */
async function restart({ cluster, board }: Crew): Promise<number> {
  await ended(cluster.master, 'SIGTERM')
  board.forget()
  const startedAt = performance.now()
  await cluster.startMaster()
  return performance.now() - startedAt
}

/** Without workers. */
async function submitRate({ cluster }: Crew, number: number): Promise<number> {
  const load = Load.start({ url: cluster.url, total: number, connections: CONNECTIONS, owner: 'newcomer' })
  await load.done
  if (load.acknowledged.length !== number) throw new Error('Photos were refused')
  return load.achievedRate
}

/** Jobs recognised a second, by four workers who look at nothing. */
async function claimRate({ workforce, board }: Crew, number: number): Promise<number> {
  const before = await board.until(() => true, WAIT_MS)
  for (let worker = 0; worker < 4; worker += 1) workforce.start()
  const first = await board.until(({ SUCCEEDED }) => SUCCEEDED >= before.SUCCEEDED + WARM_UP, WAIT_MS)
  const startedAt = performance.now()
  const last = await board.until(({ SUCCEEDED }) => SUCCEEDED >= first.SUCCEEDED + number, WAIT_MS)
  const seconds = (performance.now() - startedAt) / 1000
  await Promise.all(workforce.members.map((member) => workforce.dismiss(member)))
  return (last.SUCCEEDED - first.SUCCEEDED) / seconds
}

async function checkCounts({ findings }: Stage, { board }: Crew, expected: number): Promise<void> {
  const counts = await board.until(({ RUNNING }) => RUNNING === 0, WAIT_MS)
  findings.check(`${expected} jobs`, total(counts) === expected, `${total(counts)}`)
  const odd = JOB_STATUSES.filter(
    (status) => status !== 'QUEUED' && status !== 'SUCCEEDED' && counts[status] > 0,
  )
  findings.check('all queued or SUCCEEDED', odd.length === 0, JSON.stringify(counts))
}

/** By the best round of each: what another process takes away is not the queue's fault. */
function compare({ findings }: Stage, what: string, long: readonly number[], short: readonly number[]): void {
  const [slow, fast] = [Math.max(...long), Math.max(...short)]
  findings.measure(`${slow.toFixed(0)} ${what}, ${fast.toFixed(0)} with the short queue`)
  findings.bar(`${what} within ${RATE_BAR} ×`, slow * RATE_BAR >= fast)
}
