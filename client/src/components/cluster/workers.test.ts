import type { WorkerView } from '@argus/shared'
import { describe, expect, it } from 'vitest'
import { isLastReady, listWorkers, needsWorker } from './workers.ts'

function worker(name: string, state: WorkerView['state'] = 'ready') {
  return { id: name, name, state }
}

describe('the list of workers', () => {
  const workers = ['worker-10', 'Attic', 'worker-2'].map((name) => worker(name))

  it('is sorted by name, numbers by their value', () => {
    expect(listWorkers(workers, '').map(({ name }) => name)).toEqual(['Attic', 'worker-2', 'worker-10'])
  })

  it('has those with the words in their name', () => {
    expect(listWorkers(workers, ' atT').map(({ name }) => name)).toEqual(['Attic'])
    expect(listWorkers(workers, 'cellar')).toEqual([])
  })
})

describe('a worker is needed', () => {
  it('where jobs wait and none takes any, or is about to', () => {
    expect(needsWorker(1, [])).toBe(true)
    expect(needsWorker(1, [worker('a', 'drained'), worker('b', 'draining')])).toBe(true)
    expect(needsWorker(0, [])).toBe(false)
    expect(needsWorker(1, [worker('a', 'starting')])).toBe(false)
    expect(needsWorker(1, [worker('a')])).toBe(false)
  })

  it('where the last one is drained while jobs wait', () => {
    const [last, other] = [worker('a'), worker('b')]
    expect(isLastReady(last, 1, [last, worker('c', 'drained')])).toBe(true)
    expect(isLastReady(last, 1, [last, other])).toBe(false)
    expect(isLastReady(last, 0, [last])).toBe(false)
    expect(isLastReady(worker('c', 'starting'), 1, [last])).toBe(false)
  })
})
