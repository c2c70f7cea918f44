/** The secrets that the master makes for itself at its first start: the workers' token and its own key. */
import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { WORKER_TOKEN_FILE } from '@argus/shared'
import { hasCode } from '../error-code.ts'

export interface Secrets {
  /** What a worker shows to be let in. */
  readonly workerToken: string
  /** Signs tickets; it outlives a restart so that tickets do. */
  readonly masterKey: string
}

/** Reads the secrets from the data folder, making those that are missing, readable for the owner alone. */
export async function openSecrets(dataDir: string): Promise<Secrets> {
  return {
    workerToken: await readOrMake(join(dataDir, WORKER_TOKEN_FILE)),
    masterKey: await readOrMake(join(dataDir, 'master-key')),
  }
}

async function readOrMake(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true })
  const secret = randomBytes(32).toString('base64url')
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(`${secret}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    return secret
  } catch (error) {
    if (!isAlreadyThere(error)) throw error
    const kept = (await readFile(path, 'utf8')).trim()
    if (kept.length < 16) throw new Error(`${path} holds no secret: remove it, and a new one is made.`)
    return kept
  }
}

function isAlreadyThere(error: unknown): boolean {
  return hasCode(error, 'EEXIST')
}
