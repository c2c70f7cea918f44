/**
 * Which database the photos of a data folder belong to. Started with another one, which knows none of them, the
 * sweep would take every photo for left over.
 */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '../error-code.ts'

const FILE = 'photos-belong-to'

/**
 * Writes down the database at the first start.
 *
 * @param dataDir the data folder
 * @param database names it, without its password
 * @returns the database that the photos belong to
 */
export async function ownerOfPhotos(dataDir: string, database: string): Promise<string> {
  const path = join(dataDir, FILE)
  const known = await readFile(path, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return ''
    throw error
  })
  // Empty where a power cut came between the name and the text.
  if (known.trim() !== '') return known.trim()
  await writeFile(`${path}.new`, `${database}\n`)
  await rename(`${path}.new`, path)
  return database
}

/** What names a database: where it is, not who opens it. */
export function databaseName(url: string | undefined): string {
  if (url === undefined) return 'sqlite'
  const { hostname, port, pathname } = new URL(url)
  return `mysql://${hostname}:${port || 3306}${pathname}`
}
