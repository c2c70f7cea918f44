/** Photos that the master has not seen: it does not recognise the same one twice. */
import { appendFile, copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A copy under the same name that differs behind the picture's end, until the test ends. */
export async function unseen(path: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'argus-photo-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const copy = join(folder, basename(path))
  await copyFile(path, copy)
  await appendFile(copy, folder)
  return copy
}
