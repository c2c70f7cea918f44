/**
 * Bounds the memory that photos take while they are recognised: a photo begins when the memory that its
 * decoding may need is free, first come, first served.
 *
 * Measured peaks at 50 megapixels: progressive JPEG 310 MB, GIF 250 MB, interlaced PNG 190 MB, TIFF 60 MB;
 * AVIF 900 MB and BMP (jimp) some 30 bytes a pixel, which is why fewer of their pixels are taken.
 */
import type { ImageType } from '@argus/shared'
import type { ImageFacts } from './decode.ts'
import { WaitingLine } from './waiting-line.ts'

/** One photo of the most expensive kind at a time, or many ordinary ones. */
const BUDGET_BYTES = 330_000_000

const BYTES_PER_PIXEL: Readonly<Record<ImageType, number>> = {
  'image/jpeg': 6.5,
  'image/png': 5,
  'image/gif': 5.5,
  'image/webp': 2,
  'image/tiff': 5,
  'image/avif': 20,
  'image/bmp': 30,
}

export class DecodeBudget {
  #freeBytes = BUDGET_BYTES
  /** Each asks for bytes. */
  readonly #line = new WaitingLine<number, void>()

  /**
   * Runs `work` on a photo when there is memory for it; settles as `work` does.
   *
   * @param signal ends the wait, and nothing else; rejects with its reason
   */
  async run<T>(image: ImageFacts, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const need = neededBytes(image)
    const turn = this.#line.wait(need, signal)
    this.#beginNext()
    try {
      await turn
    } catch (error) {
      // It may have kept smaller ones waiting.
      this.#beginNext()
      throw error
    }
    try {
      return await work()
    } finally {
      this.#freeBytes += need
      this.#beginNext()
    }
  }

  /** Small photos do not overtake a large one, or it would never begin on a busy worker. */
  #beginNext(): void {
    for (
      let need = this.#line.first;
      need !== undefined && need <= this.#freeBytes;
      need = this.#line.first
    ) {
      this.#freeBytes -= need
      this.#line.serve()
    }
  }
}

/** Never more than there is, so that every photo that the master takes gets its turn. */
function neededBytes({ type, width, height }: ImageFacts): number {
  return Math.min(BUDGET_BYTES, width * height * BYTES_PER_PIXEL[type])
}
