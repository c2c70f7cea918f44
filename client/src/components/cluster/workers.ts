/** What the page about the cluster tells from the list of workers. */
import type { WorkerView } from '@argus/shared'

/** More than these are found by typing. */
export const FILTER_ABOVE = 12

const byName = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

/** Those with these words in their name, `worker-2` before `worker-10`. */
export function listWorkers<Worker extends Pick<WorkerView, 'id' | 'name'>>(
  workers: readonly Worker[],
  words: string,
): Worker[] {
  const wanted = words.trim().toLowerCase()
  return workers
    .filter(({ name }) => name.toLowerCase().includes(wanted))
    .sort((a, b) => byName.compare(a.name, b.name) || byName.compare(a.id, b.id))
}

type State = Pick<WorkerView, 'state'>

/** Jobs wait, and neither is there a worker that takes any nor one about to. */
export function needsWorker(waiting: number, workers: readonly State[]): boolean {
  return waiting > 0 && !workers.some(({ state }) => state === 'ready' || state === 'starting')
}

/** Without this worker the jobs that wait would go on waiting. */
export function isLastReady(worker: State, waiting: number, workers: readonly State[]): boolean {
  const ready = workers.filter(({ state }) => state === 'ready').length
  return waiting > 0 && worker.state === 'ready' && ready === 1
}
