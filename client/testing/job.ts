/** A job that has just been submitted, for tests of what the board does with it. */
import type { Job } from '@argus/shared'

export function makeJob(id: string, change: Partial<Job> = {}): Job {
  const submittedAt = '2025-01-01T00:00:00.000Z'
  return {
    id,
    revision: 1,
    status: 'QUEUED',
    fileName: 'photo.png',
    owner: '127.0.0.1',
    priority: 0,
    tags: {},
    batch: null,
    truth: null,
    image: { sha256: 'a'.repeat(64), type: 'image/png', bytes: 1, width: 1, height: 1, url: `/${id}/image` },
    thumbnailUrl: null,
    submittedAt,
    queuedAt: submittedAt,
    startedAt: null,
    endedAt: null,
    run: 1,
    attempts: 0,
    worker: null,
    reused: false,
    result: null,
    timings: {
      queued: null,
      fetched: null,
      waited: null,
      decoded: null,
      classified: null,
      recorded: null,
    },
    error: null,
    ...change,
  }
}
