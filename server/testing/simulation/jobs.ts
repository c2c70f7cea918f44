/** Jobs as the scheduler has them, for the simulation and for tests. */
import { SUBMITTED } from '../../src/jobs/job-machine.ts'
import type { WindowJob } from '../../src/jobs/window.ts'

/** A job that was just submitted, but for what is named. */
export function windowJob(id: string, change: Partial<WindowJob> = {}): WindowJob {
  const image = { sha256: `photo of ${id}`, type: 'image/jpeg', width: 8, height: 8 } as const
  return { ...SUBMITTED, id, priority: 0, rank: 1, image, ...change }
}
