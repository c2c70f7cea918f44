/**
 * Watches the room on the disk of the data folder. The master stops taking photos before the disk is full, as
 * what it has accepted already still needs room for results.
 *
 *     room ── less than the minimum is free, or a write found no room ──► full
 *     full ── a check finds more than 1.1 times the minimum free ──► room
 */
import { statfs } from 'node:fs/promises'
import { ProblemError } from '@argus/shared'
import type { Logger } from '../log.ts'

/** So that the answer does not change with every photo at the limit. */
const ROOM_AGAIN = 1.1

const TIMES = { everyMs: 5000, whileFullMs: 1000 }

type FullListener = (full: boolean) => void

export class DiskGuard {
  readonly #folder: string
  readonly #minFreeBytes: number
  readonly #log: Logger
  readonly #times: typeof TIMES
  readonly #listeners = new Set<FullListener>()
  #full = false
  /** As last measured. */
  #freeBytes = Number.POSITIVE_INFINITY
  #started = false
  #timer: NodeJS.Timeout | undefined

  /**
   * @param folder any folder on the disk
   * @param minFreeBytes the disk counts as full when it has less
   */
  constructor(folder: string, minFreeBytes: number, log: Logger, times = TIMES) {
    this.#folder = folder
    this.#minFreeBytes = minFreeBytes
    this.#log = log
    this.#times = times
  }

  get full(): boolean {
    return this.#full
  }

  /** As last measured; null before. */
  get freeBytes(): number | null {
    return Number.isFinite(this.#freeBytes) ? this.#freeBytes : null
  }

  /** Calls back whenever `full` has changed. */
  onChange(listener: FullListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** @throws ProblemError `store/disk-full` while it is full */
  assertRoom(): void {
    if (!this.#full) return
    const detail = this.#isLow
      ? `The disk of the master has ${inUnits(this.#freeBytes)} free. It takes photos again above ${inUnits(this.#roomBytes)}.`
      : 'The disk of the master had no room for a file just now.'
    throw new ProblemError('store/disk-full', detail)
  }

  /** Measures now. Where that fails, all stays as it is. */
  async check(): Promise<void> {
    try {
      const { bavail, bsize } = await statfs(this.#folder)
      this.#freeBytes = bavail * bsize
    } catch (error) {
      this.#log.error({ err: error }, 'The free room on the disk could not be measured')
      return
    }
    this.#become(this.#full ? this.#isLow : this.#freeBytes < this.#minFreeBytes)
  }

  /** A write found no room, e.g. within a quota that no measurement shows: full until the next check. */
  noteFull(): void {
    if (this.#full) return
    this.#become(true)
    this.#schedule()
  }

  /** Checks now and every 5 s, while it is full every second. */
  start(): void {
    this.#started = true
    void this.#watch()
  }

  stop(): void {
    this.#started = false
    clearTimeout(this.#timer)
  }

  get #roomBytes(): number {
    return this.#minFreeBytes * ROOM_AGAIN
  }

  get #isLow(): boolean {
    return this.#freeBytes <= this.#roomBytes
  }

  async #watch(): Promise<void> {
    await this.check()
    this.#schedule()
  }

  #schedule(): void {
    clearTimeout(this.#timer)
    if (!this.#started) return
    const wait = this.#full ? this.#times.whileFullMs : this.#times.everyMs
    this.#timer = setTimeout(() => void this.#watch(), wait).unref()
  }

  #become(full: boolean): void {
    if (full === this.#full) return
    this.#full = full
    const room = { freeBytes: this.#freeBytes, minFreeBytes: this.#minFreeBytes }
    if (full) this.#log.warn(room, 'The disk is full: no photos are taken')
    else this.#log.info(room, 'The disk has room again')
    for (const listener of this.#listeners) listener(full)
  }
}

/** E.g. `3.2 MB`, `512 GB`. */
function inUnits(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1)
  const value = bytes / 1000 ** power
  return `${value.toFixed(power > 0 && value < 10 ? 1 : 0)} ${units[power]}`
}
