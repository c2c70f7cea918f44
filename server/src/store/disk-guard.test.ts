import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ProblemError } from '@argus/shared'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { fillDisk, mountSmallDisk } from '../../testing/small-disk.ts'
import { silentLog, tempFolder } from '../../testing/unit.ts'
import { until } from '../../testing/until.ts'
import { createLog } from '../log.ts'
import { DiskGuard } from './disk-guard.ts'

const MB = 1024 ** 2

function listen(guard: DiskGuard): boolean[] {
  const heard: boolean[] = []
  guard.onChange((full) => heard.push(full))
  return heard
}

function refusal(guard: DiskGuard): string {
  try {
    guard.assertRoom()
    return ''
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    return `${error.code}: ${error.message}`
  }
}

describe('the disk guard', () => {
  it('counts a disk as full below the minimum, and as free again only well above it', async (context) => {
    const disk = await mountSmallDisk(context, { megabytes: 8 })
    const use = (megabytes: number) => writeFile(join(disk, 'photos'), Buffer.alloc(megabytes * MB))
    const guard = new DiskGuard(disk, 4 * MB, silentLog)
    const heard = listen(guard)
    const fullWith = async (megabytes: number) => {
      await use(megabytes)
      await guard.check()
      return guard.full
    }
    expect(await fullWith(0)).toBe(false)
    expect(await fullWith(3.75)).toBe(false)
    expect(refusal(guard)).toBe('')
    expect(await fullWith(4.25)).toBe(true)
    // 4.25 MB are free: more than the minimum, less than 1.1 times it.
    expect(await fullWith(3.75)).toBe(true)
    expect(await fullWith(3.5)).toBe(false)
    expect(await fullWith(3.75)).toBe(false)
    expect(heard).toEqual([true, false])
  })

  it('says how much is free and how much is needed', async (context) => {
    const disk = await mountSmallDisk(context, { megabytes: 8 })
    await writeFile(join(disk, 'photos'), Buffer.alloc(5 * MB))
    const guard = new DiskGuard(disk, 100_000_000, silentLog)
    await guard.check()
    expect(refusal(guard)).toBe(
      'store/disk-full: The disk of the master has 3.1 MB free. It takes photos again above 110 MB.',
    )
  })

  it('notices by itself that the disk is full, and that it has room again', async (context) => {
    const disk = await mountSmallDisk(context, { megabytes: 2 })
    const guard = new DiskGuard(disk, MB, silentLog, { everyMs: 10, whileFullMs: 10 })
    onTestFinished(() => guard.stop())
    guard.start()
    await fillDisk(join(disk, 'photos'))
    await until(() => expect(refusal(guard)).toContain('has 0 bytes free'))
    await rm(join(disk, 'photos'))
    await until(() => expect(guard.full).toBe(false))
  })

  it('believes a write that found no room, until a check', async () => {
    const guard = new DiskGuard(await tempFolder(), 1, silentLog)
    const heard = listen(guard)
    await guard.check()
    guard.noteFull()
    guard.noteFull()
    expect(guard.full).toBe(true)
    expect(refusal(guard)).toBe('store/disk-full: The disk of the master had no room for a file just now.')
    await guard.check()
    expect(guard.full).toBe(false)
    expect(heard).toEqual([true, false])
  })

  it('checks soon after a write that found no room', async () => {
    const guard = new DiskGuard(await tempFolder(), 1, silentLog, { everyMs: 3_600_000, whileFullMs: 10 })
    onTestFinished(() => guard.stop())
    const checked = vi.spyOn(guard, 'check')
    guard.start()
    await checked.mock.results[0]?.value
    guard.noteFull()
    await until(() => expect(guard.full).toBe(false))
  })

  it('stays full where writes fail on and a check finds too little', async () => {
    const guard = new DiskGuard(await tempFolder(), Number.MAX_SAFE_INTEGER, silentLog)
    const heard = listen(guard)
    await guard.check()
    guard.noteFull()
    await guard.check()
    expect(heard).toEqual([true])
  })

  it('tells those who listen no more nothing', async () => {
    const guard = new DiskGuard(await tempFolder(), 1, silentLog)
    const listener = vi.fn()
    const stopListening = guard.onChange(listener)
    stopListening()
    guard.noteFull()
    expect(listener).not.toHaveBeenCalled()
  })

  it('stays as it is where the room cannot be measured, and says so', async () => {
    const log = createLog('silent')
    const error = vi.spyOn(log, 'error')
    const guard = new DiskGuard(join(await tempFolder(), 'missing'), 1, log)
    await guard.check()
    expect(guard.full).toBe(false)
    guard.noteFull()
    await guard.check()
    expect(guard.full).toBe(true)
    expect(error).toHaveBeenCalledTimes(2)
  })

  it('checks no more once it is stopped', async () => {
    const guard = new DiskGuard(await tempFolder(), 1, silentLog, { everyMs: 1, whileFullMs: 1 })
    const check = vi.spyOn(guard, 'check')
    guard.start()
    await until(() => expect(check.mock.calls.length).toBeGreaterThan(2))
    guard.stop()
    await Promise.all(check.mock.results.map(({ value }) => value))
    guard.noteFull()
    const { length } = check.mock.calls
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(check.mock.calls).toHaveLength(length)
  })
})
