import { type FileHandle, mkdir, open, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { fillDisk, mountSmallDisk } from '../../testing/small-disk.ts'
import { imageFolders, openImages, tempFolder } from '../../testing/unit.ts'
import { HASH_FOLDERS, type ImageStore } from './image-store.ts'

const SHA256 = `ab${'c'.repeat(62)}`

async function openStore(root?: string) {
  const folders = imageFolders(root ?? (await tempFolder()))
  return { folders, store: await openImages(folders) }
}

async function keepPhoto(store: ImageStore, sha256: string, content = 'the photo') {
  const upload = store.newUploadPath()
  await writeFile(upload, content)
  await store.keepImage(upload, sha256)
}

const no = async () => false
const yes = async () => true

const webp = (text: string) => ({ type: 'image/webp', bytes: Buffer.from(text) }) as const

describe('the image store', () => {
  it('makes an upload the photo of its hash', async () => {
    const { folders, store } = await openStore()
    const upload = store.newUploadPath()
    await writeFile(upload, 'the photo')
    await store.keepImage(upload, SHA256)
    expect(await readFile(store.imagePath(SHA256), 'utf8')).toBe('the photo')
    expect(await readdir(folders.uploads)).toEqual([])
  })

  it('replaces a damaged photo of the same hash', async () => {
    const { store } = await openStore()
    await mkdir(dirname(store.imagePath(SHA256)), { recursive: true })
    await writeFile(store.imagePath(SHA256), 'dam')
    const upload = store.newUploadPath()
    await writeFile(upload, 'the photo')
    await store.keepImage(upload, SHA256)
    expect(await readFile(store.imagePath(SHA256), 'utf8')).toBe('the photo')
  })

  it('keeps a thumbnail beside the photos, and replaces it', async () => {
    const { folders, store } = await openStore()
    await store.keepThumbnail(SHA256, webp('small'))
    await store.keepThumbnail(SHA256, webp('smaller'))
    expect(await readFile(store.thumbnailPath(SHA256, 'image/webp'), 'utf8')).toBe('smaller')
    expect(store.thumbnailPath(SHA256, 'image/webp')).not.toBe(store.imagePath(SHA256))
    expect(await readdir(folders.uploads)).toEqual([])
  })

  it('has no photo where there was no upload', async () => {
    const { store } = await openStore()
    await expect(store.keepImage(store.newUploadPath(), SHA256)).rejects.toThrow('ENOENT')
    await expect(readFile(store.imagePath(SHA256))).rejects.toThrow('ENOENT')
  })

  it('gives every upload a path of its own', async () => {
    const { store } = await openStore()
    expect(store.newUploadPath()).not.toBe(store.newUploadPath())
  })

  it('removes what a crash left of uploads when it is opened, and nothing else', async () => {
    const { folders, store } = await openStore()
    const upload = store.newUploadPath()
    await writeFile(upload, 'the photo')
    await store.keepImage(upload, SHA256)
    await store.keepThumbnail(SHA256, webp('small'))
    await writeFile(store.newUploadPath(), 'half a pho')
    const reopened = await openImages(folders)
    expect(await readdir(folders.uploads)).toEqual([])
    expect(await readFile(reopened.imagePath(SHA256), 'utf8')).toBe('the photo')
    expect(await readFile(reopened.thumbnailPath(SHA256, 'image/webp'), 'utf8')).toBe('small')
  })
})

describe('what is on disk when it is kept', () => {
  /** Writes down what is synced: of which file or folder, and whether the photo stood under its name then. */
  async function watchSyncs(store: ImageStore, folder: string) {
    const probe = await open(folder)
    await probe.close()
    const handles: FileHandle = Object.getPrototypeOf(probe)
    const synced: Array<{ inode: number; inPlace: boolean }> = []
    const sync = handles.sync
    const spy = vi.spyOn(handles, 'sync').mockImplementation(async function (this: FileHandle) {
      const { ino: inode } = await this.stat()
      synced.push({ inode, inPlace: (await store.find(SHA256)) !== null })
      await sync.call(this)
    })
    onTestFinished(() => spy.mockRestore())
    return synced
  }

  const inodeOf = async (path: string) => (await stat(path)).ino

  it('is its folder once it has its name, and that folder’s entry where it is new', async () => {
    const { folders, store } = await openStore()
    const synced = await watchSyncs(store, folders.images)
    await keepPhoto(store, SHA256)
    const photo = store.imagePath(SHA256)
    expect(synced).toEqual([
      { inode: await inodeOf(dirname(photo)), inPlace: true },
      { inode: await inodeOf(folders.images), inPlace: true },
    ])
    synced.length = 0
    await keepPhoto(store, SHA256)
    expect(synced.map(({ inode }) => inode)).toEqual([await inodeOf(dirname(photo))])
  })

  it('is nothing of a thumbnail, which is not worth the wait', async () => {
    const { folders, store } = await openStore()
    const synced = await watchSyncs(store, folders.images)
    await store.keepThumbnail(SHA256, webp('small'))
    expect(synced).toEqual([])
  })
})

describe('a full disk', () => {
  it('is named where a photo cannot be kept, and the upload is left to who made it', async (context) => {
    const disk = await mountSmallDisk(context, { megabytes: 1, files: 8 })
    const { folders, store } = await openStore(disk)
    const upload = store.newUploadPath()
    await writeFile(upload, 'the photo')
    // No folder can be made for the photo any more.
    for (const name of ['a', 'b', 'c']) await writeFile(join(disk, name), '')
    await expect(store.keepImage(upload, SHA256)).rejects.toMatchObject({ code: 'store/disk-full' })
    expect(await readdir(folders.uploads)).toHaveLength(1)
  })

  it('is named where a thumbnail cannot be kept, of which nothing is left', async (context) => {
    const disk = await mountSmallDisk(context, { megabytes: 1 })
    const { folders, store } = await openStore(disk)
    await fillDisk(join(disk, 'other'))
    await expect(store.keepThumbnail(SHA256, webp('small'))).rejects.toMatchObject({
      code: 'store/disk-full',
    })
    expect(await readdir(folders.uploads)).toEqual([])
  })
})

describe('what is kept', () => {
  it('is found by the first digits of its hash, once each', async () => {
    const { folders, store } = await openStore()
    const [a, b, c] = ['ab', 'ab', 'ff'].map((start, i) => `${start}${String(i).repeat(62)}`) as [
      string,
      string,
      string,
    ]
    await keepPhoto(store, a)
    await store.keepThumbnail(a, webp('small'))
    await store.keepThumbnail(b, webp('small'))
    await keepPhoto(store, c)
    expect((await store.hashesIn('ab')).sort()).toEqual([a, b])
    expect(await store.hashesIn('00')).toEqual([])
    const all = await Promise.all(HASH_FOLDERS.map((folder) => store.hashesIn(folder)))
    expect(all.flat().sort()).toEqual([a, b, c])

    // Not by this store: it cannot have them under these names.
    await writeFile(join(folders.images, 'ab', 'abstract.txt'), '')
    await writeFile(join(folders.images, 'ab', c), '')
    await writeFile(join(folders.thumbnails, 'ab', `${'ab'.repeat(32)}.psd`), '')
    expect((await store.hashesIn('ab')).sort()).toEqual([a, b])
  })

  it('is described by the photo, or by its thumbnails where that is gone', async () => {
    const { store } = await openStore()
    expect(await store.find(SHA256)).toBeNull()
    await store.keepThumbnail(SHA256, webp('small'))
    const { mtimeMs } = await stat(store.thumbnailPath(SHA256, 'image/webp'))
    expect(await store.find(SHA256)).toEqual({ bytes: 0, modifiedAt: mtimeMs })
    await keepPhoto(store, SHA256, 'nine byte')
    const photo = await stat(store.imagePath(SHA256))
    expect(await store.find(SHA256)).toEqual({ bytes: 9, modifiedAt: photo.mtimeMs })
  })

  it('is removed with its thumbnails of each type', async () => {
    const { folders, store } = await openStore()
    await keepPhoto(store, SHA256)
    await store.keepThumbnail(SHA256, webp('small'))
    await store.keepThumbnail(SHA256, { type: 'image/jpeg', bytes: Buffer.from('small') })
    expect(await store.removeImage(SHA256, no)).toBe(true)
    expect(await readdir(join(folders.images, 'ab'))).toEqual([])
    expect(await readdir(join(folders.thumbnails, 'ab'))).toEqual([])
    expect(await store.removeImage(SHA256, no)).toBe(true)
  })

  it('stays where a job refers to it', async () => {
    const { store } = await openStore()
    await keepPhoto(store, SHA256)
    expect(await store.removeImage(SHA256, yes)).toBe(false)
    expect(await readFile(store.imagePath(SHA256), 'utf8')).toBe('the photo')
  })

  it('stays while its hash is held, and is looked at again then', async () => {
    const { store } = await openStore()
    let referenced = false
    let commit = () => {}
    const committed = new Promise<void>((resolve) => {
      commit = resolve
    })
    const submitting = store.withHash(SHA256, async () => {
      await keepPhoto(store, SHA256)
      await committed
      referenced = true
    })
    // Another photo of the same hash does not wait for it.
    await store.withHash(SHA256, () => keepPhoto(store, SHA256))
    const removing = store.removeImage(SHA256, async () => referenced)
    for (let i = 0; i < 20; i += 1) await turn()
    commit()
    await submitting
    expect(await removing).toBe(false)
    expect(await readFile(store.imagePath(SHA256), 'utf8')).toBe('the photo')
  })
})
