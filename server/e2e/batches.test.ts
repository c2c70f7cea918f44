/** Batches: what becomes of each file of a request, how far a batch has come, and what can be done with it. */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { json as readJson } from 'node:stream/consumers'
import {
  type Batch,
  type BatchReceipt,
  batchPageSchema,
  batchReceiptSchema,
  type Job,
  type ProblemCode,
  problemSchema,
} from '@argus/shared'
import { LABELS } from '@argus/shared/labels'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { RESULT_COLUMNS } from '../src/jobs/batch-results.ts'
import { ApiUser, idsOf, photo, type Query, raw } from '../testing/api-user.ts'
import { TestCluster } from '../testing/cluster.ts'
import { HEIC, pngHeader, SVG } from '../testing/images.ts'
import { hasTestData, type TestPhoto, testPhotos } from '../testing/test-data.ts'

const MAX_UPLOAD_BYTES = 200_000
const BOUNDARY = 'a-boundary'
const WAIT = { prefer: 'wait=60' }
const NO_COUNTS = { QUEUED: 0, RUNNING: 0, SUCCEEDED: 0, FAILED: 0, CANCELLED: 0 }

let cluster: TestCluster
let user: ApiUser

interface File {
  readonly name: string
  readonly bytes: Uint8Array
}

function photosNamed(prefix: string, count: number): File[] {
  return Array.from({ length: count }, (_, at) => ({ name: `${prefix}-${at + 1}.png`, bytes: photo() }))
}

function formOf(files: readonly File[], fields: ReadonlyArray<readonly [string, string]> = []): FormData {
  const form = new FormData()
  for (const [name, value] of fields) form.append(name, value)
  for (const { name, bytes } of files) form.append('image', new Blob([new Uint8Array(bytes)]), name)
  return form
}

function filePart({ name, bytes }: File): Buffer {
  const head = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="image"; filename="${name}"\r\n\r\n`
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from('\r\n')])
}

function fieldPart(name: string, value: string): Buffer {
  return Buffer.from(`--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
}

const FORM_END = Buffer.from(`--${BOUNDARY}--\r\n`)

/** Where the last file ends is known when the line between it and the next one has begun. */
const BETWEEN = `--${BOUNDARY}`.length

/** A form that is sent part by part, as a test likes it. */
class SlowForm {
  readonly #outgoing: ClientRequest
  readonly #answer: Promise<IncomingMessage>

  constructor(query = '', headers: Record<string, string> = {}) {
    this.#outgoing = request(`${cluster.url}/api/v1/batches${query}`, {
      method: 'POST',
      headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}`, ...headers },
      agent: false,
    })
    this.#answer = new Promise((resolve, reject) => {
      this.#outgoing.once('error', reject).once('response', resolve)
    })
    this.#answer.catch(() => undefined)
  }

  write(...parts: readonly Uint8Array[]): void {
    for (const part of parts) this.#outgoing.write(part)
  }

  breakOff(): void {
    this.#outgoing.destroy()
  }

  async end(...parts: readonly Uint8Array[]): Promise<{ status: number; json: unknown }> {
    this.write(...parts)
    this.#outgoing.end()
    const answer = await this.#answer
    return { status: answer.statusCode ?? 0, json: await readJson(answer) }
  }
}

async function sendParts(parts: readonly Uint8Array[], query = '', headers: Record<string, string> = {}) {
  return new SlowForm(query, headers).end(...parts)
}

async function receiptOf(parts: readonly Uint8Array[], query = ''): Promise<BatchReceipt> {
  const { status, json } = await sendParts(parts, query)
  expect([status, json]).toEqual([201, expect.anything()])
  return batchReceiptSchema.parse(json)
}

async function codeOf(sent: Promise<{ status: number; json: unknown }>): Promise<string> {
  const { status, json } = await sent
  const problem = problemSchema.parse(json)
  expect(problem.status).toBe(status)
  return problem.code
}

async function batchesOf(owner: string): Promise<Batch[]> {
  return batchPageSchema.parse((await user.api.call('listBatches', { query: { owner } })).json).batches
}

/** The only batch of this owner, when so many photos of it were taken. */
function batchWith(owner: string, total: number): Promise<Batch> {
  return vi.waitFor(
    async () => {
      const [batch] = await batchesOf(owner)
      if (!batch) throw new Error('There is none yet')
      expect(batch.total).toBe(total)
      return batch
    },
    { timeout: 20_000 },
  )
}

async function tableOf(id: string): Promise<Array<Record<string, string>>> {
  const text = (await user.bytesOf('getBatchTable', { id })).toString()
  return z.array(z.record(z.string(), z.string())).parse(parse(text, { columns: true }))
}

async function refusedWhere(operation: string, id: string): Promise<ProblemCode> {
  return (await user.api.callRefused(operation, { params: { id } })).code
}

function briefly({ accepted, refused }: BatchReceipt) {
  return {
    accepted: accepted.map(({ file, fileName }) => [file, fileName]),
    refused: refused.map(({ file, fileName, code }) => [file, fileName, code]),
  }
}

describe('with instant workers', () => {
  beforeAll(async () => {
    cluster = await TestCluster.start({
      instant: true,
      workers: 2,
      masterEnv: { MAX_UPLOAD_BYTES: String(MAX_UPLOAD_BYTES) },
    })
    user = await ApiUser.of(cluster.url)
    await cluster.ready()
  })
  afterAll(() => cluster.stop())

  describe('one request of 500 files, 20 of which are bad', () => {
    const BAD: ReadonlyArray<readonly [name: string, bytes: Uint8Array, code: ProblemCode]> = [
      ['text.txt', Buffer.from('These are words.'), 'image/unsupported-type'],
      ['empty.png', new Uint8Array(), 'image/empty'],
      ['cut.png', pngHeader(8, 8).subarray(0, 20), 'image/unsupported-type'],
      ['drawing.svg', SVG, 'image/svg'],
      ['iphone.heic', HEIC, 'image/heic'],
      ['wide.png', pngHeader(60_000, 60_000), 'image/too-many-pixels'],
      ['large.png', Buffer.concat([pngHeader(9, 9), Buffer.alloc(MAX_UPLOAD_BYTES)]), 'image/too-large'],
    ]
    const NAMES: Readonly<Record<number, string>> = {
      1: '=cmd.jpg',
      2: '+1.png',
      3: '@sum.png',
      4: '-2.png',
      17: 'Über den Wolken 🌍.png',
      18: '東京, 2026.png',
      19: "semicolon; 'quotes'.png",
      500: 'the last.png',
    }
    const badAt = (number: number) =>
      number % 25 === 7 ? BAD[Math.floor(number / 25) % BAD.length] : undefined

    const files = Array.from({ length: 500 }, (_, at) => {
      const number = at + 1
      const bad = badAt(number)
      const name = NAMES[number] ?? `photo-${number}.png`
      return { number, name: bad?.[0] ?? name, bytes: bad?.[1] ?? photo(), code: bad?.[2] }
    })
    const good = files.filter(({ code }) => code === undefined)
    let receipt: BatchReceipt
    let jobs: Job[]

    beforeAll(async () => {
      const fields = [
        ['name', 'Holidays: Ærø'],
        ['owner', 'Ada'],
        ['priority', '3'],
        ['tag', 'trip=Ærø'],
      ] as const
      receipt = await user.createBatch({ body: formOf(files, fields) })
      await user.batchEnds(receipt.batch.id)
      jobs = await user.jobsOfBatch(receipt.batch.id)
    })

    it('has 480 accepted and 20 refused, each by its number and name, with what is wrong with it', () => {
      expect(good).toHaveLength(480)
      expect(briefly(receipt)).toEqual({
        accepted: good.map(({ number, name }) => [number, name]),
        refused: files.flatMap(({ number, name, code }) => (code ? [[number, name, code]] : [])),
      })
    })

    it('has a job of each that was accepted, which is what the request says of it', () => {
      expect(new Set(jobs.map(({ id }) => id))).toEqual(new Set(receipt.accepted.map(({ job }) => job)))
      const byId = new Map(jobs.map((job) => [job.id, job]))
      for (const { job, fileName } of receipt.accepted) {
        expect(byId.get(job)).toMatchObject({
          fileName,
          owner: 'Ada',
          priority: 3,
          tags: { trip: 'Ærø' },
          batch: receipt.batch.id,
          status: 'SUCCEEDED',
          truth: null,
        })
      }
    })

    it('is counted when all have ended', async () => {
      expect(await user.getBatch(receipt.batch.id)).toMatchObject({
        name: 'Holidays: Ærø',
        owner: 'Ada',
        cancelledAt: null,
        total: 480,
        counts: { ...NO_COUNTS, SUCCEEDED: 480 },
        progress: 1,
        secondsLeft: 0,
        rate: expect.any(Number),
        accuracy: null,
      })
      expect((await user.page({ batch: receipt.batch.id })).total).toBe(480)
    })

    it('has its results as a table of the same jobs in the same order', async () => {
      const { id } = receipt.batch
      const answer = await user.api.call('getBatchTable', { params: { id } })
      expect(answer.headers.get('content-type')).toMatch(/^text\/csv/)
      expect(answer.headers.get('content-disposition')).toMatch(/^attachment; .*\.csv/)
      const text = Buffer.from(answer.bytes).toString()
      expect(text.startsWith(`${RESULT_COLUMNS.join(',')}\r\n`)).toBe(true)
      expect(text.endsWith('\r\n')).toBe(true)
      expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
      const rows = await tableOf(id)
      expect(rows.map((row) => row.job)).toEqual(jobs.map((job) => job.id))
      const escaped = (name: string) => (/^[=+\-@]/.test(name) ? `'${name}` : name)
      expect(rows.map(({ file }) => file)).toEqual(jobs.map(({ fileName }) => escaped(fileName)))
      const { status, label, wordnet_id, owner } = rows[0] ?? {}
      expect([status, label, wordnet_id, owner]).toEqual([
        'SUCCEEDED',
        'golden retriever',
        'n02099601',
        'Ada',
      ])
      expect(text).toContain(",'=cmd.jpg,")
    })

    it('has its results in the order of the submit, and as each job is by itself', async () => {
      const order = (job: Job) => `${job.submittedAt} ${job.id}`
      expect(jobs.map(order)).toEqual(jobs.map(order).sort())
      for (const job of jobs.slice(0, 5)) {
        const { history: _history, ...alone } = await user.get(job.id)
        expect(job).toEqual(alone)
      }
    })
  })

  describe('a request with too many files', () => {
    it.each([1001, 1030, 1500])('of %d has 1,000 taken, and is told that there were more', async (count) => {
      const receipt = await receiptOf([...photosNamed('many', count).map(filePart), FORM_END])
      expect(receipt.accepted.map(({ file }) => file)).toEqual(
        Array.from({ length: 1000 }, (_, at) => at + 1),
      )
      expect(briefly(receipt).refused).toEqual([[1001, null, 'batch/too-many-files']])
      expect((await user.batchEnds(receipt.batch.id)).counts).toEqual({ ...NO_COUNTS, SUCCEEDED: 1000 })
    })
  })

  describe('a form', () => {
    it('has its options before its files: one behind is named', async () => {
      const receipt = await receiptOf([
        fieldPart('owner', 'Ada'),
        ...photosNamed('early', 2).map(filePart),
        fieldPart('name', 'late'),
        FORM_END,
      ])
      expect(briefly(receipt)).toEqual({
        accepted: [
          [1, 'early-1.png'],
          [2, 'early-2.png'],
        ],
        refused: [[3, null, 'request/malformed-upload']],
      })
      expect(receipt.batch).toMatchObject({ name: null, owner: 'Ada', total: 2 })
    })

    it('may have no file at all', async () => {
      const { batch, accepted, refused } = await receiptOf([fieldPart('name', 'empty'), FORM_END])
      expect([accepted, refused]).toEqual([[], []])
      expect(batch).toEqual({
        id: expect.any(String),
        name: 'empty',
        owner: '127.0.0.1',
        createdAt: expect.any(String),
        cancelledAt: null,
        total: 0,
        counts: NO_COUNTS,
        progress: 0,
        rate: null,
        secondsLeft: null,
        accuracy: null,
      })
    })

    it('may have bad files alone', async () => {
      const bad = [
        { name: 'a.txt', bytes: Buffer.from('words') },
        { name: 'b.png', bytes: new Uint8Array() },
      ]
      const receipt = await user.createBatch({ body: formOf(bad) })
      expect(briefly(receipt)).toEqual({
        accepted: [],
        refused: [
          [1, 'a.txt', 'image/unsupported-type'],
          [2, 'b.png', 'image/empty'],
        ],
      })
      expect(receipt.batch.total).toBe(0)
    })

    it('may be no request at all: options of the address make an empty batch', async () => {
      const { batch } = await user.createBatch({ query: { name: '  from the address ', owner: 'Bob' } })
      expect(batch).toMatchObject({ name: 'from the address', owner: 'Bob', total: 0 })
    })

    it('has options from both places, each in one', async () => {
      const body = formOf(photosNamed('both', 1), [['name', 'both']])
      const receipt = await user.createBatch({ query: { owner: 'Bob', priority: 5, tag: ['a=1'] }, body })
      const [job] = await user.jobsOfBatch(receipt.batch.id)
      expect(receipt.batch).toMatchObject({ name: 'both', owner: 'Bob' })
      expect(job).toMatchObject({ owner: 'Bob', priority: 5, tags: { a: '1' } })
      const twice = formOf(photosNamed('both', 1), [['owner', 'Ada']])
      const { code } = await user.api.callRefused('createBatch', { query: { owner: 'Bob' }, body: twice })
      expect(code).toBe('request/invalid')
    })

    it.each<[string, string]>([
      ['owner', ''],
      ['owner', 'a'.repeat(101)],
      ['priority', '101'],
      ['priority', 'high'],
      ['name', ''],
      ['name', 'a'.repeat(201)],
      ['tag', 'camera'],
      ['fresh', 'yes'],
      ['tag', 'truth=dog'],
      ['tag', 'truth=1000'],
      ['tag', 'truth=n00000000'],
    ])('has no such option %s (%#), in either place, with a photo or without', async (name, value) => {
      const before = (await batchesOf('127.0.0.1')).map(({ id }) => id)
      const query = `?${new URLSearchParams([[name, value]])}`
      const [file] = photosNamed('never', 1).map(filePart)
      const parts = file ? [file, FORM_END] : []
      expect(await codeOf(sendParts([fieldPart(name, value), ...parts]))).toBe('request/invalid')
      expect(await codeOf(sendParts(parts, query))).toBe('request/invalid')
      expect(await codeOf(sendParts([fieldPart(name, value), FORM_END]))).toBe('request/invalid')
      expect(await codeOf(sendParts([FORM_END], query))).toBe('request/invalid')
      expect((await batchesOf('127.0.0.1')).map(({ id }) => id)).toEqual(before)
    })

    it.each(['batch', 'fileName', 'nonsense', '__proto__', 'image'])('has no field "%s"', async (name) => {
      const field = fieldPart(name, randomUUID())
      expect(await codeOf(sendParts([field, FORM_END]))).toBe('request/malformed-upload')
      const owner = `unknown ${name}`
      const form = new SlowForm(`?owner=${encodeURIComponent(owner)}`)
      const [first = FORM_END, second = FORM_END] = photosNamed('kept', 2).map(filePart)
      form.write(first, field.subarray(0, BETWEEN))
      await batchWith(owner, 1)
      const { status, json } = await form.end(field.subarray(BETWEEN), second, FORM_END)
      expect(status).toBe(201)
      expect(briefly(batchReceiptSchema.parse(json))).toEqual({
        accepted: [[1, 'kept-1.png']],
        refused: [[2, null, 'request/malformed-upload']],
      })
    })

    it('has its files in the field "image"', async () => {
      const form = new FormData()
      form.append('photo', new Blob([photo()]), 'a.png')
      expect((await user.api.callInvalid('createBatch', { body: form })).code).toBe(
        'request/malformed-upload',
      )
    })

    it('is the only body that is taken', async () => {
      for (const type of ['application/json', 'image/png', 'text/plain', '']) {
        const body = new Blob(['{"name":"a"}'], { type })
        const { code } = await user.api.callInvalid('createBatch', { body })
        expect([type, code]).toEqual([type, 'request/malformed-upload'])
      }
    })
  })

  describe('an Idempotency-Key', () => {
    it('has a request that broke off be repeated: what was taken is not taken twice', async () => {
      const owner = 'broken off'
      const query = `?owner=${encodeURIComponent(owner)}&name=once`
      const headers = { 'idempotency-key': randomUUID() }
      const parts = photosNamed('broken', 10).map(filePart)
      const first = new SlowForm(query, headers)
      // In the middle of the sixth.
      first.write(...parts.slice(0, 5), (parts[5] ?? FORM_END).subarray(0, -20))
      const { id } = await batchWith(owner, 5)
      first.breakOff()
      const before = new Map((await user.jobsOfBatch(id)).map((job) => [job.fileName, job.id]))

      const again = await sendParts([...parts, FORM_END], query, headers)
      const receipt = batchReceiptSchema.parse(again.json)
      expect(receipt.batch).toMatchObject({ id, name: 'once', owner, total: 10 })
      expect(receipt.refused).toEqual([])
      expect(receipt.accepted.map(({ file }) => file)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
      for (const { fileName, job } of receipt.accepted.slice(0, 5)) expect(job).toBe(before.get(fileName))
      expect(idsOf(await user.jobsOfBatch(id))).toEqual(receipt.accepted.map(({ job }) => job).sort())
      expect(await batchesOf(owner)).toHaveLength(1)

      const third = await sendParts([...parts, FORM_END], query, headers)
      expect(batchReceiptSchema.parse(third.json).accepted).toEqual(receipt.accepted)
    })

    it('makes one batch and one job a photo, also of requests at the same time', async () => {
      const owner = 'at once'
      const parts = [...photosNamed('race', 40).map(filePart), FORM_END]
      const headers = { 'idempotency-key': 'the same' }
      const answers = await Promise.all([1, 2, 3].map(() => sendParts(parts, `?owner=at+once`, headers)))
      const receipts = answers.map(({ json }) => batchReceiptSchema.parse(json))
      for (const { accepted, refused } of receipts) {
        expect(refused).toEqual([])
        expect(accepted).toEqual(receipts[0]?.accepted)
      }
      expect(await batchesOf(owner)).toMatchObject([{ total: 40 }])
    })

    it('says that it had made the batch', async () => {
      const request = { query: { name: 'replayed' }, headers: { 'idempotency-key': randomUUID() } }
      const first = await user.api.call('createBatch', request)
      expect(first.headers.get('idempotent-replayed')).toBeNull()
      const again = await user.api.call('createBatch', request)
      expect(again.headers.get('idempotent-replayed')).toBe('true')
      expect(again.json).toEqual(first.json)
    })

    it('is for one name, and for one owner', async () => {
      const headers = { 'idempotency-key': randomUUID() }
      const { batch } = await user.createBatch({ query: { name: 'this' }, headers })
      const other = await user.api.refusal('createBatch', { query: { name: 'that' }, headers })
      expect(other.problem).toMatchObject({ code: 'request/idempotency-mismatch', status: 422 })
      const withFile = { query: { name: 'that' }, headers, body: formOf(photosNamed('other', 1)) }
      expect((await user.api.callRefused('createBatch', withFile)).code).toBe('request/idempotency-mismatch')
      const another = await user.createBatch({ query: { name: 'this', owner: 'another' }, headers })
      expect(another.batch.id).not.toBe(batch.id)
      expect((await user.getBatch(batch.id)).total).toBe(0)
    })

    it('of a job makes no batch', async () => {
      const headers = { 'idempotency-key': randomUUID() }
      await user.submit({ headers, body: raw(photo()) })
      expect((await user.api.callRefused('createBatch', { headers })).code).toBe(
        'request/idempotency-mismatch',
      )
    })

    it('has another photo in the place of one refused, and the others taken', async () => {
      const headers = { 'idempotency-key': randomUUID() }
      const [one, two, three] = photosNamed('swapped', 3)
      if (!one || !two || !three) throw new Error('There are none')
      const first = await user.createBatch({ headers, body: formOf([one, two]) })
      const again = await user.createBatch({
        headers,
        body: formOf([one, { name: two.name, bytes: photo() }, three]),
      })
      expect(briefly(again)).toEqual({
        accepted: [
          [1, one.name],
          [3, three.name],
        ],
        refused: [[2, two.name, 'request/idempotency-mismatch']],
      })
      expect(again.accepted[0]).toEqual(first.accepted[0])
      expect(again.batch.total).toBe(3)
    })
  })

  describe('photo by photo', () => {
    it('is filled by submits that name it, and are of its owner unless they say another', async () => {
      const id = await user.emptyBatch({ owner: 'Grace', name: 'piece by piece' })
      const inQuery = await user.submit({ query: { batch: id.toUpperCase() }, body: raw(photo()) })
      const inForm = await user.submit({ body: formOf(photosNamed('one', 1), [['batch', id]]) })
      const ofAda = await user.submit({ query: { batch: id, owner: 'Ada' }, body: raw(photo()) })
      expect([inQuery, inForm, ofAda].map(({ owner, batch }) => [owner, batch])).toEqual([
        ['Grace', id],
        ['Grace', id],
        ['Ada', id],
      ])
      expect(await user.batchEnds(id)).toMatchObject({ owner: 'Grace', total: 3, progress: 1 })
      expect(idsOf(await user.jobsOfBatch(id))).toEqual(idsOf([inQuery, inForm, ofAda]))
    })

    it('has to be one that there is', async () => {
      const { total } = await user.page()
      const request = { query: { batch: randomUUID() }, body: raw(photo()) }
      const { problem } = await user.api.refusal('submitJob', request)
      expect(problem).toMatchObject({ code: 'batch/not-found', status: 404 })
      expect((await user.page()).total).toBe(total)
    })
  })

  describe('a list', () => {
    const owner = 'a list'
    let ids: string[]

    async function list(query: Query) {
      return batchPageSchema.parse((await user.api.call('listBatches', { query })).json)
    }

    beforeAll(async () => {
      ids = []
      for (let number = 0; number < 7; number += 1) ids.unshift(await user.emptyBatch({ owner }))
      await user.emptyBatch({ owner: 'not in it' })
    })

    it('has the newest first, of one owner or of all', async () => {
      expect((await list({ owner })).batches.map(({ id }) => id)).toEqual(ids)
      const all = (await list({ limit: 100 })).batches
      expect(all.map(({ id }) => id).slice(1, 8)).toEqual(ids)
      expect(all.map(({ createdAt }) => createdAt)).toEqual(
        all
          .map(({ createdAt }) => createdAt)
          .sort()
          .reverse(),
      )
    })

    it('has pages, each batch once', async () => {
      const first = await list({ owner, limit: 3 })
      const second = await list({ owner, limit: 3, cursor: first.next ?? '' })
      const third = await list({ owner, limit: 3, cursor: second.next ?? '' })
      expect([first, second, third].map(({ batches }) => batches.map(({ id }) => id))).toEqual([
        ids.slice(0, 3),
        ids.slice(3, 6),
        ids.slice(6),
      ])
      expect(third.next).toBeNull()
      expect((await list({ owner, limit: 7 })).next).toBeNull()
    })

    it('shows batches as they are when looked at one by one', async () => {
      for (const batch of (await list({ limit: 5 })).batches)
        expect(await user.getBatch(batch.id)).toEqual(batch)
    })

    it('goes on from a batch that there is', async () => {
      const { code } = await user.api.callRefused('listBatches', { query: { cursor: randomUUID() } })
      expect(code).toBe('request/invalid')
    })

    it.each<[Query]>([
      [{ limit: 0 }],
      [{ limit: 101 }],
      [{ cursor: 'one' }],
      [{ owner: '' }],
      [{ owner: ['a', 'b'] }],
    ])('cannot be asked for %j', async (query) => {
      expect((await user.api.callInvalid('listBatches', { query })).code).toBe('request/invalid')
    })
  })

  describe('a batch that there is not', () => {
    it('is told by each operation', async () => {
      const ofOne = user.api.operations.filter(({ path }) => path.startsWith('/api/v1/batches/{id}'))
      expect(ofOne).toHaveLength(8)
      for (const { operationId } of ofOne) {
        expect([operationId, await refusedWhere(operationId, randomUUID())]).toEqual([
          operationId,
          'batch/not-found',
        ])
        const params = { id: 'nothing' }
        const { code } = await user.api.callInvalid(operationId, { params })
        expect([operationId, code]).toEqual([operationId, 'batch/not-found'])
      }
    })
  })

  describe('deleting', () => {
    it('takes its jobs along, and nothing else', async () => {
      const kept = await user.createBatch({ body: formOf(photosNamed('kept', 3)) })
      const headers = { 'idempotency-key': randomUUID() }
      const gone = await user.createBatch({ headers, body: formOf(photosNamed('gone', 120)) })
      const { id } = gone.batch
      expect((await user.api.call('deleteBatch', { params: { id } })).status).toBe(204)
      expect(await refusedWhere('getBatch', id)).toBe('batch/not-found')
      expect(await refusedWhere('deleteBatch', id)).toBe('batch/not-found')
      expect(await user.page({ batch: id })).toEqual({ jobs: [], next: null, total: 0 })
      expect(await refusedWhere('getJob', gone.accepted[0]?.job ?? '')).toBe('job/not-found')
      const request = { query: { batch: id }, body: raw(photo()) }
      expect((await user.api.callRefused('submitJob', request)).code).toBe('batch/not-found')
      // Nor does the key stand for it any more.
      expect((await user.createBatch({ headers })).batch.id).not.toBe(id)
      expect((await user.batchEnds(kept.batch.id)).total).toBe(3)
    })

    it('ends the request that fills it', async () => {
      const owner = 'deleted meanwhile'
      const parts = Buffer.concat([...photosNamed('meanwhile', 6).map(filePart), FORM_END])
      const middle = (parts.length - FORM_END.length) / 2 + BETWEEN
      const form = new SlowForm(`?owner=${encodeURIComponent(owner)}`)
      form.write(parts.subarray(0, middle))
      const { id } = await batchWith(owner, 3)
      await user.api.call('deleteBatch', { params: { id } })
      const { status, json } = await form.end(parts.subarray(middle))
      expect(status).toBeLessThan(500)
      // What is answered is one of the answers of the document.
      const { responses } = user.api.operations.find((each) => each.operationId === 'createBatch') ?? {}
      const { code } = problemSchema.parse(json)
      expect([status, responses?.[status]?.description ?? '']).toEqual([
        status,
        expect.stringContaining(`\`${code}\``),
      ])
      expect((await user.page({ batch: id })).total).toBe(0)
      expect(await refusedWhere('getBatch', id)).toBe('batch/not-found')
    })
  })
})

describe('with workers that take their time', () => {
  beforeAll(async () => {
    cluster = await TestCluster.start({
      instant: true,
      workers: 2,
      workerEnv: { INSTANT_MS: '300', THREADS: '2', PREFETCH: '2' },
    })
    user = await ApiUser.of(cluster.url)
    await cluster.ready()
  })
  afterAll(() => cluster.stop())

  /** The batch when so many of its jobs have succeeded. */
  function halfDone(id: string, count: number): Promise<Batch> {
    return vi.waitFor(
      async () => {
        const batch = await user.getBatch(id)
        expect(batch.counts.SUCCEEDED).toBeGreaterThan(count)
        return batch
      },
      { timeout: 60_000, interval: 20 },
    )
  }

  it('cancels a batch in its middle: nothing of it waits or runs, and what was done stays', async () => {
    const other = await user.createBatch({
      query: { owner: 'other' },
      body: formOf(photosNamed('other', 20)),
    })
    const { batch } = await user.createBatch({
      query: { owner: 'half' },
      body: formOf(photosNamed('half', 400)),
    })
    const { id } = batch
    const half = await halfDone(id, 40)
    expect(half.progress).toBeGreaterThan(0)
    expect(half.progress).toBeLessThan(1)
    expect(half.rate).toBeGreaterThan(0)
    expect(half.secondsLeft).toBeGreaterThan(0)
    const done = (await user.jobsOfBatch(id)).filter(({ status }) => status === 'SUCCEEDED')

    const cancelled = await user.actOnBatch('cancelBatch', id)
    const { QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED } = cancelled.counts
    expect([QUEUED, RUNNING, FAILED, SUCCEEDED + CANCELLED]).toEqual([0, 0, 0, 400])
    expect(SUCCEEDED).toBeGreaterThanOrEqual(done.length)
    expect(CANCELLED).toBeGreaterThan(100)
    expect(cancelled).toMatchObject({ progress: 1, secondsLeft: 0, cancelledAt: expect.any(String) })
    const byId = new Map((await user.jobsOfBatch(id)).map((job) => [job.id, job]))
    expect(done.map((job) => byId.get(job.id))).toEqual(done)

    const { problem } = await user.api.refusal('submitJob', { query: { batch: id }, body: raw(photo()) })
    expect(problem).toMatchObject({ code: 'batch/cancelled', status: 409 })
    expect((await user.batchEnds(other.batch.id)).counts).toEqual({ ...NO_COUNTS, SUCCEEDED: 20 })
    // The workers have gone on, but not with it.
    const again = await user.actOnBatch('cancelBatch', id)
    expect(again).toEqual(cancelled)
    expect((await user.getBatch(other.batch.id)).cancelledAt).toBeNull()
  })

  it('refuses what is still to come of the request that fills a batch that is cancelled', async () => {
    const owner = 'cancelled meanwhile'
    const files = photosNamed('meanwhile', 6)
    const form = new SlowForm(`?owner=${encodeURIComponent(owner)}`)
    const parts = Buffer.concat([...files.map(filePart), FORM_END])
    const middle = (parts.length - FORM_END.length) / 2 + BETWEEN
    form.write(parts.subarray(0, middle))
    const { id } = await batchWith(owner, 3)
    await user.actOnBatch('cancelBatch', id)
    const { status, json } = await form.end(parts.subarray(middle))
    expect(status).toBe(201)
    const receipt = batchReceiptSchema.parse(json)
    expect(briefly(receipt)).toEqual({
      accepted: files.slice(0, 3).map(({ name }, at) => [at + 1, name]),
      refused: files.slice(3).map(({ name }, at) => [at + 4, name, 'batch/cancelled']),
    })
    expect(receipt.batch).toMatchObject({ id, total: 3, progress: 1 })
  })

  it('cancels a batch that is empty', async () => {
    const id = await user.emptyBatch()
    expect(await user.actOnBatch('cancelBatch', id)).toMatchObject({
      total: 0,
      cancelledAt: expect.any(String),
    })
  })

  it('deletes a batch in its middle', async () => {
    const { batch } = await user.createBatch({ body: formOf(photosNamed('middle', 300)) })
    await halfDone(batch.id, 10)
    await user.api.call('deleteBatch', { params: { id: batch.id } })
    expect(await refusedWhere('getBatch', batch.id)).toBe('batch/not-found')
    expect((await user.page({ batch: batch.id })).total).toBe(0)
    // The workers are free for others.
    const next = await user.submitPhoto({}, WAIT)
    expect(next.status).toBe('SUCCEEDED')
    expect((await user.page({ batch: batch.id })).total).toBe(0)
  })
})

describe('with workers of the real engine', () => {
  beforeAll(async () => {
    cluster = await TestCluster.start()
    user = await ApiUser.of(cluster.url)
    await cluster.ready()
  })
  afterAll(() => cluster.stop())

  it('retries what has failed, and nothing else', async () => {
    const damaged = photosNamed('damaged', 3)
    const sound = [{ name: 'sound.png', bytes: await soundPhoto() }]
    const receipt = await user.createBatch({
      body: formOf([...damaged, ...sound, ...photosNamed('damaged', 1)]),
    })
    const { id } = receipt.batch
    expect((await user.batchEnds(id)).counts).toEqual({ ...NO_COUNTS, SUCCEEDED: 1, FAILED: 4 })
    const before = await user.jobsOfBatch(id)
    expect(await user.actOnBatch('retryFailedOfBatch', id)).toMatchObject({ id, total: 5 })
    expect((await user.batchEnds(id)).counts).toEqual({ ...NO_COUNTS, SUCCEEDED: 1, FAILED: 4 })
    for (const job of before) {
      const now = await user.get(job.id)
      const { history, ...same } = now
      if (job.status === 'SUCCEEDED') expect(same).toEqual(job)
      else expect(now).toMatchObject({ run: 2, status: 'FAILED', error: { code: 'image/unreadable' } })
      expect(history.map(({ run }) => run)).toEqual(job.status === 'SUCCEEDED' ? [1] : [1, 2])
    }
    const rows = await tableOf(id)
    expect(rows.map(({ error }) => error).sort()).toEqual(['', ...Array(4).fill('image/unreadable')])
  })

  it('retries nothing where nothing has failed', async () => {
    const id = await user.emptyBatch()
    expect(await user.actOnBatch('retryFailedOfBatch', id)).toMatchObject({ total: 0 })
  })

  describe.skipIf(!hasTestData())('with photos whose truth is known', () => {
    const labelOf = (index: number) => LABELS[index] ?? { index, wordnetId: '', label: '' }
    let photos: TestPhoto[]
    let id: string
    let jobs: Job[]

    /** What the test says of each: by name, the truth; half of them in one way and half in the other. */
    const truths = new Map<string, number>()

    async function submitLabelled({ path }: TestPhoto, truth: number, at: number): Promise<Job> {
      const name = at % 2 === 0 ? String(truth) : labelOf(truth).wordnetId.toUpperCase().replace('N', 'n')
      const bytes = new Uint8Array(await readFile(path))
      const fileName = `${at}.jpg`
      truths.set(fileName, truth)
      return user.submit({ query: { batch: id, fileName, tag: [`truth=${name}`] }, body: raw(bytes) })
    }

    beforeAll(async () => {
      photos = (await testPhotos()).slice(0, 30)
      id = await user.emptyBatch({ name: 'labelled' })
      for (const [at, each] of photos.entries()) {
        // Of some another class than the photo's, so that there are misses.
        await submitLabelled(each, at % 10 === 9 ? (each.classIndex + 500) % 1000 : each.classIndex, at)
      }
      const [first] = photos
      const bytes = new Uint8Array(await readFile(first?.path ?? ''))
      await user.submit({ query: { batch: id, fileName: 'unlabelled.jpg', fresh: true }, body: raw(bytes) })
      await user.submit({
        query: { batch: id, fileName: 'damaged.png', tag: ['truth=3'] },
        body: raw(photo()),
      })
      await user.batchEnds(id)
      jobs = await user.jobsOfBatch(id)
    })

    it('has each job say what its photo truly shows, and at which place that came', () => {
      expect(jobs).toHaveLength(photos.length + 2)
      for (const { fileName, truth, tags, result } of jobs) {
        const index = fileName === 'damaged.png' ? 3 : truths.get(fileName)
        if (index === undefined) {
          expect([fileName, truth, tags]).toEqual(['unlabelled.jpg', null, {}])
          continue
        }
        const place = (result?.classes.findIndex((each) => each.index === index) ?? -1) + 1
        const { wordnetId, label } = labelOf(index)
        expect(truth).toEqual({ index, wordnetId, label, place: place === 0 ? null : place })
        expect(tags).toEqual({ truth: wordnetId })
      }
    })

    it('has the accuracy that its results make', async () => {
      const places = jobs.flatMap(({ fileName, result }) => {
        const truth = truths.get(fileName)
        return truth === undefined || !result
          ? []
          : [result.classes.findIndex(({ index }) => index === truth)]
      })
      expect(places).toHaveLength(photos.length)
      const right = places.filter((place) => place === 0).length
      const among = places.filter((place) => place >= 0).length
      // Otherwise it would not be seen to be counted.
      expect(right).toBeGreaterThan(0)
      expect(among).toBeLessThan(places.length)
      expect((await user.getBatch(id)).accuracy).toEqual({
        jobs: places.length,
        top1: right / places.length,
        top5: among / places.length,
      })
    })

    it('has it in the table', async () => {
      const rows = await tableOf(id)
      expect(rows.map(({ truth, truth_place }) => [truth, truth_place])).toEqual(
        jobs.map(({ truth }) => [truth?.wordnetId ?? '', String(truth?.place ?? '')]),
      )
    })

    it('is found by the truth', async () => {
      const { wordnetId, index } = labelOf(photos[0]?.classIndex ?? 0)
      const meant = jobs.filter(({ truth }) => truth?.index === index)
      expect(idsOf((await user.page({ batch: id, tag: [`truth=${wordnetId}`] })).jobs)).toEqual(idsOf(meant))
    })

    it('has the truth of its form for each of its photos, also where a result is known', async () => {
      const [first] = photos
      const file = { name: 'known.jpg', bytes: await readFile(first?.path ?? '') }
      const truth = `truth=${first?.classIndex}`
      const { batch } = await user.createBatch({ body: formOf([file, file], [['tag', truth]]) })
      await user.batchEnds(batch.id)
      const known = jobs.find(({ fileName }) => fileName === '0.jpg')
      for (const job of await user.jobsOfBatch(batch.id)) {
        expect(job).toMatchObject({ status: 'SUCCEEDED', reused: true })
        expect(job.truth).toEqual(known?.truth)
      }
      expect((await user.getBatch(batch.id)).accuracy?.jobs).toBe(2)
    })

    it.each(['truth=1000', 'truth=-1', 'truth=dog', 'truth=n00000000', 'truth=0x1', 'truth= 3'])(
      'has no truth such as %s',
      async (tag) => {
        const { code } = await user.api.callRefused('submitJob', {
          query: { tag: [tag] },
          body: raw(photo()),
        })
        expect(code).toBe('request/invalid')
      },
    )
  })
})

async function soundPhoto(): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp')
  return sharp({ create: { width: 64, height: 64, channels: 3, background: 'grey' } })
    .png()
    .toBuffer()
}
