/** Workers on the master: taking one out of service, and back, and what a new one needs to join. */
import { get, post } from './request.ts'

const WORKERS_PATH = '/api/v1/workers'

/** The worker takes no more work, and finishes what it has begun. */
export async function drainWorker(id: string): Promise<void> {
  await post(`${WORKERS_PATH}/${encodeURIComponent(id)}/drain`)
}

/** The worker takes work again. */
export async function resumeWorker(id: string): Promise<void> {
  await post(`${WORKERS_PATH}/${encodeURIComponent(id)}/resume`)
}

/** The secret by which the master knows its workers. */
export async function fetchJoinToken(): Promise<string> {
  const { token }: { token: string } = await (await get(`${WORKERS_PATH}/join`)).json()
  return token
}

/** What starts a worker for this master, typed on any machine with Argus. */
export function joinCommand(origin: string, token: string): string {
  return `WORKER_TOKEN=${token} npx argus worker --master ${origin}`
}
