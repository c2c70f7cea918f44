/** The one ticker of the page: everything that counts seconds reads it. */
import { create } from 'zustand'

/** Select a finished text from it, so that a component renders only when that text changes. */
export const useClock = create<{ now: number }>(() => ({ now: Date.now() }))

/** Starts the ticker; called once. */
export function startClock(): void {
  setInterval(() => useClock.setState({ now: Date.now() }), 1_000)
}
