/** How each scenario ends: it waits until nothing is left to do, reads every job, and checks what always holds. */
import { isTerminal, JOB_STATUSES, type JobCounts, type JobDetail } from '@argus/shared'
import { isQuiet, total } from './board.ts'
import { count } from './findings.ts'
import type { Load } from './load.ts'
import { readJobs } from './observer.ts'
import type { Crew, Stage } from './scenario.ts'

const QUIET_MS = 120_000

export interface ConcludeOptions {
  /** Jobs that are to fail. */
  readonly failing?: readonly string[]
}

/**
 * Checks that every acknowledged job is there and has succeeded, with one result, and that the board counts
 * right.
 *
 * @returns all acknowledged jobs that the master still knows
 */
export async function conclude(
  { findings }: Stage,
  { cluster, board }: Crew,
  loads: readonly Load[],
  { failing = [] }: ConcludeOptions = {},
): Promise<JobDetail[]> {
  const ids = [...loads.flatMap(({ jobIds }) => jobIds), ...failing]
  const acknowledged = new Set(ids)
  findings.did(`${count(ids.length)} jobs`)
  findings.check('one job for each photo that was submitted', acknowledged.size === ids.length)
  for (const load of loads) findings.check('every photo taken', load.givenUp === 0, load.answers)
  // As a check: what the jobs themselves say tells more.
  await board
    .until((counts) => total(counts) >= ids.length && isQuiet(counts), QUIET_MS)
    .catch((error: Error) => {
      findings.check('all ended', false, error.message)
    })

  const jobs = (await readJobs(cluster.url, ids)).flatMap((job) => job ?? [])
  findings.check('no acknowledged job lost', jobs.length === ids.length, `${ids.length - jobs.length} are`)
  checkEnds(findings, jobs, new Set(failing))
  checkCounts(findings, jobs, board.counts)
  return jobs
}

type Checks = Pick<Stage['findings'], 'check'>

function checkEnds(findings: Checks, jobs: readonly JobDetail[], failing: ReadonlySet<string>): void {
  const succeeding = jobs.filter(({ id }) => !failing.has(id))
  const others = succeeding.filter(({ status }) => status !== 'SUCCEEDED')
  findings.check('all SUCCEEDED', others.length === 0, describe(others))
  const odd = succeeding.filter((job) => job.status === 'SUCCEEDED' && !hasOneResult(job))
  findings.check('one result each', odd.length === 0, describe(odd))
  const open = jobs.filter(
    ({ status, history }) => isTerminal(status) && history.some(({ end }) => end === null),
  )
  findings.check('no attempt goes on of a job that has ended', open.length === 0, describe(open))
}

/** In its first and only run, by one attempt, whose worker is the job's. */
function hasOneResult({ run, result, worker, history }: JobDetail): boolean {
  const successes = history.filter(({ end }) => end === 'succeeded')
  return run === 1 && result !== null && successes.length === 1 && successes[0]?.worker === worker
}

function checkCounts(findings: Checks, jobs: readonly JobDetail[], shown: JobCounts | null): void {
  const counts = JOB_STATUSES.map((status) => [status, jobs.filter((job) => job.status === status).length])
  const isRight = counts.every(([status, number]) => shown?.[status as keyof JobCounts] === number)
  const expected = JSON.stringify(Object.fromEntries(counts))
  findings.check(`the board shows ${expected}`, isRight, JSON.stringify(shown))
}

/** The first of them with its history; what else went wrong is likely the same. */
function describe(jobs: readonly JobDetail[]): string {
  const [first] = jobs
  if (!first) return 'none'
  const { id, status, run, error, history } = first
  const attempts = history.map(({ run, number, worker, end }) => `${run}.${number} ${worker} ${end}`)
  return `${jobs.length} are not, e.g. ${id}: ${status} run ${run} ${error?.code ?? ''} [${attempts.join(', ')}]`
}
