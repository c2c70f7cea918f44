/** Reads something anew when what is pushed says that it has changed, while someone looks at it. */
import { useEffect, useRef, useState } from 'react'
import { Failure } from '../../api/failure.ts'
import { text } from '../../text/index.ts'
import { type Rested, withRest } from './rest.ts'

interface Reading<Value> {
  /** Null until it was read once. */
  readonly value: Value | null
  /** Why the last reading did not succeed. */
  readonly failure: Failure | null
}

/**
 * @param read is called at first, when another one is given, and when `news` has changed; while the tab is hidden
 *   only once it is looked at
 * @param news a text of what is pushed; null: not known yet, and nothing is read before
 * @param restMs from one reading to the next
 * @returns what was read last, and `again`, which reads it anew
 */
export function useReading<Value>(
  read: () => Promise<Value>,
  news: string | null,
  restMs: number,
): Reading<Value> & { readonly again: () => void } {
  const [reading, setReading] = useState<Reading<Value>>({ value: null, failure: null })
  const rested = useRef<Rested>(null)
  useEffect(() => {
    let latest = 0
    let isDue = false
    const reader = withRest(() => {
      isDue = document.hidden
      if (isDue) return
      latest += 1
      const number = latest
      const take = (next: (before: Reading<Value>) => Reading<Value>) => number === latest && setReading(next)
      read().then(
        (value) => take(() => ({ value, failure: null })),
        (error: unknown) => take(({ value }) => ({ value, failure: toFailure(error) })),
      )
    }, restMs)
    const look = () => {
      if (isDue && !document.hidden) reader.ask()
    }
    rested.current = reader
    document.addEventListener('visibilitychange', look)
    return () => {
      // Nobody waits for what is still under way.
      latest = -1
      reader.stop()
      document.removeEventListener('visibilitychange', look)
    }
  }, [read, restMs])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another reader reads at once
  useEffect(() => {
    if (news !== null) rested.current?.ask()
  }, [read, news])
  return { ...reading, again: () => rested.current?.ask() }
}

function toFailure(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure(text.failures.refused)
}
