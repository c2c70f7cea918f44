import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Failure } from '../api/failure.ts'
import { NewBatch } from './new-batch.ts'
import { UploadQueue } from './queue.ts'
import type { Photo, Submission, Upload, UploadState } from './upload.ts'

const ALONE: Submission = { batch: null, options: { tags: [], fresh: false } }
const UNREACHABLE = new Failure('The master cannot be reached', undefined, { retryAfterMs: 1_000 })

/** A try that the test ends. */
interface Try {
  readonly upload: Upload
  readonly tell: (news: Partial<Upload>) => void
  readonly signal: AbortSignal
  readonly succeed: () => Promise<void>
  readonly fail: (failure: Failure) => Promise<void>
}

describe('a queue of uploads', () => {
  let tries: Try[]
  let queue: UploadQueue

  beforeEach(() => {
    vi.useFakeTimers()
    tries = []
    queue = new UploadQueue({
      deliver: (upload, tell, signal) =>
        new Promise((resolve, reject) => {
          tries.push({
            ...{ upload, tell, signal },
            succeed: async () => {
              resolve(`job-${upload.photo.name}`)
              await vi.advanceTimersByTimeAsync(0)
            },
            fail: async (failure) => {
              reject(failure)
              await vi.advanceTimersByTimeAsync(0)
            },
          })
        }),
      refuse: ({ name }) => (name.endsWith('.txt') ? new Failure('No photo') : null),
      onChange: () => undefined,
      onResult: () => undefined,
    })
  })
  afterEach(() => vi.useRealTimers())

  const photo = (name: string): Photo => ({ name, type: '', bytes: 100, read: async () => new Blob() })
  const add = (...names: string[]) => queue.add(names.map(photo), ALONE, null)
  const states = (): UploadState[] => [...queue.uploads.values()].map(({ state }) => state)
  const tried = () => tries.map(({ upload }) => upload.photo.name)
  const idOf = (name: string) =>
    [...queue.uploads.values()].find((upload) => upload.photo.name === name)?.id ?? 0
  const last = (): Try => {
    const found = tries.at(-1)
    if (!found) throw new Error('Nothing was tried')
    return found
  }

  it('sends three at a time, in their order', async () => {
    add('a', 'b', 'c', 'd')
    expect(states()).toEqual(['sending', 'sending', 'sending', 'waiting'])
    await tries[1]?.succeed()
    expect(tried()).toEqual(['a', 'b', 'c', 'd'])
    expect(states()).toEqual(['sending', 'sent', 'sending', 'sending'])
    expect(queue.uploads.get(idOf('b'))?.jobId).toBe('job-b')
    expect(queue.tally).toMatchObject({ files: 4, doneBytes: 100, bytes: 400 })
  })

  it('does not begin with what need not be tried', async () => {
    add('a.txt', 'b')
    expect(tried()).toEqual(['b'])
    expect(states()).toEqual(['failed', 'sending'])
    queue.retry(idOf('a.txt'))
    expect(tried()).toEqual(['b', 'a.txt'])
  })

  it('breaks off what is under way when it is paused, and begins it anew with the same key', async () => {
    add('a', 'b', 'c', 'd')
    tries[0]?.tell({ progress: 0.5 })
    expect(queue.tally.doneBytes).toBe(50)
    queue.pause()
    expect(states()).toEqual(['waiting', 'waiting', 'waiting', 'waiting'])
    expect(tries.every(({ signal }) => signal.aborted)).toBe(true)
    expect(queue.tally.doneBytes).toBe(0)
    // What it had sent is over.
    tries[0]?.tell({ progress: 0.9 })
    await tries[0]?.succeed()
    add('e')
    expect(tries).toHaveLength(3)
    expect(queue.tally.doneBytes).toBe(0)

    queue.resume()
    expect(tried()).toEqual(['a', 'b', 'c', 'a', 'b', 'c'])
    expect(tries[3]?.upload.idempotencyKey).toBe(tries[0]?.upload.idempotencyKey)
  })

  it('is not paused any more when there is nothing left to send', () => {
    add('a', 'b')
    queue.pause()
    queue.remove(idOf('a'))
    expect(queue.isPaused).toBe(true)
    queue.cancelAll()
    add('c')
    expect(states()).toEqual(['sending'])
  })

  it('tries again by itself what fails for a reason that passes, and begins with no other meanwhile', async () => {
    add('a', 'b', 'c', 'd', 'e')
    await tries[0]?.fail(UNREACHABLE)
    expect(states()).toEqual(['postponed', 'sending', 'sending', 'waiting', 'waiting'])
    await tries[1]?.succeed()
    expect(tries).toHaveLength(3)

    await vi.advanceTimersByTimeAsync(1_000)
    expect(tried().slice(3)).toEqual(['a', 'd'])
    expect(tries[3]?.upload.idempotencyKey).toBe(tries[0]?.upload.idempotencyKey)
    expect(tries[3]?.upload.retries).toBe(1)
  })

  it('goes on at once when what stood in the way has gone', async () => {
    add('a')
    await last().fail(UNREACHABLE)
    queue.release()
    expect(tried()).toEqual(['a', 'a'])
    await vi.advanceTimersByTimeAsync(5_000)
    expect(tries).toHaveLength(2)
  })

  it('gives up where a try is of no use, and takes that up again when it is asked to', async () => {
    add('a')
    await last().fail(new Failure('Refused'))
    expect(states()).toEqual(['failed'])
    expect(queue.tally).toMatchObject({ bytes: 0, doneBytes: 0 })
    const key = last().upload.idempotencyKey
    queue.retry(idOf('a'))
    expect(last().upload).toMatchObject({ idempotencyKey: key, retries: 0, shortSide: null })
    await last().fail(new Failure('The file is too large'))
    queue.retry(idOf('a'), 512)
    expect(last().upload.shortSide).toBe(512)
    expect(last().upload.idempotencyKey).not.toBe(key)
  })

  it('stops all photos of a batch that takes no more', async () => {
    const batch = new NewBatch('Holiday', undefined)
    queue.add(['a', 'b', 'c', 'd', 'e'].map(photo), { ...ALONE, batch }, null)
    add('other')
    await tries[0]?.fail(new Failure('The batch was cancelled', undefined, { code: 'batch/cancelled' }))
    expect(states()).toEqual(['failed', 'sending', 'sending', 'failed', 'failed', 'sending'])
    expect(batch.isClosed).toBe(true)
    expect(tried()).toEqual(['a', 'b', 'c', 'other'])
  })

  it('forgets what was sent, and what failed, when it is told to', async () => {
    add('a', 'b.txt', 'c')
    await tries[0]?.succeed()
    queue.clearSent()
    expect(states()).toEqual(['failed', 'sending'])
    queue.clearFailed()
    expect(states()).toEqual(['sending'])
    expect(queue.tally).toMatchObject({ files: 1, bytes: 100, doneBytes: 0 })
  })

  it('breaks off one, or all that are not sent', async () => {
    add('a', 'b', 'c', 'd', 'e')
    await tries[0]?.succeed()
    queue.remove(idOf('b'))
    expect(tries[1]?.signal.aborted).toBe(true)
    expect(tried()).toEqual(['a', 'b', 'c', 'd', 'e'])
    queue.cancelAll()
    expect(states()).toEqual(['sent'])
    expect(queue.tally.states).toEqual({ waiting: 0, sending: 0, postponed: 0, sent: 1, failed: 0 })
    expect(queue.tally.files).toBe(1)
  })
})
