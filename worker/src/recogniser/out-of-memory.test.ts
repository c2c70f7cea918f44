import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { isOutOfMemory } from './out-of-memory.ts'

function errorOf(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

describe('isOutOfMemory', () => {
  it('knows a thread whose heap was full', async () => {
    const script = 'const all = []; while (true) all.push(new Array(1000).fill(all.length))'
    const thread = new Worker(script, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 16 } })
    const [error] = await once(thread, 'error')
    expect(isOutOfMemory(error)).toBe(true)
  })

  it('knows a buffer for which there is no memory', () => {
    expect(isOutOfMemory(errorOf(() => new ArrayBuffer(2 ** 52)))).toBe(true)
  })

  it.each([
    'WebAssembly.Memory(): could not allocate memory',
    'out of memory --- size == 143MB',
    'VipsJpeg: Insufficient memory (case 4)',
    'std::bad_alloc',
  ])('knows "%s"', (message) => {
    expect(isOutOfMemory(new Error(message))).toBe(true)
  })

  it('takes no other error for one', () => {
    expect(isOutOfMemory(new Error('VipsJpeg: premature end of JPEG image'))).toBe(false)
    expect(isOutOfMemory(errorOf(() => new Array(-1)))).toBe(false)
    expect(isOutOfMemory('out of memory')).toBe(false)
  })
})
