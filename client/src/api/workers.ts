/** Workers on the master: taking one out of service, and back. */
import { post } from './request.ts'

const WORKERS_PATH = '/api/v1/workers'

/** The worker takes no more work, and finishes what it has begun. */
export async function drainWorker(id: string): Promise<void> {
  await post(`${WORKERS_PATH}/${encodeURIComponent(id)}/drain`)
}

/** The worker takes work again. */
export async function resumeWorker(id: string): Promise<void> {
  await post(`${WORKERS_PATH}/${encodeURIComponent(id)}/resume`)
}
