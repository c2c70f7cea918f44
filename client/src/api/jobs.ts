/** Jobs on the master: their addresses, reading one, changing one, and the request that submits a photo. */
import type { Job, JobDetail } from '@argus/shared'
import { text } from '../text.ts'
import { Failure, failureFrom, unreachable } from './failure.ts'
import { get, post } from './request.ts'

export const JOBS_PATH = '/api/v1/jobs'

/** Where a job is described as JSON. */
export function jobPath(id: string): string {
  return `${JOBS_PATH}/${encodeURIComponent(id)}`
}

/** Reads one job with its history, which the board is not pushed. */
export async function fetchJob(id: string): Promise<JobDetail> {
  return (await get(jobPath(id))).json()
}

/** Cancels a job that has not ended; returns it as that has left it. */
export async function cancelJob(id: string): Promise<Job> {
  return (await post(`${jobPath(id)}/cancel`)).json()
}

/** Queues a job that has ended once more; returns it as that has left it. */
export async function retryJob(id: string): Promise<Job> {
  return (await post(`${jobPath(id)}/retry`)).json()
}

export interface Submission {
  readonly name: string
  readonly photo: Blob
  /** With the same one, a photo becomes one job however often it is submitted. */
  readonly idempotencyKey: string
}

/**
 * Submits a photo. What becomes of it comes over the live connection, so its answer is not used.
 *
 * An XMLHttpRequest, because `fetch` does not tell how much of a body has been sent.
 *
 * @param onProgress is told the share that was sent, 0 to 1
 */
export function submitPhoto(
  { name, photo, idempotencyKey }: Submission,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const form = new FormData()
  form.append('image', photo, name)
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total)
    }
    request.onload = () => {
      const { status, responseText: body } = request
      if (status >= 200 && status < 300) resolve()
      else reject(failureFrom({ status, retryAfter: request.getResponseHeader('retry-after'), body }))
    }
    request.onerror = () => reject(unreachable())
    request.onabort = () => reject(new Failure(text.failures.brokenOff))
    signal.addEventListener('abort', () => request.abort())
    // It may have been stopped while the file was being read.
    if (signal.aborted) return reject(new Failure(text.failures.brokenOff))
    request.open('POST', JOBS_PATH)
    request.setRequestHeader('Idempotency-Key', idempotencyKey)
    request.send(form)
  })
}
