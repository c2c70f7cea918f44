/** The sample pictures that the master brings along; read once, when they are shown first. */
import type { SampleSet } from '@argus/shared'
import { create } from 'zustand'
import { fetchSamples } from '../api/samples.ts'

export type Sample = SampleSet[number]

/** Null until they are known; empty where there are none. */
export const useSamples = create<{ samples: readonly Sample[] | null }>(() => ({ samples: null }))

let isRead = false

/** Reads the list, the first time. A page without samples is still a page, so a failure hides them. */
export function loadSamples(): void {
  if (isRead) return
  isRead = true
  void fetchSamples()
    .catch((): SampleSet => [])
    .then((samples) => useSamples.setState({ samples }))
}
