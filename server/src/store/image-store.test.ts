import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { imageFolders, tempFolder } from '../../testing/unit.ts'
import { ImageStore } from './image-store.ts'

const SHA256 = `ab${'c'.repeat(62)}`

async function openStore() {
  const folders = imageFolders(await tempFolder())
  return { folders, store: await ImageStore.open(folders) }
}

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
    const reopened = await ImageStore.open(folders)
    expect(await readdir(folders.uploads)).toEqual([])
    expect(await readFile(reopened.imagePath(SHA256), 'utf8')).toBe('the photo')
    expect(await readFile(reopened.thumbnailPath(SHA256, 'image/webp'), 'utf8')).toBe('small')
  })
})
