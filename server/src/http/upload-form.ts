/** Reads a form with one photo (multipart/form-data), with its options in other fields. */
import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { ProblemError } from '@argus/shared'
import busboy from 'busboy'
import { isDiskError, type WrittenFile, writeUpload } from './upload-file.ts'

export interface ReceivedForm extends WrittenFile {
  /** What the client called the file, which may be anything. */
  readonly fileName: string | undefined
  /** The other fields, as they came, in their order. */
  readonly fields: Readonly<Record<string, readonly string[]>>
}

export interface FormRules {
  readonly maxBytes: number
  /** Names of the fields that may come beside the file, and how often each. */
  readonly fields: Readonly<Record<string, number>>
}

const FILE_FIELD = 'image'
const MAX_FIELD_BYTES = 1000

/**
 * @param request its body must not have been read yet
 * @param path a file that does not exist yet; it may be left there, whole or in part, when this throws
 * @param signal ends it, with its reason
 * @throws ProblemError `image/missing`, `image/too-large`, `request/malformed-upload`, `store/disk-full`
 */
export async function receiveForm(
  request: IncomingMessage,
  path: string,
  rules: FormRules,
  signal: AbortSignal,
): Promise<ReceivedForm> {
  const parser = createParser(request, rules)
  const fields: Record<string, string[]> = {}
  const refuse = (detail: string) => parser.destroy(new ProblemError('request/malformed-upload', detail))
  let received: Promise<Omit<ReceivedForm, 'fields'>> | undefined
  let file: Readable | undefined

  parser.on('file', (field, stream, { filename }) => {
    // The parser destroys this stream with its own error, maybe before anyone reads it; an error that nobody
    // listens for ends the process.
    stream.on('error', () => undefined)
    if (field !== FILE_FIELD || received) refuse(`Send one file, in the field "${FILE_FIELD}".`)
    // What is left of a chunk is parsed after a refusal as well, and nobody would end the stream then.
    if (parser.destroyed) {
      stream.resume()
      return
    }
    file = stream
    received = writeUpload(stream, path, rules.maxBytes).then((written) => ({
      ...written,
      fileName: filename,
    }))
    received.catch((error: Error) => parser.destroy(error))
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
  parser.on('filesLimit', () => refuse('It has more than one file.'))
  parser.on('fieldsLimit', () => refuse('It has too many fields.'))
  parser.on('partsLimit', () => refuse('It has too many parts.'))

  try {
    await new Promise<void>((resolve, reject) => {
      parser.once('close', resolve)
      // Each of them: some the parser tells without ending, and others follow.
      parser.on('error', (error) => {
        reject(error)
        parser.destroy()
      })
      request.once('error', (error) => parser.destroy(error))
      signal.addEventListener('abort', () => parser.destroy(signal.reason), { once: true })
      request.pipe(parser)
    })
  } catch (error) {
    request.unpipe(parser)
    file?.destroy()
    // The file is closed before anyone removes it.
    await received?.catch(() => undefined)
    if (error instanceof ProblemError || isDiskError(error)) throw error
    // Busboy's own errors (a missing boundary, an early end) and a connection that broke off.
    throw new ProblemError('request/malformed-upload', String(error), { cause: error })
  }
  if (!received) throw new ProblemError('image/missing')
  return { ...(await received), fields }
}

function createParser(request: IncomingMessage, { fields }: FormRules): busboy.Busboy {
  const most = Object.values(fields).reduce((sum, count) => sum + count, 0)
  try {
    return busboy({
      headers: request.headers,
      defParamCharset: 'utf8',
      limits: { files: 1, fields: most, parts: most + 2, fieldSize: MAX_FIELD_BYTES, headerPairs: 50 },
    })
  } catch (error) {
    throw new ProblemError('request/malformed-upload', String(error), { cause: error })
  }
}
