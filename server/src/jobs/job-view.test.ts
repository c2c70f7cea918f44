import { jobDetailSchema, jobSchema } from '@argus/shared'
import { LABELS } from '@argus/shared/labels'
import { describe, expect, it } from 'vitest'
import { BOOT_ID, DIGEST, RESULT } from '../../testing/unit.ts'
import type { AttemptRecord } from '../store/attempt-store.ts'
import type { JobRecord } from '../store/job-record.ts'
import { toJob, toJobDetail, toWindowJob } from './job-view.ts'

const ID = '01890a5d-ac96-774b-bcce-b302099a8057'

const WAITING: JobRecord = {
  id: ID,
  revision: 7,
  createdRevision: 3,
  status: 'QUEUED',
  fileName: 'beach 🏖.jpg',
  owner: 'ann',
  tags: { camera: 'A7' },
  batch: null,
  truth: null,
  truthPlace: null,
  priority: -5,
  rank: 17,
  sha256: 'a'.repeat(64),
  imageType: 'image/jpeg',
  bytes: 5_000_000_000,
  width: 4000,
  height: 3000,
  thumbnailType: null,
  submittedAt: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
  queuedAt: Date.UTC(2026, 0, 2, 4),
  startedAt: null,
  endedAt: null,
  run: 2,
  attempts: 0,
  worker: null,
  holder: null,
  isSuspect: false,
  losses: 0,
  failures: 0,
  result: null,
  isReused: false,
  errorCode: null,
  errorDetail: null,
}

const RUNNING: JobRecord = {
  ...WAITING,
  status: 'RUNNING',
  startedAt: Date.UTC(2026, 0, 2, 5),
  attempts: 3,
  worker: 'worker one',
  holder: { attempt: 3, worker: BOOT_ID },
  isSuspect: true,
  losses: 1,
  failures: 2,
}

const ENDED = { ...RUNNING, holder: null, endedAt: Date.UTC(2026, 0, 2, 6) }
const SUCCEEDED: JobRecord = { ...ENDED, status: 'SUCCEEDED', result: RESULT, thumbnailType: 'image/webp' }
const FAILED: JobRecord = {
  ...ENDED,
  status: 'FAILED',
  errorCode: 'image/unreadable',
  errorDetail: 'cut off',
}

const NO_TIMINGS = {
  queued: null,
  fetched: null,
  waited: null,
  decoded: null,
  classified: null,
  recorded: null,
}

const ATTEMPT: AttemptRecord = {
  run: 1,
  number: 1,
  worker: 'worker one',
  engine: 'tfjs-wasm',
  model: DIGEST,
  startedAt: Date.UTC(2026, 0, 2, 5),
  endedAt: null,
  end: null,
  errorCode: null,
  errorDetail: null,
}

describe('a job as it is shown', () => {
  it.each([WAITING, RUNNING, SUCCEEDED, FAILED])('follows the schema when it is $status', (record) => {
    expect(jobSchema.strict().parse(toJob(record))).toEqual(toJob(record))
  })

  it('has the addresses of its pictures, and its times as text', () => {
    expect(toJob(WAITING)).toEqual({
      id: ID,
      revision: 7,
      status: 'QUEUED',
      fileName: 'beach 🏖.jpg',
      owner: 'ann',
      priority: -5,
      tags: { camera: 'A7' },
      batch: null,
      truth: null,
      image: {
        sha256: 'a'.repeat(64),
        type: 'image/jpeg',
        bytes: 5_000_000_000,
        width: 4000,
        height: 3000,
        url: `/api/v1/jobs/${ID}/image`,
      },
      thumbnailUrl: null,
      submittedAt: '2026-01-02T03:04:05.006Z',
      queuedAt: '2026-01-02T04:00:00.000Z',
      startedAt: null,
      endedAt: null,
      run: 2,
      attempts: 0,
      worker: null,
      reused: false,
      result: null,
      timings: NO_TIMINGS,
      error: null,
    })
    expect(toJob(SUCCEEDED)).toMatchObject({
      thumbnailUrl: `/api/v1/jobs/${ID}/thumbnail`,
      startedAt: '2026-01-02T05:00:00.000Z',
      endedAt: '2026-01-02T06:00:00.000Z',
      worker: 'worker one',
    })
  })

  it('names the classes of its result, and leaves out what no class is', () => {
    const classes = [...RESULT.classes, { index: 1000, probability: 0.1 }]
    const label = LABELS[417]
    const { model, engine } = RESULT
    expect(toJob({ ...SUCCEEDED, result: { ...RESULT, classes } }).result).toEqual({
      model,
      engine,
      classes: [
        {
          index: 417,
          probability: 0.9,
          wordnetId: label?.wordnetId,
          label: label?.label,
          category: label?.category,
          description: label?.gloss,
        },
      ],
    })
  })

  it('names the class that it truly shows, and its place among the best, if any', () => {
    const label = LABELS[417]
    const truth = { index: 417, wordnetId: label?.wordnetId, label: label?.label }
    expect(toJob({ ...WAITING, truth: 417 }).truth).toEqual({ ...truth, place: null })
    expect(toJob({ ...SUCCEEDED, truth: 417, truthPlace: 0 }).truth).toEqual({ ...truth, place: null })
    const third = { ...SUCCEEDED, truth: 417, truthPlace: 3 }
    expect(toJob(third).truth).toEqual({ ...truth, place: 3 })
    expect(jobSchema.strict().parse(toJob(third))).toEqual(toJob(third))
    expect(toJob({ ...WAITING, truth: 0 }).truth).toMatchObject({ index: 0 })
  })

  it('says how long each step took that it has come to', () => {
    const started = { ...WAITING, queuedAt: 1000, startedAt: 1250, endedAt: null }
    expect(toJob(WAITING).timings).toEqual(NO_TIMINGS)
    expect(toJob({ ...started, status: 'RUNNING' }).timings).toEqual({ ...NO_TIMINGS, queued: 250 })
    expect(toJob({ ...started, status: 'FAILED', endedAt: 1500 }).timings).toEqual({
      ...NO_TIMINGS,
      queued: 250,
    })
    const timings = { fetch: 10, wait: 20, decode: 30, classify: 40 }
    const done: JobRecord = { ...started, status: 'SUCCEEDED', endedAt: 1500, result: { ...RESULT, timings } }
    const steps = { queued: 250, fetched: 10, waited: 20, decoded: 30, classified: 40, recorded: 150 }
    expect(toJob(done).timings).toEqual(steps)
    // The clock was set back, and a worker of the first release said nothing of its waiting.
    const { wait: _wait, ...older } = timings
    expect(toJob({ ...done, endedAt: 1200, result: { ...RESULT, timings: older } }).timings).toEqual({
      ...steps,
      waited: 0,
      recorded: 0,
    })
    expect(toJob({ ...done, startedAt: null, isReused: true }).timings).toEqual(NO_TIMINGS)
  })

  it('says why it failed', () => {
    const title = 'The image is damaged and cannot be read'
    expect(toJob(FAILED).error).toEqual({ code: 'image/unreadable', title, detail: 'cut off' })
    expect(toJob({ ...FAILED, errorDetail: null }).error).toEqual({ code: 'image/unreadable', title })
  })
})

describe('a job with its history', () => {
  it('has each attempt, and how and why it ended', () => {
    const lost = {
      ...ATTEMPT,
      engine: null,
      model: null,
      endedAt: Date.UTC(2026, 0, 2, 6),
      end: 'lost',
    } as const
    const failed = { ...lost, end: 'failed', errorCode: 'worker/timeout', errorDetail: 'late' } as const
    const detail = toJobDetail(RUNNING, [lost, failed, ATTEMPT])
    expect(jobDetailSchema.strict().parse(detail)).toEqual(detail)
    expect(detail).toMatchObject(toJob(RUNNING))
    const shown = { run: 1, number: 1, worker: 'worker one', startedAt: '2026-01-02T05:00:00.000Z' }
    const ended = { ...shown, engine: null, model: null, endedAt: '2026-01-02T06:00:00.000Z' }
    expect(detail.history).toEqual([
      { ...ended, end: 'lost', error: null },
      { ...ended, end: 'failed', error: { code: 'worker/timeout', detail: 'late' } },
      { ...shown, engine: 'tfjs-wasm', model: DIGEST, endedAt: null, end: null, error: null },
    ])
  })
})

describe('a job as the scheduler takes it', () => {
  it('is its state, its place and what a decoder must know', () => {
    expect(toWindowJob(RUNNING)).toEqual({
      id: ID,
      status: 'RUNNING',
      run: 2,
      attempts: 3,
      holder: { run: 2, attempt: 3, worker: BOOT_ID },
      isSuspect: true,
      losses: 1,
      failures: 2,
      error: null,
      priority: -5,
      rank: 17,
      image: { sha256: 'a'.repeat(64), type: 'image/jpeg', width: 4000, height: 3000 },
    })
    expect(toWindowJob(FAILED)).toMatchObject({ holder: null, error: 'image/unreadable' })
  })
})
