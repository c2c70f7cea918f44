/** Who may come in, and how everyone else is turned away: a real master, asked over real connections. */
import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import {
  jobSchema,
  PROBLEMS,
  PROTOCOL_VERSION,
  type ProblemCode,
  problemSchema,
  WORKER_TOKEN_FILE,
} from '@argus/shared'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { TestCluster } from '../testing/cluster.ts'
import { SAMPLES_DIR } from '../testing/test-data.ts'

const MASTER = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const NO_HASH = 'a'.repeat(64)
const NO_ID = '0198a000-0000-7000-8000-000000000000'

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Asks as fetch cannot: with any Host, and with a path that is sent as it is. */
function ask(url: string, path: string, headers: OutgoingHttpHeaders = {}, method = 'GET'): Promise<Answer> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, path, headers, method, agent: false }, (response) => {
      const answer = (body: string) => ({ status: response.statusCode ?? 0, headers: response.headers, body })
      text(response).then((body) => resolve(answer(body)), reject)
    })
    outgoing.once('error', reject).end()
  })
}

function shouldBeProblem(answer: Answer, code: ProblemCode): void {
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
  expect(problemSchema.parse(JSON.parse(answer.body))).toMatchObject({ code, status: answer.status })
  expect(answer.status).toBe(PROBLEMS[code].status)
}

/** Tries to enter a namespace over a WebSocket: what it is refused with, or `connected`. */
function enter(address: string, headers: Record<string, string> = {}, auth: object = {}): Promise<string> {
  const transports = ['websocket']
  const socket = io(address, { transports, extraHeaders: headers, auth, reconnection: false, forceNew: true })
  return new Promise<string>((resolve) => {
    socket.once('connect', () => resolve('connected'))
    socket.once('connect_error', (error) => {
      const code = 'data' in error && error.data instanceof Object && 'code' in error.data && error.data.code
      resolve(typeof code === 'string' ? code : 'not even a connection')
    })
  }).finally(() => socket.disconnect())
}

function hello(token: string, change: object = {}) {
  const worker = { bootId: NO_ID, name: 'a test', slots: 1, prefetch: 1, draining: false, held: [] }
  return { token, protocol: PROTOCOL_VERSION, ...worker, ...change }
}

describe('a master on this machine alone', () => {
  let cluster: TestCluster

  beforeAll(async () => {
    cluster = await TestCluster.start({ workers: 0, masterEnv: { ALLOWED_HOSTS: 'argus.lan' } })
  })
  afterAll(() => cluster.stop())

  describe('over HTTP', () => {
    it.each(['localhost', '127.0.0.1:5000', '[::1]:5000', 'argus.lan'])(
      'is addressed as %s',
      async (host) => {
        expect((await ask(cluster.url, '/healthz', { host })).status).toBe(200)
      },
    )

    it.each(['/', '/healthz', '/api/v1/jobs', '/api/v1/images/x', '/samples/index.json', '/nowhere'])(
      'does not open %s under another name',
      async (path) => {
        for (const host of ['example.org', 'localhost.example.org', '192.168.1.5:5000']) {
          shouldBeProblem(await ask(cluster.url, path, { host }), 'door/host')
        }
      },
    )

    it('does not open for a page of another origin', async () => {
      for (const origin of ['http://example.org', 'null', 'http://localhost:1']) {
        shouldBeProblem(await ask(cluster.url, '/api/v1/jobs', { origin }), 'door/origin')
        shouldBeProblem(await ask(cluster.url, '/api/v1/jobs', { origin }, 'POST'), 'door/origin')
      }
      expect((await ask(cluster.url, '/api/v1/jobs', { origin: cluster.url })).status).toBe(200)
    })

    it('does not let another origin read, in any answer', async () => {
      const { headers } = await ask(cluster.url, '/api/v1/jobs')
      expect(headers['access-control-allow-origin']).toBeUndefined()
    })

    it('knows no address that does not exist', async () => {
      for (const path of ['/nowhere', '/api/v1/nowhere', '/api/v2/jobs', '/assets/nowhere.js']) {
        const answer = await ask(cluster.url, path)
        shouldBeProblem(answer, 'request/not-found')
        expect(answer.body).not.toContain('dist')
      }
      shouldBeProblem(await ask(cluster.url, `/api/v1/jobs/${NO_ID}`), 'job/not-found')
      shouldBeProblem(await ask(cluster.url, '/api/v1/jobs/1'), 'job/not-found')
      shouldBeProblem(await ask(cluster.url, `/api/v1/models/${NO_HASH}/model.json`), 'model/not-found')
    })

    it.each([
      '/../package.json',
      '/..%2fpackage.json',
      '/samples/..%2f..%2fpackage.json',
      '/samples/../../package.json',
      '/%2e%2e/package.json',
      '/.git/config',
    ])('gives no file from elsewhere for %s', async (path) => {
      const answer = await ask(cluster.url, path)
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(answer.body).not.toContain('"name"')
    })

    it.each([
      ['PUT', '/api/v1/jobs'],
      ['PUT', `/api/v1/jobs/${NO_ID}`],
      ['POST', '/healthz'],
    ])('has no %s for %s, and answers with a problem', async (method, path) => {
      const answer = await ask(cluster.url, path, {}, method)
      expect(answer.status).toBe(405)
      expect(problemSchema.parse(JSON.parse(answer.body)).status).toBe(answer.status)
    })

    it('takes no malformed address', async () => {
      shouldBeProblem(await ask(cluster.url, '/api/v1/jobs/%ff'), 'request/invalid')
      shouldBeProblem(await ask(cluster.url, '/%ff'), 'request/not-found')
    })

    it.each(['/api/v1/jobs?limt=5', '/healthz?x=1', '/readyz?verbose', `/api/v1/jobs/${NO_ID}?fields=id`])(
      'takes no parameter that does not exist: %s',
      async (path) => {
        shouldBeProblem(await ask(cluster.url, path), 'request/unknown-parameter')
      },
    )

    it.each(['0', '101', '1.5', 'many', ''])('takes no limit of "%s"', async (limit) => {
      shouldBeProblem(await ask(cluster.url, `/api/v1/jobs?limit=${limit}`), 'request/invalid')
    })

    it('gives a photo only for a ticket', async () => {
      const path = `/api/v1/images/${NO_HASH}`
      shouldBeProblem(await ask(cluster.url, path), 'auth/ticket')
      shouldBeProblem(await ask(cluster.url, path, { 'x-argus-ticket': `${NO_ID}.1.forged` }), 'auth/ticket')
      const authorization = `Bearer ${await cluster.workerToken()}`
      shouldBeProblem(await ask(cluster.url, path, { authorization }), 'auth/ticket')
      shouldBeProblem(await ask(cluster.url, '/api/v1/images/..%2fmaster-key'), 'image/not-found')
    })

    it('tells browsers to load nothing from elsewhere, and to guess no types', async () => {
      for (const path of ['/', '/healthz', '/nowhere']) {
        const { headers } = await ask(cluster.url, path)
        expect(headers['content-security-policy']).toContain("default-src 'self'")
        expect(headers['x-content-type-options']).toBe('nosniff')
        expect(headers['x-powered-by']).toBeUndefined()
      }
    })
  })

  describe('over Socket.IO', () => {
    it.each(['/board', '/workers'])('opens %s under no other name', async (namespace) => {
      const address = cluster.url + namespace
      const auth = hello(await cluster.workerToken())
      expect(await enter(address, { host: 'example.org' }, auth)).toBe('not even a connection')
      expect(await enter(address, { host: 'argus.lan' }, auth)).toBe('connected')
    })

    it.each(['/board', '/workers'])('opens %s to no page of another origin', async (namespace) => {
      const address = cluster.url + namespace
      const auth = hello(await cluster.workerToken())
      expect(await enter(address, { origin: 'http://example.org' }, auth)).toBe('not even a connection')
      expect(await enter(address, { origin: 'null' }, auth)).toBe('not even a connection')
      expect(await enter(address, { origin: cluster.url }, auth)).toBe('connected')
    })

    it('answers 403 where the handshake begins with HTTP', async () => {
      const path = '/socket.io/?EIO=4&transport=polling'
      expect((await ask(cluster.url, path, { host: 'example.org' })).status).toBe(403)
      expect((await ask(cluster.url, path, { origin: 'http://example.org' })).status).toBe(403)
      expect((await ask(cluster.url, path)).status).toBe(200)
    })

    it("lets workers in with the workers' token only", async () => {
      const address = `${cluster.url}/workers`
      expect(await enter(address)).toBe('auth/required')
      expect(await enter(address, {}, hello('wrong'))).toBe('auth/required')
      expect(await enter(address, {}, { ...hello(''), token: [await cluster.workerToken()] })).toBe(
        'auth/required',
      )
    })

    it('lets no worker in that speaks otherwise', async () => {
      const address = `${cluster.url}/workers`
      const token = await cluster.workerToken()
      const other = { token, protocol: PROTOCOL_VERSION + 1, anything: 'else' }
      expect(await enter(address, {}, other)).toBe('protocol/version')
      expect(await enter(address, {}, hello(token, { slots: 0 }))).toBe('protocol/malformed')
      expect(await enter(address, {}, hello(token, { name: '' }))).toBe('protocol/malformed')
    })

    it('has no other namespace', async () => {
      expect(await enter(`${cluster.url}/elsewhere`)).toBe('not even a connection')
    })
  })

  it("keeps the workers' token for its owner alone", async () => {
    expect((await stat(join(cluster.dataDir, WORKER_TOKEN_FILE))).mode & 0o777).toBe(0o600)
  })
})

describe('a master that listens beyond this machine', () => {
  it('does not start without a token', async () => {
    const settings = { HOST: '0.0.0.0', PORT: '0', DATA_DIR: join(tmpdir(), 'argus-test-never-made') }
    const env = { ...process.env, ARGUS_TOKEN: '', ...settings }
    const started = promisify(execFile)(process.execPath, [MASTER], { env })
    await expect(started).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('ARGUS_TOKEN') })
    await expect(stat(settings.DATA_DIR)).rejects.toThrow('ENOENT')
  })
})

describe('a master with an access token', () => {
  const TOKEN = 'the-token-of-these-tests'
  const bearer = { authorization: `Bearer ${TOKEN}` }
  const basic = { authorization: `Basic ${Buffer.from(`me:${TOKEN}`).toString('base64')}` }
  let cluster: TestCluster

  beforeAll(async () => {
    cluster = await TestCluster.start({ masterEnv: { ARGUS_TOKEN: TOKEN } })
    const ready = async () => expect((await ask(cluster.url, '/readyz', bearer)).status).toBe(200)
    await vi.waitFor(ready, { timeout: 90_000, interval: 200 })
  })
  afterAll(() => cluster.stop())

  it('opens nothing without it', async () => {
    for (const path of ['/', '/healthz', '/readyz', '/api/v1/jobs', '/samples/index.json', '/nowhere']) {
      const answer = await ask(cluster.url, path)
      shouldBeProblem(answer, 'auth/required')
      expect(answer.headers['www-authenticate']).toMatch(/^Basic /)
      expect(answer.headers['set-cookie']).toBeUndefined()
    }
  })

  it('opens with it, as Bearer and as Basic', async () => {
    for (const headers of [bearer, basic]) {
      expect((await ask(cluster.url, '/api/v1/jobs', headers)).status).toBe(200)
    }
    shouldBeProblem(
      await ask(cluster.url, '/api/v1/jobs', { authorization: 'Bearer wrong' }),
      'auth/required',
    )
  })

  it('gives a browser a cookie that opens the board, too', async () => {
    const { headers } = await ask(cluster.url, '/', basic)
    const set = headers['set-cookie']?.[0] ?? ''
    expect(set).toMatch(/HttpOnly/)
    expect(set).toMatch(/SameSite=Strict/)
    const cookie = set.split(';')[0] ?? ''
    expect(cookie).not.toContain(TOKEN)
    expect((await ask(cluster.url, '/api/v1/jobs', { cookie })).status).toBe(200)
    expect(await enter(`${cluster.url}/board`, { cookie })).toBe('connected')
    expect(await enter(`${cluster.url}/board`, { cookie: `${cookie}x` })).toBe('not even a connection')
    expect(await enter(`${cluster.url}/board`)).toBe('not even a connection')
  })

  it("opens to the workers' token what workers need, and not the rest", async () => {
    const worker = { authorization: `Bearer ${await cluster.workerToken()}` }
    expect((await ask(cluster.url, '/samples/index.json', worker)).status).toBe(200)
    shouldBeProblem(await ask(cluster.url, '/api/v1/jobs', worker), 'auth/required')
    shouldBeProblem(await ask(cluster.url, '/', worker), 'auth/required')
    expect(await enter(`${cluster.url}/board`, worker)).toBe('auth/required')
  })

  it('recognises a photo with a worker that has only the token of workers', async () => {
    const form = new FormData()
    const bytes = await (await fetch(`${cluster.url}/samples/balloon.png`, { headers: bearer })).blob()
    form.append('image', bytes, 'balloon.png')
    const headers = { ...bearer, prefer: 'wait=60' }
    const response = await fetch(`${cluster.url}/api/v1/jobs`, { method: 'POST', body: form, headers })
    const job = jobSchema.parse(await response.json())
    expect(job).toMatchObject({
      status: 'SUCCEEDED',
      result: { classes: [{ label: 'balloon' }, {}, {}, {}, {}] },
    })

    const photo = await ask(cluster.url, job.image.url, bearer)
    expect(photo.headers).toMatchObject({ 'content-type': 'image/png', 'x-content-type-options': 'nosniff' })
    expect(Number(photo.headers['content-length'])).toBe((await stat(join(SAMPLES_DIR, 'balloon.png'))).size)
    const thumbnail = await ask(cluster.url, job.thumbnailUrl ?? '', bearer)
    expect(thumbnail.headers['content-type']).toMatch(/^image\/(webp|jpeg)$/)
    expect(thumbnail.headers['x-content-type-options']).toBe('nosniff')
    shouldBeProblem(await ask(cluster.url, job.image.url), 'auth/required')
  })
})
