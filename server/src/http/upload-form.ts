/** Reads a form with photos (multipart/form-data) as it comes, and the options in its other fields. */
import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { ProblemError } from '@argus/shared'
import busboy from 'busboy'

/** Fields as they came, in their order. */
export type FormFields = Readonly<Record<string, readonly string[]>>

export interface FormFile {
  /** From 1. */
  readonly number: number
  /** What the client called it, which may be anything. */
  readonly name: string | undefined
  readonly stream: Readable
}

export interface FormRules {
  /** Names of the fields that may come beside the files, and how often each. */
  readonly fields: Readonly<Record<string, number>>
  readonly maxFiles: number
  /** Whether a form with more files is none; else they are left out. */
  readonly refusesSurplus: boolean
  /** Takes a file. It has to read its stream to the end, or throw, which ends the form and is passed on as it is. */
  readonly onFile: (file: FormFile, fieldsSoFar: FormFields) => Promise<void>
}

const FILE_FIELD = 'image'
const MAX_FIELD_BYTES = 1000
/** The form waits while so many of its files have been read, and not yet been taken. */
const FILES_AT_ONCE = 16

export interface ReceivedForm {
  readonly fields: FormFields
  /** It had more files than were taken. */
  readonly hasSurplus: boolean
}

/**
 * @param request its body must not have been read yet
 * @param signal ends it, with its reason
 * @returns when each file has been taken
 * @throws ProblemError `request/malformed-upload`, and what `onFile` throws
 */
export async function receiveForm(
  request: IncomingMessage,
  rules: FormRules,
  signal: AbortSignal,
): Promise<ReceivedForm> {
  const parser = createParser(request, rules)
  const fields: Record<string, string[]> = {}
  const refuse = (detail: string) => parser.destroy(new ProblemError('request/malformed-upload', detail))
  /** Those that are being taken. */
  const open = new Set<Promise<void>>()
  let files = 0
  let hasSurplus = false
  let hasFailed = false
  /** What `onFile` has thrown. */
  let own: { readonly error: unknown } | undefined

  parser.on('file', (field, stream, { filename }) => {
    // The parser destroys this stream with its own error, maybe before anyone reads it; an error that nobody
    // listens for ends the process.
    stream.on('error', () => undefined)
    if (field !== FILE_FIELD) refuse(`Send files in the field "${FILE_FIELD}".`)
    // What is left of a chunk is parsed after a refusal as well, and nobody would end the stream then.
    if (parser.destroyed) {
      stream.resume()
      return
    }
    files += 1
    const taken = rules
      .onFile({ number: files, name: filename, stream }, { ...fields })
      .catch((error: Error) => {
        // What a file suffers when the form has ended is not its own fault.
        if (!hasFailed) own ??= { error }
        parser.destroy(error)
      })
      .then(() => {
        open.delete(taken)
        if (open.size === FILES_AT_ONCE && !parser.destroyed) request.pipe(parser)
      })
    open.add(taken)
    // The last one is still to be read: the others end without another byte.
    if (open.size > FILES_AT_ONCE) request.unpipe(parser)
  })
  parser.on('field', (name, value, { valueTruncated }) => {
    if (parser.destroyed) return
    const most = Object.hasOwn(rules.fields, name) ? (rules.fields[name] ?? 0) : 0
    const values = Object.hasOwn(fields, name) ? (fields[name] ?? []) : []
    if (most === 0) refuse(`There is no field "${name}".`)
    else if (valueTruncated) refuse(`The field "${name}" is too long.`)
    else if (values.length === most)
      refuse(`The field "${name}" comes ${most === 1 ? 'twice' : 'too often'}.`)
    else fields[name] = [...values, value]
  })
  parser.on('filesLimit', () => {
    hasSurplus = true
    if (rules.refusesSurplus)
      refuse(`It has more than ${rules.maxFiles === 1 ? 'one file' : `${rules.maxFiles} files`}.`)
  })
  parser.on('fieldsLimit', () => refuse('It has too many fields.'))
  parser.on('partsLimit', () => refuse('It has too many parts.'))

  try {
    await new Promise<void>((resolve, reject) => {
      parser.once('close', resolve)
      // Each of them: some the parser tells without ending, and others follow.
      parser.on('error', (error) => {
        hasFailed = true
        reject(error)
        parser.destroy()
      })
      request.once('error', (error) => parser.destroy(error))
      signal.addEventListener('abort', () => parser.destroy(signal.reason), { once: true })
      request.pipe(parser)
    })
  } catch (error) {
    request.unpipe(parser)
    // The parser has destroyed the stream of the file that is not whole. Files are closed before anyone removes them.
    await Promise.all(open)
    if (error instanceof ProblemError || error === own?.error) throw error
    // Busboy's own errors (a missing boundary, an early end) and a connection that broke off.
    throw new ProblemError('request/malformed-upload', String(error), { cause: error })
  }
  await Promise.all(open)
  if (own) throw own.error
  return { fields, hasSurplus }
}

function createParser(
  request: IncomingMessage,
  { fields, maxFiles, refusesSurplus }: FormRules,
): busboy.Busboy {
  const most = Object.values(fields).reduce((sum, count) => sum + count, 0)
  const limits = {
    files: maxFiles,
    fields: most,
    // One more than there may be of both, so that what is too much is told from what is too many.
    parts: refusesSurplus ? most + maxFiles + 1 : Number.POSITIVE_INFINITY,
    fieldSize: MAX_FIELD_BYTES,
    headerPairs: 50,
  }
  try {
    return busboy({ headers: request.headers, defParamCharset: 'utf8', limits })
  } catch (error) {
    throw new ProblemError('request/malformed-upload', String(error), { cause: error })
  }
}
