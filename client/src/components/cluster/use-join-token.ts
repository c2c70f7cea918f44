/** The token with which a worker joins, asked for once a visit of the page. */
import { useEffect, useState } from 'react'
import { Failure } from '../../api/failure.ts'
import { fetchJoinToken } from '../../api/workers.ts'
import { text } from '../../text/index.ts'

export interface JoinToken {
  /** Null until it is known. */
  readonly token: string | null
  /** Why it is not known. */
  readonly failure: Failure | null
}

export function useJoinToken(): JoinToken {
  const [answer, setAnswer] = useState<JoinToken>({ token: null, failure: null })
  useEffect(() => {
    let isWanted = true
    fetchJoinToken().then(
      (token) => isWanted && setAnswer({ token, failure: null }),
      (error: unknown) => {
        const failure = error instanceof Failure ? error : new Failure(text.failures.refused)
        if (isWanted) setAnswer({ token: null, failure })
      },
    )
    return () => {
      isWanted = false
    }
  }, [])
  return answer
}
