/** Those who wait for the end of a job: as many as like, at no cost to jobs that nobody waits for. */
import { isTerminal } from '@argus/shared'
import type { JobChanges } from './job-changes.ts'

export class EndWaiters {
  readonly #waiters = new Map<string, Set<() => void>>()

  constructor(changes: JobChanges) {
    changes.onChange((id, status) => isTerminal(status) && this.#release(id))
    changes.onRemoved((ids) => {
      for (const id of ids) this.#release(id)
    })
  }

  /**
   * Waits until the job has ended or is no more, for so many milliseconds at most, or until `stop` is called,
   * which has to be.
   */
  wait(id: string, milliseconds: number): { readonly ended: Promise<void>; readonly stop: () => void } {
    let resolve: () => void = () => undefined
    const ended = new Promise<void>((settle) => {
      resolve = settle
    })
    const waiters = this.#waiters.get(id) ?? new Set()
    const stop = () => {
      clearTimeout(timer)
      waiters.delete(stop)
      // It may be stopped twice, and others have come meanwhile.
      if (waiters.size === 0 && this.#waiters.get(id) === waiters) this.#waiters.delete(id)
      resolve()
    }
    const timer = setTimeout(stop, milliseconds)
    this.#waiters.set(id, waiters.add(stop))
    return { ended, stop }
  }

  #release(id: string): void {
    for (const stop of [...(this.#waiters.get(id) ?? [])]) stop()
  }
}
