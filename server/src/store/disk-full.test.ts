import { ProblemError } from '@argus/shared'
import { describe, expect, it } from 'vitest'
import { namingFullDisk } from './disk-full.ts'

const failure = (code: string) => Object.assign(new Error(`${code}: write '/secret/path'`), { code })

describe('a write', () => {
  it.each(['ENOSPC', 'EDQUOT'])(
    'that fails with %s says that the disk is full, and no path',
    async (code) => {
      const error = failure(code)
      const thrown = await namingFullDisk(() => Promise.reject(error)).catch((problem: unknown) => problem)
      expect(thrown).toBeInstanceOf(ProblemError)
      expect(thrown).toMatchObject({ code: 'store/disk-full', cause: error })
      expect(String(thrown)).not.toContain('secret')
    },
  )

  it('that fails otherwise fails as it does', async () => {
    const error = failure('EIO')
    await expect(namingFullDisk(() => Promise.reject(error))).rejects.toBe(error)
  })

  it('that ends well returns what it returns', async () => {
    expect(await namingFullDisk(async () => 'written')).toBe('written')
  })
})
