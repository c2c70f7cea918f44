import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  BLUE,
  COLOURS,
  colourPhoto,
  damagedPhoto,
  RED,
  SILENT,
  slowPhoto,
  TINY_INTERPRETATION,
  useTinyModel,
} from '../../testing/unit.ts'
import { RecogniserPool } from './pool.ts'
import { RecogniserThread } from './recogniser-thread.ts'

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
    const recognitions = await Promise.all(photos.map((photo) => pool.recognise(photo)))
    expect(recognitions.map(({ classes }) => classes[0]?.index)).toEqual(
      photos.map(({ classIndex }) => classIndex),
    )
    expect(threads).toHaveLength(2)
  })

  it('passes on what is wrong with a photo, and keeps the thread', async () => {
    const pool = await startPool(1)
    await expect(pool.recognise(await damagedPhoto())).rejects.toMatchObject({ code: 'image/unreadable' })
    expect((await pool.recognise(await colourPhoto(RED))).classes[0]?.index).toBe(RED.classIndex)
    expect(threads).toHaveLength(1)
  })

  it('fails only the photo of a thread that dies, and replaces the thread', async () => {
    const pool = await startPool(1)
    const lost = pool.recognise(slowPhoto())
    const waiting = pool.recognise(await colourPhoto(BLUE))
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
    expect((await pool.recognise(await colourPhoto(RED))).classes[0]?.index).toBe(RED.classIndex)
    expect(threads).toHaveLength(2)
  })

  it('goes on with its other threads while one is replaced', async () => {
    const pool = await startPool(2)
    const first = pool.recognise(slowPhoto())
    const second = pool.recognise(slowPhoto())
    const ends = Promise.allSettled([first, second])
    await threads[0]?.stop()
    expect((await ends).map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect((await pool.recognise(await colourPhoto(RED))).classes[0]?.index).toBe(RED.classIndex)
  })

  it('ends a thread that spends more than 30 s on a photo', async () => {
    const pool = await startPool(1)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    const stuck = pool.recognise(slowPhoto())
    await new Promise(setImmediate)
    const failed = expect(stuck).rejects.toMatchObject({ code: 'worker/failed' })
    vi.advanceTimersByTime(29_999)
    expect(threads[0]?.isDead).toBe(false)
    vi.advanceTimersByTime(1)
    await failed
    vi.useRealTimers()
    expect((await pool.recognise(await colourPhoto(RED))).classes[0]?.index).toBe(RED.classIndex)
  })

  it('tries again when a dead thread cannot be replaced at once', async () => {
    const pool = await startPool(1)
    const lost = pool.recognise(slowPhoto())
    const failed = expect(lost).rejects.toMatchObject({ code: 'worker/failed' })
    vi.mocked(RecogniserThread.start).mockRejectedValueOnce(new Error('out of memory'))
    await threads[0]?.stop()
    await failed
    expect((await pool.recognise(await colourPhoto(BLUE))).classes[0]?.index).toBe(BLUE.classIndex)
  })

  it('ends its threads when it is closed', async () => {
    const pool = await startPool(2)
    await pool.close()
    expect(threads.map(({ isDead }) => isDead)).toEqual([true, true])
  })

  it('fails the photos that wait when it is closed', async () => {
    const pool = await startPool(1)
    const ends = Promise.allSettled([pool.recognise(slowPhoto()), pool.recognise(await colourPhoto(RED))])
    await pool.close()
    expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await expect(pool.recognise(await colourPhoto(RED))).rejects.toMatchObject({ code: 'worker/failed' })
  })

  it('ends every thread when one of them cannot be started', async () => {
    const start = vi.mocked(RecogniserThread.start)
    start.mockRejectedValueOnce(new Error('out of memory'))
    await expect(startPool(3)).rejects.toThrow('out of memory')
    await Promise.allSettled(start.mock.results.map(({ value }) => value))
    await vi.waitFor(() => expect(threads.map(({ isDead }) => isDead)).toEqual([true, true]))
  })
})
