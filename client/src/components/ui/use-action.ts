/** What a button makes the master do: under way until its effect is seen, or refused with a reason. */
import { useState } from 'react'
import { Failure } from '../../api/failure.ts'
import { text } from '../../text/index.ts'

interface Action {
  readonly pending: boolean
  /** Why the last one was refused. */
  readonly failure: Failure | null
  readonly run: (request: () => Promise<void>) => void
}

/**
 * @param state of the thing that is acted on: when it changes, the action has had its effect. The master's answer
 *   alone would not do, as it overtakes what is pushed.
 */
export function useAction(state: string): Action {
  const [askedIn, setAskedIn] = useState<string | null>(null)
  const [failure, setFailure] = useState<Failure | null>(null)
  const pending = askedIn === state
  // Seen: should the state come back, nothing is under way.
  if (askedIn !== null && !pending) setAskedIn(null)
  return {
    pending,
    failure,
    run: (request) => {
      if (pending) return
      setAskedIn(state)
      setFailure(null)
      request().catch((error: unknown) => {
        setAskedIn(null)
        setFailure(error instanceof Failure ? error : new Failure(text.failures.refused))
      })
    },
  }
}
