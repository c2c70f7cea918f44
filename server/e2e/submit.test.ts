/** Submitting with options and with an Idempotency-Key, cancelling and retrying, over real HTTP. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { type Job, jobDetailSchema, jobSchema, problemSchema, workerViewSchema } from '@argus/shared'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { TestCluster } from '../testing/cluster.ts'
import { pngHeader } from '../testing/images.ts'
import { SAMPLES_DIR } from '../testing/test-data.ts'

const listSchema = z.object({ workers: z.array(workerViewSchema) })

const PHOTO = { name: 'photo.png', bytes: pngHeader(8, 8) }
const OTHER_PHOTO = { name: 'other.png', bytes: pngHeader(9, 9) }
const SAMPLE = join(SAMPLES_DIR, 'balloon.png')

let cluster: TestCluster

/** Posts a photo with fields of the form, and perhaps a key. */
function post(
  photo: { name: string; bytes: Uint8Array },
  fields: Record<string, string> = {},
  key?: string,
): Promise<Response> {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  form.append('image', new Blob([new Uint8Array(photo.bytes)]), photo.name)
  const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key }
  return fetch(`${cluster.url}/api/v1/jobs`, { method: 'POST', body: form, headers })
}

async function accepted(response: Response): Promise<Job> {
  expect(response.status).toBe(201)
  const job = jobSchema.parse(await response.json())
  expect(response.headers.get('location')).toBe(`/api/v1/jobs/${job.id}`)
  return job
}

async function codeOf(response: Response): Promise<string> {
  expect(response.headers.get('content-type')).toContain('application/problem+json')
  const problem = problemSchema.parse(await response.json())
  expect(response.status).toBe(problem.status)
  return problem.code
}

function act(id: string, action: 'cancel' | 'retry'): Promise<Response> {
  return fetch(`${cluster.url}/api/v1/jobs/${id}/${action}`, { method: 'POST' })
}

async function detail(id: string) {
  return jobDetailSchema.parse(await (await fetch(`${cluster.url}/api/v1/jobs/${id}`)).json())
}

describe('without a worker', () => {
  beforeAll(async () => {
    cluster = await TestCluster.start({ workers: 0 })
  })
  afterAll(() => cluster.stop())

  it('takes owner and priority as fields of the form, before or behind the photo', async () => {
    expect(await accepted(await post(PHOTO, { owner: 'Ada', priority: '7' }))).toMatchObject({
      owner: 'Ada',
      priority: 7,
      run: 1,
      attempts: 0,
    })
    const form = new FormData()
    form.append('image', new Blob([new Uint8Array(PHOTO.bytes)]), PHOTO.name)
    form.append('priority', '-3')
    const response = await fetch(`${cluster.url}/api/v1/jobs`, { method: 'POST', body: form })
    expect(await accepted(response)).toMatchObject({ owner: '127.0.0.1', priority: -3 })
  })

  it.each([
    ['priority', { priority: 'high' }, 'request/invalid'],
    ['priority', { priority: '101' }, 'request/invalid'],
    ['priority', { priority: '1.5' }, 'request/invalid'],
    ['owner', { owner: ' ' }, 'request/invalid'],
    ['owner', { owner: 'a'.repeat(101) }, 'request/invalid'],
    ['owner', { owner: 'a'.repeat(2000) }, 'request/malformed-upload'],
    ['field', { prioritty: '1' }, 'request/malformed-upload'],
  ])('takes no other %s: %j', async (_what, fields, code) => {
    expect(await codeOf(await post(PHOTO, fields))).toBe(code)
  })

  it('makes one job of one key, however often it is sent', async () => {
    const key = randomUUID()
    const first = await accepted(await post(PHOTO, {}, key))
    const again = await post(PHOTO, {}, key)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect((await accepted(again)).id).toBe(first.id)
  })

  it('makes one job of one key that is sent many times at once', async () => {
    const key = randomUUID()
    const responses = await Promise.all(Array.from({ length: 16 }, () => post(PHOTO, {}, key)))
    const jobs = await Promise.all(responses.map(accepted))
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(1)
    const replayed = responses.filter(({ headers }) => headers.get('idempotent-replayed') === 'true')
    expect(replayed).toHaveLength(15)
  })

  it('takes a key for no other photo and no other options, and for any owner', async () => {
    const key = randomUUID()
    const first = await accepted(await post(PHOTO, { owner: 'Ada' }, key))
    expect(await codeOf(await post(OTHER_PHOTO, { owner: 'Ada' }, key))).toBe('request/idempotency-mismatch')
    expect(await codeOf(await post(PHOTO, { owner: 'Ada', priority: '1' }, key))).toBe(
      'request/idempotency-mismatch',
    )
    expect((await accepted(await post(PHOTO, { owner: 'Bob' }, key))).id).not.toBe(first.id)
  })

  it.each(['', 'a'.repeat(256)])('takes no key such as %j', async (key) => {
    expect(await codeOf(await post(PHOTO, {}, key))).toBe('request/invalid')
  })

  it('cancels a job that waits, once and for all, until it is retried', async () => {
    const { id } = await accepted(await post(PHOTO))
    for (let times = 0; times < 2; times += 1) {
      const response = await act(id, 'cancel')
      expect(response.status).toBe(200)
      expect(jobSchema.parse(await response.json())).toMatchObject({ id, status: 'CANCELLED', run: 1 })
    }
    const retried = jobSchema.parse(await (await act(id, 'retry')).json())
    expect(retried).toMatchObject({ id, status: 'QUEUED', run: 2, attempts: 0, endedAt: null })
    expect(Date.parse(retried.queuedAt)).toBeGreaterThan(Date.parse(retried.submittedAt))
    expect(await codeOf(await act(id, 'retry'))).toBe('job/not-ended')
  })

  it.each(['cancel', 'retry'] as const)('cannot %s what is not there', async (action) => {
    expect(await codeOf(await act(randomUUID(), action))).toBe('job/not-found')
    expect(await codeOf(await act('nothing', action))).toBe('job/not-found')
    const get = await fetch(`${cluster.url}/api/v1/jobs/${randomUUID()}/${action}`)
    expect(await codeOf(get)).toBe('request/method-not-allowed')
  })
})

describe('with a worker', () => {
  beforeAll(async () => {
    cluster = await TestCluster.start()
    await cluster.ready()
  })
  afterAll(() => cluster.stop())

  it('keeps the history of a job over its runs', async () => {
    const { id, result } = await cluster.recognise(SAMPLE)
    expect(await codeOf(await act(id, 'cancel'))).toBe('job/ended')
    expect((await act(id, 'retry')).status).toBe(200)
    const again = await vi.waitFor(
      async () => {
        const job = await detail(id)
        expect(job).toMatchObject({ status: 'SUCCEEDED', run: 2, attempts: 1 })
        return job
      },
      { timeout: 30_000, interval: 50 },
    )
    expect(again.result?.classes).toEqual(result?.classes)
    expect(again.history).toMatchObject([
      { run: 1, number: 1, worker: 'worker-1', engine: 'tfjs-wasm', end: 'succeeded', error: null },
      { run: 2, number: 1, worker: 'worker-1', engine: 'tfjs-wasm', end: 'succeeded', error: null },
    ])
    expect(again.history[0]?.model).toBe(result?.model.digest)
  })

  it('drains a worker, which then takes nothing until it is resumed', async () => {
    const workers = `${cluster.url}/api/v1/workers`
    const { workers: all } = listSchema.parse(await (await fetch(workers)).json())
    expect(all).toHaveLength(1)
    const id = all[0]?.id
    const address = `${workers}/${id}`
    expect(await (await fetch(`${address}/drain`, { method: 'POST' })).json()).toMatchObject({
      id,
      state: 'drained',
    })
    expect((await fetch(`${cluster.url}/readyz`)).status).toBe(503)
    const job = await accepted(await cluster.submit(SAMPLE))
    // It would take some ms if it were dealt.
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect((await detail(job.id)).status).toBe('QUEUED')
    expect((await fetch(`${address}/resume`, { method: 'POST' })).status).toBe(200)
    await vi.waitFor(async () => expect((await detail(job.id)).status).toBe('SUCCEEDED'), {
      timeout: 30_000,
      interval: 50,
    })
    expect(await (await fetch(address)).json()).toMatchObject({ state: 'ready', held: 0 })
    expect(await codeOf(await fetch(`${workers}/${randomUUID()}/drain`, { method: 'POST' }))).toBe(
      'worker/not-found',
    )
  })
})
