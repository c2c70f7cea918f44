/** What a run leaves behind: files, and memory that it took. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** All files below a folder, by their paths within it. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort()
}

/** Photos, by their paths within the folder, that are not named by what they hold. */
export async function misnamedPhotos(imagesDir: string): Promise<string[]> {
  const misnamed: string[] = []
  for (const path of await filesBelow(imagesDir)) {
    const sha256 = createHash('sha256')
      .update(await readFile(join(imagesDir, path)))
      .digest('hex')
    if (path !== join(sha256.slice(0, 2), sha256)) misnamed.push(path)
  }
  return misnamed
}

/** The most memory that a process has had so far, in MB; null where the system does not say (not Linux). */
export async function peakMemory(pid: number): Promise<number | null> {
  const path = `/proc/${pid}/status`
  if (!existsSync(path)) return null
  const status = await readFile(path, 'utf8')
  return Math.round((Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) * 1024) / 1e6)
}
