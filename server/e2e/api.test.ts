/**
 * The contract of the REST API: every operation of its OpenAPI document is called on a real cluster, and each
 * request and answer is held against the document. The last test fails where an operation was left out.
 */

import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Attempt,
  batchClassesSchema,
  batchPageSchema,
  clusterViewSchema,
  type Job,
  type JobDetail,
  jobSchema,
  modelDescriptorSchema,
  modelStateSchema,
  type Problem,
  problemSchema,
  statisticsSchema,
} from '@argus/shared'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { openSecrets } from '../src/auth/secrets.ts'
import { Tickets } from '../src/auth/tickets.ts'
import { ApiUser, idsOf, photo, type Query, raw, sha256 } from '../testing/api-user.ts'
import { type ClusterOptions, TestCluster } from '../testing/cluster.ts'
import { dataOf } from '../testing/event-client.ts'
import { pngHeader } from '../testing/images.ts'
import { type ApiOperation, PROBLEM } from '../testing/openapi-check.ts'
import { SAMPLES_DIR } from '../testing/test-data.ts'
import { until } from '../testing/until.ts'

type Fields = ReadonlyArray<readonly [name: string, value: string]>

const modelsSchema = z.object({ state: modelStateSchema, models: z.array(modelDescriptorSchema) })

const WAIT = { prefer: 'wait=30' }

/** One for each cluster that was started: together they have called everything. */
const users: ApiUser[] = []
let cluster: TestCluster
let user: ApiUser

async function start(options: ClusterOptions): Promise<void> {
  cluster = await TestCluster.start(options)
  user = await ApiUser.of(cluster.url)
  users.push(user)
}

function formOf(bytes: Uint8Array<ArrayBuffer>, fields: Fields = [], name = 'photo.png'): FormData {
  const form = new FormData()
  for (const [field, value] of fields) form.append(field, value)
  form.append('image', new Blob([bytes]), name)
  return form
}

/** Parameters of the right form that name nothing. */
function paramsOf({ parameters }: ApiOperation): Record<string, string> {
  const path = parameters.filter((each) => each.in === 'path')
  const values = path.map(({ name }) => [name, name === 'sha256' ? 'a'.repeat(64) : randomUUID()])
  return Object.fromEntries(values)
}

function filled(path: string): string {
  return path.replace('{sha256}', 'a'.repeat(64)).replace(/\{\w+\}/g, () => randomUUID())
}

async function problemOf(response: Response): Promise<Problem> {
  expect(response.headers.get('content-type')).toContain(PROBLEM)
  return problemSchema.parse(await response.json())
}

describe('with a worker', () => {
  beforeAll(async () => {
    await start({ instant: true })
    await cluster.ready()
  })
  afterAll(() => cluster.stop())

  describe('the document', () => {
    it('names every operation once', () => {
      const ids = user.api.operations.map(({ operationId }) => operationId)
      expect(new Set(ids).size).toBe(ids.length)
    })

    it('is an operation itself', async () => {
      const { json } = await user.api.call('getReference')
      expect(json).toMatchObject({ openapi: expect.stringMatching(/^3\.1\./) })
    })

    it('lists all parameters there are: others are refused, by every operation', async () => {
      for (const operation of user.api.operations) {
        for (const name of ['nonsense', 'constructor', 'Limit', 'status[]']) {
          const request = { params: paramsOf(operation), query: { [name]: '1' } }
          const { code, detail } = await user.api.callInvalid(operation.operationId, request)
          expect([operation.operationId, code, detail]).toEqual([
            operation.operationId,
            'request/unknown-parameter',
            name,
          ])
        }
      }
    })

    it('lists all methods there are: others are refused, at every address', async () => {
      for (const path of new Set(user.api.operations.map((operation) => operation.path))) {
        const listed = user.api.operations.filter((each) => each.path === path)
        const methods = listed.map(({ method }) => method.toUpperCase())
        for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
          if (methods.includes(method)) continue
          const response = await fetch(`${cluster.url}${filled(path)}`, { method })
          expect([path, method, response.status]).toEqual([path, method, 405])
          const withHead = methods.flatMap((each) => (each === 'GET' ? [each, 'HEAD'] : each))
          expect(response.headers.get('allow')?.split(', ').sort()).toEqual(withHead.sort())
          expect((await problemOf(response)).code).toBe('request/method-not-allowed')
        }
      }
    })

    it.each(['/api/v1', '/api/v1/nothing', '/api/v1/jobs/1/2/3'])('has nothing at %s', async (path) => {
      const response = await fetch(`${cluster.url}${path}`)
      expect(response.status).toBe(404)
      expect((await problemOf(response)).code).toBe('request/not-found')
    })

    it('has a page that comes from the master alone, with all that it loads', async () => {
      const response = await fetch(`${cluster.url}/api`)
      expect(response.status).toBe(200)
      expect(response.url).toBe(`${cluster.url}/api/`)
      expect(response.headers.get('content-type')).toMatch(/^text\/html/)
      const html = await response.text()
      const links = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link = '']) => link)
      expect(links).toEqual(
        expect.arrayContaining([
          'swagger-ui/swagger-ui.css',
          'swagger-ui/swagger-ui-bundle.js',
          'reference.js',
        ]),
      )
      for (const link of links) {
        const address = new URL(link, response.url)
        expect(address.origin).toBe(cluster.url)
        const file = await fetch(address)
        expect([link, file.status]).toEqual([link, 200])
        expect(file.headers.get('content-type')).toMatch(/^(text\/(css|javascript)|image\/svg\+xml)/)
        expect((await file.arrayBuffer()).byteLength).toBeGreaterThan(0)
      }
      const script = await (await fetch(`${cluster.url}/api/reference.js`)).text()
      expect(script).toContain("'/api/v1/openapi.json'")
      expect(`${html}${script}`).not.toMatch(/https?:\/\//)
    })
  })

  describe('health', () => {
    it('runs, and is ready', async () => {
      expect((await user.api.call('getHealth')).json).toEqual({ status: 'ok' })
      const answer = await user.api.call('getReadiness')
      expect(answer.status).toBe(200)
      expect(clusterViewSchema.parse(answer.json)).toMatchObject({
        ready: true,
        storage: { database: 'ok', disk: 'ok' },
        model: { state: 'serving' },
        workers: [{ name: 'worker-1' }],
      })
    })
  })

  describe('figures', () => {
    it('are statistics of a window, as a whole and by steps', async () => {
      const query = { from: '2026-01-01T00:00:00Z', to: '2026-01-01T02:00:00+01:00', step: '30' }
      const { json } = await user.api.call('getStatistics', { query })
      const { from, to, counts, series, workers } = statisticsSchema.parse(json)
      expect([from, to]).toEqual(['2026-01-01T00:00:00.000Z', '2026-01-01T01:00:00.000Z'])
      expect(counts).toEqual({ submitted: 0, succeeded: 0, failed: 0, cancelled: 0, reused: 0 })
      expect(series).toHaveLength(2)
      expect(workers).toMatchObject([{ name: 'worker-1' }])
      const refused = await user.api.callInvalid('getStatistics', { query: { step: '0' } })
      expect(refused.code).toBe('request/invalid')
    })

    it('are metrics for Prometheus', async () => {
      const { bytes } = await user.api.call('getMetrics')
      expect(new TextDecoder().decode(bytes)).toMatch(/^argus_queue_depth \d+$/m)
    })
  })

  describe('submitting', () => {
    it('takes a photo as a form, with options in it', async () => {
      const batch = await user.emptyBatch()
      const fields: Fields = [
        ['owner', 'Ada'],
        ['priority', '7'],
        ['fileName', 'Über den Wolken.png'],
        ['tag', 'camera=A7'],
        ['tag', 'place=Zürich = ZH'],
        ['batch', batch],
        ['fresh', 'true'],
      ]
      expect(await user.submit({ body: formOf(photo(), fields) })).toMatchObject({
        owner: 'Ada',
        priority: 7,
        fileName: 'Über den Wolken.png',
        tags: { camera: 'A7', place: 'Zürich = ZH' },
        batch,
        run: 1,
      })
    })

    it('takes a photo as raw bytes, with options in the query', async () => {
      const bytes = photo()
      const batch = await user.emptyBatch()
      const query = {
        owner: 'Bob & Co',
        priority: -3,
        fileName: 'ä+b.png',
        tag: ['camera=A7', 'n=1'],
        batch,
        fresh: false,
      }
      expect(await user.submit({ query, body: raw(bytes) })).toMatchObject({
        owner: 'Bob & Co',
        priority: -3,
        fileName: 'ä+b.png',
        tags: { camera: 'A7', n: '1' },
        batch,
        image: { sha256: sha256(bytes), type: 'image/png', bytes: bytes.length, width: 8 },
      })
    })

    it('takes options of a form from both places, and names a photo as its file', async () => {
      const body = formOf(photo(), [['tag', 'a=1']], 'holiday.png')
      expect(await user.submit({ query: { owner: 'Ada' }, body })).toMatchObject({
        owner: 'Ada',
        tags: { a: '1' },
        fileName: 'holiday.png',
      })
    })

    it('keeps a name that is as long as the document allows, of any characters', async () => {
      const fileName = '🌍'.repeat(255)
      const { id } = await user.submit({ query: { fileName }, body: raw(photo()) })
      expect((await user.get(id)).fileName).toBe(fileName)
    })

    it('does without any option', async () => {
      expect(await user.submit({ body: raw(photo(), 'image/jpeg') })).toMatchObject({
        owner: '127.0.0.1',
        priority: 0,
        fileName: 'photo',
        tags: {},
        batch: null,
        // Whatever the client says it is.
        image: { type: 'image/png' },
      })
    })

    it.each([
      ['owner', 'Ada'],
      ['priority', '7'],
      ['fileName', 'a.png'],
      ['tag', 'a=1'],
      ['batch', null],
      ['fresh', 'true'],
    ])('takes %s in one place only', async (name, given) => {
      const value = given ?? (await user.emptyBatch())
      const query = { [name]: name === 'tag' ? [value] : value }
      const problem = await user.api.callRefused('submitJob', {
        query,
        body: formOf(photo(), [[name, value]]),
      })
      expect(problem).toMatchObject({ code: 'request/invalid', detail: expect.stringContaining(name) })
    })

    it.each<[Query]>([
      [{ priority: 101 }],
      [{ priority: 1.5 }],
      [{ priority: 'high' }],
      [{ priority: '' }],
      [{ priority: '0x10' }],
      [{ owner: '' }],
      [{ owner: 'a'.repeat(101) }],
      [{ fileName: '' }],
      [{ fileName: 'a'.repeat(256) }],
      [{ tag: ['camera'] }],
      [{ tag: ['ca mera=A7'] }],
      [{ tag: ['camera='] }],
      [{ tag: Array.from({ length: 21 }, (_, at) => `tag${at}=1`) }],
      [{ batch: 'one' }],
      [{ fresh: 'yes' }],
      [{ fresh: 'TRUE' }],
      [{ owner: ['Ada', 'Bob'] }],
    ])('takes no options such as %j, in either place', async (query) => {
      expect((await user.api.callInvalid('submitJob', { query, body: raw(photo()) })).code).toBe(
        'request/invalid',
      )
      const fields = Object.entries(query).flatMap(([name, value]) =>
        [value].flat().map((each) => [name, String(each)] as const),
      )
      // A form with more fields than there can be is no valid form.
      expect((await user.api.callInvalid('submitJob', { body: formOf(photo(), fields) })).code).toMatch(
        /^request\/(invalid|malformed-upload)$/,
      )
    })

    it('takes a tag once', async () => {
      const query = { tag: ['a=1', 'a=2'] }
      expect((await user.api.callRefused('submitJob', { query, body: raw(photo()) })).code).toBe(
        'request/invalid',
      )
    })

    it('takes no other body', async () => {
      const codeOf = async (body: FormData | Blob) => (await user.api.callInvalid('submitJob', { body })).code
      expect(await codeOf(new Blob(['{}'], { type: 'application/json' }))).toBe('request/malformed-upload')
      const withoutPhoto = new FormData()
      withoutPhoto.append('owner', 'Ada')
      expect(await codeOf(withoutPhoto)).toBe('image/missing')
      expect(await codeOf(formOf(photo(), [['prioritty', '1']]))).toBe('request/malformed-upload')
      expect((await user.api.callInvalid('submitJob', {})).code).toBe('request/malformed-upload')
    })

    it('takes no file that is no photo', async () => {
      const codeOf = async (bytes: Uint8Array<ArrayBuffer>) =>
        (await user.api.callRefused('submitJob', { body: raw(bytes) })).code
      expect(await codeOf(new Uint8Array())).toBe('image/empty')
      expect(await codeOf(new TextEncoder().encode('no photo'))).toBe('image/unsupported-type')
      expect(await codeOf(new Uint8Array(pngHeader(60_000, 60_000)))).toBe('image/too-many-pixels')
    })

    it('answers 201 with the ended job to whoever waits for it', async () => {
      const answer = await user.api.call('submitJob', { headers: { prefer: 'wait=30' }, body: raw(photo()) })
      expect(answer.status).toBe(201)
      expect(answer.headers.get('preference-applied')).toBe('wait=30')
      expect(jobSchema.parse(answer.json)).toMatchObject({ status: 'SUCCEEDED', reused: false })
    })

    it('answers with the same job to the same key, and says so', async () => {
      const request = {
        headers: { 'idempotency-key': randomUUID() },
        body: raw(photo()),
      }
      const first = await user.api.call('submitJob', request)
      expect(first.headers.get('idempotent-replayed')).toBeNull()
      const again = await user.api.call('submitJob', request)
      expect(again.headers.get('idempotent-replayed')).toBe('true')
      expect(jobSchema.parse(again.json).id).toBe(jobSchema.parse(first.json).id)
      const other = { ...request, body: raw(photo()) }
      expect((await user.api.callRefused('submitJob', other)).code).toBe('request/idempotency-mismatch')
      const headers = { 'idempotency-key': 'a'.repeat(256) }
      expect((await user.api.callInvalid('submitJob', { ...request, headers })).code).toBe('request/invalid')
    })
  })

  describe('a photo that is known', () => {
    const bytes = photo()
    let first: Job

    function again(query: Query): Promise<Job> {
      return user.submit({ query, headers: WAIT, body: raw(bytes) })
    }

    beforeAll(async () => {
      first = await again({ owner: 'known' })
    })

    it('has its result at once, without an attempt', async () => {
      expect(first).toMatchObject({ status: 'SUCCEEDED', reused: false, attempts: 1 })
      const job = await user.submit({ query: { owner: 'known', fileName: 'again.png' }, body: raw(bytes) })
      expect(job.id).not.toBe(first.id)
      const reused = { status: 'SUCCEEDED', reused: true, attempts: 0, worker: null, fileName: 'again.png' }
      expect(job).toMatchObject(reused)
      expect(job.result).toEqual(first.result)
      expect(Object.values(job.timings)).toEqual([null, null, null, null, null, null])
      expect(await user.get(job.id)).toMatchObject({ ...reused, history: [] })
    })

    it('has its thumbnail', async () => {
      const job = await again({ owner: 'known' })
      const thumbnail = await user.bytesOf('getJobThumbnail', { id: job.id })
      expect(thumbnail).toEqual(await user.bytesOf('getJobThumbnail', { id: first.id }))
    })

    it('is recognised once more where that is wanted', async () => {
      const job = await again({ owner: 'known', fresh: 'true' })
      expect(job).toMatchObject({ status: 'SUCCEEDED', reused: false, attempts: 1, worker: 'worker-1' })
    })

    it('is recognised once more for another owner', async () => {
      const job = await again({ owner: 'another' })
      expect(job).toMatchObject({ status: 'SUCCEEDED', reused: false, attempts: 1 })
    })

    it('is recognised once more where its job is retried', async () => {
      const { id } = await again({ owner: 'known' })
      expect(await user.act('retryJob', id)).toMatchObject({ run: 2, reused: false })
      const job = await user.becomes(id, 'SUCCEEDED')
      expect(job).toMatchObject({ run: 2, reused: false, attempts: 1, history: [{ run: 2, number: 1 }] })
    })
  })

  describe('a job', () => {
    it('that has succeeded says how', async () => {
      const { id } = await user.submitPhoto({}, WAIT)
      const job = await user.get(id)
      expect(job).toMatchObject({ status: 'SUCCEEDED', run: 1, attempts: 1, worker: 'worker-1', error: null })
      expect(job.result?.classes[0]).toMatchObject({ label: 'golden retriever', index: 207 })
      expect(Object.values(job.timings)).toHaveLength(6)
      for (const [step, milliseconds] of Object.entries(job.timings)) {
        expect([step, milliseconds]).toEqual([step, expect.any(Number)])
      }
      const model = job.result?.model.digest
      expect(job.history).toEqual<Attempt[]>([
        {
          run: 1,
          number: 1,
          worker: 'worker-1',
          engine: 'tfjs-wasm',
          model: model ?? '',
          startedAt: job.startedAt ?? '',
          endedAt: job.endedAt,
          end: 'succeeded',
          error: null,
        },
      ])
    })

    it('has its photo and its thumbnail, at the addresses that it names', async () => {
      const bytes = photo()
      const { id, image, thumbnailUrl } = await user.submit({ headers: WAIT, body: raw(bytes) })
      expect(await user.bytesOf('getJobImage', { id })).toEqual(Buffer.from(bytes))
      expect(image.url).toBe(`/api/v1/jobs/${id}/image`)
      expect(thumbnailUrl).toBe(`/api/v1/jobs/${id}/thumbnail`)
      const answer = await user.api.call('getJobThumbnail', { params: { id } })
      expect(answer.headers.get('content-type')).toBe('image/webp')
      expect(Buffer.from(answer.bytes).toString('latin1', 8, 12)).toBe('WEBP')
    })

    it('that has ended can be retried, and not be cancelled', async () => {
      const { id } = await user.submitPhoto({}, WAIT)
      expect((await user.api.callRefused('cancelJob', { params: { id } })).code).toBe('job/ended')
      expect(await user.act('retryJob', id)).toMatchObject({ id, run: 2, result: null, endedAt: null })
      const job = await user.becomes(id, 'SUCCEEDED')
      expect(job.history).toMatchObject([{ run: 1 }, { run: 2 }])
    })

    it('that has ended is gone when it is deleted', async () => {
      const { id } = await user.submitPhoto({}, WAIT)
      expect((await user.api.call('deleteJob', { params: { id } })).status).toBe(204)
      for (const operation of user.api.operations.filter(({ path }) =>
        path.startsWith('/api/v1/jobs/{id}'),
      )) {
        const { code } = await user.api.callRefused(operation.operationId, { params: { id } })
        expect([operation.operationId, code]).toEqual([operation.operationId, 'job/not-found'])
      }
    })

    it('has an id that is a UUID: nothing else is one', async () => {
      for (const operation of user.api.operations.filter(({ path }) =>
        path.startsWith('/api/v1/jobs/{id}'),
      )) {
        const { code } = await user.api.callInvalid(operation.operationId, { params: { id: 'nothing' } })
        expect([operation.operationId, code]).toEqual([operation.operationId, 'job/not-found'])
      }
    })
  })

  describe('batches', () => {
    const files = (count: number): FormData => {
      const form = new FormData()
      for (let number = 0; number < count; number += 1) form.append('image', new Blob([photo()]), 'a.png')
      return form
    }

    it('are made of many photos, looked at, and gone when they are deleted', async () => {
      const { batch, accepted, refused } = await user.createBatch({ body: files(3) })
      expect([accepted.length, refused]).toEqual([3, []])
      expect(await user.batchEnds(batch.id)).toMatchObject({ total: 3, counts: { SUCCEEDED: 3 } })
      const { json } = await user.api.call('listBatches', { query: { limit: 1 } })
      expect(batchPageSchema.parse(json).batches).toEqual([await user.getBatch(batch.id)])
      expect((await user.bytesOf('getBatchTable', { id: batch.id })).toString().split('\r\n')).toHaveLength(5)
      expect(await user.jobsOfBatch(batch.id)).toHaveLength(3)
      const { json: recognised } = await user.api.call('getBatchClasses', { params: { id: batch.id } })
      const { classes, others, confusions } = batchClassesSchema.parse(recognised)
      expect([classes.reduce((sum, { jobs }) => sum + jobs, 0), others, confusions]).toEqual([3, 0, []])
      expect(await user.actOnBatch('retryFailedOfBatch', batch.id)).toMatchObject({
        counts: { SUCCEEDED: 3 },
      })
      expect((await user.actOnBatch('cancelBatch', batch.id)).cancelledAt).not.toBeNull()
      const request = { query: { batch: batch.id }, body: raw(photo()) }
      expect((await user.api.callRefused('submitJob', request)).code).toBe('batch/cancelled')
      await user.api.call('deleteBatch', { params: { id: batch.id } })
      const gone = { params: { id: batch.id } }
      for (const operation of ['getBatch', 'getBatchClasses']) {
        expect((await user.api.callRefused(operation, gone)).code).toBe('batch/not-found')
      }
    })
  })

  describe('events', () => {
    it('come of all jobs', async () => {
      const { id } = await user.submitPhoto()
      const events = await user.api.follow('followEvents', { query: { after: 0 } }, (some) =>
        dataOf(some, 'job').some((job) => job.id === id && job.status === 'SUCCEEDED'),
      )
      expect(dataOf(events, 'cluster')[0]?.ready).toBe(true)
    })

    it('come of a batch', async () => {
      const batch = await user.emptyBatch()
      const { id } = await user.submitPhoto({ batch }, WAIT)
      const request = { params: { id: batch }, headers: { 'last-event-id': '0' } }
      const events = await user.api.follow('followBatch', request, (some) => {
        const job = dataOf(some, 'job').at(-1)
        return job?.status === 'SUCCEEDED' && dataOf(some, 'batch').length > 0
      })
      expect(new Set(dataOf(events, 'job').map((job) => job.id))).toEqual(new Set([id]))
      expect(dataOf(events, 'batch')).toMatchObject([{ id: batch, total: 1 }])
    })

    it('come of a job', async () => {
      const job = await user.submitPhoto({}, WAIT)
      const events = await user.api.follow('followJob', { params: { id: job.id } }, (some) =>
        dataOf(some, 'job').some(({ status }) => status === 'SUCCEEDED'),
      )
      expect(dataOf(events, 'job').at(-1)).toEqual(job)
    })
  })

  describe('a photo for a worker', () => {
    const bytes = photo()
    const name = sha256(bytes)

    async function ticketFor(photoName: string): Promise<Record<string, string>> {
      const tickets = new Tickets((await openSecrets(cluster.dataDir)).masterKey)
      const subject = { jobId: randomUUID(), run: 1, attempt: 1, worker: randomUUID(), sha256: photoName }
      return { 'x-argus-ticket': tickets.issue(subject) }
    }

    beforeAll(async () => {
      await user.submit({ body: raw(bytes) })
    })

    it('is there for its ticket', async () => {
      expect(await user.bytesOf('getImage', { sha256: name }, await ticketFor(name))).toEqual(
        Buffer.from(bytes),
      )
    })

    it('is there for no other', async () => {
      const params = { sha256: name }
      const refused = [{}, { 'x-argus-ticket': 'nonsense' }, await ticketFor('b'.repeat(64))]
      for (const headers of refused) {
        expect((await user.api.callRefused('getImage', { params, headers })).code).toBe('auth/ticket')
      }
    })

    it('has to be one', async () => {
      const unknown = 'b'.repeat(64)
      const request = { params: { sha256: unknown }, headers: await ticketFor(unknown) }
      expect((await user.api.callRefused('getImage', request)).code).toBe('image/not-found')
      const { code } = await user.api.callInvalid('getImage', { params: { sha256: 'nothing' } })
      expect(code).toBe('image/not-found')
    })
  })

  describe('the model', () => {
    it('is listed with its files, and each of them is what is listed', async () => {
      const { state, models } = modelsSchema.parse((await user.api.call('listModels')).json)
      const [model] = models
      if (!model) throw new Error('There is no model')
      expect(state).toMatchObject({ state: 'serving', digest: model.digest })
      for (const file of model.files) {
        const bytes = await user.bytesOf('getModelFile', { digest: model.digest, file: file.name })
        expect([bytes.length, sha256(bytes)]).toEqual([file.bytes, file.sha256])
      }
    })

    it('has no other files', async () => {
      const { models } = modelsSchema.parse((await user.api.call('listModels')).json)
      const digest = models[0]?.digest ?? ''
      for (const params of [
        { digest, file: 'nothing.bin' },
        { digest, file: '../../master-key' },
        { digest: 'a'.repeat(64), file: 'model.json' },
      ]) {
        expect((await user.api.callRefused('getModelFile', { params })).code).toBe('model/not-found')
      }
    })
  })

  describe('that is drained', () => {
    beforeAll(async () => {
      await user.drain()
    })
    afterAll(async () => {
      await user.resume()
    })

    it('says so, and the cluster is not ready', async () => {
      const { id } = await user.theWorker()
      await until(async () =>
        expect(await user.getWorker(id)).toMatchObject({ id, state: 'drained', held: 0 }),
      )
      const answer = await user.api.call('getReadiness')
      expect(answer.status).toBe(503)
      expect(clusterViewSchema.parse(answer.json)).toMatchObject({ ready: false })
    })

    it('leaves jobs waiting: 202 to whoever waits for one', async () => {
      const request = { headers: { prefer: 'wait=1' }, body: raw(photo()) }
      const answer = await user.api.call('submitJob', request)
      expect(answer.status).toBe(202)
      expect(answer.headers.get('preference-applied')).toBe('wait=1')
      expect(jobSchema.parse(answer.json)).toMatchObject({ status: 'QUEUED', attempts: 0, endedAt: null })
    })

    it('leaves a job waiting that can be cancelled, and then be retried', async () => {
      const { id } = await user.submitPhoto()
      expect((await user.api.callRefused('retryJob', { params: { id } })).code).toBe('job/not-ended')
      for (let times = 0; times < 2; times += 1) {
        expect(await user.act('cancelJob', id)).toMatchObject({
          id,
          status: 'CANCELLED',
          run: 1,
          error: null,
        })
      }
      expect((await user.api.callRefused('getJobThumbnail', { params: { id } })).code).toBe(
        'job/no-thumbnail',
      )
      expect(await user.act('retryJob', id)).toMatchObject({ id, status: 'QUEUED', run: 2, attempts: 0 })
    })

    it('leaves a job waiting that can be deleted', async () => {
      const { id } = await user.submitPhoto()
      await user.api.call('deleteJob', { params: { id } })
      expect((await user.api.callRefused('getJob', { params: { id } })).code).toBe('job/not-found')
    })

    it('works again when it is resumed', async () => {
      const { id } = await user.submitPhoto()
      expect(await user.resume()).toMatchObject({ name: 'worker-1', state: 'ready' })
      await user.becomes(id, 'SUCCEEDED')
    })

    it('joins with the token that the master tells', async () => {
      const { json, headers } = await user.api.call('getWorkerToken')
      expect(json).toEqual({ token: await cluster.workerToken() })
      expect(headers.get('cache-control')).toBe('no-store')
    })

    it('has to be one', async () => {
      for (const operation of ['getWorker', 'drainWorker', 'resumeWorker']) {
        const { code } = await user.api.callRefused(operation, { params: { id: randomUUID() } })
        expect(code).toBe('worker/not-found')
      }
    })
  })

  describe('deleting many', () => {
    beforeAll(async () => {
      await user.deleteAll({ all: 'true' })
    })

    it('takes those of a filter, waiting or ended, and leaves the others', async () => {
      const kept = [await user.submitPhoto({ owner: 'kept' }, WAIT)]
      await user.submitPhoto({ owner: 'gone' }, WAIT)
      await user.submitPhoto({ owner: 'gone', tag: ['a=1'] }, WAIT)
      await user.drain()
      await user.submitPhoto({ owner: 'gone' })
      kept.push(await user.submitPhoto({ owner: 'kept' }))
      expect(await user.deleteAll({ owner: 'gone', tag: ['a=1'] })).toEqual({ deleted: 1, next: null })
      expect(await user.deleteAll({ owner: 'gone', all: false })).toEqual({ deleted: 2, next: null })
      expect(await user.deleteAll({ owner: 'gone' })).toEqual({ deleted: 0, next: null })
      expect(idsOf((await user.page()).jobs)).toEqual(idsOf(kept))
      await user.resume()
    })

    it('wants to be told what, or that all is meant', async () => {
      const before = (await user.page()).total
      expect((await user.api.callRefused('deleteJobs')).code).toBe('request/needs-filter')
      const none = { query: { all: 'false' } }
      expect((await user.api.callRefused('deleteJobs', none)).code).toBe('request/needs-filter')
      const both = { query: { all: 'true', owner: 'kept' } }
      expect((await user.api.callRefused('deleteJobs', both)).code).toBe('request/invalid')
      const typo = { query: { all: 'true', ownr: 'kept' } }
      expect((await user.api.callInvalid('deleteJobs', typo)).code).toBe('request/unknown-parameter')
      const wrong: Query[] = [{ all: 'yes' }, { status: ['DONE'] }, { owner: '' }, { limit: 1 }]
      for (const query of wrong) {
        expect((await user.api.callInvalid('deleteJobs', { query })).code).toMatch(/^request\//)
      }
      expect((await user.page()).total).toBe(before)
    })

    it('takes all for nothing but what the document lists', async () => {
      const problem = await user.api.callInvalid('deleteJobs', { query: { all: 'TRUE' } })
      expect(problem.code).toBe('request/invalid')
    })

    it('takes all where all are meant', async () => {
      const { id } = await user.submitPhoto({}, WAIT)
      const { total } = await user.page()
      expect(await user.deleteAll({ all: true })).toEqual({ deleted: total, next: null })
      expect(await user.page()).toEqual({ jobs: [], next: null, total: 0 })
      expect((await user.api.callRefused('getJobImage', { params: { id } })).code).toBe('job/not-found')
    })
  })
})

describe('with a worker that takes its time', () => {
  beforeAll(async () => {
    await start({ instant: true, workerEnv: { INSTANT_MS: '120000' } })
    await cluster.ready()
  })
  afterAll(async () => {
    // It would end its photo first.
    for (const worker of cluster.workers) worker.kill('SIGKILL')
    await cluster.stop()
  })

  async function running(): Promise<JobDetail> {
    const { id } = await user.submitPhoto()
    return user.becomes(id, 'RUNNING')
  }

  it('runs a job that can be cancelled, and not be retried', async () => {
    const job = await running()
    expect(job).toMatchObject({ attempts: 1, worker: 'worker-1', endedAt: null, history: [{ end: null }] })
    expect((await user.api.callRefused('retryJob', { params: { id: job.id } })).code).toBe('job/not-ended')
    expect(await user.act('cancelJob', job.id)).toMatchObject({
      id: job.id,
      status: 'CANCELLED',
      attempts: 1,
    })
    expect((await user.get(job.id)).history).toMatchObject([{ run: 1, end: 'revoked' }])
    expect((await user.api.callRefused('getJobThumbnail', { params: { id: job.id } })).code).toBe(
      'job/no-thumbnail',
    )
  })

  it('runs a job that can be deleted', async () => {
    const { id } = await running()
    expect((await user.api.call('deleteJob', { params: { id } })).status).toBe(204)
    expect((await user.api.callRefused('getJob', { params: { id } })).code).toBe('job/not-found')
  })

  it('runs jobs that can be deleted together, by their status', async () => {
    await running()
    const status = ['RUNNING']
    expect((await user.page({ status })).total).toBe(1)
    expect(await user.deleteAll({ status })).toEqual({ deleted: 1, next: null })
    expect((await user.page({ status })).total).toBe(0)
  })

  it('cannot be resumed when it was told to end', async () => {
    await running()
    cluster.workers[0]?.kill('SIGTERM')
    await vi.waitFor(async () => expect((await user.theWorker()).state).toMatch(/^drain/), {
      timeout: 10_000,
    })
    const { id } = await user.theWorker()
    expect((await user.api.callRefused('resumeWorker', { params: { id } })).code).toBe('worker/leaving')
  })
})

describe('with a worker of the real engine', () => {
  beforeAll(async () => {
    await start({})
    await cluster.ready()
  })
  afterAll(() => cluster.stop())

  it('says what is on a photo', async () => {
    const bytes = new Uint8Array(await readFile(join(SAMPLES_DIR, 'balloon.png')))
    const job = await user.submit({ headers: { prefer: 'wait=60' }, body: raw(bytes) })
    expect(job).toMatchObject({
      status: 'SUCCEEDED',
      image: { width: 512, height: 512, bytes: bytes.length },
      result: { engine: 'tfjs-wasm' },
    })
    expect(job.result?.classes).toHaveLength(5)
    expect(job.result?.classes[0]).toMatchObject({ label: 'balloon', wordnetId: 'n02782093' })
    expect(Object.values(job.timings)).not.toContain(null)
    expect(await user.bytesOf('getJobImage', { id: job.id })).toEqual(Buffer.from(bytes))
    expect((await user.bytesOf('getJobThumbnail', { id: job.id })).length).toBeGreaterThan(100)
    expect(idsOf((await user.page({ class: 'balloon' })).jobs)).toEqual([job.id])
  })

  it('says why a photo cannot be recognised', async () => {
    const { id } = await user.submit({ headers: { prefer: 'wait=60' }, body: raw(photo()) })
    const job = await user.get(id)
    expect(job).toMatchObject({ status: 'FAILED', result: null, error: { code: 'image/unreadable' } })
    expect(job.history.at(-1)).toMatchObject({ end: 'failed', error: { code: 'image/unreadable' } })
    expect(idsOf((await user.page({ status: ['FAILED'] })).jobs)).toEqual([id])
    expect((await user.api.callRefused('getJobThumbnail', { params: { id } })).code).toBe('job/no-thumbnail')
  })
})

describe('without a worker', () => {
  beforeAll(() => start({ workers: 0, masterEnv: { MAX_QUEUED: '3' } }))
  afterAll(() => cluster.stop())

  it('takes as many photos as may wait, and then says when to come again', async () => {
    for (let taken = 0; taken < 3; taken += 1) {
      expect(await user.submitPhoto()).toMatchObject({ status: 'QUEUED' })
    }
    const { problem, headers } = await user.api.refusal('submitJob', { body: raw(photo()) })
    expect(problem).toMatchObject({ code: 'queue/full', status: 429 })
    expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/)
    const { jobs, total } = await user.page()
    expect(total).toBe(3)
    await user.act('cancelJob', jobs[0]?.id ?? '')
    expect(await user.submitPhoto()).toMatchObject({ status: 'QUEUED' })
  })
})

describe('all of this', () => {
  it('has called every operation, and has seen each answer that is no problem', () => {
    const listed = user.api.operations.flatMap(({ operationId, responses }) =>
      Object.entries(responses)
        .filter(([_status, { content }]) => Object.keys(content).every((type) => type !== PROBLEM))
        .map(([status]) => `${operationId} ${status}`),
    )
    const answered = new Set(users.flatMap(({ api }) => [...api.answered]))
    expect(listed.length).toBeGreaterThanOrEqual(user.api.operations.length)
    expect(listed.filter((each) => !answered.has(each))).toEqual([])
  })
})
