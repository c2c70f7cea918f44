/** Jobs for tests, as the master tells of them. */
import { type Job, jobSchema } from '@argus/shared'

const NOW = '2026-05-01T12:00:00.000Z'

const CLASS = {
  index: 207,
  wordnetId: 'n02099601',
  label: 'golden retriever',
  category: 'animal',
  description: 'an English breed',
  probability: 0.9,
}

/** A job whose photo was recognised. */
export function jobOf(change: Partial<Job> = {}): Job {
  const { index, wordnetId, label } = CLASS
  return jobSchema.parse({
    id: 'a3bb189e-8bf9-4888-9912-ace4e6543002',
    revision: 10,
    status: 'SUCCEEDED',
    fileName: 'photo.jpg',
    owner: 'ada',
    priority: 0,
    tags: {},
    batch: null,
    truth: { index, wordnetId, label, place: 1 },
    image: { sha256: 'a'.repeat(64), type: 'image/jpeg', bytes: 1, width: 1, height: 1, url: '/photo' },
    thumbnailUrl: null,
    submittedAt: NOW,
    queuedAt: NOW,
    startedAt: NOW,
    endedAt: NOW,
    run: 1,
    attempts: 1,
    worker: 'attic',
    reused: false,
    result: { classes: [CLASS], model: { name: 'MobileNet', digest: 'd' }, engine: 'tfjs-wasm' },
    timings: { queued: 1, fetched: 1, waited: 1, decoded: 1, classified: 1, recorded: 1 },
    error: null,
    ...change,
  })
}

/** A job whose photo could not be read. */
export function failedJob(change: Partial<Job> = {}): Job {
  const error = { code: 'image/unreadable', title: 'The image is damaged and cannot be read' } as const
  return jobOf({ status: 'FAILED', result: null, error, ...change })
}
