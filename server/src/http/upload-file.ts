/** Writes the bytes of one photo to a file as they come, and hashes and counts them on the way. */
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ProblemError } from '@argus/shared'
import { namingFullDisk } from '../store/disk-full.ts'

export interface WrittenFile {
  readonly bytes: number
  readonly sha256: string
}

/**
 * @param path a file that does not exist yet; it may be left there, in part, when this throws
 * @param maxBytes the largest file that is taken
 * @throws ProblemError `image/too-large`, `store/disk-full`
 */
export async function writeUpload(stream: Readable, path: string, maxBytes: number): Promise<WrittenFile> {
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
  return { bytes, sha256: hash.digest('hex') }
}

/** Whether our own file is at fault, and not the connection: nothing that the client could mend. */
export function isDiskError(error: unknown): boolean {
  return (
    error instanceof Error && 'syscall' in error && ['open', 'write', 'close'].includes(String(error.syscall))
  )
}
