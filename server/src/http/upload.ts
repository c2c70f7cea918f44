/** Receives one photo as multipart/form-data, with its options: streamed to a file, hashed and counted on the way. */
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { type Readable, Transform } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { ProblemError } from '@argus/shared'
import busboy from 'busboy'
import { namingFullDisk } from '../store/disk-full.ts'

export interface ReceivedUpload {
  readonly fileName: string
  readonly bytes: number
  readonly sha256: string
  /** The other fields of the form, as they came. */
  readonly fields: Readonly<Record<string, string>>
}

export interface UploadRules {
  /** The largest file that is taken. */
  readonly maxBytes: number
  /** Names of the fields that may come beside the file, each once. */
  readonly fields: readonly string[]
  /** Throws where no upload is taken just now. */
  readonly admit: () => void
}

type ReceivedFile = Omit<ReceivedUpload, 'fields'>

const FILE_FIELD = 'image'
const MAX_FILE_NAME_LENGTH = 255
const MAX_FIELD_BYTES = 1000

/**
 * Reads the file of the field `image`. Where it throws, the rest of the body is read and dropped, so that
 * the client, which may still be sending, comes to read the answer.
 *
 * @param request its body must not have been read yet
 * @param path a file that does not exist yet; it may be left there, whole or in part, when this throws
 * @throws ProblemError `image/missing`, `image/too-large`, `request/malformed-upload`, `store/disk-full`
 */
export async function receiveUpload(
  request: IncomingMessage,
  path: string,
  rules: UploadRules,
): Promise<ReceivedUpload> {
  try {
    rules.admit()
    return await receive(request, path, rules)
  } catch (error) {
    request.resume()
    // Here Node would close the connection behind the answer, which a client that still sends then never reads.
    if (/close/i.test(request.headers.connection ?? '')) await finished(request).catch(() => undefined)
    throw error
  }
}

async function receive(request: IncomingMessage, path: string, rules: UploadRules): Promise<ReceivedUpload> {
  const parser = createParser(request, rules)
  const fields: Record<string, string> = {}
  const refuse = (detail: string) => parser.destroy(new ProblemError('request/malformed-upload', detail))
  let received: Promise<ReceivedFile> | undefined

  parser.on('file', (field, stream, info) => {
    // The parser destroys this stream with its own error, maybe before anyone reads it; an error that nobody
    // listens for ends the process.
    stream.on('error', () => undefined)
    if (field !== FILE_FIELD || received) {
      stream.resume()
      refuse(`Send one file, in the field "${FILE_FIELD}".`)
      return
    }
    received = writeFile(stream, info.filename, path, rules.maxBytes)
    received.catch((error: Error) => parser.destroy(error))
  })
  parser.on('field', (name, value, { valueTruncated }) => {
    if (!rules.fields.includes(name)) refuse(`There is no field "${name}".`)
    else if (name in fields) refuse(`The field "${name}" comes twice.`)
    else if (valueTruncated) refuse(`The field "${name}" is too long.`)
    else fields[name] = value
  })
  parser.on('filesLimit', () => refuse('It has more than one file.'))
  parser.on('fieldsLimit', () => refuse('It has too many fields.'))
  parser.on('partsLimit', () => refuse('It has too many parts.'))

  try {
    await new Promise<void>((resolve, reject) => {
      parser.once('close', resolve)
      parser.once('error', reject)
      request.once('error', (error) => parser.destroy(error))
      request.pipe(parser)
    })
  } catch (error) {
    request.unpipe(parser)
    // The file is closed before anyone removes it.
    await received?.catch(() => undefined)
    if (error instanceof ProblemError || isDiskError(error)) throw error
    // Busboy's own errors (a missing boundary, an early end) and a connection that broke off.
    throw new ProblemError('request/malformed-upload', String(error), { cause: error })
  }
  if (!received) throw new ProblemError('image/missing')
  return { ...(await received), fields }
}

function createParser(request: IncomingMessage, { fields }: UploadRules): busboy.Busboy {
  try {
    return busboy({
      headers: request.headers,
      defParamCharset: 'utf8',
      limits: {
        files: 1,
        fields: fields.length,
        parts: fields.length + 2,
        fieldSize: MAX_FIELD_BYTES,
        headerPairs: 50,
      },
    })
  } catch (error) {
    throw new ProblemError('request/malformed-upload', String(error), { cause: error })
  }
}

/** Of our own file, not of the connection: nothing that the client could mend. */
function isDiskError(error: unknown): boolean {
  return (
    error instanceof Error && 'syscall' in error && ['open', 'write', 'close'].includes(String(error.syscall))
  )
}

async function writeFile(
  stream: Readable,
  clientFileName: string | undefined,
  path: string,
  maxBytes: number,
): Promise<ReceivedFile> {
  const hash = createHash('sha256')
  let bytes = 0
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      bytes += chunk.length
      if (bytes <= maxBytes) done(null, chunk)
      else done(new ProblemError('image/too-large', `At most ${(maxBytes / 1e6).toFixed(0)} MB are taken.`))
    },
  })
  await namingFullDisk(async () => {
    // Opened first and closed last: otherwise it could come to be after whoever removes it has looked.
    const file = await open(path, 'wx')
    try {
      await pipeline(stream, count, file.createWriteStream())
    } finally {
      await file.close()
    }
  })
  return { fileName: displayName(clientFileName), bytes, sha256: hash.digest('hex') }
}

/** The client's name for the file, for display only: it never becomes part of a path. */
function displayName(name: string | undefined): string {
  const base = (name ?? '').split(/[\\/]/).at(-1) ?? ''
  return (
    base
      .replace(/\p{Cc}/gu, '')
      .trim()
      .slice(0, MAX_FILE_NAME_LENGTH) || 'photo'
  )
}
