import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  BLUE,
  COLOURS,
  colourPhoto,
  damagedPhoto,
  GREEN,
  RED,
  SILENT,
  slowPhoto,
  TINY_INTERPRETATION,
  UNWATCHED,
  useTinyModel,
} from '../../testing/unit.ts'
import { RecogniserPool } from './pool.ts'
import { RecogniserThread } from './recogniser-thread.ts'

/** Needs the whole decode budget. */
const HUGE = { type: 'image/bmp', width: 10_000, height: 10_000 } as const

describe('RecogniserPool', () => {
  const model = useTinyModel()
  /** The threads that the pool has started, in their order. */
  let threads: RecogniserThread[]

  beforeEach(() => {
    // Of this test alone: a thread of the test before may still be starting.
    const own: RecogniserThread[] = []
    threads = own
    const start = RecogniserThread.start
    const spy = vi.spyOn(RecogniserThread, 'start').mockImplementation(async (settings) => {
      const thread = await start(settings)
      own.push(thread)
      return thread
    })
    onTestFinished(() => spy.mockRestore())
  })

  async function startPool(size: number): Promise<RecogniserPool> {
    const settings = {
      modelFolder: model.folder,
      interpretation: TINY_INTERPRETATION,
      engine: 'tfjs-wasm',
    } as const
    const pool = await RecogniserPool.start(settings, size, SILENT)
    onTestFinished(() => pool.close())
    return pool
  }

  it('recognises more photos than it has threads, each as its own', async () => {
    const pool = await startPool(2)
    const photos = await Promise.all([...COLOURS, ...COLOURS].map(colourPhoto))
    const recognitions = await Promise.all(photos.map((photo) => pool.recognise(photo, UNWATCHED)))
    expect(recognitions.map(({ classes }) => classes[0]?.index)).toEqual(
      photos.map(({ classIndex }) => classIndex),
    )
    expect(threads).toHaveLength(2)
  })

  it('passes on what is wrong with a photo, and keeps the thread', async () => {
    const pool = await startPool(1)
    await expect(pool.recognise(await damagedPhoto(), UNWATCHED)).rejects.toMatchObject({
      code: 'image/unreadable',
    })
    expect((await pool.recognise(await colourPhoto(RED), UNWATCHED)).classes[0]?.index).toBe(RED.classIndex)
    expect(threads).toHaveLength(1)
  })

  it('fails only the photo of a thread that dies, and replaces the thread', async () => {
    const pool = await startPool(1)
    const blue = await colourPhoto(BLUE)
    const lost = pool.recognise(slowPhoto(), UNWATCHED)
    const waiting = pool.recognise(blue, UNWATCHED)
    const failed = expect(lost).rejects.toMatchObject({
      code: 'worker/failed',
      message: expect.stringContaining('Its recogniser thread died'),
    })
    await threads[0]?.stop()
    await failed
    expect((await waiting).classes[0]?.index).toBe(BLUE.classIndex)
    expect(threads).toHaveLength(2)
  })

  it('replaces a thread that has died without a photo, and fails none for it', async () => {
    const pool = await startPool(1)
    await threads[0]?.stop()
    expect((await pool.recognise(await colourPhoto(RED), UNWATCHED)).classes[0]?.index).toBe(RED.classIndex)
    expect(threads).toHaveLength(2)
  })

  it('goes on with its other threads while one is replaced', async () => {
    const pool = await startPool(2)
    const first = pool.recognise(slowPhoto(), UNWATCHED)
    const second = pool.recognise(slowPhoto(), UNWATCHED)
    const ends = Promise.allSettled([first, second])
    await threads[0]?.stop()
    expect((await ends).map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect((await pool.recognise(await colourPhoto(RED), UNWATCHED)).classes[0]?.index).toBe(RED.classIndex)
  })

  it('ends a thread that spends more than 30 s on a photo', async () => {
    const pool = await startPool(1)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    const stuck = pool.recognise(slowPhoto(), UNWATCHED)
    await new Promise(setImmediate)
    const failed = expect(stuck).rejects.toMatchObject({ code: 'worker/timeout' })
    vi.advanceTimersByTime(29_999)
    expect(threads[0]?.isDead).toBe(false)
    vi.advanceTimersByTime(1)
    await failed
    vi.useRealTimers()
    expect((await pool.recognise(await colourPhoto(RED), UNWATCHED)).classes[0]?.index).toBe(RED.classIndex)
  })

  it('says so when a thread dies because memory ran out', async () => {
    const pool = await startPool(1)
    const error = Object.assign(new Error('Worker terminated due to reaching memory limit'), {
      code: 'ERR_WORKER_OUT_OF_MEMORY',
    })
    const [thread] = threads
    if (!thread) throw new Error('There is one thread')
    vi.spyOn(thread, 'recognise').mockRejectedValueOnce(error)
    await expect(pool.recognise(await colourPhoto(RED), UNWATCHED)).rejects.toMatchObject({
      code: 'worker/out-of-memory',
    })
  })

  it('tells when a thread takes a photo, in the order in which they came', async () => {
    const pool = await startPool(1)
    const begun: number[] = []
    const photos = await Promise.all([RED, GREEN, BLUE].map(colourPhoto))
    const ends = photos.map((photo, index) =>
      pool.recognise(photo, { ...UNWATCHED, onBegin: () => begun.push(index) }),
    )
    await new Promise(setImmediate)
    expect(begun).toEqual([0])
    await Promise.all(ends)
    expect(begun).toEqual([0, 1, 2])
  })

  it.each([
    ['a thread', slowPhoto()],
    // It takes the whole budget, and so does the first photo.
    ['the decode budget', { ...slowPhoto(), image: HUGE }],
  ])('skips a photo that waits for %s when nobody wants it any more', async (_what, first) => {
    const pool = await startPool(first.image === HUGE ? 2 : 1)
    const [red, blue] = [await colourPhoto(RED), await colourPhoto(BLUE)]
    const controller = new AbortController()
    const onBegin = vi.fn()
    let hasFirstEnded = false
    const end = pool
      .recognise(first, UNWATCHED)
      .catch(() => undefined)
      .finally(() => {
        hasFirstEnded = true
      })
    const skipped = pool.recognise(red, { signal: controller.signal, onBegin })
    const next = pool.recognise(blue, UNWATCHED)
    const rejected = expect(skipped).rejects.toThrow('revoked')
    controller.abort(new Error('revoked'))
    await rejected
    expect(hasFirstEnded).toBe(false)
    expect((await next).classes[0]?.index).toBe(BLUE.classIndex)
    await end
    expect(onBegin).not.toHaveBeenCalled()
  })

  it('goes on with a photo that has begun when nobody wants it any more, and keeps the thread', async () => {
    const pool = await startPool(1)
    const controller = new AbortController()
    const begun = pool.recognise(await colourPhoto(RED), {
      signal: controller.signal,
      onBegin: () => setImmediate(() => controller.abort()),
    })
    expect((await begun).classes[0]?.index).toBe(RED.classIndex)
    expect(threads[0]?.isDead).toBe(false)
  })

  it('tries again when a dead thread cannot be replaced at once', async () => {
    const pool = await startPool(1)
    const lost = pool.recognise(slowPhoto(), UNWATCHED)
    const failed = expect(lost).rejects.toMatchObject({ code: 'worker/failed' })
    vi.mocked(RecogniserThread.start).mockRejectedValueOnce(new Error('out of memory'))
    await threads[0]?.stop()
    await failed
    expect((await pool.recognise(await colourPhoto(BLUE), UNWATCHED)).classes[0]?.index).toBe(BLUE.classIndex)
  })

  it('ends its threads when it is closed', async () => {
    const pool = await startPool(2)
    await pool.close()
    expect(threads.map(({ isDead }) => isDead)).toEqual([true, true])
  })

  it('fails the photos that wait when it is closed', async () => {
    const pool = await startPool(1)
    const red = await colourPhoto(RED)
    const ends = Promise.allSettled([pool.recognise(slowPhoto(), UNWATCHED), pool.recognise(red, UNWATCHED)])
    await pool.close()
    expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await expect(pool.recognise(await colourPhoto(RED), UNWATCHED)).rejects.toMatchObject({
      code: 'worker/failed',
    })
  })

  it('ends every thread when one of them cannot be started', async () => {
    const start = vi.mocked(RecogniserThread.start)
    start.mockRejectedValueOnce(new Error('out of memory'))
    await expect(startPool(3)).rejects.toThrow('out of memory')
    await Promise.allSettled(start.mock.results.map(({ value }) => value))
    await vi.waitFor(() => expect(threads.map(({ isDead }) => isDead)).toEqual([true, true]))
  })
})
