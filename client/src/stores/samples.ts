/** The sample pictures that the master brings along; read once, when the page loads. */
import type { SampleSet } from '@argus/shared'
import { create } from 'zustand'
import { fetchSamples } from '../api/samples.ts'

export type Sample = SampleSet[number]

/** Null until they are known; empty where there are none. */
export const useSamples = create<{ samples: readonly Sample[] | null }>(() => ({ samples: null }))

/** Reads the list; called once. A board without samples is still a board, so a failure hides them. */
export async function loadSamples(): Promise<void> {
  const samples = await fetchSamples().catch((): SampleSet => [])
  useSamples.setState({ samples })
}
