/**
 * The sums of all uploads. Each change of one is added as a difference: with a thousand photos, summing all of
 * them anew with each piece that is sent would cost more than sending it.
 */
import type { Upload, UploadState } from './upload.ts'

export interface Tally {
  readonly files: number
  readonly states: Readonly<Record<UploadState, number>>
  /** Of the originals, but for those that failed. */
  readonly bytes: number
  /** How much of `bytes` is done; what was made smaller counts with the size that it had. */
  readonly doneBytes: number
  /** Bytes that have left the browser, those of tries in vain included. */
  readonly leftBytes: number
  /** Photos that were made smaller, and the bytes that this saved. */
  readonly shrunk: number
  readonly savedBytes: number
}

export const NO_UPLOADS: Tally = {
  files: 0,
  states: { waiting: 0, sending: 0, postponed: 0, sent: 0, failed: 0 },
  bytes: 0,
  doneBytes: 0,
  leftBytes: 0,
  shrunk: 0,
  savedBytes: 0,
}

/**
 * The tally after a change.
 *
 * @param before the upload as it was; null where it is new
 * @param after the upload as it is; null where it was taken off the list
 */
export function tallyChange(tally: Tally, before: Upload | null, after: Upload | null): Tally {
  const states = { ...tally.states }
  if (before) states[before.state] -= 1
  if (after) states[after.state] += 1
  const difference = (part: (upload: Upload) => number) =>
    (after === null ? 0 : part(after)) - (before === null ? 0 : part(before))
  return {
    files: tally.files + difference(() => 1),
    states,
    bytes: tally.bytes + difference(weight),
    doneBytes: tally.doneBytes + difference((upload) => weight(upload) * upload.progress),
    leftBytes: tally.leftBytes + (after ? Math.max(0, difference(leftBytes)) : 0),
    shrunk: tally.shrunk + difference(({ originalBytes, bytes }) => (bytes < originalBytes ? 1 : 0)),
    savedBytes: tally.savedBytes + difference(({ originalBytes, bytes }) => originalBytes - bytes),
  }
}

/** How many are still to be sent, or tried again by themselves. */
export function pendingOf({ states }: Tally): number {
  return states.waiting + states.sending + states.postponed
}

/** What failed stays where it is, and is no part of what there is to do. */
function weight({ state, originalBytes }: Upload): number {
  return state === 'failed' ? 0 : originalBytes
}

function leftBytes({ bytes, progress }: Upload): number {
  return bytes * progress
}
