/** Whether the master can take photos and record results just now, and who wants to know. */
import { ProblemError, type StorageState } from '@argus/shared'
import type { Committer } from './committer.ts'
import { classify } from './database-errors.ts'
import type { DiskGuard } from './disk-guard.ts'

export class StorageWatch {
  readonly #committer: Committer
  readonly #disk: DiskGuard

  constructor(committer: Committer, disk: DiskGuard) {
    this.#committer = committer
    this.#disk = disk
  }

  get state(): StorageState {
    return {
      database: this.#committer.available ? 'ok' : 'unavailable',
      disk: this.#disk.full ? 'full' : 'ok',
    }
  }

  get isOk(): boolean {
    return this.#committer.available && !this.#disk.full
  }

  /** Takes note of an error that someone met: where the storage is at fault, it is looked after. */
  note(error: unknown): void {
    const code = error instanceof ProblemError ? error.code : null
    const kind = classify(error)
    if (code === 'store/unavailable' || kind === 'unavailable') this.#committer.check()
    if (code === 'store/disk-full' || kind === 'disk-full') this.#disk.noteFull()
  }

  /** Calls back whenever the state changes. */
  onChange(listener: () => void): void {
    this.#committer.onAvailability(listener)
    this.#disk.onChange(listener)
  }
}
