import { batchReceiptSchema, jobSchema } from '@argus/shared'
import express from 'express'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { pngHeader } from '../../testing/images.ts'
import { type JobParts, openJobs, serve, silentLog, submitPhoto, tempFolder } from '../../testing/unit.ts'
import { BatchService } from '../jobs/batch-service.ts'
import { BatchStore } from '../store/batch-store.ts'
import { DiskGuard } from '../store/disk-guard.ts'
import { batchOperations } from './batches.ts'
import { jobOperations } from './jobs.ts'
import { routesOf } from './operation.ts'
import { PhotoIntake } from './photo-intake.ts'
import { problemHandler, problemTeller } from './problem.ts'

interface Served {
  readonly parts: JobParts
  readonly batches: BatchService
  readonly url: string
}

/** The routes of batches, on real stores. */
async function open(maxQueued = 1000): Promise<Served> {
  const parts = await openJobs()
  const batches = new BatchService(parts.database, parts.committer, parts.jobs)
  const disk = new DiskGuard(await tempFolder(), 0, silentLog)
  const tellProblem = problemTeller(silentLog)
  const limits = { maxUploadBytes: 1_000_000, minUploadBytesPerSecond: 0, maxQueued }
  const intake = new PhotoIntake({ ...parts, disk, limits })
  const app = express()
  const operations = [
    ...batchOperations({ batches, intake, tellProblem, limits }),
    ...jobOperations({ ...parts, batches, intake, limits }),
  ]
  app.use(routesOf(operations))
  app.use(problemHandler(tellProblem))
  return { parts, batches, url: `${await serve(app)}/api/v1/batches` }
}

afterEach(() => vi.restoreAllMocks())

describe('results of a batch', () => {
  for (const name of ['results.csv', 'results.ndjson']) {
    it(`break off where ${name} cannot be read to its end, and the master goes on`, async () => {
      const { parts, batches, url } = await open()
      const { batch } = await batches.create({ name: null, owner: 'ada' })
      await submitPhoto(parts, 'one.png', { batch: batch.id })
      const address = `${url}/${batch.id}/${name}`
      vi.spyOn(BatchStore.prototype, 'jobs').mockRejectedValueOnce(new Error('The database is away'))
      const outcome = await fetch(address).then(
        (response) => (response.ok ? response.text().catch(() => 'cut') : String(response.status)),
        () => 'cut',
      )
      expect(['cut', '500']).toContain(outcome)
      const again = await fetch(address)
      expect(await again.text()).toContain('one.png')
    })
  }
})

describe('a form with photos', () => {
  it('is refused, and nothing else happens, where both its truth and its photo cannot be taken', async () => {
    const { url } = await open(0)
    const form = new FormData()
    // More than one chunk, so that the photo is refused while the rest still comes.
    form.append('image', new Blob([new Uint8Array(pngHeader(8, 8)), new Uint8Array(500_000)]), 'one.png')
    form.append('image', new Blob([new Uint8Array(500_000)]), 'two.png')
    const response = await fetch(`${url}?tag=${encodeURIComponent('truth=nonsense')}`, {
      method: 'POST',
      body: form,
    })
    expect(response.status).toBe(400)
    // An error that nobody caught would have ended the test as well.
    expect(await response.json()).toMatchObject({ code: 'request/invalid' })
  })

  it('is answered with what was taken where it breaks its rules in the middle, however much follows', async () => {
    const { url, batches } = await open()
    const form = new FormData()
    form.append('image', new Blob([new Uint8Array(pngHeader(8, 8))]), 'one.png')
    form.append('surprise', 'a field that there is not')
    form.append('image', new Blob([new Uint8Array(20_000_000)]), 'two.png')
    const response = await fetch(url, { method: 'POST', body: form })
    expect(response.status).toBe(201)
    const receipt = batchReceiptSchema.parse(await response.json())
    expect(receipt.accepted).toMatchObject([{ file: 1, fileName: 'one.png' }])
    expect(receipt.refused).toMatchObject([{ code: 'request/malformed-upload', fileName: null }])
    expect((await batches.look(receipt.batch.id)).batch.total).toBe(1)
  })
})

describe('a photo for a batch that was cancelled', () => {
  it('is refused, unless it was taken before, and its client only asks once more', async () => {
    const { url, batches } = await open()
    const { batch } = await batches.create({ name: null, owner: 'ada' })
    const submit = (headers: Record<string, string>) =>
      fetch(`${url.replace('batches', 'jobs')}?batch=${batch.id}`, {
        method: 'POST',
        headers: { 'content-type': 'image/png', ...headers },
        body: new Uint8Array(pngHeader(8, 8)),
      })
    const first = await submit({ 'idempotency-key': 'one' })
    expect(first.status).toBe(201)
    const { id } = jobSchema.parse(await first.json())
    await batches.cancel(batch.id)
    const again = await submit({ 'idempotency-key': 'one' })
    expect(again.status).toBe(201)
    expect(jobSchema.parse(await again.json()).id).toBe(id)
    const others: ReadonlyArray<Record<string, string>> = [{}, { 'idempotency-key': 'two' }]
    for (const headers of others) {
      const refused = await submit(headers)
      expect(refused.status).toBe(409)
      expect(await refused.json()).toMatchObject({ code: 'batch/cancelled' })
    }
  })
})
