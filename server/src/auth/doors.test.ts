import type { IncomingHttpHeaders } from 'node:http'
import { describe, expect, it } from 'vitest'
import { Doors } from './doors.ts'

const ACCESS_TOKEN = 'the-access-token:with-a-colon'
const SECRETS = { workerToken: 'the-worker-token', masterKey: 'the-master-key' }
const HOSTS = new Set(['127.0.0.1', '::1', 'localhost', 'argus.lan'])

const open = new Doors({ allowedHosts: HOSTS, accessToken: undefined }, SECRETS)
const closed = new Doors({ allowedHosts: HOSTS, accessToken: ACCESS_TOKEN }, SECRETS)

/** The code of the problem with which a request is turned away; null where it is let in. */
function refusal(doors: Doors, headers: IncomingHttpHeaders, path = '/api/v1/jobs'): unknown {
  try {
    doors.admit({ host: 'localhost:5000', ...headers }, path)
    return null
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  }
}

function basic(password: string): string {
  return `Basic ${Buffer.from(`anyone:${password}`).toString('base64')}`
}

function cookieOf(doors: Doors): string {
  const session = doors.sessionFor({ authorization: basic(ACCESS_TOKEN) })
  return `${session?.name}=${session?.value}`
}

describe('the Host of a request', () => {
  it.each([
    'localhost',
    'localhost:5000',
    'LocalHost:5000',
    '127.0.0.1',
    '127.0.0.1:80',
    '[::1]',
    '[::1]:5000',
    'argus.lan',
    'Argus.LAN:8080',
  ])('may be %s', (host) => {
    expect(refusal(open, { host })).toBeNull()
  })

  it.each([
    undefined,
    '',
    'example.org',
    'localhost.example.org',
    'example.org:5000',
    'localhost@example.org',
    '192.168.1.5',
    '[::2]:5000',
    'localhost:port',
    'a b',
    '[::1',
  ])('may not be %s', (host) => {
    expect(refusal(open, { host })).toBe('door/host')
  })

  it('is checked even where the token is right', () => {
    const headers = { host: 'example.org', authorization: `Bearer ${ACCESS_TOKEN}` }
    expect(refusal(closed, headers)).toBe('door/host')
  })

  it('that is refused is named, with what to do about it', () => {
    expect(() => open.admit({ host: 'nas:5000' }, '/')).toThrow('Add "nas" to ALLOWED_HOSTS')
  })
})

describe('the Origin of a request', () => {
  it.each([
    undefined,
    'http://localhost:5000',
    // A proxy that takes TLS off leaves the host as it is.
    'https://localhost:5000',
  ])('may be %s', (origin) => {
    expect(refusal(open, { origin })).toBeNull()
  })

  it('may be written otherwise than the Host, in capitals', () => {
    const headers = { host: 'Argus.lan:5000', origin: 'http://argus.lan:5000' }
    expect(refusal(open, headers)).toBeNull()
  })

  it.each([
    'null',
    '',
    'file://',
    'http://localhost:5001',
    'http://localhost',
    'http://127.0.0.1:5000',
    'http://example.org',
    'http://localhost.example.org:5000',
  ])('may not be "%s"', (origin) => {
    expect(refusal(open, { origin })).toBe('door/origin')
  })
})

describe('a master without an access token', () => {
  it('lets everyone of this machine in', () => {
    expect(refusal(open, {})).toBeNull()
    expect(open.hasFullAccess({})).toBe(true)
  })

  it('sets no cookie', () => {
    expect(open.sessionFor({ authorization: basic('anything') })).toBeNull()
  })
})

describe('the access token', () => {
  it('opens every door as a Bearer token, a Basic password and a cookie', () => {
    const cookie = `theme=dark; ${cookieOf(closed)}`
    for (const headers of [
      { authorization: `Bearer ${ACCESS_TOKEN}` },
      { authorization: `bearer ${ACCESS_TOKEN}` },
      { authorization: basic(ACCESS_TOKEN) },
      { cookie },
    ]) {
      expect(refusal(closed, headers)).toBeNull()
      expect(closed.hasFullAccess(headers)).toBe(true)
    }
  })

  it.each<[string, IncomingHttpHeaders]>([
    ['nothing', {}],
    ['a wrong Bearer token', { authorization: 'Bearer the-access-token' }],
    ['an empty Bearer token', { authorization: 'Bearer ' }],
    ['a wrong Basic password', { authorization: basic('the-access-token') }],
    [
      'the token as the Basic name',
      { authorization: `Basic ${Buffer.from(`${ACCESS_TOKEN}:`).toString('base64')}` },
    ],
    ['the token of another kind', { authorization: `Digest ${ACCESS_TOKEN}` }],
    ['the token itself as the cookie', { cookie: `argus_session=${ACCESS_TOKEN}` }],
    ['an empty cookie', { cookie: 'argus_session=' }],
  ])('is not replaced by %s', (_what, headers) => {
    expect(refusal(closed, headers)).toBe('auth/required')
    expect(closed.hasFullAccess(headers)).toBe(false)
  })

  it('is what a cookie stands for: one of another token or another master does not open', () => {
    const otherToken = new Doors({ allowedHosts: HOSTS, accessToken: 'another-access-token' }, SECRETS)
    const otherMaster = new Doors(
      { allowedHosts: HOSTS, accessToken: ACCESS_TOKEN },
      { ...SECRETS, masterKey: 'another-key' },
    )
    expect(refusal(otherToken, { cookie: cookieOf(closed) })).toBe('auth/required')
    expect(refusal(otherMaster, { cookie: cookieOf(closed) })).toBe('auth/required')
  })

  it('becomes a cookie only where it comes as a Basic password', () => {
    expect(closed.sessionFor({})).toBeNull()
    expect(closed.sessionFor({ authorization: `Bearer ${ACCESS_TOKEN}` })).toBeNull()
    expect(cookieOf(closed)).not.toContain(ACCESS_TOKEN)
  })
})

describe("the workers' token", () => {
  const authorization = `Bearer ${SECRETS.workerToken}`

  it.each([
    '/socket.io/?EIO=4',
    '/api/v1/models/digest/model.json',
    '/api/v1/images/hash',
    '/samples/index.json',
  ])('opens %s', (path) => {
    expect(refusal(closed, { authorization }, path)).toBeNull()
  })

  it.each(['/', '/api/v1/jobs', '/api/v1/jobs/id/image', '/readyz', '/api/v1/images', '/x/samples/'])(
    'does not open %s',
    (path) => {
      expect(refusal(closed, { authorization }, path)).toBe('auth/required')
    },
  )

  it('gives no full access', () => {
    expect(closed.hasFullAccess({ authorization })).toBe(false)
  })

  it('must be the right one', () => {
    expect(refusal(closed, { authorization: 'Bearer wrong' }, '/samples/index.json')).toBe('auth/required')
  })
})
