/** Jobs on the master: their addresses, reading one, and the request that makes one by submitting a photo. */
import type { Job } from '@argus/shared'
import { text } from '../text.ts'
import { Failure, failureFrom } from './failure.ts'
import { get } from './get.ts'

export const JOBS_PATH = '/api/v1/jobs'

/** Where a job is described as JSON. */
export function jobPath(id: string): string {
  return `${JOBS_PATH}/${encodeURIComponent(id)}`
}

/** Reads one job; the board needs it only for a job that is not among its rows. */
export async function fetchJob(id: string): Promise<Job> {
  return (await get(jobPath(id))).json()
}

/**
 * Submits a photo. What becomes of it comes over the live connection, so its answer is not used.
 *
 * An XMLHttpRequest, because `fetch` does not tell how much of a body has been sent.
 *
 * @param onProgress is told the share that was sent, 0 to 1
 */
export function submitPhoto(
  name: string,
  photo: Blob,
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
      if (request.status >= 200 && request.status < 300) resolve()
      else reject(failureFrom(request.status, request.responseText))
    }
    request.onerror = () => reject(new Failure(text.failures.unreachable, text.failures.unreachableDetail))
    request.onabort = () => reject(new Failure(text.failures.brokenOff))
    signal.addEventListener('abort', () => request.abort())
    // It may have been stopped while the file was being read.
    if (signal.aborted) return reject(new Failure(text.failures.brokenOff))
    request.open('POST', JOBS_PATH)
    request.send(form)
  })
}
