/**
 * A lock for each key, held together or alone. Work that shares a key runs side by side; work that wants it
 * alone waits for all that came before it and holds up all that comes after. Nested use of one key can wait
 * for itself.
 */
interface Lock {
  /** Settles when the last work that wants the key alone has ended. */
  alone: Promise<unknown>
  /** Settles when all work that shares the key has ended. */
  shared: Promise<unknown>
  /** Pieces of work that wait or run. */
  users: number
}

export class KeyedLock {
  readonly #locks = new Map<string, Lock>()

  /** How many keys are in use; the others cost nothing. */
  get size(): number {
    return this.#locks.size
  }

  /** Runs `work` together with others that share the key; settles as `work` does. */
  share<T>(key: string, work: () => Promise<T>): Promise<T> {
    return this.#use(key, (lock) => {
      const mine = lock.alone.then(work)
      lock.shared = settled(lock.shared, mine)
      return mine
    })
  }

  /** Runs `work` when nobody else holds the key; settles as `work` does. */
  alone<T>(key: string, work: () => Promise<T>): Promise<T> {
    return this.#use(key, (lock) => {
      const mine = settled(lock.alone, lock.shared).then(work)
      lock.alone = settled(mine)
      return mine
    })
  }

  async #use<T>(key: string, enter: (lock: Lock) => Promise<T>): Promise<T> {
    const lock = this.#locks.get(key) ?? { alone: Promise.resolve(), shared: Promise.resolve(), users: 0 }
    this.#locks.set(key, lock)
    lock.users += 1
    try {
      return await enter(lock)
    } finally {
      lock.users -= 1
      if (lock.users === 0) this.#locks.delete(key)
    }
  }
}

async function settled(...work: Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(work)
}
