import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { tempFolder } from '../../testing/unit.ts'
import { databaseName, ownerOfPhotos } from './photo-owner.ts'

it('belongs to the database of the first start, whatever comes later', async () => {
  const folder = await tempFolder()
  expect(await ownerOfPhotos(folder, 'sqlite')).toBe('sqlite')
  expect(await ownerOfPhotos(folder, 'mysql://other/argus')).toBe('sqlite')
  expect(await readFile(join(folder, 'photos-belong-to'), 'utf8')).toBe('sqlite\n')
})

it('names a database by its place, never by its secrets', () => {
  expect(databaseName(undefined)).toBe('sqlite')
  expect(databaseName('mysql://other:word@db.lan/photos')).toBe('mysql://db.lan:3306/photos')
  expect(databaseName('mysql://argus:secret@db.lan:3307/photos')).toBe('mysql://db.lan:3307/photos')
})
