import { utimes, writeFile } from 'node:fs/promises'
import { describe, expect, it, vi } from 'vitest'
import { imageFolders, openImages, silentLog, tempFolder } from '../../testing/unit.ts'
import { createLog } from '../log.ts'
import type { EndedJob } from '../store/job-store.ts'
import { type ImageReferences, ImageSweep } from '../store/sweep.ts'
import { type EndedJobs, Retention, type RetentionSettings } from './retention.ts'

const DAY_MS = 86_400_000

type MemoryJob = Omit<EndedJob, 'endedAt'> & { endedAt: number | null }

/** The jobs as the store has them: those without an end wait or run. */
class MemoryJobs implements EndedJobs, ImageReferences {
  jobs: MemoryJob[] = []
  /** Of each `remove`. */
  readonly batches: number[] = []

  get ids(): string[] {
    return this.jobs.map(({ id }) => id)
  }

  async endedBefore(time: number, limit: number): Promise<EndedJob[]> {
    return this.jobs
      .flatMap((job) => (job.endedAt !== null && job.endedAt < time ? { ...job, endedAt: job.endedAt } : []))
      .sort((a, b) => a.endedAt - b.endedAt)
      .slice(0, limit)
  }

  oldestEnded(limit: number): Promise<EndedJob[]> {
    return this.endedBefore(Number.MAX_SAFE_INTEGER, limit)
  }

  async remove(ids: readonly string[]): Promise<number> {
    this.batches.push(ids.length)
    const left = this.jobs.filter(({ id, endedAt }) => endedAt === null || !ids.includes(id))
    const removed = this.jobs.length - left.length
    this.jobs = left
    return removed
  }

  async referenced(sha256s: readonly string[]): Promise<Set<string>> {
    return new Set(this.jobs.map(({ sha256 }) => sha256).filter((sha256) => sha256s.includes(sha256)))
  }
}

const hashOf = (photo: string) => Buffer.from(photo).toString('hex').padEnd(64, '0')

/**
 * Jobs whose photos lie on disk, and the retention of them.
 *
 * @param log where it says what people should know
 */
async function openRetention(settings: RetentionSettings, jobs = new MemoryJobs(), log = silentLog) {
  const images = await openImages(imageFolders(await tempFolder()))
  const sweep = new ImageSweep(images, jobs, silentLog)

  return {
    jobs,
    retention: new Retention(jobs, jobs, sweep, settings, log),
    /** A job with a photo of 10 bytes that ended so many days ago, if it did. */
    async add(id: string, endedDaysAgo: number | null, photo = id): Promise<void> {
      const sha256 = hashOf(photo)
      const upload = images.newUploadPath()
      await writeFile(upload, '10 bytes, ')
      await images.keepImage(upload, sha256)
      const longAgo = Date.now() / 1000 - 7200
      await utimes(images.imagePath(sha256), longAgo, longAgo)
      const endedAt = endedDaysAgo === null ? null : Date.now() - endedDaysAgo * DAY_MS
      jobs.jobs.push({ id, sha256, bytes: 10, endedAt })
    },
    hasPhoto: async (photo: string) => (await images.find(hashOf(photo))) !== null,
  }
}

describe('jobs are kept', () => {
  it('all of them where nothing is set, and photos without a job are removed', async () => {
    const { retention, jobs, add, hasPhoto } = await openRetention({})
    await add('a', 1000)
    await add('b', null)
    await add('gone', 1)
    await jobs.remove(['gone'])
    expect(await retention.run()).toEqual({ removedJobs: 0, removed: 1, freedBytes: 10, keptBytes: 20 })
    expect(jobs.ids).toEqual(['a', 'b'])
    expect(await hasPhoto('gone')).toBe(false)
  })

  it('for so many days after their end', async () => {
    const { retention, jobs, add, hasPhoto } = await openRetention({ keepDays: 2 })
    await add('new', 1.9)
    await add('old', 2.1)
    await add('waiting', null)
    await add('older', 50)
    expect(await retention.run()).toEqual({ removedJobs: 2, removed: 2, freedBytes: 20, keptBytes: 20 })
    expect(jobs.ids).toEqual(['new', 'waiting'])
    expect(await hasPhoto('older')).toBe(false)
    expect(await hasPhoto('new')).toBe(true)
  })

  it('neither when they are too old nor when there is too much of the others', async () => {
    const { retention, jobs, add } = await openRetention({ keepDays: 5, keepBytes: 10 })
    await add('old', 6)
    await add('a', 4)
    await add('b', 3)
    expect(await retention.run()).toEqual({ removedJobs: 2, removed: 2, freedBytes: 20, keptBytes: 10 })
    expect(jobs.ids).toEqual(['b'])
  })

  it('and removed in batches, however many there are', async () => {
    const { retention, jobs } = await openRetention({ keepDays: 1 })
    const endedAt = Date.now() - 2 * DAY_MS
    for (let i = 0; i < 250; i += 1)
      jobs.jobs.push({ id: `job-${i}`, sha256: hashOf(`${i}`), bytes: 1, endedAt })
    expect(await retention.run()).toMatchObject({ removedJobs: 250 })
    expect(jobs.batches).toEqual([100, 100, 50])
  })

  it('while their photos take no more than so many bytes, the oldest going first', async () => {
    const { retention, jobs, add, hasPhoto } = await openRetention({ keepBytes: 25 })
    await add('c', 1)
    await add('a', 3)
    await add('b', 2)
    await add('d', 0.5)
    expect(await retention.run()).toEqual({ removedJobs: 2, removed: 2, freedBytes: 20, keptBytes: 20 })
    expect(jobs.ids).toEqual(['c', 'd'])
    expect(await hasPhoto('a')).toBe(false)
    expect(await retention.run()).toMatchObject({ removedJobs: 0, keptBytes: 20 })
  })

  it('all of them where their photos take just so many bytes', async () => {
    const { retention, jobs, add } = await openRetention({ keepBytes: 20 })
    await add('a', 2)
    await add('b', 1)
    expect(await retention.run()).toMatchObject({ removedJobs: 0, keptBytes: 20 })
    expect(jobs.ids).toEqual(['a', 'b'])
  })

  it('where a photo that others share frees nothing: more of them go', async () => {
    const { retention, jobs, add, hasPhoto } = await openRetention({ keepBytes: 20 })
    await add('a', 5, 'shared')
    await add('b', 4, 'own')
    await add('c', 3, 'shared too')
    await add('d', 2, 'shared too')
    await add('e', null, 'shared')
    // 30 bytes in 3 photos. Without `a` nothing is freed, as `e` has its photo; without `b` there is enough.
    expect(await retention.run()).toMatchObject({ removedJobs: 2, freedBytes: 10, keptBytes: 20 })
    expect(jobs.ids).toEqual(['c', 'd', 'e'])
    expect(await hasPhoto('shared')).toBe(true)
  })

  it('counts a photo of several removed jobs once', async () => {
    const { retention, jobs, add } = await openRetention({ keepBytes: 10 })
    await add('a', 5, 'twice')
    await add('b', 4, 'twice')
    await add('c', 3)
    await add('d', 2)
    expect(await retention.run()).toMatchObject({ removedJobs: 3, freedBytes: 20, keptBytes: 10 })
    expect(jobs.ids).toEqual(['d'])
  })

  it('until they have ended, whatever room they take', async () => {
    const log = createLog('silent')
    const warn = vi.spyOn(log, 'warn')
    const { retention, jobs, add } = await openRetention({ keepDays: 1, keepBytes: 5 }, new MemoryJobs(), log)
    await add('waiting', null)
    await add('ended', 0)
    expect(await retention.run()).toMatchObject({ removedJobs: 1, keptBytes: 10 })
    expect(jobs.ids).toEqual(['waiting'])
    expect(warn).toHaveBeenCalledExactlyOnceWith({ excessBytes: 5 }, expect.stringContaining('KEEP_BYTES'))
  })

  it.each<[string, RetentionSettings]>([
    ['days', { keepDays: 1 }],
    ['bytes', { keepBytes: 10 }],
  ])('when they are retried just before they go, by %s', async (_what, settings) => {
    class Retried extends MemoryJobs {
      override async remove(ids: readonly string[]): Promise<number> {
        const retried = this.jobs.find(({ id }) => id === 'retried')
        if (retried) retried.endedAt = null
        return super.remove(ids)
      }
    }
    const { retention, jobs, add, hasPhoto } = await openRetention(settings, new Retried())
    await add('retried', 3)
    await add('next', 2)
    await retention.run()
    expect(jobs.ids).toContain('retried')
    expect(await hasPhoto('retried')).toBe(true)
    // The next run begins afresh, where this one could do nothing.
    expect(await retention.run().then(() => jobs.ids)).toEqual(['retried'])
  })

  it('when it is told to stop', async () => {
    const { retention, jobs, add } = await openRetention({ keepDays: 1 })
    await add('a', 3)
    const reason = new Error('The master stops')
    await expect(retention.run(AbortSignal.abort(reason))).rejects.toBe(reason)
    expect(jobs.ids).toEqual(['a'])
  })
})
