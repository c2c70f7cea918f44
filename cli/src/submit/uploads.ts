/** Brings photos to the master: so many at once, each until it is accepted or refused. */
import { readFile } from 'node:fs/promises'
import { jobOptionsSchema, TRUTH_TAG } from '@argus/shared'
import pLimit from 'p-limit'
import { fetchBatch, submitPhoto } from '../api/calls.ts'
import { Failure } from '../api/failure.ts'
import type { Hedge } from '../api/hedge.ts'
import type { Master, Query } from '../api/master.ts'
import { FIRST_PATIENCE_MS, LASTING_PATIENCE_MS, type Patience, withRetries } from '../api/retry.ts'
import { isSystemError } from '../exit.ts'
import type { Journal, JournalBatch } from './journal.ts'
import type { PhotoFile } from './paths.ts'
import type { Refusal, Tally } from './tally.ts'

/** Of every photo, as a query has it. */
export interface PhotoOptions {
  readonly priority?: string | undefined
  readonly tag?: readonly string[] | undefined
  readonly fresh?: 'true' | undefined
}

export interface UploadParts {
  readonly master: Master
  readonly batch: JournalBatch
  readonly journal: Journal
  readonly tally: Tally
  readonly options: PhotoOptions
  readonly truths: ReadonlyMap<string, string>
  /** Null where no upload is sent again because its answer is late. */
  readonly hedge: Hedge | null
  readonly signal: AbortSignal
  readonly onRetry: (failure: Failure) => void
}

/**
 * Uploads files. What the master does not take of one file does not hinder the others.
 *
 * @param files those that were not accepted yet, with their places in the list
 * @param concurrency how many at once
 * @throws Failure where no file would be taken: the master is away for good, the batch is gone or cancelled
 */
export async function uploadFiles(
  files: ReadonlyArray<readonly [place: number, file: PhotoFile]>,
  concurrency: number,
  parts: UploadParts,
): Promise<void> {
  const limit = pLimit(concurrency)
  try {
    await limit.map(files, ([place, file]) => uploadFile(place, file, parts))
  } finally {
    limit.clearQueue()
  }
}

async function uploadFile(place: number, file: PhotoFile, parts: UploadParts): Promise<void> {
  const { master, journal, tally, hedge, signal, onRetry } = parts
  signal.throwIfAborted()
  const query = queryOf(file, parts)
  const invalid = jobOptionsSchema.safeParse(query).error?.issues[0]
  if (invalid) {
    const detail = `${invalid.path.join('.')}: ${invalid.message}`
    return tally.refuse(place, { title: 'Its options are not valid', detail })
  }
  const photo = await readPhoto(file)
  if ('title' in photo) return tally.refuse(place, photo)

  const patience: Patience = { outageMs: LASTING_PATIENCE_MS, signal, onRetry }
  try {
    const key = journal.fileKey(place)
    const send = (stop: AbortSignal) => submitPhoto(master, photo, query, key, stop)
    const job = await withRetries(() => (hedge ? hedge.run(photo.byteLength, send) : send(signal)), patience)
    journal.noteAccepted(place, job.id)
    tally.note(job)
    tally.accept(place, job.id)
  } catch (error) {
    if (!(error instanceof Failure) || (await concernsAll(error, parts))) throw error
    tally.refuse(place, error)
  }
}

function queryOf({ name }: PhotoFile, { batch, options, truths }: UploadParts): Query {
  const truth = truths.get(name)
  const tag = [...(options.tag ?? []), ...(truth === undefined ? [] : [`${TRUTH_TAG}=${truth}`])]
  return {
    batch: batch.id,
    // Keys are their owner's: said each time, because by default it is the address, which may change.
    owner: batch.owner,
    fileName: name,
    priority: options.priority,
    fresh: options.fresh,
    ...(tag.length > 0 && { tag }),
  }
}

async function readPhoto({ path }: PhotoFile): Promise<Uint8Array<ArrayBuffer> | Refusal> {
  try {
    return await readFile(path)
  } catch (error) {
    if (isSystemError(error)) return { title: 'The file cannot be read', detail: error.code }
    // Larger than Node reads at once, and than any photo.
    if (error instanceof RangeError) return { title: 'The file is too large' }
    throw error
  }
}

/** Whether the other files would fare no better. */
async function concernsAll(failure: Failure, { master, batch, signal }: UploadParts): Promise<boolean> {
  const { status, code } = failure
  if (!failure.isTemporary) {
    return (
      status === 401 ||
      status === 403 ||
      status === 404 ||
      status === 405 ||
      code?.startsWith('batch/') === true
    )
  }
  // Patience has run out: the master's database or disk is no matter of one photo.
  if (status === 503 || status === 507) return true
  // But a connection or a proxy may break off at one photo again and again, and let the others through.
  const look = withRetries(() => fetchBatch(master, batch.id, signal), {
    outageMs: FIRST_PATIENCE_MS,
    signal,
  })
  return !(await look.then(() => true).catch(() => false))
}
