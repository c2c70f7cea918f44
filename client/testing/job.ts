/** Jobs as a board is pushed them, for tests of what it does with them. */
import type { JobRow } from '@argus/shared'

/** The id of the job with this number. */
export function idOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
}

/** One that waits; it was submitted as many seconds into 2025 as its number says. */
export function makeRow(number: number, change: Partial<JobRow> = {}): JobRow {
  const submittedAt = secondsIn(number)
  return {
    id: idOf(number),
    revision: 1,
    status: 'QUEUED',
    fileName: `${number}.png`,
    owner: '127.0.0.1',
    batch: null,
    truth: null,
    thumbnailUrl: null,
    submittedAt,
    queuedAt: submittedAt,
    startedAt: null,
    endedAt: null,
    run: 1,
    attempts: 0,
    worker: null,
    reused: false,
    error: null,
    best: null,
    ...change,
  }
}

/** As many seconds into 2025. */
export function secondsIn(seconds: number): string {
  return new Date(Date.UTC(2025, 0, 1) + seconds * 1_000).toISOString()
}
