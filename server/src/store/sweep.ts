/**
 * Removes photos that no job refers to, with their thumbnails: those of jobs that were removed, and those
 * whose upload never became a job because the master died or the database failed.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../log.ts'
import { HASH_FOLDERS, type ImageStore } from './image-store.ts'

/** Which photos are in use. */
export interface ImageReferences {
  /** Those of the hashes that a job of any state refers to. */
  referenced(sha256s: readonly string[]): Promise<Set<string>>
}

export interface SweepResult {
  /** Photos removed; thumbnails without a photo count as one. */
  removed: number
  /** Size of the photos removed. */
  freedBytes: number
  /** Size of the photos that jobs refer to. */
  keptBytes: number
}

/** Of one question to the database. */
const BATCH = 250
/** After each: 250 photos take some 15 ms, and a million of them must not take the master from its workers. */
const PAUSE_MS = 50
/** Younger files are left alone, whoever else may be writing rows to the same database. */
const MIN_AGE_MS = 3_600_000

export class ImageSweep {
  readonly #images: ImageStore
  readonly #jobs: ImageReferences
  readonly #log: Logger
  readonly #minAgeMs: number

  constructor(images: ImageStore, jobs: ImageReferences, log: Logger, minAgeMs = MIN_AGE_MS) {
    this.#images = images
    this.#jobs = jobs
    this.#log = log
    this.#minAgeMs = minAgeMs
  }

  /**
   * Looks at every file, one after the other, so that requests come between. A file or folder that fails is
   * logged and left to the next sweep; an error of the database ends this one.
   *
   * @param signal ends it early: it then throws the signal's reason
   */
  async sweep(signal?: AbortSignal): Promise<SweepResult> {
    const result: SweepResult = { removed: 0, freedBytes: 0, keptBytes: 0 }
    for (const folder of HASH_FOLDERS) {
      const hashes = (await this.#tolerate({ folder }, () => this.#images.hashesIn(folder))) ?? []
      for (let start = 0; start < hashes.length; start += BATCH) {
        signal?.throwIfAborted()
        await this.#sweepBatch(hashes.slice(start, start + BATCH), result)
        await sleep(PAUSE_MS)
      }
    }
    return result
  }

  async #sweepBatch(hashes: readonly string[], result: SweepResult): Promise<void> {
    const referenced = await this.#jobs.referenced(hashes)
    const oldEnough = Date.now() - this.#minAgeMs
    for (const sha256 of hashes) {
      await this.#tolerate({ sha256 }, async () => {
        const image = await this.#images.find(sha256)
        if (!image) return
        if (referenced.has(sha256)) {
          result.keptBytes += image.bytes
        } else if (image.modifiedAt < oldEnough && (await this.#remove(sha256))) {
          result.removed += 1
          result.freedBytes += image.bytes
        }
      })
    }
  }

  #remove(sha256: string): Promise<boolean> {
    return this.#images.removeImage(sha256, async () => (await this.#jobs.referenced([sha256])).has(sha256))
  }

  async #tolerate<T>(what: object, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      this.#log.error({ err: error, ...what }, 'The sweep of the photos failed on a file')
      return undefined
    }
  }
}
