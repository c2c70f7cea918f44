/** Which files are submitted: those that are named, and the photos in folders. */
import type { Stats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import { isSystemError, UsageError } from '../exit.ts'

/** By these a photo in a folder is told from other files; what is named itself may be called as it likes. */
const PHOTO_EXTENSIONS: ReadonlySet<string> = new Set([
  '.jpg',
  '.jpeg',
  '.png',
  '.webp',
  '.gif',
  '.tif',
  '.tiff',
  '.avif',
  '.bmp',
])

export interface PhotoFile {
  /** As whoever called the command would write it. */
  readonly shown: string
  /** Absolute. */
  readonly path: string
  readonly name: string
  readonly bytes: number
  readonly modifiedMs: number
}

export function isPhotoName(name: string): boolean {
  return PHOTO_EXTENSIONS.has(extname(name).toLowerCase())
}

/**
 * Looks for the files that these paths stand for: each once, in the order of their absolute paths. Folders are
 * searched with all that is below them; hidden files are left out, and links to folders are not followed.
 *
 * @throws UsageError where a path cannot be read, or there is no photo
 */
export async function collectFiles(paths: readonly string[]): Promise<PhotoFile[]> {
  const found = new Map<string, PhotoFile>()
  for (const path of paths) {
    for await (const file of filesAt(path)) if (!found.has(file.path)) found.set(file.path, file)
  }
  if (found.size === 0) throw new UsageError(`There is no photo in ${paths.join(', ')}.`)
  // Not by the rules of a language: the order is the same everywhere.
  return [...found.values()].sort((one, other) => (one.path < other.path ? -1 : 1))
}

async function* filesAt(shown: string): AsyncGenerator<PhotoFile> {
  try {
    const stats = await stat(shown)
    if (stats.isDirectory()) yield* photosIn(shown)
    else if (stats.isFile()) yield photoFile(shown, stats)
    else throw new UsageError(`${shown} is neither a file nor a folder.`)
  } catch (error) {
    if (!isSystemError(error)) throw error
    const isMissing = error.code === 'ENOENT' || error.code === 'ENOTDIR'
    throw new UsageError(isMissing ? `There is no ${shown}.` : `${shown} cannot be read (${error.code}).`)
  }
}

async function* photosIn(folder: string): AsyncGenerator<PhotoFile> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue
    const shown = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesAt(shown)
    else if (isPhotoName(entry.name)) {
      // A link may lead to a folder, or to nothing.
      const stats = await stat(shown).catch(() => null)
      if (stats?.isFile()) yield photoFile(shown, stats)
    }
  }
}

function photoFile(shown: string, { size, mtimeMs }: Stats): PhotoFile {
  return { shown, path: resolve(shown), name: basename(shown), bytes: size, modifiedMs: mtimeMs }
}
