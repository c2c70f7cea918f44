/** Receives one photo, as a form or as the body itself, streamed to a file. */
import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { MAX_FILE_NAME_LENGTH, ProblemError } from '@argus/shared'
import { isDiskError, type WrittenFile, writeUpload } from './upload-file.ts'
import { type FormRules, type ReceivedForm, receiveForm } from './upload-form.ts'
import { atPace } from './upload-pace.ts'

export interface ReceivedUpload extends ReceivedForm {
  /** For display only. */
  readonly fileName: string
}

export interface UploadRules extends FormRules {
  /** A client that sends more slowly is cut off. */
  readonly minBytesPerSecond: number
}

/**
 * @param request its body must not have been read yet
 * @param path a file that does not exist yet; it may be left there, whole or in part, when this throws
 * @throws ProblemError `image/missing`, `image/too-large`, `request/malformed-upload`, `request/too-slow`,
 *   `store/disk-full`
 */
export async function receiveUpload(
  request: IncomingMessage,
  path: string,
  rules: UploadRules,
): Promise<ReceivedUpload> {
  const type = request.headers['content-type'] ?? ''
  return atPace(request, rules.minBytesPerSecond, async (signal) => {
    if (/^multipart\/form-data\b/i.test(type)) {
      const form = await receiveForm(request, path, rules, signal)
      return { ...form, fileName: displayName(form.fileName) }
    }
    if (!/^image\//i.test(type)) {
      throw new ProblemError(
        'request/malformed-upload',
        'Send a form (multipart/form-data) with the photo in the field "image", or its bytes with a type of image/*.',
      )
    }
    return { ...(await receiveBytes(request, path, rules, signal)), fileName: displayName(), fields: {} }
  })
}

async function receiveBytes(
  request: IncomingMessage,
  path: string,
  { maxBytes }: UploadRules,
  signal: AbortSignal,
): Promise<WrittenFile> {
  // Not the request itself: destroying that would take the connection along, and with it the answer.
  const body = new PassThrough()
  // It may break off before anyone reads it, and an error that nobody listens for ends the process.
  body.on('error', () => undefined)
  request.once('error', (error) => body.destroy(error))
  signal.addEventListener('abort', () => body.destroy(signal.reason), { once: true })
  request.pipe(body)
  try {
    return await writeUpload(body, path, maxBytes)
  } catch (error) {
    request.unpipe(body)
    if (error instanceof ProblemError || isDiskError(error)) throw error
    throw new ProblemError('request/malformed-upload', String(error), { cause: error })
  }
}

/** A file's name for display only: it never becomes part of a path. */
export function displayName(name = ''): string {
  const base = name.split(/[\\/]/).at(-1) ?? ''
  const shown = base.replace(/\p{Cc}/gu, '').trim()
  // Whole characters: half of one is none that could be kept.
  return [...shown].slice(0, MAX_FILE_NAME_LENGTH).join('') || 'photo'
}
