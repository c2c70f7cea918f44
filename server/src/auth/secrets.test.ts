import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WORKER_TOKEN_FILE } from '@argus/shared'
import { describe, expect, it } from 'vitest'
import { tempFolder } from '../../testing/unit.ts'
import { openSecrets } from './secrets.ts'

describe('openSecrets', () => {
  it('makes long secrets in a data folder that does not exist yet', async () => {
    const { workerToken, masterKey } = await openSecrets(join(await tempFolder(), 'data'))
    expect(workerToken).toMatch(/^[\w-]{43}$/)
    expect(masterKey).toMatch(/^[\w-]{43}$/)
    expect(workerToken).not.toBe(masterKey)
  })

  it('makes others for another master', async () => {
    const first = await openSecrets(await tempFolder())
    const second = await openSecrets(await tempFolder())
    expect(second.workerToken).not.toBe(first.workerToken)
    expect(second.masterKey).not.toBe(first.masterKey)
  })

  it('keeps them for the owner alone', async () => {
    const folder = await tempFolder()
    await openSecrets(folder)
    for (const file of [WORKER_TOKEN_FILE, 'master-key']) {
      expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600)
    }
  })

  it("lays the workers' token where a worker reads it", async () => {
    const folder = await tempFolder()
    const { workerToken } = await openSecrets(folder)
    expect((await readFile(join(folder, WORKER_TOKEN_FILE), 'utf8')).trim()).toBe(workerToken)
  })

  it('finds the same ones at the next start', async () => {
    const folder = await tempFolder()
    expect(await openSecrets(folder)).toEqual(await openSecrets(folder))
  })

  it('takes a token that its owner has written', async () => {
    const folder = await tempFolder()
    await writeFile(join(folder, WORKER_TOKEN_FILE), '  chosen-by-the-owner\n')
    expect((await openSecrets(folder)).workerToken).toBe('chosen-by-the-owner')
  })

  it.each(['', 'fifteen-letters', '                    \n'])(
    'refuses a file that holds "%s"',
    async (text) => {
      const folder = await tempFolder()
      await writeFile(join(folder, WORKER_TOKEN_FILE), text)
      await expect(openSecrets(folder)).rejects.toThrow('holds no secret')
    },
  )
})
