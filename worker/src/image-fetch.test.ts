import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { assignment } from '../testing/test-master.ts'
import { SILENT } from '../testing/unit.ts'
import { MasterRefusal } from './fetch-bytes.ts'
import { fetchImage } from './image-fetch.ts'
import type { MasterApi } from './master-api.ts'

// vitest's clock turns the global timers only.
vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number, value: unknown, { signal }: { signal: AbortSignal }) =>
    new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason)
      signal.addEventListener('abort', abort)
      setTimeout(() => {
        signal.removeEventListener('abort', abort)
        resolve(value)
      }, ms)
    }),
}))

const BYTES = new Uint8Array([1, 2, 3])
const BROKEN = new Error('fetch failed')

const image = vi.fn<MasterApi['image']>()
let isConnected: boolean

beforeEach(() => {
  image.mockReset()
  isConnected = true
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
})

/** Runs a fetch; `ended` is null until it has. */
function start(signal = new AbortController().signal) {
  const fetch: { ended: unknown } = { ended: null }
  fetchImage(assignment('t1'), { api: { image }, isConnected: () => isConnected, log: SILENT }, signal).then(
    (bytes) => {
      fetch.ended = bytes ?? 'returned'
    },
    (error) => {
      fetch.ended = error
    },
  )
  return fetch
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

describe('fetchImage', () => {
  it('asks with the ticket of the assignment', async () => {
    image.mockResolvedValue(BYTES)
    const fetch = start()
    await pass(0)
    expect(fetch.ended).toBe(BYTES)
    expect(image).toHaveBeenCalledWith('f'.repeat(64), 't1', expect.any(AbortSignal))
  })

  it('throws where the photo is no more', async () => {
    image.mockRejectedValue(new MasterRefusal(404, '/'))
    const fetch = start()
    await pass(0)
    expect(fetch.ended).toMatchObject({ code: 'image/not-found' })
  })

  it('returns the photo at once where the ticket does not open it', async () => {
    image.mockRejectedValue(new MasterRefusal(403, '/'))
    const fetch = start()
    await pass(0)
    expect(fetch.ended).toBe('returned')
    expect(image).toHaveBeenCalledOnce()
  })

  it.each([
    ['breaks off', BROKEN],
    ['is answered 500', new MasterRefusal(500, '/')],
    ['is answered 503', new MasterRefusal(503, '/')],
  ])('tries again what %s', async (_what, error) => {
    image.mockRejectedValueOnce(error).mockRejectedValueOnce(error).mockResolvedValue(BYTES)
    const fetch = start()
    await pass(500)
    expect(image).toHaveBeenCalledTimes(2)
    await pass(500)
    expect(fetch.ended).toBe(BYTES)
  })

  it('returns the photo when it has failed for 15 s', async () => {
    image.mockRejectedValue(BROKEN)
    const fetch = start()
    await pass(14_999)
    expect(fetch.ended).toBeNull()
    await pass(501)
    expect(fetch.ended).toBe('returned')
  })

  it('does not give up over a request that the connection broke under', async () => {
    image.mockRejectedValue(BROKEN)
    const fetch = start()
    await pass(14_400)
    image.mockImplementationOnce(() => new Promise((_resolve, reject) => setTimeout(reject, 2000, BROKEN)))
    await pass(1000)
    isConnected = false
    await pass(5000)
    expect(fetch.ended).toBeNull()
  })

  it('never gives up while the master is away, and asks when it is back', async () => {
    image.mockRejectedValue(BROKEN)
    const fetch = start()
    await pass(10_000)
    isConnected = false
    await pass(1000)
    const asked = image.mock.calls.length
    await pass(60_000)
    expect(fetch.ended).toBeNull()
    expect(image).toHaveBeenCalledTimes(asked)
    isConnected = true
    await pass(10_000)
    // The failures of before count no more.
    expect(fetch.ended).toBeNull()
    image.mockResolvedValue(BYTES)
    await pass(500)
    expect(fetch.ended).toBe(BYTES)
  })

  it.each([
    ['while it pauses', () => image.mockRejectedValue(BROKEN)],
    [
      'while it asks',
      () =>
        image.mockImplementation(
          (_sha256, _ticket, signal) =>
            new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
        ),
    ],
  ])('ends when nobody wants the photo any more %s', async (_when, prepare) => {
    prepare()
    const controller = new AbortController()
    const fetch = start(controller.signal)
    await pass(100)
    controller.abort()
    await pass(0)
    expect(fetch.ended).toMatchObject({ name: 'AbortError' })
    await pass(60_000)
    expect(image).toHaveBeenCalledOnce()
  })
})
