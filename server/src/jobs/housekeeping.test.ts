import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { silentLog } from '../../testing/unit.ts'
import { until } from '../../testing/until.ts'
import { createLog } from '../log.ts'
import { Housekeeping, type HousekeepingParts } from './housekeeping.ts'

const NOTHING = { removedJobs: 0, removed: 0, freedBytes: 0, keptBytes: 0 }
const OFTEN = { firstMs: 1, everyMs: 1 }

function startHousekeeping(parts: Partial<HousekeepingParts>, times = OFTEN): Housekeeping {
  const idle: HousekeepingParts = {
    leftovers: [],
    retention: { run: async () => NOTHING },
    log: silentLog,
  }
  const housekeeping = new Housekeeping({ ...idle, ...parts }, times)
  onTestFinished(() => housekeeping.stop())
  housekeeping.start()
  return housekeeping
}

describe('the housekeeping', () => {
  it('comes again and again, and removes what is older than it is kept', async () => {
    const leftovers = [3_600_000, 86_400_000].map((keptMs) => ({
      what: 'things',
      keptMs,
      remove: vi.fn(async (_before: number) => 1),
    }))
    const run = vi.fn(async () => NOTHING)
    const startedAt = Date.now()
    const housekeeping = startHousekeeping({ leftovers, retention: { run } })
    await until(() => expect(run.mock.calls.length).toBeGreaterThan(2))
    await housekeeping.stop()
    for (const { keptMs, remove } of leftovers) {
      expect(remove.mock.calls.length).toBeGreaterThan(2)
      for (const [before] of remove.mock.calls) {
        expect(before + keptMs).toBeGreaterThanOrEqual(startedAt)
        expect(before + keptMs).toBeLessThanOrEqual(Date.now())
      }
    }
  })

  it('waits before its first turn', async () => {
    const run = vi.fn(async () => NOTHING)
    const housekeeping = startHousekeeping({ retention: { run } }, { firstMs: 3_600_000, everyMs: 1 })
    await sleep(30)
    await housekeeping.stop()
    expect(run).not.toHaveBeenCalled()
  })

  it('waits after each turn', async () => {
    const run = vi.fn(async () => NOTHING)
    startHousekeeping({ retention: { run } }, { firstMs: 1, everyMs: 3_600_000 })
    await until(() => expect(run).toHaveBeenCalled())
    await sleep(30)
    expect(run).toHaveBeenCalledOnce()
  })

  it('is never there twice, even if it is started twice', async () => {
    let atOnce = 0
    let most = 0
    const run = vi.fn(async () => {
      atOnce += 1
      most = Math.max(most, atOnce)
      await sleep(10)
      atOnce -= 1
      return NOTHING
    })
    startHousekeeping({ retention: { run } }).start()
    await until(() => expect(run.mock.calls.length).toBeGreaterThan(3))
    expect(most).toBe(1)
  })

  it('logs what fails, does the rest, and tries again', async () => {
    const log = createLog('silent')
    const error = vi.spyOn(log, 'error')
    const remove = vi.fn(() => Promise.reject(new Error('The database is away')))
    const removeOthers = vi.fn(async () => 1)
    const leftovers = [
      { what: 'keys', keptMs: 1, remove },
      { what: 'others', keptMs: 1, remove: removeOthers },
    ]
    const run = vi.fn().mockRejectedValueOnce(new Error('It is still away')).mockResolvedValue(NOTHING)
    startHousekeeping({ leftovers, retention: { run }, log })
    await until(() => expect(run.mock.calls.length).toBeGreaterThan(1))
    expect(error.mock.calls.slice(0, 2)).toEqual([
      [{ err: new Error('The database is away') }, expect.stringContaining('keys')],
      [{ err: new Error('It is still away') }, expect.any(String)],
    ])
    expect(remove.mock.calls.length).toBeGreaterThan(1)
    expect(removeOthers.mock.calls.length).toBeGreaterThan(1)
  })

  it('says what it removed, and nothing where that is nothing', async () => {
    const log = createLog('silent')
    const info = vi.spyOn(log, 'info')
    const result = { ...NOTHING, removedJobs: 2, removed: 1, freedBytes: 10 }
    const run = vi
      .fn()
      .mockResolvedValueOnce(NOTHING)
      .mockResolvedValueOnce(result)
      .mockResolvedValue(NOTHING)
    startHousekeeping({ retention: { run }, log })
    await until(() => expect(run.mock.calls.length).toBeGreaterThan(3))
    expect(info).toHaveBeenCalledExactlyOnceWith(result, expect.any(String))
  })

  it('ends the turn that is under way when it is stopped, without a word', async () => {
    const log = createLog('silent')
    const error = vi.spyOn(log, 'error')
    let ended = false
    const run = vi.fn(async (signal: AbortSignal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      await sleep(10)
      ended = true
      throw signal.reason
    })
    const housekeeping = startHousekeeping({ retention: { run }, log })
    await until(() => expect(run).toHaveBeenCalled())
    await housekeeping.stop()
    expect(ended).toBe(true)
    expect(error).not.toHaveBeenCalled()
    await sleep(20)
    expect(run).toHaveBeenCalledOnce()
  })

  it('may be stopped before it was started', async () => {
    const run = vi.fn(async () => NOTHING)
    const housekeeping = new Housekeeping({ leftovers: [], retention: { run }, log: silentLog }, OFTEN)
    await housekeeping.stop()
    housekeeping.start()
    await sleep(20)
    expect(run).not.toHaveBeenCalled()
  })
})
