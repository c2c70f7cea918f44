/** Does something whenever it is asked to, but not more often than is good: what it is asked meanwhile it does once. */

export interface Rested {
  /** Does it now, or as soon as the rest is over. */
  ask(): void
  /** Does nothing any more. */
  stop(): void
}

/** @param restMs from one time to the next */
export function withRest(work: () => void, restMs: number): Rested {
  let doneAt = Number.NEGATIVE_INFINITY
  let timer: ReturnType<typeof setTimeout> | undefined
  const act = () => {
    timer = undefined
    doneAt = performance.now()
    work()
  }
  return {
    ask: () => {
      if (timer !== undefined) return
      const rest = doneAt + restMs - performance.now()
      if (rest > 0) timer = setTimeout(act, rest)
      else act()
    },
    stop: () => clearTimeout(timer),
  }
}
