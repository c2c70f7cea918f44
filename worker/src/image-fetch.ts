/**
 * Fetches the photo of an assignment, again and again where that can help: a fetch that failed says nothing
 * about the photo, and while the master is away nothing is given up.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Assignment, ProblemError } from '@argus/shared'
import { MasterRefusal } from './fetch-bytes.ts'
import type { Logger } from './log.ts'
import type { MasterApi } from './master-api.ts'

const RETRY_MS = 500
/** On a live connection; another worker may have better luck then. */
const GIVE_UP_MS = 15_000

export interface ImageFetchParts {
  readonly api: Pick<MasterApi, 'image'>
  /** Whether the socket to the master is up. */
  readonly isConnected: () => boolean
  readonly log: Logger
}

/**
 * @param signal ends it, with an AbortError
 * @returns null where the photo should be given back to the master
 * @throws ProblemError `image/not-found`
 */
export async function fetchImage(
  { ticket, jobId, image: { sha256 } }: Assignment,
  { api, isConnected, log }: ImageFetchParts,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer> | null> {
  let failingSince: number | null = null
  while (true) {
    // Nobody knocks at the door of a master that is away once for each photo.
    while (!isConnected()) {
      failingSince = null
      await sleep(RETRY_MS, undefined, { signal })
    }
    try {
      return await api.image(sha256, ticket, signal)
    } catch (error) {
      signal.throwIfAborted()
      const status = error instanceof MasterRefusal ? error.status : null
      if (status === 404) throw new ProblemError('image/not-found')
      failingSince ??= performance.now()
      const hasFailedLong = isConnected() && performance.now() - failingSince >= GIVE_UP_MS
      const givesUp = status === 403 || hasFailedLong
      log.warn(
        { err: error, jobId },
        `A photo cannot be fetched; ${givesUp ? 'returning it' : 'trying again'}`,
      )
      if (givesUp) return null
    }
    await sleep(RETRY_MS, undefined, { signal })
  }
}
