/** Receives one photo, as a form or as the body itself, streamed to a file. */
import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { MAX_FILE_NAME_LENGTH, ProblemError } from '@argus/shared'
import { type WrittenFile, writeUpload } from './upload-file.ts'
import { type FormFields, receiveForm } from './upload-form.ts'
import { atPace } from './upload-pace.ts'

export interface ReceivedUpload extends WrittenFile {
  /** For display only. */
  readonly fileName: string
  readonly fields: FormFields
}

export interface UploadRules {
  readonly maxBytes: number
  /** A client that sends more slowly is cut off. */
  readonly minBytesPerSecond: number
  /** Names of the fields that may come beside the photo, and how often each. */
  readonly fields: Readonly<Record<string, number>>
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
    if (isForm(request)) return receiveFormWithPhoto(request, path, rules, signal)
    if (!/^image\//i.test(type)) {
      throw new ProblemError(
        'request/malformed-upload',
        'Send a form (multipart/form-data) with the photo in the field "image", or its bytes with a type of image/*.',
      )
    }
    return { ...(await receiveBytes(request, path, rules, signal)), fileName: displayName(), fields: {} }
  })
}

export function isForm(request: IncomingMessage): boolean {
  return /^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '')
}

async function receiveFormWithPhoto(
  request: IncomingMessage,
  path: string,
  { fields: allowed, maxBytes }: UploadRules,
  signal: AbortSignal,
): Promise<ReceivedUpload> {
  let photo: Omit<ReceivedUpload, 'fields'> | undefined
  const { fields } = await receiveForm(
    request,
    {
      fields: allowed,
      maxFiles: 1,
      refusesSurplus: true,
      onFile: async ({ name, stream }) => {
        photo = { ...(await writeUpload(stream, path, maxBytes)), fileName: displayName(name) }
      },
    },
    signal,
  )
  if (!photo) throw new ProblemError('image/missing')
  return { ...photo, fields }
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
  } finally {
    request.unpipe(body)
  }
}

/** A file's name for display only: it never becomes part of a path. */
export function displayName(name = ''): string {
  const base = name.split(/[\\/]/).at(-1) ?? ''
  const shown = base.replace(/\p{Cc}/gu, '').trim()
  // Whole characters: half of one is none that could be kept.
  return [...shown].slice(0, MAX_FILE_NAME_LENGTH).join('') || 'photo'
}
