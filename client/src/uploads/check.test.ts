import { describe, expect, it } from 'vitest'
import { isTooLarge, refuseBytes, refusePixels, refuseType } from './check.ts'

const LIMITS = { maxUploadBytes: 50_000_000, maxPixels: 50_000_000 }

describe('what is told before a photo is sent', () => {
  it.each([
    ['', true],
    ['application/octet-stream', true],
    ['image/jpeg', true],
    // The master has better words for it.
    ['image/heic', true],
    ['application/json', false],
    ['video/mp4', false],
  ])('a type %j: may be a photo %s', (type, mayBe) => {
    expect(refuseType(type) === null).toBe(mayBe)
  })

  it('that it has too many bytes', () => {
    expect(refuseBytes(50_000_000, LIMITS)).toBeNull()
    const failure = refuseBytes(62_000_000, LIMITS)
    expect(failure?.detail).toBe('It has 62.0 MB, and 50.0 MB are taken. It was not sent.')
    expect(isTooLarge(failure)).toBe(true)
  })

  it('that it has too many pixels, of its type', () => {
    const size = { width: 5_000, height: 4_000 }
    expect(refusePixels({ ...size, type: 'image/jpeg' }, LIMITS)).toBeNull()
    expect(isTooLarge(refusePixels({ ...size, type: 'image/avif' }, LIMITS))).toBe(true)
    expect(isTooLarge(refusePixels({ ...size, type: 'image/jpeg' }, { ...LIMITS, maxPixels: 1_000 }))).toBe(
      true,
    )
    expect(refusePixels(null, LIMITS)).toBeNull()
  })
})
