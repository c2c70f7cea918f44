/**
 * Photos and thumbnails as files, named by the SHA-256 of the photo. A file that can be seen under its name
 * is whole and on disk: it is written elsewhere, synced, renamed into place, and its folder is synced too.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Thumbnail } from '@argus/shared'

export interface ImageFolders {
  readonly images: string
  readonly thumbnails: string
  /** Uploads in progress; on the same file system as the others, or they could not be renamed. */
  readonly uploads: string
}

export class ImageStore {
  readonly #folders: ImageFolders

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

  /** Makes a finished upload the photo of this hash. When it returns, file and folder entry are on disk. */
  async keepImage(uploadPath: string, sha256: string): Promise<void> {
    await moveIntoPlace(uploadPath, this.imagePath(sha256))
  }

  /** Writes the thumbnail of the photo of this hash. */
  async keepThumbnail(sha256: string, { type, bytes }: Thumbnail): Promise<void> {
    const path = this.newUploadPath()
    await writeFile(path, bytes, { flag: 'wx' })
    await moveIntoPlace(path, this.thumbnailPath(sha256, type))
  }

  imagePath(sha256: string): string {
    return pathIn(this.#folders.images, sha256)
  }

  /** Workers differ in the type that they can make, and a photo may have been on several. */
  thumbnailPath(sha256: string, type: Thumbnail['type']): string {
    return `${pathIn(this.#folders.thumbnails, sha256)}.${type.replace('image/', '')}`
  }
}

/** 256 folders: a folder of a million files is slow to list on most file systems. */
function pathIn(root: string, sha256: string): string {
  return join(root, sha256.slice(0, 2), sha256)
}

async function moveIntoPlace(from: string, to: string): Promise<void> {
  await sync(from)
  const folder = dirname(to)
  // Always renames, even onto a file of the same hash: the one there could be damaged.
  const made = await mkdir(folder, { recursive: true })
  await rename(from, to)
  await sync(folder)
  if (made) await sync(dirname(made))
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
