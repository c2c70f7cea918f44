/**
 * A decoded photo, as small as recognition needs it, and the pixels that the model gets to see: short side
 * to 256, centre crop 224.
 */
import type { InputRange } from '@argus/shared'
import { INPUT_LENGTH, INPUT_SIDE } from '../engines/engine.ts'

/** Side of the square that decoders make of a photo: its short side scaled to it, its middle cut out. */
export const PICTURE_SIDE = 256
const MARGIN = (PICTURE_SIDE - INPUT_SIDE) / 2

/** 256 × 256 RGB pixels, row by row, three bytes each. */
export type Picture = Uint8Array

/**
 * The model's input: the middle 224 × 224 pixels, scaled to a range.
 *
 * @param range what 0 and 255 become
 * @param input is filled and returned; 600 KB that need not be allocated for each photo
 */
export function toInput(
  picture: Picture,
  [low, high]: InputRange,
  input = new Float32Array(INPUT_LENGTH),
): Float32Array {
  const scale = (high - low) / 255
  for (let row = 0; row < INPUT_SIDE; row += 1) {
    const from = ((row + MARGIN) * PICTURE_SIDE + MARGIN) * 3
    const to = row * INPUT_SIDE * 3
    for (let offset = 0; offset < INPUT_SIDE * 3; offset += 1) {
      input[to + offset] = (picture[from + offset] ?? 0) * scale + low
    }
  }
  return input
}
