/** The models on the worker's disk, fetched from the master once and named by their digest. */
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelDescriptor, ModelFile } from '@argus/shared'
import type { MasterApi } from '../master-api.ts'

/**
 * The folder that holds the model's files, each with the hash that the master has stated. Workers of one
 * machine may share the cache folder.
 *
 * @throws Error where a file that the master sends has another hash
 */
export async function fetchModel(model: ModelDescriptor, cacheDir: string, api: MasterApi): Promise<string> {
  const folder = join(cacheDir, 'models', model.digest)
  await mkdir(folder, { recursive: true })
  for (const file of model.files) {
    const path = join(folder, file.name)
    if (await isIntact(path, file)) continue
    const bytes = await api.modelFile(model.digest, file)
    if (sha256(bytes) !== file.sha256) throw new Error(`${file.name} came damaged from the master`)
    // Renamed into place: another worker may be reading the folder.
    const scratch = `${path}.${randomUUID()}`
    await writeFile(scratch, bytes)
    await rename(scratch, path)
  }
  return folder
}

async function isIntact(path: string, file: ModelFile): Promise<boolean> {
  try {
    return sha256(await readFile(path)) === file.sha256
  } catch {
    // Not there, or not readable: it is fetched anew, and a disk that cannot be written says so then.
    return false
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
