/** A disk of a few megabytes, to fill up for real. */
import { execFile } from 'node:child_process'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished, type TestContext } from 'vitest'

const run = promisify(execFile)

export interface SmallDiskOptions {
  readonly megabytes: number
  /** How many files and folders it has room for. */
  readonly files?: number
}

/**
 * Mounts a tmpfs that is gone when the test ends. Where that is not permitted the test is skipped, and says
 * why; as root of Linux on CI it fails, since there it is the test that is wrong.
 *
 * @returns its folder
 */
export async function mountSmallDisk(
  { skip }: TestContext,
  { megabytes, files = 1000 }: SmallDiskOptions,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'argus-disk-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,nr_inodes=${files}`, 'tmpfs', folder])
  } catch (error) {
    const mustWork = process.platform === 'linux' && process.getuid?.() === 0 && process.env.CI === 'true'
    if (mustWork) throw error
    const reason = `No small disk can be mounted here: ${error instanceof Error ? error.message.trim() : error}`
    console.warn(reason)
    skip(reason)
  }
  // Lazily: a process that ends a moment later may still have a file open.
  onTestFinished(async () => void (await run('umount', ['--lazy', folder])))
  return folder
}

/** Writes a file until there is no room left; removing it makes room again. */
export async function fillDisk(path: string): Promise<void> {
  const file = await open(path, 'w')
  const chunk = Buffer.alloc(65_536)
  try {
    for (let size = chunk.length; size >= 1; ) {
      const written = await file.write(chunk, 0, size).then(
        ({ bytesWritten }) => bytesWritten,
        (error: unknown) => {
          if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return 0
          throw error
        },
      )
      if (written === 0) size = Math.floor(size / 2)
    }
  } finally {
    await file.close()
  }
}
