/** When something that was pushed arrived, for what goes on counting until the next push. */
import { useState } from 'react'

/** @returns the time of the latest change of identity, milliseconds since 1970 */
export function useArrival(news: unknown): number {
  const [latest, setLatest] = useState(() => ({ news, at: Date.now() }))
  if (latest.news === news) return latest.at
  const next = { news, at: Date.now() }
  setLatest(next)
  return next.at
}
