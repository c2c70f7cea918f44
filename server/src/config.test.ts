import { resolve } from 'node:path'
import { ConfigError } from '@argus/shared/process'
import { describe, expect, it } from 'vitest'
import { dataPaths, readConfig } from './config.ts'

const TOKEN = 'sixteen-letters-'

describe('readConfig', () => {
  it('has defaults for everything', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      port: 5000,
      dataDir: resolve('data'),
      logLevel: 'info',
      allowedHosts: new Set(['127.0.0.1', '::1', 'localhost']),
      databaseUrl: undefined,
      accessToken: undefined,
      model: { dir: undefined, url: undefined, stallSeconds: 10 },
      maxUploadBytes: 50_000_000,
      maxPixels: 50_000_000,
      maxQueued: 1_000_000,
      requestSeconds: 600,
      minUploadBytesPerSecond: 1000,
      maxHeaderBytes: 16_384,
      minFreeBytes: 200_000_000,
      retention: { keepDays: undefined, keepBytes: undefined },
    })
  })

  it('takes what the environment says', () => {
    const config = readConfig({
      HOST: '0.0.0.0',
      PORT: '0',
      DATA_DIR: '/srv/argus',
      DATABASE_URL: 'mysql://argus:secret@db.lan/argus',
      LOG_LEVEL: 'debug',
      ARGUS_TOKEN: TOKEN,
      MODEL_DIR: 'models/mine',
      MODEL_URL: 'https://example.org/model.json',
      MODEL_STALL_SECONDS: '2.5',
      MAX_UPLOAD_BYTES: '1000',
      MAX_PIXELS: '2000',
      MIN_FREE_BYTES: '0',
      KEEP_DAYS: '0.5',
      KEEP_BYTES: '3000',
    })
    expect(config).toMatchObject({
      minFreeBytes: 0,
      retention: { keepDays: 0.5, keepBytes: 3000 },
      host: '0.0.0.0',
      port: 0,
      dataDir: '/srv/argus',
      databaseUrl: 'mysql://argus:secret@db.lan/argus',
      logLevel: 'debug',
      accessToken: TOKEN,
      model: { dir: resolve('models/mine'), url: 'https://example.org/model.json', stallSeconds: 2.5 },
      maxUploadBytes: 1000,
      maxPixels: 2000,
    })
  })

  it.each([
    ['PORT', '65536'],
    ['PORT', 'http'],
    ['PORT', '80.5'],
    ['PORT', '-1'],
    ['LOG_LEVEL', 'loud'],
    ['DATABASE_URL', 'postgres://argus:secret@db.lan/argus'],
    ['DATABASE_URL', 'db.lan'],
    ['ARGUS_TOKEN', 'fifteen-letters'],
    ['MODEL_URL', 'ftp://example.org/model.json'],
    ['MODEL_URL', 'model.json'],
    ['MODEL_STALL_SECONDS', '0'],
    ['MAX_UPLOAD_BYTES', '50MB'],
    ['MAX_UPLOAD_BYTES', '0'],
    ['MAX_PIXELS', '-5'],
  ])('refuses %s=%s and names it', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(ConfigError)
    expect(() => readConfig({ [name]: value })).toThrow(`  ${name}: `)
  })

  it('names all that is wrong at once', () => {
    expect(() => readConfig({ PORT: 'x', LOG_LEVEL: 'x' })).toThrow(/PORT: .*\n {2}LOG_LEVEL: /)
  })

  it('reads an empty variable as one that is not set', () => {
    const names = [
      'HOST',
      'PORT',
      'DATA_DIR',
      'LOG_LEVEL',
      'ALLOWED_HOSTS',
      'ARGUS_TOKEN',
      'MODEL_DIR',
      'DATABASE_URL',
    ]
    const numbers = ['MODEL_URL', 'MODEL_STALL_SECONDS', 'MAX_UPLOAD_BYTES', 'MAX_PIXELS']
    const empty = Object.fromEntries([...names, ...numbers].map((name) => [name, '']))
    expect(readConfig(empty)).toEqual(readConfig({}))
  })

  it.each(['127.0.0.1', '::1', 'localhost', 'LOCALHOST'])('listens at %s without a token', (host) => {
    expect(readConfig({ HOST: host }).host).toBe(host)
  })

  it.each(['0.0.0.0', '::', '192.168.1.5', 'argus.lan'])('listens at %s only with a token', (host) => {
    expect(() => readConfig({ HOST: host })).toThrow(ConfigError)
    expect(() => readConfig({ HOST: host })).toThrow(`HOST=${host} opens the master to the network`)
    expect(() => readConfig({ HOST: host, ARGUS_TOKEN: '' })).toThrow('set ARGUS_TOKEN')
    expect(readConfig({ HOST: host, ARGUS_TOKEN: TOKEN }).accessToken).toBe(TOKEN)
  })

  it('may be addressed by the name that it listens at, and by those that are allowed', () => {
    const { allowedHosts } = readConfig({
      HOST: 'Argus.lan',
      ALLOWED_HOSTS: ' Photos.example.org,, nas ',
      ARGUS_TOKEN: TOKEN,
    })
    const names = ['127.0.0.1', '::1', 'localhost', 'argus.lan', 'photos.example.org', 'nas']
    expect(allowedHosts).toEqual(new Set(names))
  })

  it.each(['0.0.0.0', '::'])('is not addressed as %s, which is no name', (host) => {
    expect(readConfig({ HOST: host, ARGUS_TOKEN: TOKEN }).allowedHosts.has(host)).toBe(false)
  })
})

describe('dataPaths', () => {
  it('keeps every part below the data folder, each in a place of its own', () => {
    const paths = Object.values(dataPaths('/srv/argus'))
    expect(new Set(paths).size).toBe(paths.length)
    expect(paths.filter((path) => !path.startsWith('/srv/argus/'))).toEqual([])
  })
})
