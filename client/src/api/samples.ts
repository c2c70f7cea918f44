/** The sample pictures in the master's folder `/samples/`. */
import type { SampleSet } from '@argus/shared'
import { get } from './request.ts'

/** Where a sample picture is. */
export function samplePath(file: string): string {
  return `/samples/${encodeURIComponent(file)}`
}

/** Reads the list of samples. It is built into the same release as this app, so its form is known. */
export async function fetchSamples(): Promise<SampleSet> {
  return (await get(samplePath('index.json'))).json()
}

/** Reads one picture. */
export async function fetchSample(file: string): Promise<Blob> {
  return (await get(samplePath(file))).blob()
}
