import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { UsageError } from '../exit.ts'
import { collectFiles } from './paths.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'argus-paths-'))
  await mkdir(join(folder, 'b', 'c'), { recursive: true })
  await mkdir(join(folder, '.hidden'))
  await mkdir(join(folder, 'folder.jpg'))
  const files = ['z.JPG', 'a.jpeg', 'notes.txt', 'b/c/d.avif', 'b/e.bmp', '.hidden/f.png', '._a.jpeg']
  for (const file of files) await writeFile(join(folder, file), file)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const found = async (...paths: string[]) =>
  (await collectFiles(paths)).map(({ path }) => path.slice(folder.length + 1))

it('searches folders with all that is below them, sorted', async () => {
  expect(await found(folder)).toEqual(['a.jpeg', 'b/c/d.avif', 'b/e.bmp', 'z.JPG'])
})

it('takes each file once, and what is named whatever it is called', async () => {
  expect(await found(join(folder, 'notes.txt'), folder, join(folder, 'b', '..', 'a.jpeg'))).toEqual([
    'a.jpeg',
    'b/c/d.avif',
    'b/e.bmp',
    'notes.txt',
    'z.JPG',
  ])
})

it('follows links to files, and none to folders', async () => {
  await symlink(join(folder, 'a.jpeg'), join(folder, 'b', 'link.jpeg'))
  await symlink(join(folder, 'nothing'), join(folder, 'b', 'broken.jpeg'))
  await symlink(folder, join(folder, 'b', 'circle'))
  expect(await found(join(folder, 'b'))).toEqual(['b/c/d.avif', 'b/e.bmp', 'b/link.jpeg'])
})

it('describes a file', async () => {
  const [file] = await collectFiles([join(folder, 'b', 'e.bmp')])
  expect(file).toMatchObject({ name: 'e.bmp', bytes: 7, shown: join(folder, 'b', 'e.bmp') })
})

it('refuses what is not there, and folders without photos', async () => {
  await expect(collectFiles([join(folder, 'nothing')])).rejects.toThrow(UsageError)
  await expect(collectFiles([join(folder, 'folder.jpg')])).rejects.toThrow('There is no photo in')
})
