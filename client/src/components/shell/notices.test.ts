/** What the banners say of each state of the cluster. */
import type { ClusterView, WorkerView } from '@argus/shared'
import { expect, test } from 'vitest'
import { text } from '../../text/index.ts'
import { readinessNotice, storageNotices } from './notices.ts'

const { readiness } = text

function makeWorker(state: WorkerView['state']): WorkerView {
  return { id: state, name: state, state, engine: null, imagesPerSecond: null, slots: 1, busy: 0, held: 0 }
}

function makeCluster(change: Partial<ClusterView>): ClusterView {
  return {
    ready: false,
    storage: { database: 'ok', disk: 'ok' },
    model: { state: 'serving', name: 'MobileNet', digest: 'd'.repeat(64) },
    workers: [makeWorker('ready')],
    ...change,
  }
}

test('a cluster that is ready has nothing to say', () => {
  const cluster = makeCluster({ ready: true })
  expect(storageNotices(cluster)).toEqual([])
  expect(readinessNotice(cluster)).toBeNull()
})

test('whatever keeps photos from being taken is said, and asks for attention', () => {
  const notices = storageNotices(makeCluster({ storage: { database: 'unavailable', disk: 'full' } }))
  expect(notices).toEqual([
    { tone: 'attention', title: readiness.noDatabase, detail: readiness.noDatabaseDetail },
    { tone: 'attention', title: readiness.diskFull, detail: readiness.diskFullDetail },
  ])
})

test('workers that are ready are not said to be getting ready because the disk is full', () => {
  expect(readinessNotice(makeCluster({ storage: { database: 'ok', disk: 'full' } }))).toBeNull()
})

test('photos are promised to wait only where they are taken', () => {
  const change = { workers: [], model: { state: 'resolving' } } as const
  const taken = readinessNotice(makeCluster({ ...change, workers: [] }))
  expect(taken?.detail).toContain(readiness.waits)
  const refused = makeCluster({ ...change, workers: [], storage: { database: 'unavailable', disk: 'ok' } })
  expect(readinessNotice(refused)).toMatchObject({ title: readiness.resolving })
  expect(readinessNotice(refused)?.detail).not.toContain(readiness.waits)
})

test('only those workers are getting ready that are', () => {
  const workers = (['starting', 'drained', 'draining'] as const).map(makeWorker)
  expect(readinessNotice(makeCluster({ workers }))?.title).toBe(readiness.starting(1))
})

test('workers that are all drained are not said to be getting ready', () => {
  const workers = [makeWorker('draining'), makeWorker('drained')]
  expect(readinessNotice(makeCluster({ workers }))).toMatchObject({
    tone: 'attention',
    title: readiness.drained,
  })
})
