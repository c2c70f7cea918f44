/** What is in the photos: how it ends when a worker begins with one. */
import type { ProblemCode } from '@argus/shared'
import type { Dice, Weights } from './dice.ts'

export type PhotoKind =
  /** It is recognised. */
  | 'good'
  /** It is damaged. */
  | 'unreadable'
  /** It takes too much memory, once or twice. */
  | 'large'
  /** It takes too much memory each time. */
  | 'huge'
  /** It kills the worker. */
  | 'poison'
  /** It is recognised, and its first result cannot be written down. */
  | 'odd'

const KINDS: Weights<PhotoKind> = [
  ['good', 75],
  ['unreadable', 5],
  ['large', 8],
  ['huge', 3],
  ['poison', 6],
  ['odd', 3],
]

interface Photo {
  readonly kind: PhotoKind
  /** How many times it goes wrong before it goes well. */
  mishaps: number
}

export type Recognition = 'succeeds' | 'kills' | ProblemCode

export class Photos {
  readonly #random: Dice
  readonly #photos = new Map<string, Photo>()

  constructor(random: Dice) {
    this.#random = random
  }

  add(jobId: string): PhotoKind {
    const kind = this.#random.weighted(KINDS)
    const mishaps = { good: 0, unreadable: 0, large: this.#random.int(1, 2), huge: 99, poison: 99, odd: 1 }
    this.#photos.set(jobId, { kind, mishaps: mishaps[kind] })
    return kind
  }

  kindOf(jobId: string): PhotoKind {
    return this.#photo(jobId).kind
  }

  recognise(jobId: string): Recognition {
    const photo = this.#photo(jobId)
    if (photo.kind === 'unreadable') return 'image/unreadable'
    if (photo.kind === 'poison') return 'kills'
    if (photo.kind !== 'large' && photo.kind !== 'huge') return 'succeeds'
    photo.mishaps -= 1
    return photo.mishaps >= 0 ? 'worker/out-of-memory' : 'succeeds'
  }

  /** Whether the result can be written down. */
  isRecordable(jobId: string): boolean {
    const photo = this.#photo(jobId)
    if (photo.kind !== 'odd') return true
    photo.mishaps -= 1
    return photo.mishaps < 0
  }

  #photo(jobId: string): Photo {
    const photo = this.#photos.get(jobId)
    if (!photo) throw new Error(`There is no photo of ${jobId}`)
    return photo
  }
}
