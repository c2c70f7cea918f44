/** What is done with one photo when its turn has come: read it, make it smaller, check it, send it. */
import { Failure } from '../api/failure.ts'
import { submitPhoto } from '../api/submit-photo.ts'
import { text } from '../text/index.ts'
import { type Limits, refuseBytes, refusePixels } from './check.ts'
import { readPhotoSize } from './photo-size.ts'
import { shrinkPhoto } from './shrink.ts'
import type { Photo, Upload } from './upload.ts'

interface Smaller {
  readonly shortSide: number
  /** Null where it went up as it is. */
  readonly photo: Blob | null
}

/** What was made smaller and is not sent yet: another try has to send the very same bytes. */
const made = new WeakMap<Photo, Smaller>()

/**
 * @param tell is told how far it is
 * @param limits null as long as they are not known: the master judges then
 * @returns the id of the job
 * @throws Failure
 */
export async function deliver(
  upload: Upload,
  tell: (news: Partial<Upload>) => void,
  signal: AbortSignal,
  limits: Limits | null,
): Promise<string> {
  const { photo, submission, idempotencyKey } = upload
  const original = await readable(photo)
  if (original.size !== upload.originalBytes) tell({ originalBytes: original.size, bytes: original.size })
  const sent = (await smaller(upload, original, tell)) ?? original
  tell({ isPreparing: false, bytes: sent.size })
  const refusal =
    limits && (refuseBytes(sent.size, limits) ?? refusePixels(await readPhotoSize(sent), limits))
  if (refusal) throw refusal
  // Where it was broken off meanwhile, no batch is made for it.
  signal.throwIfAborted()
  const batch = submission.batch === null ? null : await submission.batch.make()
  const request = { name: photo.name, photo: sent, options: submission.options, batch, idempotencyKey }
  const id = await submitPhoto(request, (progress) => tell({ progress }), signal)
  made.delete(photo)
  return id
}

async function smaller(
  { photo, shortSide }: Upload,
  original: Blob,
  tell: (news: Partial<Upload>) => void,
): Promise<Blob | null> {
  if (shortSide === null) return null
  const before = made.get(photo)
  if (before?.shortSide === shortSide) return before.photo
  tell({ isPreparing: true })
  const shrunk = await shrinkPhoto(original, shortSide)
  made.set(photo, { shortSide, photo: shrunk })
  return shrunk
}

/** A folder, or a file that is gone, would otherwise look like a broken connection. */
async function readable(photo: Photo): Promise<Blob> {
  try {
    const blob = await photo.read()
    await blob.slice(0, 1).arrayBuffer()
    return blob
  } catch (error) {
    throw error instanceof Failure ? error : new Failure(text.uploads.unreadable)
  }
}
