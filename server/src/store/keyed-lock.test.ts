import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { KeyedLock } from './keyed-lock.ts'

/** A lock whose work begins when it may, and ends when the test says so. */
function openLock() {
  const lock = new KeyedLock()
  const running = new Set<string>()
  const ends = new Map<string, () => void>()
  const work = (name: string) => async () => {
    running.add(name)
    await new Promise<void>((resolve) => ends.set(name, resolve))
    running.delete(name)
    return name
  }
  return {
    lock,
    share: (key: string, name: string) => lock.share(key, work(name)),
    alone: (key: string, name: string) => lock.alone(key, work(name)),
    running: async () => {
      await turn()
      return [...running]
    },
    end: (name: string) => ends.get(name)?.(),
  }
}

describe('the lock of a key', () => {
  it('is shared side by side', async () => {
    const { share, running, end } = openLock()
    const all = [share('key', 'a'), share('key', 'b')]
    expect(await running()).toEqual(['a', 'b'])
    end('a')
    end('b')
    expect(await Promise.all(all)).toEqual(['a', 'b'])
  })

  it('is had alone when all that came before have ended', async () => {
    const { share, alone, running, end } = openLock()
    share('key', 'a')
    share('key', 'b')
    alone('key', 'c')
    expect(await running()).toEqual(['a', 'b'])
    end('b')
    expect(await running()).toEqual(['a'])
    end('a')
    expect(await running()).toEqual(['c'])
  })

  it('is had by one after the other who want it alone', async () => {
    const { alone, running, end } = openLock()
    alone('key', 'a')
    alone('key', 'b')
    expect(await running()).toEqual(['a'])
    end('a')
    expect(await running()).toEqual(['b'])
  })

  it('makes what comes later wait for who wants it alone', async () => {
    const { share, alone, running, end } = openLock()
    share('key', 'a')
    alone('key', 'b')
    share('key', 'c')
    alone('key', 'd')
    expect(await running()).toEqual(['a'])
    end('a')
    expect(await running()).toEqual(['b'])
    end('b')
    expect(await running()).toEqual(['c'])
    end('c')
    expect(await running()).toEqual(['d'])
  })

  it('does not concern other keys', async () => {
    const { alone, running } = openLock()
    alone('key', 'a')
    alone('other', 'b')
    expect(await running()).toEqual(['a', 'b'])
  })

  it.each(['share', 'alone'] as const)('goes on when work fails that had it %s', async (how) => {
    const { lock, share, alone, running, end } = openLock()
    const failing = lock[how]('key', () => Promise.reject(new Error('broken')))
    share('key', 'a')
    alone('key', 'b')
    await expect(failing).rejects.toThrow('broken')
    expect(await running()).toEqual(['a'])
    end('a')
    expect(await running()).toEqual(['b'])
  })

  it('is forgotten when nobody uses it, not before', async () => {
    const { lock, share, alone, end, running } = openLock()
    const first = share('key', 'a')
    const second = alone('key', 'b')
    expect(lock.size).toBe(1)
    await running()
    end('a')
    await first
    expect(await running()).toEqual(['b'])
    expect(lock.size).toBe(1)
    end('b')
    await second
    await expect(lock.alone('key', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(lock.size).toBe(0)
  })
})
