import { describe, expect, it } from 'vitest'
import { UNWATCHED } from '../../testing/unit.ts'
import type { ImageFacts } from './decode.ts'
import { DecodeBudget } from './decode-budget.ts'

/** Would need more than the whole budget. */
const HUGE: ImageFacts = { type: 'image/bmp', width: 10_000, height: 10_000 }
/** Needs more than half of it. */
const LARGE: ImageFacts = { type: 'image/jpeg', width: 6000, height: 5000 }
const TINY: ImageFacts = { type: 'image/png', width: 10, height: 10 }

/** Work that ends when it is told to, and a list of what has begun. */
function bench(budget: DecodeBudget) {
  const begun: string[] = []
  const begin = (name: string, image: ImageFacts, signal = UNWATCHED.signal) => {
    let end: () => void = () => undefined
    const done = budget.run(image, signal, () => {
      begun.push(name)
      return new Promise<void>((resolve) => {
        end = resolve
      })
    })
    return { done, end: () => end() }
  }
  return { begun, begin }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('DecodeBudget', () => {
  it('lets photos be worked on side by side while there is memory', async () => {
    const { begun, begin } = bench(new DecodeBudget())
    begin('large', LARGE)
    begin('tiny', TINY)
    await settle()
    expect(begun).toEqual(['large', 'tiny'])
  })

  it('keeps a photo waiting for which there is no memory, and those behind it', async () => {
    const { begun, begin } = bench(new DecodeBudget())
    const first = begin('first', LARGE)
    begin('second', LARGE)
    begin('tiny', TINY)
    await settle()
    expect(begun).toEqual(['first'])
    first.end()
    await first.done
    await settle()
    expect(begun).toEqual(['first', 'second', 'tiny'])
  })

  it('gives every photo its turn, however large', async () => {
    const { begun, begin } = bench(new DecodeBudget())
    const huge = begin('huge', HUGE)
    begin('tiny', TINY)
    await settle()
    expect(begun).toEqual(['huge'])
    huge.end()
    await huge.done
    await settle()
    expect(begun).toEqual(['huge', 'tiny'])
  })

  it('lets those go that nobody wants any more, and begins what they kept waiting', async () => {
    const { begun, begin } = bench(new DecodeBudget())
    const controller = new AbortController()
    begin('first', LARGE)
    const unwanted = begin('unwanted', LARGE, controller.signal)
    begin('tiny', TINY)
    const rejected = expect(unwanted.done).rejects.toThrow('revoked')
    controller.abort(new Error('revoked'))
    await rejected
    await settle()
    expect(begun).toEqual(['first', 'tiny'])
  })

  it('goes on with work that has begun, wanted or not', async () => {
    const { begin } = bench(new DecodeBudget())
    const controller = new AbortController()
    const work = begin('first', LARGE, controller.signal)
    await settle()
    controller.abort()
    work.end()
    await expect(work.done).resolves.toBeUndefined()
  })

  it('frees the memory of work that failed, and passes its error on', async () => {
    const budget = new DecodeBudget()
    const { signal } = UNWATCHED
    await expect(budget.run(HUGE, signal, () => Promise.reject(new Error('damaged')))).rejects.toThrow(
      'damaged',
    )
    expect(await budget.run(HUGE, signal, async () => 'next')).toBe('next')
  })
})
