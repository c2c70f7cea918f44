import { type Job, jobSchema } from '@argus/shared'
import { describe, expect, it } from 'vitest'
import { RESULT_COLUMNS, resultRow } from './batch-results.ts'

const ID = '0190a1b2-0000-7000-8000-000000000001'
const AT = '2026-01-02T03:04:05.678Z'

function classAt(place: number) {
  return {
    index: place * 100,
    wordnetId: `n0000000${place}`,
    label: `label ${place}`,
    category: 'artifact',
    description: 'A thing.',
    probability: 1 / 2 ** place,
  }
}

const WAITING: Job = jobSchema.parse({
  id: ID,
  revision: 7,
  status: 'QUEUED',
  fileName: 'beach.jpg',
  owner: 'Ada',
  priority: 0,
  tags: {},
  batch: ID,
  truth: null,
  image: { sha256: 'a'.repeat(64), type: 'image/jpeg', bytes: 10, width: 8, height: 8, url: '/image' },
  thumbnailUrl: null,
  submittedAt: AT,
  queuedAt: AT,
  startedAt: null,
  endedAt: null,
  run: 1,
  attempts: 0,
  worker: null,
  reused: false,
  result: null,
  timings: { queued: null, fetched: null, waited: null, decoded: null, classified: null, recorded: null },
  error: null,
})

const SUCCEEDED: Job = jobSchema.parse({
  ...WAITING,
  status: 'SUCCEEDED',
  startedAt: AT,
  endedAt: AT,
  worker: 'worker-1',
  truth: { index: 200, wordnetId: 'n00000002', label: 'label 2', place: 2 },
  result: {
    classes: [1, 2, 3, 4, 5].map(classAt),
    model: { name: 'MobileNet', digest: 'd'.repeat(64) },
    engine: 'tfjs-wasm',
  },
})

/** The cells by their columns. */
function cells(job: Job) {
  return Object.fromEntries(resultRow(job).map((cell, at) => [RESULT_COLUMNS[at], cell]))
}

describe('the row of a job', () => {
  it('has as many cells as there are columns, whatever became of it', () => {
    for (const job of [WAITING, SUCCEEDED]) expect(resultRow(job)).toHaveLength(RESULT_COLUMNS.length)
    expect(new Set(RESULT_COLUMNS).size).toBe(RESULT_COLUMNS.length)
  })

  it('begins with the job, its file and its state', () => {
    expect(RESULT_COLUMNS.slice(0, 3)).toEqual(['job', 'file', 'status'])
    expect(resultRow(WAITING).slice(0, 3)).toEqual([ID, 'beach.jpg', 'QUEUED'])
  })

  it('has each value in the column of its name', () => {
    expect(cells(SUCCEEDED)).toEqual({
      job: ID,
      file: 'beach.jpg',
      status: 'SUCCEEDED',
      class_index: 100,
      wordnet_id: 'n00000001',
      label: 'label 1',
      category: 'artifact',
      probability: 0.5,
      label_2: 'label 2',
      probability_2: 0.25,
      label_3: 'label 3',
      probability_3: 0.125,
      label_4: 'label 4',
      probability_4: 0.0625,
      label_5: 'label 5',
      probability_5: 0.03125,
      truth: 'n00000002',
      truth_place: 2,
      error: null,
      error_detail: null,
      owner: 'Ada',
      worker: 'worker-1',
      model: 'MobileNet',
      engine: 'tfjs-wasm',
      reused: false,
      submitted_at: AT,
      started_at: AT,
      ended_at: AT,
    })
  })

  it('is empty where there is nothing yet', () => {
    const { job, file, status, owner, reused, submitted_at, ...rest } = cells(WAITING)
    expect([job, file, status, owner, reused, submitted_at]).toEqual([
      ID,
      'beach.jpg',
      'QUEUED',
      'Ada',
      false,
      AT,
    ])
    expect(new Set(Object.values(rest))).toEqual(new Set([null]))
  })

  it('has fewer labels where fewer classes are known', () => {
    const { result } = SUCCEEDED
    if (!result) throw new Error('It has none')
    const job = { ...SUCCEEDED, result: { ...result, classes: result.classes.slice(0, 1) } }
    expect(cells(job)).toMatchObject({ label: 'label 1', label_2: null, probability_5: null })
  })

  it('says why it failed', () => {
    const error = { code: 'image/unreadable', title: 'The image is damaged', detail: 'Cut, "off"' } as const
    const failed: Job = { ...WAITING, status: 'FAILED', error }
    expect(cells(failed)).toMatchObject({
      error: 'image/unreadable',
      error_detail: 'Cut, "off"',
      label: null,
    })
    expect(cells({ ...failed, error: { code: 'worker/lost', title: 'x' } }).error_detail).toBeNull()
  })

  it('has no place of a truth that is none of the classes', () => {
    const truth = { index: 1, wordnetId: 'n00000009', label: 'another', place: null }
    expect(cells({ ...SUCCEEDED, truth })).toMatchObject({ truth: 'n00000009', truth_place: null })
  })
})
