/**
 * Reads what has changed as soon as it is committed, once for all who follow: streams of events and statistics.
 * Reads go one at a time: what is committed meanwhile is read together, so the more changes, the fewer reads.
 */
import { setImmediate as turnOfLoop } from 'node:timers/promises'
import type { Logger } from '../log.ts'
import type { ChangeLog, JobChange } from '../store/change-log.ts'
import type { Committer } from '../store/committer.ts'
import type { StorageWatch } from '../store/storage-watch.ts'

/** Of one read: on SQLite it holds up everything else, for 5 ms. */
const MAX_CHANGES = 250
/** Before a read that failed is tried again. */
const RETRY_MS = 500

/** @param upTo the revision up to which that is all */
export type ChangesListener = (changes: readonly JobChange[], upTo: number) => void

export interface ChangeReaderParts {
  readonly changes: ChangeLog
  readonly committer: Committer
  readonly storage: StorageWatch
  readonly log: Logger
}

export class ChangeReader {
  readonly #parts: ChangeReaderParts
  readonly #listeners: ChangesListener[] = []
  #position: number
  #reading: Promise<void> | null = null
  #retry: NodeJS.Timeout | undefined
  #stopped = false

  /** @param position the revision behind which it begins */
  constructor(parts: ChangeReaderParts, position: number) {
    this.#parts = parts
    this.#position = position
    parts.committer.onCommit(() => this.#wake())
  }

  /** The revision up to which the listeners have been told. */
  get position(): number {
    return this.#position
  }

  /** Calls back with each change, in their order. */
  onChanges(listener: ChangesListener): void {
    this.#listeners.push(listener)
  }

  /** Begins with what an earlier master has left. */
  start(): void {
    this.#wake()
  }

  /** Tells what was committed so far, and then no more. */
  async stop(): Promise<void> {
    await this.#reading
    this.#stopped = true
    clearTimeout(this.#retry)
  }

  #wake(): void {
    if (this.#reading || this.#stopped) return
    clearTimeout(this.#retry)
    this.#reading = this.#read().finally(() => {
      this.#reading = null
    })
  }

  async #read(): Promise<void> {
    const { changes, committer, storage, log } = this.#parts
    try {
      while (this.#position < committer.revisions.committed) {
        const page = await changes.read(this.#position, committer.revisions.committed, MAX_CHANGES)
        this.#position = page.upTo
        for (const listener of this.#listeners) listener(page.changes, page.upTo)
        await turnOfLoop()
      }
    } catch (error) {
      log.error({ err: error }, 'Changes could not be read; trying again')
      storage.note(error)
      this.#retry = setTimeout(() => this.#wake(), RETRY_MS)
    }
  }
}
