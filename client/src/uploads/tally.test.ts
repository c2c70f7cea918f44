import { describe, expect, it } from 'vitest'
import { NO_UPLOADS, tallyChange } from './tally.ts'
import type { Upload } from './upload.ts'

const UPLOAD: Upload = {
  id: 1,
  photo: { name: 'a', type: '', bytes: 1_000, read: async () => new Blob() },
  submission: { batch: null, options: { tags: [], fresh: false } },
  idempotencyKey: 'key',
  shortSide: null,
  state: 'sending',
  isPreparing: false,
  originalBytes: 1_000,
  bytes: 1_000,
  progress: 0,
  jobId: null,
  failure: null,
  retries: 0,
  retryAt: 0,
}

describe('the tally', () => {
  it('is empty again when all are gone', () => {
    const sent: Upload = { ...UPLOAD, state: 'sent', progress: 1, bytes: 200 }
    const after = [[null, UPLOAD] as const, [UPLOAD, sent] as const, [sent, null] as const].reduce(
      (tally, [from, to]) => tallyChange(tally, from, to),
      NO_UPLOADS,
    )
    // But for the bytes that were sent indeed.
    expect(after).toEqual({ ...NO_UPLOADS, leftBytes: 200 })
  })

  it('counts what was made smaller with the size that it had, and the bytes that this saved', () => {
    const half: Upload = { ...UPLOAD, bytes: 200, progress: 0.5 }
    expect(tallyChange(NO_UPLOADS, null, half)).toMatchObject({
      ...{ bytes: 1_000, doneBytes: 500, leftBytes: 100 },
      ...{ shrunk: 1, savedBytes: 800 },
    })
  })

  it('counts bytes that were sent in vain as sent, but not as done', () => {
    const half: Upload = { ...UPLOAD, progress: 0.5 }
    const before = tallyChange(NO_UPLOADS, null, half)
    expect(tallyChange(before, half, UPLOAD)).toMatchObject({ doneBytes: 0, leftBytes: 500 })
  })

  it('does not wait for what failed', () => {
    const failed: Upload = { ...UPLOAD, state: 'failed' }
    expect(tallyChange(NO_UPLOADS, null, failed)).toMatchObject({ files: 1, bytes: 0 })
  })
})
