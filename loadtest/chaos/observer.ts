/** Looks at the cluster from outside, as any client could: jobs with their history, and the workers. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type JobDetail, jobDetailSchema, type WorkerView, workersSchema } from '@argus/shared'
import { call, keepAliveAgent } from '../kit/http.ts'

const CONNECTIONS = 8
const POLL_MS = 100

/**
 * Reads these jobs.
 *
 * @returns in the same order; null in place of a job that the master does not know
 */
export async function readJobs(url: string, ids: readonly string[]): Promise<Array<JobDetail | null>> {
  const agent = keepAliveAgent(CONNECTIONS)
  const jobs = new Array<JobDetail | null>(ids.length).fill(null)
  let next = 0
  const read = async () => {
    for (let at = next++; at < ids.length; at = next++) {
      const { status, text } = await call(agent, `${url}/api/v1/jobs/${ids[at]}`)
      if (status !== 200 && status !== 404) throw new Error(`GET of a job: ${status} ${text}`)
      if (status === 200) jobs[at] = jobDetailSchema.parse(JSON.parse(text))
    }
  }
  try {
    await Promise.all(Array.from({ length: CONNECTIONS }, read))
    return jobs
  } finally {
    agent.destroy()
  }
}

export async function readWorkers(url: string): Promise<WorkerView[]> {
  const response = await fetch(`${url}/api/v1/workers`)
  return workersSchema.parse(await response.json()).workers
}

/**
 * Waits until the workers are as wished.
 *
 * @throws Error where they are not within this time
 */
export async function untilWorkers(
  url: string,
  isMet: (workers: readonly WorkerView[]) => boolean,
  milliseconds: number,
): Promise<WorkerView[]> {
  const deadline = performance.now() + milliseconds
  for (;;) {
    const workers = await readWorkers(url)
    if (isMet(workers)) return workers
    if (performance.now() > deadline) throw new Error(`The workers are ${JSON.stringify(workers)}`)
    await sleep(POLL_MS)
  }
}

/** Whether it takes jobs. */
export function isReady({ state }: WorkerView): boolean {
  return state === 'ready'
}

/** How many take jobs. */
export function ready(workers: readonly WorkerView[]): number {
  return workers.filter(isReady).length
}

/**
 * How long each job waited whose worker went away under it: from that moment to the start of its next attempt,
 * in milliseconds.
 *
 * @param goneAt by name of the worker, in milliseconds since 1970
 */
export function failovers(jobs: readonly JobDetail[], goneAt: ReadonlyMap<string, number>): number[] {
  return jobs.flatMap(({ history }) =>
    history.flatMap(({ worker, end }, at) => {
      const gone = goneAt.get(worker)
      const next = history[at + 1]
      const isLoss = end === 'lost' || end === 'expired'
      return isLoss && gone !== undefined && next ? [Date.parse(next.startedAt) - gone] : []
    }),
  )
}
