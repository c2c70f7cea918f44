/**
 * Photos and thumbnails as files, named by the SHA-256 of the photo. A photo that can be seen under its name
 * is whole and on disk: it is written elsewhere, synced, renamed into place, and its folder is synced too.
 *
 * Nobody but the sweep removes a photo. Whoever makes one known holds its hash from `keepImage` until the row
 * that refers to it is committed (`withHash`), and `removeImage` waits for that and looks for a row then.
 */
import { randomUUID } from 'node:crypto'
import type { Stats } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { SHA256, type Thumbnail, thumbnailSchema } from '@argus/shared'
import { hasCode } from '../error-code.ts'
import { namingFullDisk } from './disk-full.ts'
import { KeyedLock } from './keyed-lock.ts'

export interface ImageFolders {
  readonly images: string
  readonly thumbnails: string
  /** Uploads in progress; on the same file system as the others, or they could not be renamed. */
  readonly uploads: string
}

export interface StoredImage {
  /** Size of the photo; 0 where only its thumbnails are left. */
  readonly bytes: number
  /** When it was last written, in milliseconds since 1970. */
  readonly modifiedAt: number
}

const THUMBNAIL_TYPES = thumbnailSchema.shape.type.options

/** By the first two digits of the hash: a folder of a million files is slow to list on most file systems. */
export const HASH_FOLDERS: readonly string[] = Array.from({ length: 256 }, (_, number) =>
  number.toString(16).padStart(2, '0'),
)

export class ImageStore {
  readonly #folders: ImageFolders
  readonly #locks = new KeyedLock()
  /**
   * The folders whose own entries are known to be on disk; 256 at most. They stay open, since
   * opening one for each photo costs a tenth of all that taking a small one does.
   */
  readonly #syncedFolders = new Map<string, FileHandle>()

  private constructor(folders: ImageFolders) {
    this.#folders = folders
  }

  /** Makes the folders, and removes uploads that a crash left behind: none of them was acknowledged. */
  static async open(folders: ImageFolders): Promise<ImageStore> {
    await rm(folders.uploads, { recursive: true, force: true })
    await mkdir(folders.images, { recursive: true })
    await mkdir(folders.thumbnails, { recursive: true })
    await mkdir(folders.uploads, { recursive: true })
    return new ImageStore(folders)
  }

  /** A path for an upload in progress. Whoever asked for it keeps the file or removes it. */
  newUploadPath(): string {
    return join(this.#folders.uploads, randomUUID())
  }

  /**
   * Runs `work` while the photo of this hash cannot be removed: `keepImage`, and writing the row that refers
   * to it. Many may hold one hash: else a photo that is sent again and again would be taken only one a commit.
   */
  withHash<T>(sha256: string, work: () => Promise<T>): Promise<T> {
    return this.#locks.share(sha256, work)
  }

  /**
   * Makes a finished upload the photo of this hash. When it returns, the folder's entry is on disk as well.
   * Until there is a row that refers to it, only `withHash` keeps it from being removed.
   *
   * @param uploadPath a file whose bytes are on disk
   * @throws ProblemError `store/disk-full`
   */
  async keepImage(uploadPath: string, sha256: string): Promise<void> {
    const path = this.imagePath(sha256)
    await namingFullDisk(async () => {
      const folder = dirname(path)
      const known = this.#syncedFolders.get(folder)
      // Renames even onto a file of the same hash: the one there could be damaged.
      if (known !== undefined) {
        await rename(uploadPath, path)
        await known.sync()
        return
      }
      await moveIntoPlace(uploadPath, path)
      await sync(folder)
      // Whoever made it: it may have been another photo, a moment ago.
      await sync(dirname(folder))
      const handle = await open(folder, 'r')
      if (this.#syncedFolders.has(folder)) await handle.close()
      else this.#syncedFolders.set(folder, handle)
    })
  }

  /** Lets go of its folders. Nothing may be kept any more. */
  async close(): Promise<void> {
    const folders = [...this.#syncedFolders.values()]
    this.#syncedFolders.clear()
    await Promise.all(folders.map((folder) => folder.close()))
  }

  /**
   * Writes the thumbnail of the photo of this hash. It is not synced: one that a power cut takes costs a
   * placeholder on the board, and two more syncs for each job cost the whole cluster throughput. What the
   * power cut leaves can be an empty file, which is never served.
   *
   * @throws ProblemError `store/disk-full`
   */
  async keepThumbnail(sha256: string, { type, bytes }: Thumbnail): Promise<void> {
    const path = this.newUploadPath()
    try {
      await namingFullDisk(async () => {
        await writeFile(path, bytes, { flag: 'wx' })
        await moveIntoPlace(path, this.thumbnailPath(sha256, type))
      })
    } catch (error) {
      await rm(path, { force: true })
      throw error
    }
  }

  imagePath(sha256: string): string {
    return pathIn(this.#folders.images, sha256)
  }

  /** Workers differ in the type that they can make, and a photo may have been on several. */
  thumbnailPath(sha256: string, type: Thumbnail['type']): string {
    return `${pathIn(this.#folders.thumbnails, sha256)}.${extension(type)}`
  }

  /** The hashes that have a photo or a thumbnail in one of `HASH_FOLDERS`. Other files there are not ours. */
  async hashesIn(folder: string): Promise<string[]> {
    const photos = await namesIn(join(this.#folders.images, folder))
    const thumbnails = await namesIn(join(this.#folders.thumbnails, folder))
    const names = [...photos, ...thumbnails.flatMap(hashOfThumbnail)]
    return [...new Set(names)].filter((name) => SHA256.test(name) && name.startsWith(folder))
  }

  /** The photo of this hash or, where it is gone, its thumbnails; null where there is neither. */
  async find(sha256: string): Promise<StoredImage | null> {
    const photo = await statIfThere(this.imagePath(sha256))
    if (photo) return { bytes: photo.size, modifiedAt: photo.mtimeMs }
    const thumbnails = await Promise.all(
      THUMBNAIL_TYPES.map((type) => statIfThere(this.thumbnailPath(sha256, type))),
    )
    const times = thumbnails.flatMap((found) => found?.mtimeMs ?? [])
    return times.length > 0 ? { bytes: 0, modifiedAt: Math.max(...times) } : null
  }

  /**
   * Removes a photo and its thumbnails.
   *
   * @param isReferenced asked when nobody else holds the hash any more; where it says yes, nothing happens
   * @returns whether they were removed
   */
  async removeImage(sha256: string, isReferenced: () => Promise<boolean>): Promise<boolean> {
    return this.#locks.alone(sha256, async () => {
      if (await isReferenced()) return false
      for (const type of THUMBNAIL_TYPES) await rm(this.thumbnailPath(sha256, type), { force: true })
      await rm(this.imagePath(sha256), { force: true })
      return true
    })
  }
}

function pathIn(root: string, sha256: string): string {
  return join(root, sha256.slice(0, 2), sha256)
}

function extension(type: Thumbnail['type']): string {
  return type.replace('image/', '')
}

function hashOfThumbnail(name: string): string[] {
  const found = THUMBNAIL_TYPES.find((type) => name.endsWith(`.${extension(type)}`))
  return found ? [name.slice(0, -extension(found).length - 1)] : []
}

async function moveIntoPlace(from: string, to: string): Promise<void> {
  // Not `recursive`: Node 20 then says ENOENT where the disk is full.
  await mkdir(dirname(to)).catch(unlessCode('EEXIST', undefined))
  await rename(from, to)
}

/** fsync of a file or a folder: its data, or its entries, are on disk afterwards. */
async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Folders are made when their first file comes. */
function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(unlessCode('ENOENT', []))
}

function statIfThere(path: string): Promise<Stats | null> {
  return stat(path).catch(unlessCode('ENOENT', null))
}

/** For `catch`: an error of this code is no error. */
function unlessCode<T>(code: string, instead: T): (error: unknown) => T {
  return (error) => {
    if (hasCode(error, code)) return instead
    throw error
  }
}
