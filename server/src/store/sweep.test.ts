import { mkdir, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { imageFolders, openImages, silentLog, tempFolder } from '../../testing/unit.ts'
import { createLog } from '../log.ts'
import type { ImageStore } from './image-store.ts'
import { type ImageReferences, ImageSweep } from './sweep.ts'

const hash = (start: string, number = 0) => start + String(number).padStart(62, '0')

const MINUTE = 60
const OLD = 61 * MINUTE

/** A store, and jobs that refer to the photos whose hashes are in `referenced`. */
async function openSweep() {
  const folders = imageFolders(await tempFolder())
  const images = await openImages(folders)
  const referenced = new Set<string>()
  const jobs: ImageReferences = {
    referenced: async (sha256s) => new Set(sha256s.filter((sha256) => referenced.has(sha256))),
  }
  return { folders, images, referenced, jobs, sweep: new ImageSweep(images, jobs, silentLog) }
}

async function keepPhoto(images: ImageStore, sha256: string, ageSeconds: number, content = 'the photo') {
  const upload = images.newUploadPath()
  await writeFile(upload, content)
  await images.keepImage(upload, sha256)
  await setAge(images.imagePath(sha256), ageSeconds)
}

async function keepThumbnail(images: ImageStore, sha256: string, ageSeconds: number) {
  await images.keepThumbnail(sha256, { type: 'image/webp', bytes: Buffer.from('small') })
  await setAge(images.thumbnailPath(sha256, 'image/webp'), ageSeconds)
}

async function setAge(path: string, seconds: number) {
  const time = Date.now() / 1000 - seconds
  await utimes(path, time, time)
}

async function isThere(images: ImageStore, sha256: string) {
  return (await images.find(sha256)) !== null
}

describe('the sweep', () => {
  it('removes old photos without a job, with their thumbnails, and nothing else', async () => {
    const { images, referenced, sweep } = await openSweep()
    const [orphan, young, used, alsoUsed] = ['00', 'ab', 'ab', 'ff'].map(hash) as [
      string,
      string,
      string,
      string,
    ]
    await keepPhoto(images, orphan, OLD)
    await keepThumbnail(images, orphan, OLD)
    await keepPhoto(images, young, 59 * MINUTE)
    await keepPhoto(images, used, OLD, 'used')
    await keepThumbnail(images, used, OLD)
    await keepPhoto(images, alsoUsed, 0, 'used also')
    referenced.add(used).add(alsoUsed)

    const { length } = 'the photo'
    expect(await sweep.sweep()).toEqual({ removed: 1, freedBytes: length, keptBytes: 'usedused also'.length })
    expect(await isThere(images, orphan)).toBe(false)
    expect(await isThere(images, young)).toBe(true)
    expect(await isThere(images, used)).toBe(true)
    await rm(images.imagePath(used))
    expect(await isThere(images, used), 'its thumbnail').toBe(true)
    expect(await isThere(images, alsoUsed)).toBe(true)
  })

  it('removes old thumbnails whose photo is gone, unless a job shows them', async () => {
    const { images, referenced, sweep } = await openSweep()
    const [orphan, young, used] = ['01', '02', '03'].map(hash) as [string, string, string]
    await keepThumbnail(images, orphan, OLD)
    await keepThumbnail(images, young, 0)
    await keepThumbnail(images, used, OLD)
    referenced.add(used)
    expect(await sweep.sweep()).toEqual({ removed: 1, freedBytes: 0, keptBytes: 0 })
    expect(await isThere(images, orphan)).toBe(false)
    expect(await isThere(images, young)).toBe(true)
    expect(await isThere(images, used)).toBe(true)
  })

  it('goes by the age that it was given', async () => {
    const { images, jobs } = await openSweep()
    await keepPhoto(images, hash('00'), 20)
    await keepPhoto(images, hash('01'), 5)
    expect(await new ImageSweep(images, jobs, silentLog, 10_000).sweep()).toMatchObject({ removed: 1 })
    expect(await isThere(images, hash('01'))).toBe(true)
  })

  it('asks for the jobs of many photos in parts, and lets others work in between', async () => {
    const { folders, images, jobs, referenced } = await openSweep()
    await mkdir(join(folders.images, 'ab'))
    const hashes = Array.from({ length: 600 }, (_, number) => hash('ab', number))
    for (const sha256 of hashes) await writeFile(images.imagePath(sha256), '12')
    for (const sha256 of hashes.slice(0, 599)) referenced.add(sha256)
    await setAge(images.imagePath(hash('ab', 599)), OLD)

    const asked: number[] = []
    let turns = 0
    const turnsAtQuestion: number[] = []
    let swept = false
    const others = (async () => {
      while (!swept) {
        await turn()
        turns += 1
      }
    })()
    const watched: ImageReferences = {
      referenced: async (sha256s) => {
        asked.push(sha256s.length)
        turnsAtQuestion.push(turns)
        return jobs.referenced(sha256s)
      },
    }
    const result = await new ImageSweep(images, watched, silentLog).sweep()
    swept = true
    await others
    expect(result).toEqual({ removed: 1, freedBytes: 2, keptBytes: 599 * 2 })
    expect(Math.max(...asked)).toBeLessThanOrEqual(250)
    expect(asked.reduce((sum, number) => sum + number)).toBe(601)
    expect(new Set(turnsAtQuestion).size).toBe(asked.length)
  })

  it('leaves a photo that becomes a job while it looks', async () => {
    const { images, jobs, referenced } = await openSweep()
    const sha256 = hash('ab')
    await keepPhoto(images, sha256, OLD)
    const questions: Array<readonly string[]> = []
    const late: ImageReferences = {
      referenced: async (sha256s) => {
        questions.push(sha256s)
        const answer = await jobs.referenced(sha256s)
        // The job is submitted after the answer was made, before it arrives.
        referenced.add(sha256)
        return answer
      },
    }
    expect(await new ImageSweep(images, late, silentLog).sweep()).toMatchObject({ removed: 0 })
    expect(questions).toHaveLength(2)
    expect(await isThere(images, sha256)).toBe(true)
  })

  it('waits for a submit that holds the hash', async () => {
    const { images, referenced, sweep } = await openSweep()
    const sha256 = hash('ab')
    await keepPhoto(images, sha256, OLD)
    let commit = () => {}
    const committed = new Promise<void>((resolve) => {
      commit = resolve
    })
    const submitting = images.withHash(sha256, async () => {
      await committed
      referenced.add(sha256)
    })
    const sweeping = sweep.sweep()
    const first = await Promise.race([sweeping, new Promise((resolve) => setTimeout(resolve, 300, 'waits'))])
    expect(first).toBe('waits')
    commit()
    await submitting
    expect(await sweeping).toMatchObject({ removed: 0 })
    expect(await isThere(images, sha256)).toBe(true)
  })

  it('goes on after a file or a folder that fails, and says so', async () => {
    const { folders, images, jobs } = await openSweep()
    // Neither a folder in the place of a photo nor a file in the place of a folder can be removed or listed.
    await mkdir(images.imagePath(hash('00', 1)), { recursive: true })
    await setAge(images.imagePath(hash('00', 1)), OLD)
    await writeFile(join(folders.images, '01'), '')
    await keepPhoto(images, hash('00', 2), OLD)
    await keepPhoto(images, hash('02'), OLD)
    const log = createLog('silent')
    const error = vi.spyOn(log, 'error')
    expect(await new ImageSweep(images, jobs, log).sweep()).toMatchObject({ removed: 2 })
    expect(error.mock.calls.map(([what]) => what)).toEqual([
      expect.objectContaining({ sha256: hash('00', 1) }),
      expect.objectContaining({ folder: '01' }),
    ])
  })

  it('removes nothing where it cannot be known what is in use', async () => {
    const { images } = await openSweep()
    await keepPhoto(images, hash('00'), OLD)
    const broken: ImageReferences = { referenced: () => Promise.reject(new Error('The database is away')) }
    await expect(new ImageSweep(images, broken, silentLog).sweep()).rejects.toThrow('The database is away')
    expect(await isThere(images, hash('00'))).toBe(true)
  })

  it('ends early when it is told to', async () => {
    const { images, jobs } = await openSweep()
    await keepPhoto(images, hash('00'), OLD)
    await keepPhoto(images, hash('01'), OLD)
    const stop = new AbortController()
    const stopping: ImageReferences = {
      referenced: (sha256s) => {
        stop.abort(new Error('The master stops'))
        return jobs.referenced(sha256s)
      },
    }
    await expect(new ImageSweep(images, stopping, silentLog).sweep(stop.signal)).rejects.toThrow(
      'The master stops',
    )
    expect(await isThere(images, hash('01'))).toBe(true)
  })
})
