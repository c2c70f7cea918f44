/** Writes the bytes of one photo to disk as they come, and hashes and counts them on the way. */
import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { ProblemError } from '@argus/shared'
import { namingFullDisk } from '../store/disk-full.ts'

export interface WrittenFile {
  readonly bytes: number
  readonly sha256: string
}

/**
 * When it returns, the bytes are on disk.
 *
 * @param path a file that does not exist yet; it may be left there, in part, when this throws
 * @param maxBytes the largest file that is taken
 * @throws ProblemError `image/too-large`, `store/disk-full`, and `request/malformed-upload` where the stream broke off
 */
export async function writeUpload(stream: Readable, path: string, maxBytes: number): Promise<WrittenFile> {
  try {
    return await namingFullDisk(() => write(stream, path, maxBytes))
  } catch (error) {
    if (error instanceof ProblemError || isDiskError(error)) throw error
    throw new ProblemError('request/malformed-upload', String(error), { cause: error })
  }
}

async function write(stream: Readable, path: string, maxBytes: number): Promise<WrittenFile> {
  const hash = createHash('sha256')
  let bytes = 0
  // Opened first and closed last: otherwise it could come to be after whoever removes it has looked.
  const file = await open(path, 'wx')
  try {
    // Not a pipeline of streams, which costs a photo of 110 KB a tenth of all its time here.
    // Left as it is when this throws: the parser of a form waits for the end of a stream that was destroyed.
    const chunks: AsyncIterable<Buffer> = stream.iterator({ destroyOnReturn: false })
    for await (const chunk of chunks) {
      bytes += chunk.length
      if (bytes > maxBytes) throw new ProblemError('image/too-large', `At most ${inMegabytes(maxBytes)}.`)
      hash.update(chunk)
      await writeWhole(file, chunk)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { bytes, sha256: hash.digest('hex') }
}

async function writeWhole(file: FileHandle, chunk: Buffer): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    written += (await file.write(chunk, written)).bytesWritten
  }
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB are taken`
}

/** Whether our own file is at fault, and not the connection: nothing that the client could mend. */
function isDiskError(error: unknown): boolean {
  return (
    error instanceof Error &&
    'syscall' in error &&
    ['open', 'write', 'fsync', 'close'].includes(String(error.syscall))
  )
}
