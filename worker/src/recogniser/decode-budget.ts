/**
 * Bounds the memory that all threads together spend on decoding: a photo begins when the memory that its
 * decoding may take is free. A semaphore in shared memory, so that it holds across threads.
 *
 * Measured peaks at 50 megapixels: progressive JPEG 310 MB, GIF 250 MB, interlaced PNG 190 MB, tiled TIFF
 * 60 MB; AVIF 900 MB and BMP (jimp) some 30 bytes a pixel, which is why fewer of their pixels are taken.
 */
import type { ImageType } from '@argus/shared'
import type { ImageFacts } from './decode.ts'

/** One photo of the most expensive kind at a time, or many ordinary ones. */
const BUDGET_KB = 330_000

const BYTES_PER_PIXEL: Readonly<Record<ImageType, number>> = {
  'image/jpeg': 6.5,
  'image/png': 5,
  'image/gif': 5.5,
  'image/webp': 2,
  'image/tiff': 5,
  'image/avif': 20,
  'image/bmp': 30,
}

/** Cell 0 holds what is free; cell 1 + n what thread n has taken. All in KB. */
const FREE = 0

export class DecodeBudget {
  readonly #cells: Int32Array

  private constructor(memory: SharedArrayBuffer) {
    this.#cells = new Int32Array(memory)
  }

  /** Memory for a budget that this many threads share; hand it to each of them. */
  static allocate(threads: number): SharedArrayBuffer {
    const memory = new SharedArrayBuffer((1 + threads) * Int32Array.BYTES_PER_ELEMENT)
    new Int32Array(memory)[FREE] = BUDGET_KB
    return memory
  }

  static over(memory: SharedArrayBuffer): DecodeBudget {
    return new DecodeBudget(memory)
  }

  /** Blocks this thread until the photo's memory is free, and takes it. */
  take(thread: number, image: ImageFacts): void {
    const need = neededKb(image)
    for (;;) {
      const free = Atomics.load(this.#cells, FREE)
      if (free < need) Atomics.wait(this.#cells, FREE, free)
      else if (Atomics.compareExchange(this.#cells, FREE, free, free - need) === free) break
    }
    Atomics.store(this.#cells, 1 + thread, need)
  }

  /** Gives back what a thread has taken; also called for it when it has died. */
  giveBack(thread: number): void {
    const taken = Atomics.exchange(this.#cells, 1 + thread, 0)
    Atomics.add(this.#cells, FREE, taken)
    Atomics.notify(this.#cells, FREE)
  }
}

/** Never more than there is, so that every photo that the master takes gets its turn. */
function neededKb({ type, width, height }: ImageFacts): number {
  return Math.min(BUDGET_KB, Math.ceil((width * height * BYTES_PER_PIXEL[type]) / 1000))
}
