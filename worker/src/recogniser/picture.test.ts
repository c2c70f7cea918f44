import { describe, expect, it } from 'vitest'
import { INPUT_SIDE } from '../engines/engine.ts'
import { PICTURE_SIDE, toInput } from './picture.ts'

/** Each pixel tells where it stands: its row, its column, and 7. */
const WHERE = Uint8Array.from({ length: PICTURE_SIDE * PICTURE_SIDE * 3 }, (_, at) => {
  const pixel = Math.floor(at / 3)
  return [Math.floor(pixel / PICTURE_SIDE), pixel % PICTURE_SIDE, 7][at % 3] ?? 0
})

describe('toInput', () => {
  it('takes the middle 224 × 224 pixels, row by row, red before green before blue', () => {
    const input = toInput(WHERE, [0, 255])
    const expected = Float32Array.from({ length: INPUT_SIDE * INPUT_SIDE * 3 }, (_, at) => {
      const pixel = Math.floor(at / 3)
      return [Math.floor(pixel / INPUT_SIDE) + 16, (pixel % INPUT_SIDE) + 16, 7][at % 3] ?? 0
    })
    expect(input).toEqual(expected)
  })

  it.each([
    [-1, 1],
    [0, 1],
    [0, 255],
  ] as const)('scales black to %d and white to %d, evenly between', (low, high) => {
    const grey = (value: number) => new Uint8Array(PICTURE_SIDE * PICTURE_SIDE * 3).fill(value)
    for (const value of [0, 51, 255]) {
      const input = toInput(grey(value), [low, high])
      const expected = low + ((high - low) * value) / 255
      expect(Math.max(...input.subarray(0, 9))).toBeCloseTo(expected, 5)
      expect(Math.min(...input.subarray(-9))).toBeCloseTo(expected, 5)
    }
  })
})
