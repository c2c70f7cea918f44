/** The request that submits a photo, and what may be said about it. */
import type { Job } from '@argus/shared'
import { text } from '../text/index.ts'
import { Failure, failureFrom, unreachable } from './failure.ts'
import { JOBS_PATH } from './jobs.ts'

/** What is left out is up to the master. */
export interface PhotoOptions {
  readonly owner?: string
  readonly priority?: number
  /** `name=value` */
  readonly tags: readonly string[]
  /** Recognises it anew, also where its result is known. */
  readonly fresh: boolean
}

export interface PhotoRequest {
  readonly name: string
  readonly photo: Blob
  readonly options: PhotoOptions
  /** Id of the batch that it is to belong to. */
  readonly batch: string | null
  /** With the same one, a photo becomes one job however often it is submitted. */
  readonly idempotencyKey: string
}

/**
 * Submits a photo.
 *
 * An XMLHttpRequest, because `fetch` does not tell how much of a body has been sent.
 *
 * @param onProgress is told the share that was sent, 0 to 1
 * @returns the id of its job; what becomes of that comes over the live connection
 */
export function submitPhoto(
  { name, photo, options, batch, idempotencyKey }: PhotoRequest,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const form = new FormData()
  form.append('image', photo, name)
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total)
    }
    request.onload = () => {
      const { status, responseText: body } = request
      if (status >= 200 && status < 300) resolve(idOf(body))
      else reject(failureFrom({ status, retryAfter: request.getResponseHeader('retry-after'), body }))
    }
    request.onerror = () => reject(unreachable())
    request.onabort = () => reject(new Failure(text.failures.brokenOff))
    signal.addEventListener('abort', () => request.abort())
    // It may have been stopped while the file was being read.
    if (signal.aborted) return reject(new Failure(text.failures.brokenOff))
    request.open('POST', `${JOBS_PATH}${queryOf(options, batch)}`)
    request.setRequestHeader('Idempotency-Key', idempotencyKey)
    request.send(form)
  })
}

function queryOf({ owner, priority, tags, fresh }: PhotoOptions, batch: string | null): string {
  const query = new URLSearchParams(tags.map((tag) => ['tag', tag]))
  if (batch !== null) query.set('batch', batch)
  if (owner !== undefined) query.set('owner', owner)
  if (priority !== undefined) query.set('priority', String(priority))
  if (fresh) query.set('fresh', 'true')
  return query.size === 0 ? '' : `?${query}`
}

function idOf(body: string): string {
  const { id }: Job = JSON.parse(body)
  return id
}
