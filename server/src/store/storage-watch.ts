/** Whether the master can take photos and record results just now, and who wants to know. */
import type { StorageState } from '@argus/shared'
import type { Committer } from './committer.ts'
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

  /** Calls back whenever the state changes. */
  onChange(listener: () => void): void {
    this.#committer.onAvailability(listener)
    this.#disk.onChange(listener)
  }
}
