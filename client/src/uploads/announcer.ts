/** Tells assistive technology what becomes of photos: of a few each one, of many the quarters and the end. */
import { text } from '../text/index.ts'
import { pendingOf, type Tally } from './tally.ts'
import type { Upload } from './upload.ts'

const FEW = 5

export class Announcer {
  readonly #say: (announcement: string) => void
  #quarter = 0

  constructor(say: (announcement: string) => void) {
    this.#say = say
  }

  /** @param tally after the result */
  result(upload: Upload, tally: Tally): void {
    if (tally.files <= FEW) this.#tellOne(upload)
    else this.#tellSum(tally)
  }

  #tellSum(tally: Tally): void {
    const { sent, failed } = tally.states
    const quarter = Math.floor((4 * (sent + failed)) / tally.files)
    if (pendingOf(tally) === 0) this.#say(text.uploads.allDone(sent, failed))
    else if (quarter > this.#quarter) this.#say(text.uploads.partDone(sent + failed, tally.files))
    this.#quarter = pendingOf(tally) === 0 ? 0 : quarter
  }

  #tellOne({ photo, state, failure, retries }: Upload): void {
    if (state === 'sent') this.#say(text.uploads.submitted(photo.name))
    if (failure === null) return
    if (state === 'failed') this.#say(text.uploads.refused(photo.name, failure.title))
    // Not at each try.
    if (state === 'postponed' && retries === 1) this.#say(text.uploads.delayed(photo.name, failure.title))
  }
}
