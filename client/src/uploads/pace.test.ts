import { describe, expect, it } from 'vitest'
import { Pacer } from './pace.ts'
import { NO_UPLOADS } from './tally.ts'

describe('the pace', () => {
  const at = (doneBytes: number, leftBytes = doneBytes) => ({
    ...NO_UPLOADS,
    bytes: 10_000,
    doneBytes,
    leftBytes,
  })

  it('is told when enough was seen', () => {
    const pacer = new Pacer()
    expect(pacer.note(at(0), 0)).toBeNull()
    expect(pacer.note(at(500), 1_000)).toBeNull()
    expect(pacer.note(at(1_000), 2_000)).toEqual({ bytesPerSecond: 500, msLeft: 18_000 })
  })

  it('is that of the last ten seconds', () => {
    const pacer = new Pacer()
    for (let second = 0; second <= 20; second += 1) pacer.note(at(second * 10), second * 1_000)
    const fast = pacer.note(at(5_200), 21_000)
    expect(fast?.bytesPerSecond).toBeCloseTo(509, 0)
  })

  it('does not count bytes that a smaller photo need not send, but does count its being done', () => {
    const pacer = new Pacer()
    pacer.note(at(0, 0), 0)
    expect(pacer.note(at(5_000, 50), 2_000)).toEqual({ bytesPerSecond: 25, msLeft: 2_000 })
  })

  it('is begun anew after a rest', () => {
    const pacer = new Pacer()
    pacer.note(at(0), 0)
    pacer.reset()
    expect(pacer.note(at(5_000), 5_000)).toBeNull()
  })

  it('knows no time left while nothing is done', () => {
    const pacer = new Pacer()
    pacer.note(at(0), 0)
    expect(pacer.note(at(0), 2_000)).toEqual({ bytesPerSecond: 0, msLeft: null })
  })
})
