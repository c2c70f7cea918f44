import { writeFile } from 'node:fs/promises'
import { availableParallelism, homedir, hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { ConfigError } from '@argus/shared/process'
import { describe, expect, it } from 'vitest'
import { scratchFolder } from '../testing/unit.ts'
import { readConfig } from './config.ts'

describe('readConfig', () => {
  it('needs nothing but a token', () => {
    expect(readConfig({ WORKER_TOKEN: 'secret' })).toEqual({
      masterUrl: 'http://127.0.0.1:5000',
      token: 'secret',
      name: hostname(),
      threads: availableParallelism(),
      prefetch: availableParallelism(),
      engine: 'auto',
      cacheDir: join(homedir(), '.cache', 'argus'),
      logLevel: 'info',
    })
  })

  it('takes every setting from the environment', () => {
    const config = readConfig({
      MASTER_URL: 'https://argus.example:8443',
      WORKER_TOKEN: 'secret',
      WORKER_NAME: 'attic',
      THREADS: '3',
      PREFETCH: '5',
      ENGINE: 'tfjs-wasm',
      CACHE_DIR: 'cache',
      LOG_LEVEL: 'debug',
    })
    expect(config).toEqual({
      masterUrl: 'https://argus.example:8443',
      token: 'secret',
      name: 'attic',
      threads: 3,
      prefetch: 5,
      engine: 'tfjs-wasm',
      cacheDir: resolve('cache'),
      logLevel: 'debug',
    })
  })

  it('reads the token from a file, without the line break at its end', async () => {
    const file = join(await scratchFolder(), 'token')
    await writeFile(file, 'from-a-file\n')
    expect(readConfig({ WORKER_TOKEN_FILE: file }).token).toBe('from-a-file')
  })

  it('prefers WORKER_TOKEN to the file, unless it is empty', async () => {
    const file = join(await scratchFolder(), 'token')
    await writeFile(file, 'from-a-file')
    expect(readConfig({ WORKER_TOKEN: 'direct', WORKER_TOKEN_FILE: file }).token).toBe('direct')
    expect(readConfig({ WORKER_TOKEN: '', WORKER_TOKEN_FILE: file }).token).toBe('from-a-file')
  })

  it('strips slashes from the end of the address, so that paths can be put behind it', () => {
    const config = readConfig({ WORKER_TOKEN: 'secret', MASTER_URL: 'http://10.0.0.1:5000//' })
    expect(config.masterUrl).toBe('http://10.0.0.1:5000')
  })

  it('says how to give a token when there is none', async () => {
    const missing = join(await scratchFolder(), 'token')
    const read = () => readConfig({ WORKER_TOKEN_FILE: missing })
    expect(read).toThrow(ConfigError)
    expect(read).toThrow(/set WORKER_TOKEN, or WORKER_TOKEN_FILE/)
  })

  it('names every variable that is wrong, at once', () => {
    const read = () =>
      readConfig({ WORKER_TOKEN: 'secret', MASTER_URL: 'ftp://master', THREADS: '0', ENGINE: 'cuda' })
    expect(read).toThrow(ConfigError)
    expect(read).toThrow(/MASTER_URL: .*\n.*THREADS: .*\n.*ENGINE: /)
  })

  it.each(['two', '1.5', '-1', '257'])('refuses THREADS=%s', (threads) => {
    expect(() => readConfig({ WORKER_TOKEN: 'secret', THREADS: threads })).toThrow(/THREADS/)
  })

  it('fetches as many photos ahead as it has threads, or none where that is wished', () => {
    const prefetch = (env: NodeJS.ProcessEnv) => readConfig({ WORKER_TOKEN: 'secret', ...env }).prefetch
    expect(prefetch({ THREADS: '7' })).toBe(7)
    expect(prefetch({ THREADS: '7', PREFETCH: '0' })).toBe(0)
  })

  it.each(['two', '1.5', '-1', '257'])('refuses PREFETCH=%s', (prefetch) => {
    expect(() => readConfig({ WORKER_TOKEN: 'secret', PREFETCH: prefetch })).toThrow(/PREFETCH/)
  })

  it.each(['MASTER_URL', 'WORKER_NAME', 'THREADS', 'PREFETCH', 'ENGINE', 'CACHE_DIR', 'LOG_LEVEL'])(
    'takes an empty %s as unset, as containers pass it',
    (variable) => {
      expect(readConfig({ WORKER_TOKEN: 'secret', [variable]: '' })).toEqual(
        readConfig({ WORKER_TOKEN: 'secret' }),
      )
    },
  )
})
